"""The recipe that a package was built from: found, held against .BUILDINFO, and read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from samego.errors import InputError, VerificationError
from samego.rules.base import DeclaredSource, Patch
from samego_arch.buildinfo import NAME, BuildInfo
from samego_arch.package import PACKAGE
from samego_arch.pkgbuild import PkgBuild, SourceFile, parse_pkgbuild
from samego_arch.version import ArchVersion

_FILE = "PKGBUILD"
_LARGEST = 1 << 20
_LARGEST_PATCH = 16 << 20
#: How many of the lines that were not understood a note shows.
_SHOWN = 3
_HASHES = {
    "b2sums": "blake2b",
    "sha512sums": "sha512",
    "sha384sums": "sha384",
    "sha256sums": "sha256",
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a recipe declares, as inputs of the build.

    ``complete`` says that all of it was understood: no setting stands beside these.
    ``directory`` is where it lies.
    """

    origin: str
    directory: Path
    settings: Mapping[str, str]
    patches: tuple[Patch, ...]
    notes: tuple[str, ...]
    complete: bool
    declared: DeclaredSource | None = None


def find_recipe(
    given: Path | None,
    directories: Sequence[Path],
    build: BuildInfo | None,
    version: ArchVersion,
    architecture: str,
) -> tuple[Recipe | None, tuple[str, ...]]:
    """The recipe given by hand, or lying beside the package; and notes where it is not taken.

    Raises VerificationError for one given by hand that the package was not built from,
    InputError for one that cannot be read, and both for its patches.
    """
    if given is not None:
        path = recipe_path(given)
        data = read_recipe(path)
        _check_is_it(path, data, build)
        return _read(path, data, version, architecture, exact=build is not None), ()
    for directory in directories:
        path = directory / _FILE
        if build is None or not path.is_file():
            continue
        data = read_recipe(path)
        if hashlib.sha256(data).hexdigest() == build.pkgbuild_sha256:
            return _read(path, data, version, architecture, exact=True), ()
        return None, (f"{path} is another PKGBUILD than the one that the package was built from",)
    return None, ()


def recipe_path(given: Path) -> Path:
    """The PKGBUILD that a path names: itself, or the one in the directory."""
    return given / _FILE if given.is_dir() else given


def read_recipe(path: Path) -> bytes:
    """A PKGBUILD's bytes. Raises InputError."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise InputError(
            f"there is no PKGBUILD at {path} ({error.strerror})",
            hint="give a PKGBUILD or the directory that it lies in",
        ) from error
    if len(data) > _LARGEST:
        raise InputError(f"{path} is too large for a PKGBUILD", hint="check the file")
    return data


def _check_is_it(path: Path, data: bytes, build: BuildInfo | None) -> None:
    digest = hashlib.sha256(data).hexdigest()
    if build is not None and digest != build.pkgbuild_sha256:
        raise VerificationError(
            f"{path} is not the PKGBUILD that the package was built from: its sha256 is {digest},"
            f" {NAME} says {build.pkgbuild_sha256}",
            hint=f"give the PKGBUILD of {build.name} {build.version}",
        )


def _read(
    path: Path, data: bytes, version: ArchVersion, architecture: str, *, exact: bool
) -> Recipe:
    pkgbuild = parse_pkgbuild(data, name=str(path), architecture=architecture)
    if pkgbuild.version and pkgbuild.version != version.text:
        if exact:
            raise VerificationError(
                f"{path} is of version {pkgbuild.version}, the package of {version}",
                hint="do not trust the package: its .BUILDINFO names this very PKGBUILD",
            )
        raise InputError(
            f"{path} is of version {pkgbuild.version}, the package of {version}",
            hint=f"give the PKGBUILD of {version}",
        )
    if pkgbuild.name not in ("", PACKAGE):
        raise InputError(
            f"{path} is the recipe of {pkgbuild.name}", hint=f"give the PKGBUILD of {PACKAGE}"
        )
    origin = f"PKGBUILD of {version}"
    patches, notes = _patches(pkgbuild, path.parent, origin)
    notes += _unread(pkgbuild, path)
    complete = pkgbuild.builds and not pkgbuild.unread
    digest = hashlib.sha256(data).hexdigest()
    # Nobody signs a PKGBUILD; the package names the one that it was built from.
    declared = DeclaredSource(origin, digest, listed_in=f"the package's {NAME}" if exact else "")
    return Recipe(origin, path.parent, pkgbuild.settings, patches, notes, complete, declared)


def _unread(pkgbuild: PkgBuild, path: Path) -> tuple[str, ...]:
    notes = []
    if pkgbuild.unread:
        more = len(pkgbuild.unread) - _SHOWN
        shown = "; ".join(pkgbuild.unread[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")
        notes.append(f"not understood in {path.name}, and not taken into account: {shown}")
    if not pkgbuild.builds:
        notes.append(f"{path.name} calls make.bash nowhere that samego sees: no setting is taken")
    return tuple(notes)


def _patches(
    pkgbuild: PkgBuild, directory: Path, origin: str
) -> tuple[tuple[Patch, ...], tuple[str, ...]]:
    """The patches that prepare() applies and whose checksums the recipe has."""
    sources = {source.name: source for source in pkgbuild.sources}
    found, notes = [], []
    for name in pkgbuild.patches:
        source = sources.get(name)
        if source is None or not source.sums:
            why = "source=() does not list it" if source is None else "it has no checksum"
            notes.append(f"the patch {name} of the PKGBUILD is not taken: {why}")
            continue
        path = directory / name
        if not path.is_file():
            notes.append(f"the patch {name} is not beside the PKGBUILD that applies it")
            continue
        found.append(Patch(name, _verified(path, source), origin, exact=True))
    return tuple(found), tuple(notes)


def _verified(path: Path, source: SourceFile) -> bytes:
    """A patch's bytes, held against every checksum that the recipe has of it."""
    if path.stat().st_size > _LARGEST_PATCH:
        raise InputError(f"{path} is too large for a patch", hint="check the file")
    data = path.read_bytes()
    for kind, digest in source.sums.items():
        if hashlib.new(_HASHES[kind], data).hexdigest() != digest:
            raise VerificationError(
                f"{path} is not the patch that the PKGBUILD names ({kind} differ)",
                hint="get it again from where the PKGBUILD is from",
            )
    return data
