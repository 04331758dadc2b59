"""Small archives and trees, made in memory."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Callable, Iterable, Mapping
from typing import BinaryIO

from samego.formats.archive.compression import open_decompressed
from samego.formats.archive.limits import DEFAULT_LIMITS, ArchiveLimits
from samego.model.tree import Entry, Kind, Tree

#: A tar member: its name, what the header says, and its bytes.
Member = tuple[str, Mapping[str, object], bytes]


def tar_bytes(members: Iterable[Member], *, end: bytes = b"\0" * 1024) -> bytes:
    """A tar archive; each header field of a member can be set by name."""
    out = io.BytesIO()
    for name, fields, data in members:
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(data), 0o644
        for field, value in fields.items():
            setattr(info, field, value)
        out.write(info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape"))
        out.write(data + b"\0" * (-len(data) % 512))
    out.write(end)
    return out.getvalue()


def stream_of(
    data: bytes, *, name: str = "test.tar", limits: ArchiveLimits = DEFAULT_LIMITS
) -> Callable[[], BinaryIO]:
    """Opens ``data`` as the decompressed stream that the readers take."""
    return lambda: open_decompressed(io.BytesIO(data), name=name, limits=limits)


class MemorySource:
    """A tree's bytes in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files

    def load(self, paths: Iterable[str]) -> None:
        """Everything is at hand."""

    def read(self, path: str) -> bytes:
        """One file's bytes."""
        return self.files[path]


def memory_tree(
    files: Mapping[str, bytes],
    *,
    modes: Mapping[str, int] | None = None,
    links: Mapping[str, str] | None = None,
    directories: Mapping[str, int] | None = None,
    name: str = "memory",
) -> Tree:
    """A tree of files (mode 0644 unless said), links and directories."""
    entries = {
        path: Entry(
            path,
            Kind.FILE,
            (modes or {}).get(path, 0o644),
            len(data),
            hashlib.sha256(data).hexdigest(),
            owner=(0, 0),
        )
        for path, data in files.items()
    }
    for path, target in (links or {}).items():
        entries[path] = Entry(path, Kind.LINK, None, link=target, owner=(0, 0))
    for path, mode in (directories or {}).items():
        entries[path] = Entry(path, Kind.DIRECTORY, mode, owner=(0, 0))
    return Tree(entries, MemorySource(files), name=name, carries_modes=True)
