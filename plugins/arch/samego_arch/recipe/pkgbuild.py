"""The recipe that a package was built from: finds it, checks it against .BUILDINFO, replays it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from samego.errors import InputError, ToolError, VerificationError
from samego.model.inputs import DeclaredSource, Patch
from samego_arch.package.buildinfo import NAME, BuildRecord
from samego_arch.package.package_file import PACKAGE
from samego_arch.recipe.declared_inputs import Recipe, declare
from samego_arch.recipe.replay import DeclaredBuild, ReplayedBuild, SourceFile, read_declared
from samego_arch.recipe.replay.run import makepkg_tool
from samego_arch.version import ArchVersion

_FILE = "PKGBUILD"
_LARGEST = 1 << 20
_LARGEST_PATCH = 16 << 20


def find_recipe(
    given: Path | None,
    directories: Sequence[Path],
    build: BuildRecord | None,
    version: ArchVersion,
    architecture: str,
) -> tuple[Recipe | None, tuple[str, ...]]:
    """The recipe that the user named, or the one beside the package; and notes on what is unused.

    Raises VerificationError for a named recipe that the package was not built from, InputError for
    one that cannot be read, and both for its patches.
    """
    if given is not None:
        path = recipe_path(given)
        data = read_recipe(path)
        _check_is_it(path, data, build)
        return _read(path, data, version, architecture, build), ()
    for directory in directories:
        path = directory / _FILE
        if build is None or not path.is_file():
            continue
        data = read_recipe(path)
        if hashlib.sha256(data).hexdigest() == build.pkgbuild_sha256:
            return _read(path, data, version, architecture, build), ()
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


def _check_is_it(path: Path, data: bytes, build: BuildRecord | None) -> None:
    digest = hashlib.sha256(data).hexdigest()
    if build is not None and digest != build.pkgbuild_sha256:
        raise VerificationError(
            f"{path} is not the PKGBUILD that the package was built from: its sha256 is {digest},"
            f" {NAME} says {build.pkgbuild_sha256}",
            hint=f"give the PKGBUILD of {build.name} {build.version}",
        )


def _read(
    path: Path, data: bytes, version: ArchVersion, architecture: str, build: BuildRecord | None
) -> Recipe:
    exact = build is not None
    origin = f"PKGBUILD of {version}"
    digest = hashlib.sha256(data).hexdigest()
    # PKGBUILDs are not signed; the package names the one that it was built from.
    declared = DeclaredSource(origin, digest, listed_in=f"the package's {NAME}" if exact else "")
    try:
        makepkg_tool()
        listed = read_declared(data, architecture, name=str(path))
    except ToolError as error:
        note = f"{path.name} was not replayed ({error.message}): settings are the policy's"
        return Recipe(origin, path.parent, {}, (), (note,), declared)
    _check_identity(listed, path, version, exact=exact)
    patches, sources, notes = _local_sources(listed, path.parent, origin)
    order = ReplayedBuild(
        pkgbuild=data,
        sources=sources,
        archive=_archive(listed, version),
        architecture=architecture,
        signatures=_signatures(listed),
        options=build.options if build else (),
        buildenv=build.buildenv if build else (),
    )
    relations = listed.relations
    recipe = Recipe(origin, path.parent, {}, patches, notes, declared, relations=relations)
    return declare(recipe, order, version)


def _check_identity(
    listed: DeclaredBuild, path: Path, version: ArchVersion, *, exact: bool
) -> None:
    if listed.name != PACKAGE:
        raise InputError(
            f"{path} is the recipe of {listed.name!r}", hint=f"give the PKGBUILD of {PACKAGE}"
        )
    if listed.version != version.text:
        if exact:
            raise VerificationError(
                f"{path} is of version {listed.version}, the package of {version}",
                hint="do not trust the package: its .BUILDINFO names exactly this PKGBUILD",
            )
        raise InputError(
            f"{path} is of version {listed.version}, the package of {version}",
            hint=f"give the PKGBUILD of {version}",
        )


def _archive(listed: DeclaredBuild, version: ArchVersion) -> str:
    """The name under which the recipe has upstream's source archive."""
    posted = f"go{version.pkgver}.src.tar.gz"
    return next((s.name for s in listed.sources if s.url.endswith(f"/{posted}")), posted)


def _signatures(listed: DeclaredBuild) -> tuple[str, ...]:
    """The sources that only sign another one: makepkg wants them to be there."""
    return tuple(s.name for s in listed.sources if s.name.endswith((".asc", ".sig", ".sign")))


def _local_sources(
    listed: DeclaredBuild, directory: Path, origin: str
) -> tuple[tuple[Patch, ...], dict[str, bytes], tuple[str, ...]]:
    """The sources that lie beside the recipe: the patches among them, all of them, notes."""
    patches, found, notes = [], {}, []
    for source in listed.sources:
        path = directory / source.name
        if not source.local or "/" in source.name:
            continue
        if not source.sums:
            notes.append(f"{source.name} of the PKGBUILD is not taken: it has no checksum")
        elif not path.is_file():
            notes.append(f"{source.name} is not beside the PKGBUILD that lists it")
        else:
            found[source.name] = _verified(path, source)
            if source.name.endswith((".patch", ".diff")):
                patches.append(Patch(source.name, found[source.name], origin, exact=True))
    return tuple(patches), found, tuple(notes)


def _verified(path: Path, source: SourceFile) -> bytes:
    """A source's bytes, checked against every checksum of it in the recipe."""
    if path.stat().st_size > _LARGEST_PATCH:
        raise InputError(f"{path} is too large for a patch", hint="check the file")
    data = path.read_bytes()
    for algorithm, digest in source.sums.items():
        if hashlib.new(algorithm, data).hexdigest() != digest:
            raise VerificationError(
                f"{path} is not the file that the PKGBUILD lists ({algorithm} differ)",
                hint="get it again from where the PKGBUILD is from",
            )
    return data
