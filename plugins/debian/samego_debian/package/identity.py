"""What a set of packages is: one Go toolchain, its release, target and GOROOT."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from samego.distro.interface import Remark, Statement
from samego.distro.shipment import parse_version_file
from samego.errors import InputError, NoToolchainError
from samego.model.causes.packages import AnyEpoch
from samego.model.proof import Standing
from samego.model.release import Release, Target
from samego.model.subject import Package, Subject
from samego.system.host import host_target
from samego_debian.architectures import Architecture, architecture, architectures, of_target
from samego_debian.package.control import ControlFile, path_of
from samego_debian.package.deb import Deb
from samego_debian.version import DebianVersion

#: The packages that GOROOT is spread over, and no others: golang-1.24-go, -src, -doc.
TOOLCHAIN_PACKAGE = re.compile(r"golang-(?P<line>1\.\d{1,3})-(?P<part>go|src|doc)", re.ASCII)
#: The parts of a toolchain, and what is missing without each.
PARTS = {
    "go": "the executables and generated sources",
    "src": "api, lib, misc, src and test",
    "doc": "doc",
}
_LINE = re.compile(
    r"(?:golang-|(?:.*/)?usr/lib/go-)(?P<line>1\.\d{1,3})(?:-(?:go|src|doc))?", re.ASCII | re.DOTALL
)
_ANY_TARGET = (
    "no package given depends on an architecture: compared with upstream's files for {}"
    " (--target chooses others)"
)
_VERSION_FILE = re.compile(r"(?P<goroot>usr/lib/go-1\.\d{1,3})/VERSION", re.ASCII)


@dataclass(frozen=True, slots=True)
class Identity:
    """The subject of a check with what only Debian has.

    ``source`` is the source package's name, ``version`` the source package's version.
    """

    subject: Subject
    architecture: Architecture
    source: str
    version: DebianVersion
    notes: tuple[str, ...]
    controls: tuple[ControlFile, ...] = ()
    statements: tuple[Statement, ...] = ()


def statements_of(controls: Sequence[ControlFile], goroot: str) -> tuple[Statement, ...]:
    """What packages say of their release: in names, versions, and the path of GOROOT."""
    found = [
        Statement(f"/{goroot}", "the place of GOROOT", f"/{goroot}", line=_line_in(goroot)),
    ]
    for control in controls:
        name, text = control.package, control.fields["Version"]
        source, version = source_of(control.fields)
        found += [
            Statement(path_of(name, "Package"), "the package's name", name, line=_line_in(name)),
            Statement(
                path_of(name, "Version"),
                "the package's version",
                text,
                DebianVersion(text).release,
            ),
            Statement(path_of(name, "Source"), "the source package", source, line=_line_in(source)),
        ]
        if version != DebianVersion(text).source:
            what = f"{source}'s version"
            release = DebianVersion(version).release
            found.append(Statement(path_of(name, "Source"), what, version, release))
    return tuple(found)


def epoch_remarks(controls: Sequence[ControlFile]) -> tuple[Remark, ...]:
    """A remark for each version with an epoch: golang-1.N has none, and any would be newer."""
    return tuple(
        Remark(
            path_of(control.package, "Version"),
            "identity",
            Standing.UNEXPLAINED,
            (AnyEpoch(control.fields["Version"], "apt", "golang-1.N of Debian"),),
        )
        for control in controls
        if ":" in control.fields["Version"]
    )


def source_of(fields: Mapping[str, str]) -> tuple[str, str]:
    """Name and version of the source package; both default to the package's own."""
    name, _, version = fields.get("Source", fields["Package"]).partition(" ")
    return name, version.strip("()") or DebianVersion(fields["Version"]).source


def _line_in(text: str) -> str:
    """The line (``1.24``) in a name such as golang-1.24-go or usr/lib/go-1.24; else empty."""
    match = _LINE.fullmatch(text)
    return match["line"] if match else ""


def identify(
    debs: Sequence[Deb], target: Target | None = None, given: Release | None = None
) -> Identity:
    """Say what the packages are, from their control files and the VERSION file.

    Decompression of -go stops at VERSION, one of its first members; ``given`` is the release
    where VERSION names none. Without -go the packages depend on no architecture, and their
    version names the release; they are compared with upstream's files for ``target``, the
    machine's own without one. Raises InputError for packages that are no Go toolchain or do not
    belong together.
    """
    parts = _parts(debs)
    _same_build(debs)
    if (main := parts.get("go")) is not None:
        arch = architecture(main.architecture)
        goroot, release = _release(main, given)
        notes = _missing(parts, main)
    else:
        main = debs[0]
        arch = of_target(target) if target is not None else _own_architecture()
        goroot, release = f"usr/lib/go-{_line(main)}", _release_of_version(main, given)
        notes = (*_missing(parts, main), _ANY_TARGET.format(arch.target))
    controls = tuple(deb.control for deb in debs)
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
        controls,
        statements_of(controls, goroot),
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


def _release(main: Deb, given: Release | None) -> tuple[str, Release]:
    found = main.find(lambda path: _VERSION_FILE.fullmatch(path) is not None)
    if found is None:
        raise InputError(
            f"{main.name} is not a Go toolchain (it has no usr/lib/go-1.N/VERSION)",
            hint="give golang-1.N-go",
        )
    path, data = found
    return path.rpartition("/")[0], parse_version_file(data, name=main.name, given=given)


def _release_of_version(deb: Deb, given: Release | None) -> Release:
    release = deb.version.release or given
    if release is None:
        raise InputError(
            f"{deb.name} does not state its Go release: its version is {deb.version}",
            hint=f"give golang-{_line(deb)}-go as well, or say it with --release",
        )
    return release


def _own_architecture() -> Architecture:
    """The machine's architecture; amd64 where Debian has none for it."""
    own = [arch for arch in architectures().values() if arch.target == host_target()]
    return own[-1] if own else architecture("amd64")


def _missing(parts: dict[str, Deb], main: Deb) -> tuple[str, ...]:
    return tuple(
        f"golang-{_line(main)}-{part} was not given: {what} cannot be compared"
        for part, what in PARTS.items()
        if part not in parts
    )
