"""Edits members of a real .pkg.tar.zst: headers, bytes, and what the package says of itself."""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import zstandard

from support.bsd_tar import Attributes, bsd_tar
from support.pkg_repack import read

#: Changes a member in place and gives its new bytes, or None to leave it out.
Edit = Callable[[tarfile.TarInfo, bytes], "bytes | None"]
MTREE = ".MTREE"


def edit_package(
    package: Path,
    target: Path,
    edit: Edit,
    listing: Callable[[str], str],
    attributes: Mapping[str, Attributes] = MappingProxyType({}),
) -> Path:
    """Write the package with every member edited; ``listing`` edits the text of its .MTREE.

    ``attributes`` are extended ones by the members' names.
    """
    mtree = gzip.compress(listing(gzip.decompress(read(package, MTREE)).decode()).encode(), mtime=0)
    members: list[tuple[tarfile.TarInfo, bytes]] = []
    with (
        package.open("rb") as raw,
        zstandard.ZstdDecompressor().stream_reader(raw) as stream,
        tarfile.open(fileobj=stream, mode="r|") as old,
    ):
        for member in old:
            file = old.extractfile(member) if member.isreg() else None
            data = file.read() if file else b""
            changed = mtree if member.name == MTREE else edit(member, data)
            if changed is not None:
                members.append((member, changed))
    target.write_bytes(zstandard.ZstdCompressor(level=1).compress(bsd_tar(members, attributes)))
    return target
