"""What Arch shipped, opened: the core's Shipment over a package or installed files."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from samego.distro.interface import Claims, Request
from samego.distro.shipment import OpenShipment
from samego.formats.archive.spool import Spool
from samego.model.inputs import Inputs
from samego.model.policy import Policy
from samego.model.release import source_name
from samego.model.tree import Tree
from samego_arch.package import buildinfo, mtree
from samego_arch.package.buildinfo import BuildRecord
from samego_arch.package.identity import Identity, identify, self_description_of
from samego_arch.package.package_file import ArchPackage
from samego_arch.policy import policy_for
from samego_arch.recipe.declared_inputs import Recipe, fields_of
from samego_arch.recipe.pkgbuild import find_recipe


@dataclass(frozen=True, slots=True)
class ShippedPackage:
    """What is known beside the files: the build's record and date, claims, notes.

    ``date`` is in seconds since 1970, with its source in words. ``directories`` are searched for
    the recipe.
    """

    build: BuildRecord | None = None
    date: tuple[int, str] | None = None
    claims: Claims | None = None
    directories: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()


@contextmanager
def open_package(
    path: Path, request: Request, notes: tuple[str, ...] = ()
) -> Iterator[OpenShipment]:
    """Open a package file as a shipment; it is read when asked for.

    Raises InputError for a package that is damaged or no Go toolchain, VerificationError
    for one that contradicts itself or the recipe given with it.
    """
    package = ArchPackage(path, request.work)
    identity = identify(package, request.release)
    spool = Spool(request.work)
    try:

        def read(known: Container[str]) -> Tree:
            return package.read(spool=spool, known=known)

        claims = Claims(package.listed, mtree.NAME)
        date = (package.build.builddate, f"builddate in {buildinfo.NAME}")
        places = request.places([path.parent])
        given = ShippedPackage(package.build, date, claims, places, notes)
        yield assemble(identity, given, request, read)
    finally:
        spool.close()


def assemble(
    identity: Identity,
    given: ShippedPackage,
    request: Request,
    reader: Callable[[Container[str]], Tree],
) -> OpenShipment:
    """Put a shipment together from what is known of it."""
    policy = policy_for(identity.subject.release, identity.version, identity.architecture)
    recipe, of_recipe = find_recipe(
        request.source,
        given.directories,
        given.build,
        identity.version,
        identity.architecture.name,
    )
    policy, inputs, notes = _declared(policy, given, recipe)
    places = ((recipe.directory,) if recipe else ()) + given.directories
    return OpenShipment(
        identity.subject,
        policy,
        inputs,
        identity.notes + given.notes + of_recipe + notes,
        reader,
        _source_archive(identity, places),
        claims=given.claims,
        self_description=self_description_of(
            identity, policy, fields_of(recipe) if recipe else None
        ),
    )


def _source_archive(identity: Identity, places: Sequence[Path]) -> Path | None:
    """Upstream's source archive, where makepkg left it or --source has it."""
    name = source_name(identity.subject.release)
    return next((path / name for path in places if (path / name).is_file()), None)


def _declared(
    policy: Policy, given: ShippedPackage, recipe: Recipe | None
) -> tuple[Policy, Inputs, tuple[str, ...]]:
    """Policy, inputs and notes, from the build's record and the recipe."""
    timestamp, origins = None, {}
    if given.date is not None:
        timestamp, origins["timestamp"] = given.date
    if recipe is None:
        notes = ["no PKGBUILD is given: patches are unknown, settings are the policy's"]
        notes += [
            f"Arch is known to apply {patch.name} ({patch.reason}): give its PKGBUILD's"
            " directory with --source"
            for patch in policy.patches
        ]
        return policy, Inputs(timestamp=timestamp, origins=origins), tuple(notes)
    if recipe.complete:
        origins["settings"] = origins["patches"] = recipe.origin
        # The recipe states all that the build sets; the policy serves where there is no recipe.
        policy = replace(policy, settings=())
    return policy, recipe.inputs(timestamp, origins), recipe.notes
