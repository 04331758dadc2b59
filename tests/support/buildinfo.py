"""Build records for packages that lie in a directory, as dpkg-genbuildinfo writes them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path


def digest_of(path: Path) -> str:
    """The sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_buildinfo(
    directory: Path,
    files: Sequence[Path],
    *,
    source: str = "golang-1.24",
    version: str = "1.24.99-1",
    digests: Mapping[str, str] | None = None,
) -> Path:
    """Write the record of these files (and of a .dsc that is not there) into a directory."""
    rows = [(f"{source}_{version}.dsc", "0" * 64, 895)]
    rows += [(path.name, digest_of(path), path.stat().st_size) for path in files]
    claimed = digests or {}
    sums = "".join(f" {claimed.get(name, digest)} {size} {name}\n" for name, digest, size in rows)
    text = f"""Format: 1.0
Source: {source}
Binary: golang-1.24-doc golang-1.24-go golang-1.24-src
Architecture: all amd64 source
Version: {version}
Checksums-Sha256:
{sums}Build-Origin: Debian
Build-Architecture: amd64
Build-Date: Tue, 24 Nov 2026 02:48:20 +0000
Build-Path: /build/golang-1.24-1.24.99
Installed-Build-Depends:
 base-files (= 13.8),
 dpkg (= 1.22.22)
Environment:
 DEB_BUILD_OPTIONS="parallel=2"
 SOURCE_DATE_EPOCH="1750073658"
"""
    path = directory / f"{source}_{version}_amd64.buildinfo"
    path.write_text(text, "utf-8")
    return path
