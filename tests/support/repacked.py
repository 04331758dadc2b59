"""Real archives with some of it changed, as somebody would who serves them altered."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_LOCAL = struct.Struct("<26xHH")
_REGULAR = 0o100000
_RECORD = ".dist-info/RECORD"


@dataclass(frozen=True, slots=True)
class Changes:
    """What is changed, by the paths in the archive.

    ``contents`` make other bytes of a member's, ``modes`` are permission bits, ``added`` new
    members, and ``twice`` are members that stand there a second time.
    """

    contents: Mapping[str, Callable[[bytes], bytes]] = field(default_factory=dict)
    modes: Mapping[str, int] = field(default_factory=dict)
    added: Mapping[str, bytes] = field(default_factory=dict)
    twice: tuple[str, ...] = ()


def flipped(data: bytes) -> bytes:
    """The same with one bit changed in the middle."""
    changed = bytearray(data)
    changed[len(data) // 2] ^= 1
    return bytes(changed)


def altered_zip(source: Path, into: Path, changes: Changes) -> Path:
    """A zip with these changes; what is not changed keeps its packed bytes."""
    with (
        source.open("rb") as raw,
        zipfile.ZipFile(source) as old,
        zipfile.ZipFile(into, "w") as new,
    ):
        for info in old.infolist():
            if info.filename in changes.modes:
                info.external_attr = (_REGULAR | changes.modes[info.filename]) << 16
            if change := changes.contents.get(info.filename):
                _write(new, info, change(old.read(info)))
            else:
                _copy(raw.seek, raw.read, new, info)
            if info.filename in changes.twice:
                _write(new, info, old.read(info))
        for name, data in changes.added.items():
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, (_REGULAR | 0o644) << 16
            _write(new, info, data)
    return into


def with_record(source: Path, into: Path, changes: Changes) -> Path:
    """A wheel with these changes, whose RECORD is made anew: it agrees with itself."""
    with zipfile.ZipFile(source) as old:
        contents = {name: change(old.read(name)) for name, change in changes.contents.items()}
        (record,) = (name for name in old.namelist() if name.endswith(_RECORD))

    def renewed(text: bytes) -> bytes:
        lines = {line.split(",")[0]: line for line in text.decode().splitlines()}
        for name, data in {**contents, **changes.added}.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            lines[name] = f"{name},sha256={digest},{len(data)}"
        return "".join(f"{line}\n" for line in lines.values()).encode()

    more = {**changes.contents, record: renewed}
    return altered_zip(source, into, Changes(more, changes.modes, changes.added, changes.twice))


def altered_tar(source: Path, into: Path, changes: Changes) -> Path:
    """A compressed tar with these changes; the size of no member may change."""
    data = bytearray(gzip.decompress(source.read_bytes()))
    more = b""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        infos = archive.getmembers()
        at_end = archive.offset
    for info in infos:
        start, end = info.offset_data, info.offset_data + info.size
        if change := changes.contents.get(info.name):
            data[start:end] = change(bytes(data[start:end]))
        if info.name in changes.modes:
            info.mode = changes.modes[info.name]
            data[start - 512 : start] = info.tobuf(tarfile.USTAR_FORMAT)
        if info.name in changes.twice:
            more += _member(info, bytes(data[start:end]))
    for name, content in changes.added.items():
        more += _member(tarfile.TarInfo(name), content)
    packed = bytes(data[:at_end]) + more + bytes(1024)
    # Nobody reads what packing it well would save.
    into.write_bytes(gzip.compress(packed, 0, mtime=0))
    return into


def _copy(
    seek: Callable[[int], int],
    read: Callable[[int], bytes],
    new: zipfile.ZipFile,
    info: zipfile.ZipInfo,
) -> None:
    assert new.fp is not None
    seek(info.header_offset)
    head = read(30)
    rest = sum(_LOCAL.unpack(head)) + info.compress_size + (16 if info.flag_bits & 8 else 0)
    info.header_offset = new.fp.tell()
    new.fp.write(head + read(rest))
    new.filelist.append(info)
    new.start_dir = new.fp.tell()


def _write(new: zipfile.ZipFile, like: zipfile.ZipInfo, data: bytes) -> None:
    info = zipfile.ZipInfo(like.filename, like.date_time)
    info.create_system, info.external_attr = like.create_system, like.external_attr
    new.writestr(info, data, zipfile.ZIP_DEFLATED, 1)


def _member(info: tarfile.TarInfo, data: bytes) -> bytes:
    info.size = len(data)
    return info.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % 512)
