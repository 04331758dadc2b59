"""Changes files inside a real .pkg.tar.zst and packs it again as makepkg would have."""

from __future__ import annotations

import gzip
import hashlib
import re
import tarfile
from collections.abc import Mapping
from pathlib import Path

import zstandard

from support.bsd_tar import bsd_tar

MTREE = ".MTREE"
BUILDINFO = ".BUILDINFO"


def repack(
    package: Path,
    target: Path,
    changes: Mapping[str, bytes],
    *,
    mtree: bool = False,
) -> Path:
    """Write the package with other bytes at these paths to ``target``.

    With ``mtree`` its .MTREE is rewritten to match, as if it had been packed so.
    """
    mine = dict(changes)
    if mtree:
        listing = gzip.decompress(read(package, MTREE)).decode()
        for path, data in changes.items():
            listing = claim(listing, path, data)
        mine[MTREE] = gzip.compress(listing.encode(), mtime=0)
    members: list[tuple[tarfile.TarInfo, bytes]] = []
    with (
        package.open("rb") as raw,
        zstandard.ZstdDecompressor().stream_reader(raw) as stream,
        tarfile.open(fileobj=stream, mode="r|") as old,
    ):
        for member in old:
            file = old.extractfile(member) if member.isreg() else None
            data = file.read() if file else b""
            members.append((member, mine.pop(member.name, data)))
    target.write_bytes(zstandard.ZstdCompressor(level=1).compress(bsd_tar(members)))
    assert not mine, f"not in {package.name}: {', '.join(mine)}"
    return target


def read(package: Path, path: str) -> bytes:
    """The bytes of one file of a package."""
    with (
        package.open("rb") as raw,
        zstandard.ZstdDecompressor().stream_reader(raw) as stream,
        tarfile.open(fileobj=stream, mode="r|") as archive,
    ):
        for member in archive:
            if member.name == path:
                file = archive.extractfile(member)
                assert file is not None, path
                return file.read()
    raise LookupError(f"{package.name} has no {path}")


def claim(listing: str, path: str, data: bytes) -> str:
    """An .MTREE that says these bytes of a path (mtree(5); names have no special characters)."""
    line = re.search(rf"^\./{re.escape(path)} .*$", listing, re.MULTILINE)
    assert line is not None, path
    claimed = re.sub(r"size=\d+", f"size={len(data)}", line[0])
    for name in ("md5", "sha256"):
        digest = hashlib.new(name, data, usedforsecurity=False).hexdigest()
        claimed = re.sub(rf"{name}digest=\w+", f"{name}digest={digest}", claimed)
    return listing.replace(line[0], claimed)
