"""Edits members of a real .pkg.tar.zst: headers, bytes, and what the package says of itself."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import zstandard

from support.pkg_repack import read

#: Changes a member in place and gives its new bytes, or None to leave it out.
Edit = Callable[[tarfile.TarInfo, bytes], "bytes | None"]
MTREE = ".MTREE"


def edit_package(package: Path, target: Path, edit: Edit, listing: Callable[[str], str]) -> Path:
    """Write the package with every member edited; ``listing`` edits the text of its .MTREE."""
    mtree = gzip.compress(listing(gzip.decompress(read(package, MTREE)).decode()).encode(), mtime=0)
    with (
        package.open("rb") as raw,
        zstandard.ZstdDecompressor().stream_reader(raw) as stream,
        tarfile.open(fileobj=stream, mode="r|") as old,
        target.open("wb") as output,
        zstandard.ZstdCompressor(level=1).stream_writer(output, closefd=False) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as new,
    ):
        for member in old:
            file = old.extractfile(member) if member.isreg() else None
            data: bytes | None = file.read() if file else b""
            data = mtree if member.name == MTREE else edit(member, data or b"")
            if data is not None:
                member.size = len(data)
                new.addfile(member, io.BytesIO(data) if member.isreg() else None)
    return target
