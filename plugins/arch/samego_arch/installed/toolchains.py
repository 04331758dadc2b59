"""Toolchains on disk: what pacman says is installed, and unpacked packages ($pkgdir)."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from samego.distro.interface import Claims, Remark, Request
from samego.distro.shipment import OpenShipment, parse_version_file, read_installed, target_on_disk
from samego.errors import InputError, SamegoError
from samego.formats.tree.directory import (
    open_root,
    read_directory,
    read_paths,
    without_unpacker,
)
from samego.formats.tree.goroot import merge
from samego.formats.tree.root import Root, shown
from samego.model.causes.packages import RunsScript
from samego.model.proof import Standing
from samego.model.release import Release
from samego.model.subject import Package, Subject
from samego.model.tree import Kind, Tree
from samego_arch.architectures import architecture, of_target
from samego_arch.archive.pacman_conf import PacmanConf
from samego_arch.installed.pacman_settings import kept, withheld
from samego_arch.package import mtree
from samego_arch.package.alpm import AlpmPackage, installed_package
from samego_arch.package.identity import Identity
from samego_arch.package.package_file import GOROOT, PACKAGE, VERSION_FILE
from samego_arch.package.shipment import ShippedPackage, assemble
from samego_arch.recipe.pkgbuild import read_recipe, recipe_path
from samego_arch.recipe.replay import read_declared
from samego_arch.version import ArchVersion

#: The version of an unpacked package, which nothing in it names (makepkg's $pkgdir).
VERSION_VARIABLE = "SAMEGO_ARCH_VERSION"
#: Another root than / for --installed, as pacman --root has it.
ROOT_VARIABLE = "SAMEGO_ARCH_ROOT"
#: What distinguishes Arch's unpacked package from another distro's with the same GOROOT.
_LICENSES = "usr/share/licenses/go"
#: What lies outside GOROOT and the targets of its links.
_OUTSIDE = ("usr/bin/go", "usr/bin/gofmt", f"{_LICENSES}/LICENSE")


def system_root(options: Mapping[str, object]) -> Path:
    """Where the installed system lies: the environment's, the configuration's, or /."""
    return Path(os.environ.get(ROOT_VARIABLE) or str(options.get("root") or "/"))


def has_database(root: Path) -> bool:
    """Whether pacman has installed anything below a root."""
    return any(PacmanConf(root).database.glob("local/*/desc"))


def root_of(path: Path) -> Path | None:
    """The root when ``path`` is ``ROOT/usr/lib/go`` of Arch, or such a root; else None."""
    if not path.is_dir():
        return None
    real = path.resolve()
    below = "/".join(real.parts[-3:])
    root = Path(*real.parts[:-3]) if below == GOROOT else real
    if not (root / VERSION_FILE).is_file():
        return None
    ours = (root / _LICENSES).is_dir() or os.environ.get(VERSION_VARIABLE)
    return root if ours else None


@contextmanager
def open_directory(root: Root | Path, request: Request) -> Iterator[OpenShipment]:
    """Open an unpacked package, or a GOROOT that no package database lists."""
    root = open_root(root)
    release = parse_version_file(
        read_installed(root, VERSION_FILE), name=shown(root, GOROOT), given=request.release
    )
    arch = of_target(request.target or target_on_disk(root, GOROOT))
    version, notes = _version(release, request, arch.name)
    subject = Subject("arch", (), release, arch.target, GOROOT)
    identity = Identity(subject, arch, version, notes, named=not notes)
    whole = "" if _is_package(root) else GOROOT

    def read(_known: Container[str]) -> Tree:
        tree = read_directory(root, whole, name=root.name)
        if whole:
            others = [path for path in _OUTSIDE if path not in tree and root.lstat(path)]
            tree = merge([tree, read_paths(root, others, name=root.name)], name=root.name)
        return without_unpacker(_without_list(tree), root)

    yield assemble(identity, ShippedPackage(), request, read)


def _without_list(tree: Tree) -> Tree:
    """The tree without the list of files that makepkg leaves in $pkgdir, where it packs it too.

    In a package file it is what the other files are compared with; it is not compared itself.
    """
    entry = tree.get(mtree.NAME)
    if entry is None or entry.kind is not Kind.FILE:
        return tree
    try:
        mtree.parse_mtree(tree.read(mtree.NAME), name=mtree.NAME)
    except SamegoError:
        return tree  # it is no such list, and is judged as any other file
    entries = {path: each for path, each in tree.items() if path != mtree.NAME}
    return tree.with_entries(entries, carries_modes=True)


@contextmanager
def open_installed(
    root: Path, request: Request, files: Root | None = None
) -> Iterator[OpenShipment]:
    """Open what pacman says is installed below ``root``.

    Where pacman's database is a copy, ``root`` is the copy's and ``files`` the root of the files.
    Raises InputError when go is not installed or its record in the database is damaged.
    """
    _check_name(request)
    configuration = PacmanConf(root)
    database = configuration.database
    found = _installed(root, database)
    files = files or open_root(root)
    local = open_root(database / "local")
    record = f"{found.name}-{found.version}"
    listed = mtree.parse_mtree(read_installed(local, f"{record}/mtree"), name=record)
    # The metadata of the package file is not installed; its scriptlet lies in the database.
    listed = {path: entry for path, entry in listed.items() if not path.startswith(".")}
    identity = _identity(files, found, request.release)
    script = local.lstat(f"{record}/install")
    wanted = {*found.files, *listed}
    missing = sorted(path for path in wanted if files.lstat(path) is None)
    left_out = withheld(missing, configuration)
    kept_back = kept(files, listed, configuration)

    def read(_known: Container[str]) -> Tree:
        inside = read_directory(files, GOROOT, name=shown(files, GOROOT))
        others = sorted(wanted - set(inside) - set(missing))
        outside = read_paths(files, others, name="installed files")
        return kept_back.without(merge([inside, outside], name="installed files"))

    place = "record in pacman's database"
    claimed = {path: entry for path, entry in listed.items() if path not in left_out.by_path}
    given = ShippedPackage(
        date=(found.builddate, f"BUILDDATE of the {place}"),
        claims=Claims(claimed, place),
        notes=(*left_out.notes("pacman"), *kept_back.notes),
    )
    shipment = assemble(identity, given, request, read)
    shipment.withheld = left_out.paths
    if script is not None:
        cause = RunsScript("pacman", "install")
        remark = Remark("/.INSTALL", "packaging", Standing.UNEXPLAINED, (cause,))
        own = shipment.self_description
        shipment.self_description = replace(own, remarks=(*own.remarks, remark))
    yield shipment


def _check_name(request: Request) -> None:
    if request.what not in ((), (PACKAGE,)):
        raise InputError(
            f"{' '.join(request.what)} is not a name of Arch's Go",
            hint=f"write --installed {PACKAGE}",
        )


def _installed(root: Path, database: Path) -> AlpmPackage:
    found = installed_package(root, database, PACKAGE)
    if found is None:
        raise InputError(
            f"{PACKAGE} is not installed (pacman's database is {database})",
            hint="install it, or name a package file",
        )
    return found


def _identity(root: Root, found: AlpmPackage, given: Release | None) -> Identity:
    release = parse_version_file(
        read_installed(root, VERSION_FILE), name=shown(root, GOROOT), given=given
    )
    arch = architecture(found.architecture)
    version = ArchVersion(found.version)
    shipped = Package(found.name, found.version, found.architecture, "")
    subject = Subject("arch", (shipped,), release, arch.target, GOROOT)
    return Identity(subject, arch, version, (), found.relations)


def _version(release: Release, request: Request, arch: str) -> tuple[ArchVersion, tuple[str, ...]]:
    """The package's version: the environment's, the recipe's, or the release's first."""
    named = os.environ.get(VERSION_VARIABLE)
    if named:
        return ArchVersion(named), ()
    if request.source is not None:
        path = recipe_path(request.source)
        declared = read_declared(read_recipe(path), arch, name=str(path))
        return ArchVersion(declared.version), ()
    # Arch's epoch: without it the version would be older than every version in the policy.
    version = ArchVersion(f"2:{str(release).removeprefix('go')}-1")
    note = (
        f"the package's version is not known: taken as {version}"
        f" (set {VERSION_VARIABLE} or give the PKGBUILD with --source)"
    )
    return version, (note,)


def _is_package(root: Root) -> bool:
    """Whether nothing but the package lies below a root: it is no system."""
    return not any(root.real(name) for name in ("etc", "var", "usr/lib/os-release"))
