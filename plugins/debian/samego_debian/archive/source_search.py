"""Searches for the source package of what is checked.

In this order: beside the packages; in the source tree in which a build's hook runs; with the
machine's own apt, where a deb-src line has that version; with samego's private apt, in the suites
that may hold such a version; at a snapshot service. Only the exact version counts. A place that
does not answer is named in a note and is no failure: without the source package a change stays
unexplained.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from debian.deb822 import Sources

from samego.distro.interface import Request
from samego.errors import ConfigError, NetworkError, SamegoError
from samego.model.inputs import DeclaredSource, Signature
from samego_debian.archive.file_cache import FileCache
from samego_debian.archive.host_apt import host_sources, run_apt
from samego_debian.archive.listed import ListedFile, is_packaging, listed_file
from samego_debian.archive.mirror import find_mirror
from samego_debian.archive.named import Named
from samego_debian.archive.snapshot import SnapshotArchive
from samego_debian.archive.store import Store
from samego_debian.source.source_package import SourcePackage, beside, open_source
from samego_debian.version import DebianVersion

#: Their names in ``sources`` of the table [debian], in the order in which they are asked.
BESIDE, TREE, APT, MIRROR, SNAPSHOT = PLACES = ("beside", "tree", "apt", "mirror", "snapshot")
#: The same as an environment variable: names with spaces between them.
VARIABLE = "SAMEGO_DEBIAN_SOURCES"
LISTS = "the mirror's lists, which the archive signed"
_HOST_LISTS = "the lists of this machine's apt"
#: The suites of versions that were backported (``~bpo12+1``), by Debian's release.
_BACKPORTS = {10: "buster", 11: "bullseye", 12: "bookworm", 13: "trixie", 14: "forky"}
_SUITES = ("stable", "unstable")


@dataclass(frozen=True, slots=True)
class WantedSource:
    """A source package: its name, its version, its line (``1.24``), for which architecture."""

    name: str
    version: DebianVersion
    line: str
    architecture: str

    @property
    def dsc(self) -> str:
        """The name of its .dsc."""
        return f"{self.name}_{self.version.source.rpartition(':')[2]}.dsc"


@dataclass(frozen=True, slots=True)
class FoundSource:
    """The source package, if it was found; ``notes`` name the places that could not be asked."""

    source: SourcePackage | None = None
    notes: tuple[str, ...] = ()


def find_source(
    request: Request,
    wanted: WantedSource,
    directories: Sequence[Path] = (),
    products: Container[str] = (),
) -> FoundSource:
    """Look for a source package in every place that the configuration names, all by default.

    The parameters and errors are those of :func:`find_local_source`.
    """
    found = find_local_source(request, wanted, directories, products)
    return ask_for_source(request, wanted) if found is None else FoundSource(found)


def find_local_source(
    request: Request,
    wanted: WantedSource,
    directories: Sequence[Path] = (),
    products: Container[str] = (),
) -> SourcePackage | None:
    """The source package that ``--source`` gives, else one beside the packages or in the tree.

    ``directories`` are those of the packages, ``products`` names of files that do not count there.
    Raises InputError and VerificationError for a damaged source package, ConfigError for a place
    in the configuration that does not exist.
    """
    if request.source is not None:
        return open_source(request.source)
    places = _places(request.options)
    if BESIDE in places:
        for directory in request.places(directories):
            path = beside(directory, wanted.name, wanted.version, products)
            if path is not None:
                return open_source(path)
    return _in_tree(request, wanted) if TREE in places else None


def ask_for_source(request: Request, wanted: WantedSource) -> FoundSource:
    """Ask apt, the mirror and the snapshot service for the exact version."""
    places = _places(request.options)
    notes = []
    for place, ask in _SERVERS.items():
        if place not in places:
            continue
        try:
            found = ask(request, wanted)
        except SamegoError as error:
            notes.append(f"cannot get {wanted.dsc} from {_SHOWN[place]}: {error.message}")
            continue
        if found is not None:
            return FoundSource(found)
    return FoundSource(None, tuple(notes))


def _places(options: Mapping[str, object]) -> tuple[str, ...]:
    """The places that may be looked at. Raises ConfigError for another word."""
    value = options.get("sources", PLACES)
    if VARIABLE in os.environ:
        value = os.environ[VARIABLE].split()
    names = tuple(value) if isinstance(value, list | tuple) else (value,)
    for name in names:
        if name not in PLACES:
            raise ConfigError(
                f"sources in the table [debian] has {name!r}",
                hint=f"write a list of {', '.join(PLACES)}",
            )
    return tuple(map(str, names))


def _in_tree(request: Request, wanted: WantedSource) -> SourcePackage | None:
    """debian/ of the tree that was built, where it is of the very version."""
    if request.tree is None or not (request.tree / "debian/changelog").is_file():
        return None
    try:
        found = open_source(request.tree, f"debian/ of the source tree {request.tree.name}")
    except SamegoError:
        return None  # a hook may run anywhere: this is no tree of the package's
    return found if found.exact(wanted.name, wanted.version) else None


def _from_apt(request: Request, wanted: WantedSource) -> SourcePackage | None:
    """From the machine's own apt, which verifies what it downloads."""
    if shutil.which("apt-cache") is None:
        return None
    done = run_apt(["apt-cache", "showsrc", "--only-source", wanted.name])
    for row in Sources.iter_paragraphs(done.stdout, use_apt_pkg=False):
        if row.get("Version") == wanted.version.source:
            rows = row.get("Checksums-Sha256", [])
            files = [listed_file(str(r["name"]), str(r["sha256"]), r["size"]) for r in rows]
            if any(is_packaging(file.name) for file in files):
                return _by_apt(request, wanted, files)
    return None


def _by_apt(
    request: Request, wanted: WantedSource, files: Sequence[ListedFile]
) -> SourcePackage | None:
    cache = FileCache.below(request.cache)
    packaging = next(file for file in files if is_packaging(file.name))
    if not cache.path(packaging).is_file():
        if request.offline:
            return None
        request.say(f"asking apt for the source package of {wanted.name} {wanted.version}")
        cache.directory.mkdir(parents=True, exist_ok=True)
        with cache.temporary() as directory:
            command = ["apt-get", "source", "-q", "--download-only", "--only-source", "--diff-only"]
            done = run_apt([*command, f"{wanted.name}={wanted.version.source}"], directory)
            cache.take(directory, files)
        if not cache.path(packaging).is_file():
            reason = " ".join(done.stderr.split())[-200:] or "no reason given"
            raise NetworkError(f"apt did not download it ({reason})", hint="run apt-get update")
    cache.check(packaging)
    return _listed(cache.use(packaging), wanted.dsc, files, _HOST_LISTS)


def _from_mirror(request: Request, wanted: WantedSource) -> SourcePackage | None:
    """From samego's own apt, in the suites where such a version may be."""
    try:
        find_mirror(host_sources(), request.options)
    except SamegoError:
        return None  # not a Debian machine, and no mirror is configured
    failed: SamegoError | None = None
    for suite in _suites(wanted.version):
        place = Named(suite, wanted.line, "", wanted.architecture)
        store = Store(place, request, sources_only=True)
        with store.locked():
            try:
                answer = store.answer()
            except SamegoError as error:
                failed = None if request.offline else error
                continue
            version = wanted.version.source
            paths = store.source(wanted.name, [version], answer, packaging_only=True)
        listed = answer.sources.get(version, [])
        names = {file.name for file in listed if is_packaging(file.name)}
        packaging = next((path for path in paths if path.name in names), None)
        if packaging is not None:
            return _listed(packaging, wanted.dsc, listed, LISTS)
    if failed is not None:
        raise failed
    return None


def _suites(version: DebianVersion) -> Iterator[str]:
    _, backported, rest = version.source.rpartition("~bpo")
    number = rest.partition("+")[0]
    if backported and number.isdecimal() and int(number) in _BACKPORTS:
        yield f"{_BACKPORTS[int(number)]}-backports"
        return
    yield from _SUITES


def _listed(packaging: Path, origin: str, files: Sequence[ListedFile], lists: str) -> SourcePackage:
    """A source package, all of whose files are in signed lists with their sha256."""
    digest = next((file.sha256 for file in files if file.name == origin), "")
    declared = DeclaredSource(origin, digest, Signature.UNSEEN, listed_in=lists)
    return replace(open_source(packaging, origin), declared=declared)


def _from_snapshot(request: Request, wanted: WantedSource) -> SourcePackage | None:
    service = SnapshotArchive.of(request)
    dsc = service.fetch(wanted.name, wanted.version)
    return None if dsc is None else open_source(dsc, keyrings=service.keyrings)


_SERVERS: dict[str, Callable[[Request, WantedSource], SourcePackage | None]] = {
    APT: _from_apt,
    MIRROR: _from_mirror,
    SNAPSHOT: _from_snapshot,
}
_SHOWN = {APT: "this machine's apt", MIRROR: "the mirror", SNAPSHOT: "the snapshot service"}
