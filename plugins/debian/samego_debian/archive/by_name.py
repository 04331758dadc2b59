"""Packages by name: ``debian:SUITE/golang-1.24[=VERSION][:ARCH]`` from the mirror."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from samego.distro.interface import Request
from samego.distro.shipment import OpenShipment
from samego.errors import InputError, NetworkError
from samego.model.inputs import DeclaredSource, Signature
from samego_debian.archive.listed import Listed, SuiteAnswer, is_orig, is_packaging
from samego_debian.archive.named import Named
from samego_debian.archive.source_search import LISTS, ask_for_source
from samego_debian.archive.store import Store
from samego_debian.package.identity import PARTS, Identity
from samego_debian.package.shipment import ShippedPackages, open_debs, wanted_source
from samego_debian.source.source_package import SourcePackage, open_source
from samego_debian.version import DebianVersion, nearest

#: How many other versions' source packages are tried when the right one is not served.
_CANDIDATES = 6
#: Whose packaging is used when the suite serves none of the right minor line: the lines so many
#: steps from it.
_LINES_AROUND = (0, -1, 1, -2, 2)


@contextmanager
def open_served(text: str, request: Request) -> Iterator[OpenShipment]:
    """Download a toolchain by name, with its source package where that is served."""
    named = Named.parse(text)
    store = Store(named, request)
    with store.locked():
        answer = store.answer()
        chosen = _choose(named, answer, store)
        paths = store.files([listed.file for listed in chosen], _wanted(chosen))

    def given(identity: Identity) -> ShippedPackages:
        return _source(identity, named, request)

    digests = {path: listed.file.sha256 for path, listed in zip(paths, chosen, strict=True)}
    with open_debs(paths, request, given, digests) as shipment:
        yield shipment


def _choose(named: Named, answer: SuiteAnswer, store: Store) -> list[Listed]:
    """The packages of the wanted (or newest) version: -go and what belongs to it."""
    main = f"golang-{named.line}-go"
    found = [listed for listed in answer.packages if listed.package == main]
    if not found:
        raise store.nothing()
    versions = sorted({listed.version for listed in found}, key=DebianVersion)
    version = named.version or versions[-1]
    wanted = next((listed for listed in found if listed.version == version), None)
    if wanted is None:
        raise InputError(
            f"{named.suite} has no {main} {version} for {named.architecture}",
            hint=f"it has {', '.join(versions)}",
        )
    others = [
        listed
        for part in PARTS
        for listed in answer.packages
        if listed.package == f"golang-{named.line}-{part}" and listed.source == wanted.source
    ]
    return [wanted] + [other for other in others if other.package != main]


def _wanted(chosen: Sequence[Listed]) -> list[str]:
    return [f"{listed.package}={listed.version}" for listed in chosen]


def _source(identity: Identity, named: Named, request: Request) -> ShippedPackages:
    """The source package, or what is served of it, or the nearest version's packaging."""
    name, version = identity.source, identity.version
    store = Store(named, request)
    with store.locked():
        answer = store.answer()
        own = store.source(name, [version.text], answer)
        orig = next((path for path in own if is_orig(path.name)), None)
        if (packaging := _packaging(own)) is not None:
            return ShippedPackages(_listed(packaging, f"{name}_{version}.dsc", answer), orig)
    asked = ask_for_source(request, wanted_source(identity))
    if asked.source is not None:
        return ShippedPackages(asked.source, orig, asked.notes)
    missing = f"the mirror does not serve the source package of {name} {version}"
    for other, other_version, path, listed in _near(version, named, request):
        origin = f"{other}_{other_version}.dsc (the nearest version that is served)"
        note = f"{missing}; the closest version that it serves is {other} {other_version}"
        return ShippedPackages(_listed(path, origin, listed), orig, (*asked.notes, note))
    note = f"{missing}, nor that of a near version"
    return ShippedPackages(None, orig, (*asked.notes, note))


def _listed(packaging: Path, origin: str, answer: SuiteAnswer) -> SourcePackage:
    """A source package of the mirror, whose signed lists name all its files by their sha256."""
    name = origin.partition(" ")[0]
    digests = {file.name: file.sha256 for files in answer.sources.values() for file in files}
    digest = digests.get(name, "")
    declared = DeclaredSource(origin, digest, Signature.UNSEEN, listed_in=LISTS)
    return replace(open_source(packaging, origin), declared=declared)


def _near(
    version: DebianVersion, named: Named, request: Request
) -> Iterator[tuple[str, DebianVersion, Path, SuiteAnswer]]:
    """Packaging of other versions that is served, the nearest first.

    First the minor line in the suite itself, then it and the lines around it in Debian's
    stable and unstable.
    """
    minor = int(named.line.partition(".")[2])
    places = [(named, False)] + [
        (Named(suite, f"1.{minor + step}", "", named.architecture), True)
        for step in _LINES_AROUND
        for suite in ("stable", "unstable")
    ]
    for place, sources_only in places:
        store = Store(place, request, sources_only=sources_only)
        name = f"golang-{place.line}"
        with store.locked():
            try:
                answer = store.answer()
            except NetworkError:
                if request.offline:
                    continue  # these lists were never fetched
                raise
            others = [DebianVersion(text) for text in answer.sources if text != version.text]
            tried = nearest(version, others)[:_CANDIDATES]
            paths = store.source(name, [other.text for other in tried], answer, packaging_only=True)
            for other in tried:
                names = {file.name for file in answer.sources[other.text]}
                found = _packaging([path for path in paths if path.name in names])
                if found is not None:
                    yield name, other, found, answer


def _packaging(paths: Sequence[Path]) -> Path | None:
    return next((path for path in paths if is_packaging(path.name)), None)
