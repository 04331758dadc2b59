"""A repository's database (extra.db): which version of a package it has, and its digest.

The format is repo-add(8)'s: a compressed tar with a directory NAME-VERSION for each
package, in it ``desc`` with ``%KEY%`` lines and values below them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from samego.errors import InputError
from samego.formats.archive.compression import open_decompressed
from samego.formats.archive.limits import ArchiveLimits
from samego.formats.archive.tar.reader import find_in_tar
from samego_arch.version import ArchVersion, FileName

_LIMITS = ArchiveLimits(entries=500_000, total_bytes=2048 << 20, file_bytes=4 << 20)
_KEY = re.compile(r"%([A-Z0-9]+)%")


@dataclass(frozen=True, slots=True)
class Listed:
    """A package that a database lists; ``size`` is the file's, in bytes."""

    file: FileName
    sha256: str
    size: int


def find_package(path: Path, name: str, *, repository: str) -> Listed | None:
    """What a database says of a package, or None when it does not list it.

    Raises InputError for a database that is damaged, or that gives no digest of the package.
    """
    shown = f"{repository}.db"
    # No part of a version has a hyphen in it but the one before pkgrel (PKGBUILD(5)).
    entry = re.compile(rf"{re.escape(name)}-[^-/]+-[^-/]+/desc")

    def stream() -> BinaryIO:
        return open_decompressed(path.open("rb"), name=shown, limits=_LIMITS)

    found = find_in_tar(
        stream, lambda member: entry.fullmatch(member) is not None, name=shown, limits=_LIMITS
    )
    return None if found is None else _listed(found[1], name, shown)


def _listed(data: bytes, name: str, shown: str) -> Listed:
    fields = _fields(data.decode("utf-8", "replace"))
    file = FileName.parse(fields.get("FILENAME", ""))
    version = fields.get("VERSION", "")
    sha256, size = fields.get("SHA256SUM", ""), fields.get("CSIZE", "")
    if (
        file is None
        or (file.name, file.version) != (name, version)
        or fields.get("NAME") != name
        or not re.fullmatch(r"[0-9a-f]{64}", sha256)
        or not re.fullmatch(r"\d{1,12}", size, re.ASCII)
    ):
        raise InputError(
            f"{shown} lists {name} in a way that samego does not read", hint="use another mirror"
        )
    return Listed(
        FileName(name, ArchVersion(version).text, file.architecture, file.suffix), sha256, int(size)
    )


def _fields(text: str) -> dict[str, str]:
    """The first value of each key."""
    fields: dict[str, str] = {}
    key = ""
    for line in text.splitlines():
        if match := _KEY.fullmatch(line):
            key = match[1]
        elif key and line:
            fields.setdefault(key, line)
    return fields
