"""Toolchains on disk: what dpkg says is installed, and unpacked GOROOTs."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from samego.distro.interface import Request, Statement
from samego.distro.shipment import OpenShipment, parse_version_file, read_installed, target_on_disk
from samego.errors import InputError, ToolError
from samego.formats.tree.directory import open_root, read_directory, without_unpacker
from samego.formats.tree.root import Root, shown
from samego.model.release import Release
from samego.model.subject import Package, Subject
from samego.model.tree import Tree
from samego_debian.architectures import architecture, of_target
from samego_debian.installed.on_disk import on_disk
from samego_debian.package.control import ControlFile, check_members, parse_status
from samego_debian.package.identity import PARTS, TOOLCHAIN_PACKAGE, Identity, statements_of
from samego_debian.package.shipment import (
    FoundChangelog,
    ShippedPackages,
    assemble,
    found_source,
)
from samego_debian.source import changelog
from samego_debian.version import DebianVersion

#: A toolchain as the user names it: golang-1.24, golang-1.24-go, 1.24.
_NAMED = re.compile(r"(?:golang-)?(?P<line>1\.\d{1,3})(?:-go)?", re.ASCII)
#: A file below GOROOT that the build makes.
_BUILT = "bin/go"
_GOROOT = re.compile(r"usr/lib/go-1\.\d{1,3}", re.ASCII)
_QUERY = (
    "${db:Status-Status}\t${Package}\t${Version}\t${Architecture}"
    "\t${source:Package}\t${source:Version}\n"
)


def dpkg_root_of(path: Path) -> tuple[Path, str] | None:
    """Root and GOROOT when ``path`` is ``ROOT/usr/lib/go-1.N`` or a root that holds one.

    None for any other directory. Raises InputError for a root with several toolchains.
    """
    if not path.is_dir():
        return None
    parts = path.resolve().parts
    below = "/".join(parts[-3:])
    if _GOROOT.fullmatch(below) and (path / "VERSION").is_file():
        return Path(*parts[:-3]), below
    found = sorted(
        f"usr/lib/{child.parent.name}"
        for child in path.glob("usr/lib/go-1.*/VERSION")
        if _GOROOT.fullmatch(f"usr/lib/{child.parent.name}")
    )
    if len(found) > 1:
        raise InputError(
            f"{path} holds several toolchains ({', '.join(found)})",
            hint=f"name one: samego check {path / found[-1]}",
        )
    return (path, found[0]) if found else None


@contextmanager
def open_directory(root: Root | Path, goroot: str, request: Request) -> Iterator[OpenShipment]:
    """Open a GOROOT on disk that no package database lists."""
    root = open_root(root)
    place = shown(root, goroot)
    release = parse_version_file(
        read_installed(root, f"{goroot}/VERSION"), name=place, given=request.release
    )
    arch = of_target(target_on_disk(root, goroot))
    subject = Subject("debian", (), release, arch.target, goroot)
    log = _changelog_on_disk(root, f"golang-{goroot.rpartition('go-')[2]}")
    top = changelog.read_top(log[1], name=f"{log[0]}'s changelog") if log else None
    source = f"golang-{release.line}"
    version = top.version if top else DebianVersion(str(release).removeprefix("go"))
    statements = [Statement(f"/{goroot}", "the place of GOROOT", f"/{goroot}", line=goroot[11:])]
    if top is not None and log is not None:
        what = f"{log[0]}'s changelog"
        path = f"/usr/share/doc/{log[0]}/changelog.Debian.gz"
        statements.append(Statement(path, what, f"of {top.version}", top.version.release))
    identity = Identity(
        subject, arch, top.source if top else source, version, (), statements=tuple(statements)
    )

    def read(_known: Container[str]) -> Tree:
        tree = read_directory(root, goroot, name=place)
        return without_unpacker(tree, root)

    # Without a changelog its version is a guess, which no other version's source must fit.
    given = found_source(request, identity) if top or request.source else ShippedPackages()
    yield assemble(identity, given, [log] if log else [], read)


@contextmanager
def open_installed(
    root: Path, request: Request, files: Root | None = None
) -> Iterator[OpenShipment]:
    """Open what dpkg says is installed below ``root``.

    Where dpkg's database is a copy, ``root`` is the copy's and ``files`` the root of the files.
    ``request.what`` may name one toolchain (``golang-1.24``). Raises InputError when none
    or several are installed and none was named, ToolError without dpkg.
    """
    files = files or open_root(root)
    line = _choose(root, request.what)
    packages = [p for part in PARTS if (p := _query(root, f"golang-{line}-{part}")) is not None]
    identity = _identity(root, files, line, packages, request.release)
    goroot = identity.subject.goroot
    names = [package.name for package, _, _ in packages]
    listed = {path for name in names for path in _listed(root, name)}
    found = on_disk(files, goroot, listed, names)

    def read(_known: Container[str]) -> Tree:
        return found.read()

    log = _changelog_on_disk(files, f"golang-{line}")
    given = found_source(request, identity)
    notes = (*found.notes, *given.notes)
    given = replace(given, notes=notes, date=_date(files, f"{goroot}/{_BUILT}"))
    shipment = assemble(identity, given, [log] if log else [], read)
    shipment.withheld = found.withheld
    yield shipment


def _date(files: Root, built: str) -> tuple[int, str] | None:
    """The date of the build, for a system on which no changelog was unpacked.

    Files that the build made have its SOURCE_DATE_EPOCH as time stamp (dpkg-deb(1); dpkg keeps
    it). A forged one proves nothing: a proof replays a tool with it, and needs the same bytes.
    """
    status = files.lstat(built)
    return None if status is None else (status.mtime, f"the time stamp of {_BUILT}")


def installed(root: Path) -> Iterator[tuple[str, str]]:
    """Each toolchain that dpkg knows below a root: its line, such as ``1.24``, and what it is.

    Raises ToolError without dpkg.
    """
    for line in sorted(_installed_lines(root), key=lambda line: int(line.partition(".")[2])):
        found = _query(root, f"golang-{line}-go")
        if found is not None:
            package = found[0]
            yield line, f"golang-{line} {package.version} {package.architecture}"


def _choose(root: Path, what: tuple[str, ...]) -> str:
    """The minor line to check, such as ``1.24``."""
    lines = sorted(_installed_lines(root), key=lambda line: int(line.partition(".")[2]))
    if len(what) > 1:
        raise InputError("--installed takes one name", hint="name one toolchain")
    if what:
        match = _NAMED.fullmatch(what[0])
        if match is None or match["line"] not in lines:
            have = ", ".join(f"golang-{line}" for line in lines) or "no Go toolchain"
            raise InputError(f"{what[0]} is not installed", hint=f"dpkg knows {have}")
        return match["line"]
    if not lines:
        raise InputError(
            "no package of a Go toolchain is installed",
            hint="install golang-1.N-go or name a package",
        )
    if len(lines) > 1:
        raise InputError(
            "several toolchains are installed: " + ", ".join(f"golang-{line}" for line in lines),
            hint=f"name one: samego check --installed golang-{lines[0]}",
        )
    return lines[0]


def _installed_lines(root: Path) -> set[str]:
    rows = _dpkg_query(root, "-W", "-f", _QUERY, "golang-1.*-go")
    return {
        match["line"]
        for row in rows
        if row.startswith("installed\t")
        and (match := TOOLCHAIN_PACKAGE.fullmatch(row.split("\t")[1]))
    }


def _query(root: Path, package: str) -> tuple[Package, str, DebianVersion] | None:
    """An installed package with its source package's name and version."""
    for row in _dpkg_query(root, "-W", "-f", _QUERY, package):
        status, name, version, arch, source, source_version = row.split("\t")
        if status == "installed":
            return Package(name, version, arch, ""), source, DebianVersion(source_version)
    return None


def _identity(
    root: Path,
    files: Root,
    line: str,
    packages: list[tuple[Package, str, DebianVersion]],
    given: Release | None,
) -> Identity:
    main, source, version = packages[0]
    for package, _, other in packages[1:]:
        if other != version:
            raise InputError(
                f"{main.name} is installed in version {main.version} but {package.name} in "
                f"{package.version}",
                hint="upgrade both to one version",
            )
    goroot = f"usr/lib/go-{line}"
    release = parse_version_file(
        read_installed(files, f"{goroot}/VERSION"), name=f"/{goroot}", given=given
    )
    arch = architecture(main.architecture)
    have = {package.name for package, _, _ in packages}
    notes = tuple(
        f"golang-{line}-{part} is not installed: {what} cannot be compared"
        for part, what in PARTS.items()
        if f"golang-{line}-{part}" not in have
    )
    shipped = tuple(package for package, _, _ in packages)
    subject = Subject("debian", shipped, release, arch.target, goroot)
    controls = tuple(_control(root, package.name) for package, _, _ in packages)
    statements = statements_of(controls, goroot)
    return Identity(subject, arch, source, version, notes, controls, statements)


def _control(root: Path, package: str) -> ControlFile:
    """What dpkg's database says of an installed package."""
    text = "\n".join(_dpkg_query(root, "--status", package))
    members = _dpkg_query(root, "--control-list", package)
    check_members(members, name=package)
    return ControlFile(package, parse_status(text.encode(), name=package), members)


def _listed(root: Path, package: str) -> list[str]:
    rows = _dpkg_query(root, "-L", package)
    return [row[1:] for row in rows if row.startswith("/") and row not in ("/", "/.")]


def _dpkg_query(root: Path, *arguments: str) -> list[str]:
    """The lines that dpkg-query prints; none when it knows no such package."""
    command = ["dpkg-query", f"--admindir={root}/var/lib/dpkg", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise ToolError(
            f"dpkg-query cannot be run ({error.strerror})",
            hint="--installed needs a system with dpkg",
        ) from error
    if done.returncode not in (0, 1):
        raise ToolError(
            f"dpkg-query failed: {done.stderr.strip().splitlines()[-1:] or done.returncode}",
            hint="check the package database with dpkg --audit",
        )
    return done.stdout.splitlines()


def _changelog_on_disk(root: Root, stem: str) -> FoundChangelog | None:
    for part in PARTS:
        path = f"usr/share/doc/{stem}-{part}/changelog.Debian.gz"
        if root.real(path) is not None:
            data = read_installed(root, path)
            return f"{stem}-{part}", changelog.unpack(data, name=shown(root, path))
    return None
