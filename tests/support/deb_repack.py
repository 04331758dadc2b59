"""Changes files inside a real .deb and packs it again as a valid .deb.

The format is deb(5): an ar archive of ``debian-binary``, ``control.tar.*`` and
``data.tar.*``. The md5sums of the control part follow the changes, as they would if
somebody built such a package on purpose. Both tars are packed with zstd at its fastest:
a test may pack many.
"""

from __future__ import annotations

import copy
import gzip
import hashlib
import io
import lzma
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import zstandard

_BLOCK = tarfile.BLOCKSIZE
_DIRECTORY_MODE = 0o755


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of a package's data: its tar header, and its bytes when it is a file."""

    info: tarfile.TarInfo
    data: bytes = b""

    def with_data(self, data: bytes) -> Member:
        """The same file with other bytes."""
        return Member(self.info, data)

    def with_mode(self, mode: int) -> Member:
        """The same entry with another mode."""
        info = copy.copy(self.info)
        info.mode = mode
        return Member(info, self.data)

    def as_link(self, target: str) -> Member:
        """A symbolic link of the same name."""
        info = copy.copy(self.info)
        info.type, info.linkname, info.mode = tarfile.SYMTYPE, target, 0o777
        return Member(info)

    def named(self, path: str) -> Member:
        """The same entry under another name."""
        info = copy.copy(self.info)
        info.name = f"./{path}"
        return Member(info, self.data)

    def packed(self) -> bytes:
        """The entry as it lies in a tar."""
        info = copy.copy(self.info)
        info.size = len(self.data)
        info.pax_headers = {}
        return _as_gnu_tar(info.tobuf(tarfile.GNU_FORMAT)) + _padded(self.data)


class Deb:
    """A package in memory. Paths are those it installs, without a leading slash."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        members = _ar_members(path.read_bytes())
        self._data = _unpacked(members, "data.tar")
        self._control = _unpacked(members, "control.tar")
        with tarfile.open(fileobj=io.BytesIO(self._data)) as archive:
            self._infos = {_path(info): info for info in archive}

    def paths(self) -> list[str]:
        """The paths of all regular files, in the package's order."""
        return [path for path, info in self._infos.items() if info.isreg()]

    def __contains__(self, path: str) -> bool:
        return path in self._infos

    def __getitem__(self, path: str) -> Member:
        info = self._infos[path]
        if not info.isreg():
            return Member(info)
        return Member(info, self._data[info.offset_data : info.offset_data + info.size])

    def repack(
        self,
        target: Path,
        changes: Mapping[str, Member | None],
        scripts: Mapping[str, bytes] | None = None,
        version: tuple[str, str] = ("", ""),
    ) -> Path:
        """Write the package with ``changes`` to ``target``, a directory or a file's path.

        A path that maps to None is removed; one that the package did not have is added,
        with the directories above it. ``scripts`` are added to the control part. Of ``version``
        the first is replaced by the second in what control says.
        """
        parts: list[bytes] = []
        # Neighbours that stay as they are go over in one slice.
        start = end = 0
        for path, info in self._infos.items():
            if path not in changes:
                if info.offset != end:
                    parts.append(self._data[start:end])
                    start = info.offset
                end = info.offset_data + (-(-info.size // _BLOCK) * _BLOCK if info.isreg() else 0)
            elif (member := changes[path]) is not None:
                parts.extend((self._data[start:end], member.named(path).packed()))
                start = end = 0
        parts.append(self._data[start:end])
        parts.extend(self._added(changes))
        parts.append(_end(sum(map(len, parts))))
        control = self._changed_control(changes, scripts or {}, version)
        output = target / self.name if target.is_dir() else target
        return _write(output, control, b"".join(parts))

    def _added(self, changes: Mapping[str, Member | None]) -> list[bytes]:
        parts: list[bytes] = []
        made: set[str] = set()
        for path, member in changes.items():
            if path in self._infos or member is None:
                continue
            for parent in [str(parent) for parent in Path(path).parents][-2::-1]:
                if parent not in self._infos and parent not in made:
                    made.add(parent)
                    info = tarfile.TarInfo(f"./{parent}")
                    info.type, info.mode = tarfile.DIRTYPE, _DIRECTORY_MODE
                    parts.append(Member(info).packed())
            parts.append(member.named(path).packed())
        return parts

    def _changed_control(
        self,
        changes: Mapping[str, Member | None],
        scripts: Mapping[str, bytes],
        version: tuple[str, str],
    ) -> bytes:
        output = io.BytesIO()
        with (
            tarfile.open(fileobj=io.BytesIO(self._control)) as old,
            tarfile.open(fileobj=output, mode="w", format=tarfile.GNU_FORMAT) as new,
        ):
            for info in old:
                file = old.extractfile(info)
                data = file.read() if file else b""
                if _path(info) == "md5sums":
                    data = _changed_sums(data, changes)
                elif _path(info) == "control" and version[0]:
                    data = data.replace(version[0].encode(), version[1].encode())
                info.size = len(data)
                new.addfile(info, io.BytesIO(data))
            for name, script in scripts.items():
                info = tarfile.TarInfo(f"./{name}")
                info.size, info.mode = len(script), 0o755
                new.addfile(info, io.BytesIO(script))
        return output.getvalue()


def _as_gnu_tar(headers: bytes) -> bytes:
    """Headers with those of long names as GNU tar writes them: root's, 0644."""
    changed = bytearray(headers)
    for at in range(0, len(changed), _BLOCK):
        if changed[at : at + 13] == b"././@LongLink":
            changed[at + 100 : at + 124] = b"0000644\0" + 2 * b"0000000\0"
            changed[at + 265 : at + 329] = 2 * b"root".ljust(32, b"\0")
            changed[at + 148 : at + 156] = b" " * 8
            total = sum(changed[at : at + _BLOCK])
            changed[at + 148 : at + 156] = f"{total:06o}\0 ".encode()
    return bytes(changed)


def write_deb(path: Path, control: str, members: Iterable[Member]) -> Path:
    """Write a package from nothing: its control file and what it installs."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.GNU_FORMAT) as archive:
        info = tarfile.TarInfo("./control")
        info.size = len(control.encode())
        archive.addfile(info, io.BytesIO(control.encode()))
    data = b"".join(member.packed() for member in members)
    return _write(path, output.getvalue(), data + _end(len(data)))


def _write(path: Path, control: bytes, data: bytes) -> Path:
    with path.open("wb") as file:
        file.write(b"!<arch>\n")
        file.write(_ar_member("debian-binary", b"2.0\n"))
        file.write(_ar_member("control.tar.zst", _zstd(control)))
        file.write(_ar_member("data.tar.zst", _zstd(data)))
    return path


def new_file(path: str, data: bytes, mode: int = 0o644) -> Member:
    """A file that the package did not have."""
    info = tarfile.TarInfo(f"./{path}")
    info.mode = mode
    return Member(info, data)


def new_link(path: str, target: str) -> Member:
    """A symbolic link that the package did not have."""
    return new_file(path, b"").as_link(target)


def _changed_sums(sums: bytes, changes: Mapping[str, Member | None]) -> bytes:
    lines = []
    listed = set()
    for line in sums.decode().splitlines():
        digest, _, path = line.partition("  ")
        listed.add(path)
        if path in changes:
            member = changes[path]
            if member is None or not member.info.isreg():
                continue
            digest = hashlib.md5(member.data, usedforsecurity=False).hexdigest()
        lines.append(f"{digest}  {path}\n")
    for path, member in changes.items():
        if path not in listed and member is not None and member.info.isreg():
            digest = hashlib.md5(member.data, usedforsecurity=False).hexdigest()
            lines.append(f"{digest}  {path}\n")
    return "".join(lines).encode()


def _path(info: tarfile.TarInfo) -> str:
    return info.name.removeprefix("./")


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % _BLOCK)


def _end(size: int) -> bytes:
    """What GNU tar writes behind so many bytes: two blocks of zeros, and a full record."""
    return bytes(2 * _BLOCK + -(size + 2 * _BLOCK) % tarfile.RECORDSIZE)


def _zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=1).compress(data)


def _unpacked(members: Mapping[str, bytes], stem: str) -> bytes:
    for name, data in members.items():
        if name == f"{stem}.gz":
            return gzip.decompress(data)
        if name == f"{stem}.xz":
            return lzma.decompress(data)
        if name == f"{stem}.zst":
            return zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read()
    raise LookupError(f"no {stem} that this can read in {sorted(members)}")


def _ar_members(data: bytes) -> dict[str, bytes]:
    members = {}
    position = 8
    while position < len(data):
        header = data[position : position + 60]
        size = int(header[48:58])
        position += 60
        members[header[:16].decode().strip().rstrip("/")] = data[position : position + size]
        position += size + size % 2
    return members


def _ar_member(name: str, data: bytes) -> bytes:
    header = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode()
    return header + data + b"\n" * (len(data) % 2)
