"""Tars as makepkg writes them: by libarchive, in bsdtar's own format."""

from __future__ import annotations

import ctypes
import tarfile
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import libarchive

_KINDS = {tarfile.REGTYPE: 0o100000, tarfile.DIRTYPE: 0o040000, tarfile.SYMTYPE: 0o120000}
_BLOCK = 4096


#: Extended attributes by name.
Attributes = Mapping[str, bytes]


def bsd_tar(
    members: Iterable[tuple[tarfile.TarInfo, bytes]],
    attributes: Mapping[str, Attributes] = MappingProxyType({}),
) -> bytes:
    """A tar of these files, directories and symbolic links, in the order given.

    ``attributes`` are the extended ones by the members' names.
    """
    parts: list[bytes] = []

    def take(data: Any) -> int:  # noqa: ANN401 - an array of C's characters
        parts.append(bytes(data))
        return len(data)

    with libarchive.custom_writer(take, "pax_restricted", block_size=_BLOCK) as archive:
        for info, data in members:
            _add(archive._pointer, info, data, attributes.get(info.name, {}))
    written = b"".join(parts)
    # libarchive fills the last record where it writes to a pipe; here it writes to memory.
    return written + bytes(-len(written) % tarfile.RECORDSIZE)


def _add(
    archive: Any,  # noqa: ANN401 - a pointer of C's
    info: tarfile.TarInfo,
    data: bytes,
    attributes: Attributes,
) -> None:
    entry = libarchive.entry.ArchiveEntry(
        pathname=info.name,
        size=len(data),
        filetype=_KINDS[info.type],
        perm=info.mode,
        uid=info.uid,
        gid=info.gid,
        uname=info.uname,
        gname=info.gname,
        mtime=int(info.mtime),
    )
    if info.issym():
        # linkpath of libarchive-c makes a hard link of what is none yet.
        libarchive.ffi.libarchive.archive_entry_copy_symlink(
            ctypes.c_void_p(entry._entry_p), info.linkname.encode()
        )
    for name, value in attributes.items():
        libarchive.ffi.libarchive.archive_entry_xattr_add_entry(
            ctypes.c_void_p(entry._entry_p), name.encode(), value, ctypes.c_size_t(len(value))
        )
    libarchive.ffi.write_header(archive, entry._entry_p)
    if data:
        libarchive.ffi.write_data(archive, data, len(data))
    libarchive.ffi.write_finish_entry(archive)
