"""Which package a file is, by its content, because a file name proves nothing.

Browsers and file systems change names (``go-2_1.24.4-1``, ``%3A``, ``... (1).zst``), and makepkg's
PKGEXT says how it compresses. The first members of a package are records of makepkg's.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from samego.errors import SamegoError
from samego.formats.archive.compression import DECODE_ERRORS, open_decompressed
from samego.formats.archive.limits import DEFAULT_LIMITS
from samego.formats.archive.tar.bsdtar import BSDTAR
from samego.formats.archive.tar.reader import pick_from_tar
from samego_arch.package import buildinfo, mtree, pkginfo
from samego_arch.version import FileName

_RECORDS = (pkginfo.NAME, buildinfo.NAME, mtree.NAME)
#: Bytes of the name in a tar header; no record's name is longer.
_NAME_FIELD = 100


def is_package(path: Path) -> bool:
    """Whether a file begins as makepkg writes packages, whatever it is called."""
    try:
        if not path.is_file():
            return False
        with _open(path) as stream:
            first = stream.read(_NAME_FIELD).partition(b"\0")[0]
    except (OSError, SamegoError, *DECODE_ERRORS):
        return False
    return first in [name.encode() for name in _RECORDS]


def named_inside(path: Path) -> FileName | None:
    """The name that the package in a file states; None where it cannot be read."""
    if not is_package(path):
        return None
    try:
        early = pick_from_tar(lambda: _open(path), (pkginfo.NAME,), 1, name=path.name, form=BSDTAR)
        info = pkginfo.parse_pkginfo(early.get(pkginfo.NAME, b""), name=path.name)
    except (OSError, SamegoError, *DECODE_ERRORS):
        return None
    return FileName(info.name, info.version.text, info.architecture, "")


def _open(path: Path) -> BinaryIO:
    return open_decompressed(path.open("rb"), name=path.name, limits=DEFAULT_LIMITS)
