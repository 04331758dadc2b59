"""Binary packages: the container over python-debian, the contents over the core's readers.

The format is deb(5): an ar archive of exactly ``debian-binary``, ``control.tar`` and
``data.tar``, the latter two compressed.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Callable, Container, Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from debian.arfile import ArError, ArFile

from samego.errors import InputError
from samego.goroot.composed import ComposedSource
from samego.goroot.compression import open_decompressed
from samego.goroot.limits import Limits
from samego.goroot.payload import merge
from samego.goroot.spool import Spool
from samego.goroot.tar import find_in_tar, read_tar
from samego.goroot.tree import Entry, Kind, Tree
from samego_debian.control import Control, check_members, parse_control
from samego_debian.version import DebianVersion

#: What the ar archive may hold, in deb(5)'s order.
_MEMBERS = (
    re.compile(r"debian-binary"),
    re.compile(r"control\.tar(\.gz|\.xz|\.zst)?"),
    re.compile(r"data\.tar(\.gz|\.xz|\.zst)?"),
)
_AR_MAGIC = 8
_AR_HEADER = 60
#: A control archive holds md5 sums of all files (2 MB for Go's sources) and scripts.
_CONTROL_LIMITS = Limits(entries=100, total_bytes=32 << 20, file_bytes=16 << 20)
_CHUNK = 1 << 20

#: Members of the control archive that describe the package; any other one acts when the
#: package is installed and is shown in the payload.
_DESCRIPTIONS = ("control", "md5sums")
#: Where such members stand in the payload, named as dpkg names them in its info directory.
CONTROL_DIRECTORY = "DEBIAN"


class Deb:
    """One .deb: identity at once, contents on demand. Close it when done.

    ``name`` is the file's name; ``package``, ``version``, ``architecture`` and ``source``
    (name and version of the source package) come from its control file.
    """

    def __init__(self, path: Path) -> None:
        """Open a .deb. Raises InputError when it is none, truncated, or holds other members."""
        self.path = path
        self.name = path.name
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise InputError(
                f"{path} cannot be read ({error.strerror})", hint="check the path"
            ) from error
        try:
            self._members = self._container()
            with closing(Spool()) as spool:
                self._control = read_tar(
                    lambda: self._open(1, _CONTROL_LIMITS),
                    name=f"{self.name}'s control archive",
                    spool=spool,
                    limits=_CONTROL_LIMITS,
                )
                self._scripts = {
                    path: self._control.read(path)
                    for path, entry in self._control.items()
                    if path not in _DESCRIPTIONS and entry.kind is Kind.FILE
                }
                self._fields = self._read_control()
            self.package = self._field("Package")
            self.version = DebianVersion(self._field("Version"))
            self.architecture = self._field("Architecture")
            self.source = self._source()
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def sha256(self) -> str:
        """The digest of the whole file."""
        digest = hashlib.sha256()
        offset = 0
        while chunk := os.pread(self._file.fileno(), _CHUNK, offset):
            digest.update(chunk)
            offset += len(chunk)
        return digest.hexdigest()

    def find(self, wanted: Callable[[str], bool]) -> tuple[str, bytes] | None:
        """The first file of the payload that ``wanted`` likes; decompression stops there."""
        return find_in_tar(self._open_data, wanted, name=self.name)

    def read(self, *, spool: Spool, known: Container[str]) -> Tree:
        """The payload in one pass, with what acts on installation below ``DEBIAN/``."""
        data = read_tar(self._open_data, name=self.name, spool=spool, known=known)
        return merge([data, self._acting()], name=self.name)

    def read_all(self, *, spool: Spool) -> Tree:
        """The payload in one pass, with every member of the control archive below ``DEBIAN/``."""
        data = read_tar(self._open_data, name=self.name, spool=spool)
        control = read_tar(
            lambda: self._open(1, _CONTROL_LIMITS),
            name=f"{self.name}'s control archive",
            spool=spool,
            limits=_CONTROL_LIMITS,
        )
        own = {f"{CONTROL_DIRECTORY}/{path}": path for path in control}
        entries = {shown: replace(control[path], path=shown) for shown, path in own.items()}
        source = ComposedSource(lambda shown: (control, own[shown]))
        shown = Tree(entries, source, name=control.name, carries_modes=True)
        return merge([data, shown], name=self.name)

    def _container(self) -> tuple[tuple[int, int], ...]:
        """Offset and size of the three members."""
        size = os.fstat(self._file.fileno()).st_size
        try:
            archive = ArFile(fileobj=self._file, encoding="ascii")
        except (ArError, OSError, ValueError) as error:
            raise self._damaged(str(error)) from error
        members = archive.getmembers()
        names = [str(member.name) for member in members]
        if len(names) != len(_MEMBERS) or not all(
            pattern.fullmatch(name) for pattern, name in zip(_MEMBERS, names, strict=True)
        ):
            raise InputError(
                f"{self.name} is not a .deb that samego reads (its members: "
                f"{', '.join(map(repr, names[:6])) or 'none'})",
                hint="it must hold debian-binary, control.tar and data.tar (gz, xz or zst) alone",
            )
        where, offset = [], _AR_MAGIC
        for member in members:
            offset += _AR_HEADER
            if member.size < 0 or offset + member.size > size:
                raise self._damaged(f"{member.name} breaks off")
            where.append((offset, int(member.size)))
            offset += member.size + member.size % 2
        start, length = where[0]
        if not os.pread(self._file.fileno(), min(length, 16), start).startswith(b"2."):
            raise self._damaged("debian-binary does not say format 2")
        return tuple(where)

    def _open(self, index: int, limits: Limits) -> BinaryIO:
        part = io.BufferedReader(_Part(self._file.fileno(), *self._members[index]), 1 << 16)
        return open_decompressed(part, name=self.name, limits=limits)

    def _open_data(self) -> BinaryIO:
        return self._open(2, Limits())

    def _read_control(self) -> dict[str, str]:
        if "control" not in self._control:
            raise self._damaged("it has no control file")
        try:
            data = self._control.read("control")
        except KeyError as error:
            raise self._damaged("its control file is no file") from error
        check_members(self._control, name=self.name)
        return parse_control(data, name=self.name)

    @property
    def control(self) -> Control:
        """The fields of its control file."""
        return Control(self.package, self._fields)

    def _field(self, name: str) -> str:
        value = self._fields.get(name)
        if not value:
            raise self._damaged(f"its control file has no {name}")
        return str(value).strip()

    def _source(self) -> tuple[str, str]:
        """Name and version of the source package; both default to the binary's own."""
        name, _, version = str(self._fields.get("Source", self.package)).partition(" ")
        return name, version.strip("() ") or self.version.source

    def _acting(self) -> Tree:
        """The control members that act on installation, as entries of the payload."""
        entries: dict[str, Entry] = {}
        data: dict[str, bytes] = {}
        for path, entry in self._control.items():
            if path in _DESCRIPTIONS and entry.kind is Kind.FILE:
                continue
            shown = f"{CONTROL_DIRECTORY}/{self.package}.{path}"
            entries[shown] = replace(entry, path=shown)
            if entry.kind is Kind.FILE:
                data[shown] = self._scripts[path]
        return Tree(entries, _Held(data), name=self.name, carries_modes=True)

    def _damaged(self, what: str) -> InputError:
        return InputError(
            f"{self.name} is not a readable .deb ({what})",
            hint="get the file again from its source",
        )


class _Part(io.RawIOBase):
    """A part of an open file, with its own position: threads may read side by side."""

    def __init__(self, descriptor: int, start: int, size: int) -> None:
        self._descriptor = descriptor
        self._start = start
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1, /) -> bytes:
        left = max(0, self._size - self._position)
        wanted = left if size < 0 else min(size, left)
        data = os.pread(self._descriptor, wanted, self._start + self._position)
        self._position += len(data)
        return data

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed wants the private WriteableBuffer
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _Held:
    """Gives bytes that are held in memory (the few scripts of a package)."""

    def __init__(self, data: dict[str, bytes]) -> None:
        self._data = data

    def load(self, paths: Iterable[str]) -> None:
        """Nothing to prepare."""

    def read(self, path: str) -> bytes:
        return self._data[path]
