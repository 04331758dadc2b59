"""Upload and build records: a .changes or .buildinfo names the packages beside it.

Formats: deb-changes(5) and deb-buildinfo(5), clearsigned or not. A signature is not
checked here: the record only says which files belong together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from debian.deb822 import BuildInfo, Changes, Dsc

from samego.distro.shipment import check_file, listed_file
from samego.errors import InputError, NoToolchainError
from samego_debian.archive.spelling import SOURCE_SUFFIX
from samego_debian.package.identity import TOOLCHAIN_PACKAGE
from samego_debian.source.signature import signed_text

_DEB = re.compile(r"(?P<package>[a-z0-9][a-z0-9+.-]+)_[^_/]+_[a-z0-9-]+\.deb", re.ASCII)
_MAX_BYTES = 16 << 20
_FORMS: Mapping[str, Callable[[bytes], Mapping[str, Any]]] = {
    ".changes": Changes,
    ".buildinfo": BuildInfo,
    SOURCE_SUFFIX: Dsc,
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a record lists of a toolchain.

    ``packages`` are its packages. ``products`` are the names of all files of a build that made
    only binary packages: a source package among them was written by that build, so it cannot
    explain the build. It is empty where the record is of the source too.
    """

    packages: tuple[Path, ...]
    products: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Header:
    """What a record or a .dsc says of itself: its fields, and the names of its files."""

    fields: Mapping[str, str]
    files: tuple[str, ...]


def read_header(path: Path) -> Header:
    """The fields Source, Version and Package of a .changes, .buildinfo or .dsc, and its files.

    The listed files are not read. Raises InputError for one that cannot be read.
    """
    fields, rows = _read(path)
    texts = {key: str(fields[key]) for key in ("Source", "Version") if key in fields}
    if len(texts) < len(("Source", "Version")):
        raise InputError(
            f"{path.name} names no source package and version",
            hint="get it again from where the packages were built",
        )
    return Header({"Package": "", **texts}, tuple(name for name, _, _ in rows))


def read_manifest(path: Path) -> Manifest:
    """The toolchain's packages that a record lists, found beside it and checked.

    Raises NoToolchainError for a record that lists none, InputError for one that cannot be
    read or lists a package that is missing, VerificationError for a package with another
    size or sha256.
    """
    rows, kinds = _rows(path)
    found: list[Path] = []
    for name, digest, size in rows:
        if "/" in name:
            raise InputError(
                f"{path.name} lists the file {name[:80]!r}, which is not beside it",
                hint="get it again from where the packages were built",
            )
        match = _DEB.fullmatch(name)
        if match is None or not TOOLCHAIN_PACKAGE.fullmatch(match["package"]):
            continue
        file = listed_file(path.parent, name, digest, size)
        check_file(file, digest, size, listed_in=path.name)
        found.append(file)
    if not found:
        listed = ", ".join(name for name, _, _ in rows[:6]) or "nothing"
        raise NoToolchainError(
            f"{path.name} lists no package of a Go toolchain (it lists {listed})",
            hint="give the record of a golang-1.N build",
        )
    made = () if "source" in kinds else (name for name, _, _ in rows)
    return Manifest(tuple(found), frozenset(made))


def _rows(path: Path) -> tuple[list[tuple[str, str, int]], list[str]]:
    """Name, sha256 and size of every file in the record, and the record's architectures."""
    fields, rows = _read(path)
    return rows, str(fields.get("Architecture", "")).split()


def _read(path: Path) -> tuple[Mapping[str, object], list[tuple[str, str, int]]]:
    """The fields of a record, and name, sha256 and size of every file that it lists."""
    form = _FORMS[path.suffix]
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InputError(f"{path.name} has over {_MAX_BYTES} bytes", hint="check the file")
        data = path.read_bytes()
        # python-debian guesses the encoding of what is not UTF-8, and prints a warning.
        data.decode("utf-8")
        fields = form(signed_text(data, name=path.name))
        rows = [
            (str(row["name"]), str(row["sha256"]), int(row["size"]))
            for row in fields.get("Checksums-Sha256", [])
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        kind = path.suffix if path.suffix == SOURCE_SUFFIX else ".changes or .buildinfo"
        raise InputError(
            f"{path.name} is not a readable {kind} ({error})",
            hint="get it again from where the packages were built",
        ) from error
    return fields, rows
