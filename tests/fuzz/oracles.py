"""Second readers: what an accepted input means to the programs and libraries that everybody uses.

Each takes the input and what samego's reader gave, and returns how they differ, or "".
"""

from __future__ import annotations

import base64
import bz2
import csv
import email
import gzip
import importlib.metadata
import io
import json
import logging
import lzma
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import libarchive
import zstandard
from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import Section
from libarchive.exception import ArchiveError

from samego.formats.executable.elf_values import Elf
from samego.model.tree import Entry, Kind, Tree

#: Kind and content of each path: a file's bytes, a link's target.
Contents = Mapping[str, tuple[str, object]]


def same_tar(data: bytes, ours: Contents, _scratch: Path) -> str:
    """Python's tarfile and libarchive, where they read it: kinds, bytes, targets.

    What they refuse is no contradiction here: upstream's archives are known by their digest.
    What an installer has to read is compared with its own reader (same_deb, same_arch).
    """
    theirs = _by_tarfile(data)
    wrong = "" if theirs is None else _difference(ours, theirs, "tarfile")
    if wrong:
        return wrong
    # It logs what it reads only in part.
    logging.disable(logging.WARNING)
    try:
        return _difference(ours, _by_libarchive(data), "libarchive")
    except ArchiveError:
        return ""
    finally:
        logging.disable(logging.NOTSET)


def same_arch(data: bytes, ours: Contents, _scratch: Path) -> str:
    """libarchive, which is what pacman unpacks with."""
    try:
        theirs = _by_libarchive(data)
    except ArchiveError as error:
        return f"libarchive does not read it: {error}"
    return _difference(ours, {path: v for path, v in theirs.items() if path != ".MTREE"}, "pacman")


def same_installed(data: bytes, ours: Contents, _scratch: Path) -> str:
    """libarchive, and Python's tarfile where it reads it: no header here has two readings."""
    theirs = _by_tarfile(data)
    wrong = "" if theirs is None else _difference(ours, theirs, "tarfile")
    try:
        return wrong or _difference(ours, _by_libarchive(data), "libarchive")
    except ArchiveError as error:
        return f"libarchive does not read it: {error}"


def _by_tarfile(data: bytes) -> dict[str, tuple[str, object]] | None:
    found: dict[str, tuple[str, object]] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for member in archive:
                path = _clean(member.name)
                file = archive.extractfile(member) if member.isreg() else None
                if file is not None:
                    found[path] = ("file", file.read())
                elif member.issym():
                    found[path] = ("link", member.linkname)
                elif path:
                    found[path] = ("directory", "")
            # It takes a header that it cannot read for the end.
            end = data[archive.offset : archive.offset + tarfile.BLOCKSIZE]
            return None if end.strip(b"\0") else found
    except (tarfile.TarError, ValueError, EOFError):
        return None


def _by_libarchive(data: bytes) -> dict[str, tuple[str, object]]:
    found: dict[str, tuple[str, object]] = {}
    with libarchive.memory_reader(data) as archive:
        for entry in archive:
            path = _clean(entry.pathname)
            if entry.isfile:
                found[path] = ("file", b"".join(bytes(block) for block in entry.get_blocks()))
            elif entry.issym:
                found[path] = ("link", _text(entry.linkpath))
            elif path:
                found[path] = ("directory", "")
    return found


def contents(tree: Tree) -> Contents:
    """What a tree holds."""
    found: dict[str, tuple[str, object]] = {}
    for path, entry in tree.items():
        if entry.kind is Kind.FILE:
            found[path] = ("file", tree.read(path))
        elif entry.kind is Kind.LINK:
            found[path] = ("link", entry.link)
        else:
            found[path] = ("directory", "")
    return found


def _clean(raw: str | bytes) -> str:
    return "/".join(part for part in _text(raw).split("/") if part not in {"", "."})


def _text(raw: str | bytes) -> str:
    # libarchive gives bytes for what is no UTF-8.
    return raw.decode("utf-8", "surrogateescape") if isinstance(raw, bytes) else raw


def _difference(ours: Mapping[str, object], theirs: Mapping[str, object], who: str) -> str:
    files = {path: value for path, value in theirs.items() if value != ("directory", "")}
    mine = {path: value for path, value in ours.items() if value != ("directory", "")}
    for path in sorted({*files, *mine}):
        if files.get(path) != mine.get(path):
            other, own = str(files.get(path))[:80], str(mine.get(path))[:80]
            return f"{path!r} is {other} for {who}, {own} here"
    return ""


def same_zip(data: bytes, found: Mapping[str, Any], _scratch: Path) -> str:
    """Python's zipfile reads every member, checksum included, at the size told."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            theirs = {info.filename: len(archive.read(info)) for info in archive.infolist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, zlib.error) as error:
        return f"zipfile does not read it: {error}"
    ours = {name: member.size for name, member in found.items()}
    return "" if ours == theirs else f"{ours} here, {theirs} for zipfile"


def same_bytes(data: bytes, plain: bytes, _scratch: Path) -> str:
    """The compressors' own one-shot readers."""
    try:
        if data.startswith(b"\x1f\x8b"):
            other = gzip.decompress(data)
        elif data.startswith(b"\xfd7zXZ\0"):
            other = lzma.decompress(data)
        elif data.startswith(b"\x28\xb5\x2f\xfd"):
            other = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read()
        elif data.startswith(b"BZh") and plain != data:
            other = bz2.decompress(data)
        else:
            other = data
    except (OSError, EOFError, lzma.LZMAError, zlib.error, zstandard.ZstdError) as error:
        return f"the library does not read it: {error}"
    return "" if other == plain else f"{len(plain)} bytes here, {len(other)} for the library"


def same_gzip(data: bytes, content: bytes, _scratch: Path) -> str:
    """Python's gzip gives the same."""
    try:
        other = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        return f"gzip does not read it: {error}"
    return "" if other == content else "gzip gives other bytes"


class _Headers(ELFFile):
    """An ELF file whose sections are what their headers say, and not read for what they hold."""

    def _make_section(self, section_header: Any) -> Section:  # noqa: ANN401 - pyelftools' own
        section_header.sh_flags = 0  # else it reads the header of what is compressed
        return Section(section_header, self._get_section_name(section_header), self)


def same_elf(data: bytes, elf: Elf, _scratch: Path) -> str:
    """pyelftools: sections and segments, their places and sizes."""
    try:
        other = _Headers(io.BytesIO(data))
        theirs = [(s.name, s["sh_offset"], s["sh_size"]) for s in other.iter_sections()]
        segments = [(s["p_offset"], s["p_filesz"], s["p_vaddr"]) for s in other.iter_segments()]
    except (ELFError, UnicodeDecodeError, ValueError) as error:
        return f"pyelftools does not read it: {error}"
    ours = [(s.name, s.offset, s.size) for s in elf.sections]
    if ours != theirs:
        return f"sections {ours[:4]} here, {theirs[:4]} for pyelftools"
    mine = [(s.offset, s.filesz, s.vaddr) for s in elf.segments]
    return "" if mine == segments else "other segments for pyelftools"


def same_deb(data: bytes, ours: Contents, scratch: Path) -> str:
    """dpkg-deb gives a tar of the same; it is a process, so that not all are compared with it."""
    file = scratch / "oracle.deb"
    file.write_bytes(data)
    done = subprocess.run(["dpkg-deb", "--fsys-tarfile", file], capture_output=True, check=False)
    if done.returncode:
        return f"dpkg-deb does not read it: {done.stderr.decode(errors='replace')[:200]}"
    return _difference(ours, _by_libarchive(done.stdout), "dpkg-deb")


def same_json(data: bytes, _found: object, _scratch: Path) -> str:
    """It is JSON."""
    try:
        json.loads(data)
    except ValueError as error:
        return f"json does not read it: {error}"
    return ""


def same_metadata(data: bytes, fields: Mapping[str, Sequence[str]], _directory: Path) -> str:
    """Whether the parser that pip reads METADATA with finds the same fields and values."""
    message = email.message_from_string(data.decode())
    theirs: dict[str, list[str]] = {}
    for key, value in message.items():
        theirs.setdefault(key, []).append(_words(str(value)))
    mine = {key: [_words(value) for value in values] for key, values in fields.items()}
    return "" if mine == theirs else f"pip reads {theirs}, not {mine}"


def _words(value: str) -> str:
    return " ".join(value.split())


def same_entry_points(data: bytes, fields: Mapping[str, Sequence[str]], _directory: Path) -> str:
    """Whether the reader of installed packages finds the same entry points (configparser)."""
    found = importlib.metadata.EntryPoints._from_text(data.decode())  # type: ignore[attr-defined]
    theirs: dict[str, list[str]] = {}
    for point in found:
        theirs.setdefault(point.group, []).append(f"{point.name} = {point.value}")
    mine = {group: list(entries) for group, entries in fields.items() if entries}
    return "" if mine == theirs else f"Python reads {theirs}, not {mine}"


def same_record(data: bytes, lines: Mapping[str, Entry], _directory: Path) -> str:
    """Whether Python's reader of an installed package's RECORD finds the same paths and digests."""
    rows = csv.reader(data.decode().splitlines())
    theirs = {row[0]: row[1].removeprefix("sha256=") for row in rows}
    mine = {path: _base64(entry.sha256) for path, entry in lines.items()}
    return "" if mine == theirs else f"Python reads {theirs}, not {mine}"


def _base64(digest: str) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(digest)).decode().rstrip("=")
