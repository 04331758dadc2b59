"""What a set of packages is: one Go toolchain, its release, target and GOROOT."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from samego.distro import Package, Subject
from samego.errors import InputError, NoToolchainError
from samego.release import Release
from samego.shipping import parse_version_file, version_notes
from samego_debian.architectures import Architecture, architecture
from samego_debian.deb import Deb
from samego_debian.version import DebianVersion

#: The packages that GOROOT is spread over, and no others: golang-1.24-go, -src, -doc.
TOOLCHAIN_PACKAGE = re.compile(r"golang-(?P<line>1\.\d{1,3})-(?P<part>go|src|doc)", re.ASCII)
#: The parts of a toolchain, and what is missing without each.
PARTS = {
    "go": "the executables and generated sources",
    "src": "api, lib, misc, src and test",
    "doc": "doc",
}
_VERSION_FILE = re.compile(r"(?P<goroot>usr/lib/go-1\.\d{1,3})/VERSION", re.ASCII)


@dataclass(frozen=True, slots=True)
class Identity:
    """The subject of a check with what only Debian knows of it.

    ``source`` is the source package's name, ``version`` the source package's version.
    """

    subject: Subject
    architecture: Architecture
    source: str
    version: DebianVersion
    notes: tuple[str, ...]


def identify(debs: Sequence[Deb]) -> Identity:
    """Say what the packages are, from their control files and the VERSION file.

    Decompression of -go stops at VERSION, one of its first members. Raises InputError
    for packages that are no Go toolchain or do not belong together.
    """
    parts = _parts(debs)
    if "go" not in parts:
        named = ", ".join(deb.package for deb in debs)
        raise InputError(
            f"{named} alone is no Go toolchain",
            hint=f"give golang-{_line(debs[0])}-go as well",
        )
    _same_build(debs)
    main = parts["go"]
    arch = architecture(main.architecture)
    goroot, release = _release(main)
    notes = _missing(parts, main)
    notes += version_notes(main.version, main.version.release, release)
    with ThreadPoolExecutor(len(debs)) as pool:
        digests = list(pool.map(Deb.sha256, debs))
    packages = tuple(
        Package(deb.package, deb.version.text, deb.architecture, digest, deb.path)
        for deb, digest in zip(debs, digests, strict=True)
    )
    return Identity(
        Subject("debian", packages, release, arch.target, goroot),
        arch,
        main.source[0],
        DebianVersion(main.source[1]),
        notes,
    )


def _parts(debs: Sequence[Deb]) -> dict[str, Deb]:
    parts: dict[str, Deb] = {}
    for deb in debs:
        match = TOOLCHAIN_PACKAGE.fullmatch(deb.package)
        if match is None:
            raise NoToolchainError(
                f"{deb.name} ({deb.package}) is not a package of a Go toolchain",
                hint="such packages are golang-1.24-go, golang-1.24-src and golang-1.24-doc",
            )
        if match["part"] in parts:
            raise InputError(
                f"{parts[match['part']].name} and {deb.name} are both a {match['part']} package",
                hint="give the packages of one build",
            )
        parts[match["part"]] = deb
    return parts


def _same_build(debs: Sequence[Deb]) -> None:
    first = debs[0]
    for deb in debs[1:]:
        if deb.source != first.source:
            raise InputError(
                f"{first.name} is of {' '.join(first.source)} but {deb.name} is of "
                f"{' '.join(deb.source)}",
                hint="give the packages of one build",
            )


def _line(deb: Deb) -> str:
    match = TOOLCHAIN_PACKAGE.fullmatch(deb.package)
    return match["line"] if match else "1.N"


def _release(main: Deb) -> tuple[str, Release]:
    found = main.find(lambda path: _VERSION_FILE.fullmatch(path) is not None)
    if found is None:
        raise InputError(
            f"{main.name} is no Go toolchain (it has no usr/lib/go-1.N/VERSION)",
            hint="give golang-1.N-go",
        )
    path, data = found
    return path.rpartition("/")[0], parse_version_file(data, name=main.name)


def _missing(parts: dict[str, Deb], main: Deb) -> tuple[str, ...]:
    return tuple(
        f"golang-{_line(main)}-{part} was not given: {what} cannot be compared"
        for part, what in PARTS.items()
        if part not in parts
    )
