"""The npm registry and what npm unpacks from it: what the plugin recognises. Quick to import."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from samego.distro.redistributor import Redistributor
from samego_npm.directory import root_of

_GZIP = b"\x1f\x8b"
_FIRST = b"package/"


def _is_package(path: Path) -> bool:
    """Whether a file is a package: a compressed tar whose first member lies in ``package/``."""
    with path.open("rb") as file:
        if file.read(len(_GZIP)) != _GZIP:
            return False
    try:
        with gzip.open(path) as stream:
            return stream.read(len(_FIRST)) == _FIRST
    except (EOFError, zlib.error, OSError):
        return False


DISTRO = Redistributor(
    "npm",
    "samego_npm.open_forms",
    is_file=_is_package,
    is_unpacked=lambda path: root_of(path) is not None,
)
