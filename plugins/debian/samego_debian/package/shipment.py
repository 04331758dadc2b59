"""What Debian shipped, opened: the core's Shipment over packages or installed files."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from samego.distro.interface import Packaging, Remark, Request, SelfDescription
from samego.distro.shipment import OpenShipment
from samego.errors import CacheError
from samego.formats.archive.parallel import read_all
from samego.formats.archive.spool import Spool
from samego.formats.tree.goroot import merge
from samego.model.inputs import DeclaredSource, Inputs
from samego.model.policy import Policy
from samego.model.tree import Tree
from samego_debian.archive.source_search import WantedSource, find_local_source, find_source
from samego_debian.package.control import judge_control
from samego_debian.package.deb import Deb
from samego_debian.package.identity import PARTS, Identity, epoch_remarks, identify
from samego_debian.policy import policy_for
from samego_debian.source import changelog
from samego_debian.source.packaged_changelogs import PackagedChangelogs
from samego_debian.source.source_package import SourcePackage
from samego_debian.source.stanza import declared_fields
from samego_debian.version import DebianVersion

_CHANGELOG = re.compile(
    r"usr/share/doc/(?P<package>golang-1\.\d+-(?:go|src|doc))/changelog\.Debian\.gz", re.ASCII
)

#: A package's changelog: the package's name and the text, unpacked.
FoundChangelog = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class ShippedPackages:
    """What was found beside the packages: a source package, an upstream archive, notes.

    ``date`` is the build's, in seconds since 1970, with its source in words. It counts where no
    changelog gives a date.
    """

    source: SourcePackage | None = None
    orig: Path | None = None
    notes: tuple[str, ...] = ()
    date: tuple[int, str] | None = None


@contextmanager
def open_debs(
    paths: Sequence[Path],
    request: Request,
    given: Callable[[Identity], ShippedPackages] | None = None,
    digests: Mapping[Path, str] | None = None,
    products: Container[str] = (),
) -> Iterator[OpenShipment]:
    """Open packages as one shipment; their payload is read when it is asked for.

    ``given`` finds the source package of identified packages where the user names none and none
    lies beside them; the default is samego_debian.archive.source_search. ``digests`` are the
    sha256 that files must have. ``products`` are names of files that the packages' own build made,
    which are not taken for its source package. Raises InputError for packages that are damaged, no
    Go toolchain, or of different builds, CacheError for one with another digest.
    """
    with ExitStack() as stack:
        debs: list[Deb] = []
        for path in paths:
            deb = Deb(path)
            stack.callback(deb.close)
            debs.append(deb)
        spool = Spool(request.work)
        stack.callback(spool.close)
        identity = identify(debs, request.target, request.release)
        _check_digests(identity, digests or {})
        places = [path.parent for path in paths]
        if given is None:
            found = found_source(request, identity, places, products)
        elif local := find_local_source(request, wanted_source(identity), places, products):
            found = ShippedPackages(local)
        else:
            found = given(identity)

        def read(known: Container[str]) -> Tree:
            readers = [functools.partial(_read, deb, spool) for deb in debs]
            return merge(read_all(readers, known), name=_name(identity))

        yield assemble(identity, found, _early_changelogs(debs), read)


def _read(deb: Deb, spool: Spool, known: Container[str]) -> Tree:
    return deb.read(spool=spool, known=known)


def assemble(
    identity: Identity,
    given: ShippedPackages,
    packaged: Sequence[FoundChangelog],
    reader: Callable[[Container[str]], Tree],
) -> OpenShipment:
    """Put a shipment together from what is known of it."""
    source = identity.version.text
    rebuilt = any(each.version != source for each in identity.subject.packages)
    policy = policy_for(identity.subject.release, identity.architecture, rebuilt=rebuilt)
    inputs, packaging, notes = _declared(identity, given, packaged)
    return OpenShipment(
        identity.subject,
        policy,
        inputs,
        identity.notes + given.notes + notes,
        reader,
        given.orig or (given.source.orig if given.source else None),
        packaging,
        self_description=SelfDescription(
            identity.subject.release,
            identity.statements,
            (
                *epoch_remarks(identity.controls),
                *_remarks(identity, policy, given.source),
            ),
        ),
    )


def _remarks(identity: Identity, policy: Policy, source: SourcePackage | None) -> Iterator[Remark]:
    """Remarks on what the packages' control files say and the policy does not declare."""
    exact = source if source and source.exact(identity.source, identity.version) else None
    for control in identity.controls:
        declared = None
        if exact is not None and "control" in exact.files:
            declared = declared_fields(
                exact.files["control"],
                control.package,
                identity.version,
                control.fields["Architecture"],
            )
        origin = exact.origin if exact else ""
        yield from judge_control(control, policy, identity.version.source, declared, origin)


def _check_digests(identity: Identity, digests: Mapping[Path, str]) -> None:
    for package in identity.subject.packages:
        if package.path and digests.get(package.path, package.sha256) != package.sha256:
            raise CacheError(
                f"{package.path} in the cache was changed",
                hint="remove it and try again",
            )


def wanted_source(identity: Identity) -> WantedSource:
    """The source package that packages were built from."""
    line = identity.subject.release.line
    return WantedSource(identity.source, identity.version, line, identity.architecture.name)


def found_source(
    request: Request,
    identity: Identity,
    directories: Sequence[Path] = (),
    products: Container[str] = (),
) -> ShippedPackages:
    """The source package, searched for in every place that the configuration names."""
    found = find_source(request, wanted_source(identity), directories, products)
    return ShippedPackages(found.source, notes=found.notes)


def _early_changelogs(debs: Sequence[Deb]) -> tuple[FoundChangelog, ...]:
    """The packages' changelogs where they come early in the archive: in -doc and -src.

    In -go it lies behind a hundred megabytes of executables, and nothing there depends on
    the date that it gives.
    """
    changelogs = []
    for part in ("-doc", "-src"):
        for deb in debs:
            if not deb.package.endswith(part):
                continue
            found = deb.find(lambda path: _CHANGELOG.fullmatch(path) is not None)
            if found is not None:
                text = changelog.unpack(found[1], name=f"{deb.name}'s changelog")
                changelogs.append((deb.package, text))
    return tuple(changelogs)


def _declared(
    identity: Identity, given: ShippedPackages, packaged: Sequence[FoundChangelog]
) -> tuple[Inputs, Packaging | None, tuple[str, ...]]:
    """Inputs, the packaging's own files, and notes, from what declares them."""
    source = given.source
    timestamp, when = _timestamp(identity, source, packaged)
    if timestamp is None and given.date is not None:
        timestamp, when = given.date
    origins = {"timestamp": when} if when else {}
    notes: list[str] = []
    if timestamp is None:
        notes.append("the date of the build is unknown: no changelog of its version was found")
    if source is None:
        # samego guesses no patches: without them a changed source file stays unexplained.
        notes.append("no source package is given: patches are unknown, settings are the policy's")
        return Inputs(timestamp=timestamp, origins=origins), None, tuple(notes)
    exact = source.exact(identity.source, identity.version)
    same_line = source.top.source == identity.source
    origins["patches"] = source.origin
    settings = {}
    if same_line:
        origins["settings"] = source.origin
        settings = source.settings(identity.architecture)
    if not exact:
        what = "patches and settings are" if same_line else "patches are"
        notes.append(
            f"{what} those of {source.top.source} {source.version}, "
            f"not of {identity.source} {identity.version}"
        )
    declared = source.declared or DeclaredSource(source.origin)
    inputs = Inputs(timestamp, settings, source.patches(exact=exact), origins, declared)
    return inputs, _packaging(identity, source, exact=exact), tuple(notes)


def _packaging(identity: Identity, source: SourcePackage, *, exact: bool) -> Packaging:
    """The files of the source package besides GOROOT, and those that it cannot give."""
    line = identity.subject.release.line
    names = [f"golang-{line}-{part}" for part in PARTS]
    # What a binary-only rebuild adds about itself is in no source package.
    own = f"usr/share/doc/golang-{line}-go/changelog.Debian.{identity.architecture.name}.gz"
    changelogs = PackagedChangelogs(source, identity.source, identity.version, names)
    undecided = frozenset({own})
    return Packaging(source.expected(line), source.origin, exact, undecided, changelogs)


def _timestamp(
    identity: Identity, source: SourcePackage | None, packaged: Sequence[FoundChangelog]
) -> tuple[int | None, str]:
    """SOURCE_DATE_EPOCH and where it was read, from a changelog of the right version."""
    if source is not None and source.exact(identity.source, identity.version):
        return source.top.timestamp, f"debian/changelog of {source.origin}"
    for package, text in packaged:
        top = changelog.read_top(text, name=f"{package}'s changelog")
        if top.version == DebianVersion(identity.version.source):
            return top.timestamp, f"the changelog in {package}"
    return None, ""


def _name(identity: Identity) -> str:
    return f"{identity.source} {identity.version}"
