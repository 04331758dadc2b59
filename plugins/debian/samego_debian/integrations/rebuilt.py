"""The output of a rebuild of Debian packages, compared with the shipped packages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from samego.distro.shipment import check_file, listed_file
from samego.errors import InputError
from samego.formats.archive.spool import Spool
from samego.model.causes.rebuilds import UnreadablePackage
from samego.model.proof import Standing
from samego.model.reproduction import (
    Artifact,
    Holder,
    Match,
    MemberDifference,
    Obstacle,
    Reproduction,
    match_files,
)
from samego.reproduce import rebuilder
from samego.reproduce.compare_packages import compare_members
from samego.system.hashing import sha256_file
from samego_debian.package.deb import Deb
from samego_debian.package.identity import TOOLCHAIN_PACKAGE
from samego_debian.source.buildinfo import BuildRecord, read_record

_DEB = re.compile(r"(?P<package>[a-z0-9][a-z0-9+.-]+)_[^_/]+_[a-z0-9-]+\.deb", re.ASCII)


def shipped_files(record: BuildRecord, places: Iterable[Path]) -> dict[str, Path]:
    """The recorded files that were shipped and are available, by name; each is checked.

    A place is a file or a directory. Raises InputError for a file that the record does not
    list, VerificationError for one that is not what the record says.
    """
    found: dict[str, Path] = {}
    for place in places:
        for name, path in _candidates(record, place):
            file = record.files[name]
            check_file(path, file.sha256, file.size, listed_in=record.path.name)
            found.setdefault(name, path)
    return found


def _candidates(record: BuildRecord, place: Path) -> Iterator[tuple[str, Path]]:
    """The recorded names with the files that may be them, in a place."""
    if place.is_dir():
        for name, file in record.files.items():
            path = listed_file(place, name, file.sha256, file.size)
            if path.is_file():
                yield name, path
        return
    if place.name in record.files:
        yield place.name, place
        return
    digest = sha256_file(place) if place.is_file() else ""
    name = next((name for name, file in record.files.items() if file.sha256 == digest), "")
    if not name:
        raise InputError(
            f"{record.path.name} does not list {place.name}",
            hint="name the packages of that build, or the directory that they lie in",
        )
    yield name, place


def toolchain_names(record: BuildRecord) -> list[str]:
    """The file names of a Go toolchain's packages; none where it lists another build."""
    return [
        name
        for name in record.files
        if (match := _DEB.fullmatch(name)) and TOOLCHAIN_PACKAGE.fullmatch(match["package"])
    ]


def toolchain(record: BuildRecord, files: Mapping[str, Path]) -> tuple[Path, ...]:
    """The shipped packages of a Go toolchain. Raises InputError when one is missing."""
    names = toolchain_names(record)
    if not names:
        raise InputError(
            f"{record.path.name} lists no package of a Go toolchain",
            hint="give the .buildinfo of a golang-1.N build",
        )
    missing = [name for name in names if name not in files]
    if missing:
        raise InputError(
            f"the shipped {missing[0]} is missing",
            hint="put it beside the .buildinfo, or say with --shipped where it is",
        )
    return tuple(files[name] for name in names)


def judge(record: BuildRecord, shipped: Mapping[str, Path], directory: Path) -> Reproduction:
    """Say what a rebuild left in a directory, from the files and both records alone.

    Raises InputError when the directory is the shipped packages' own or cannot be read.
    """
    found = rebuilder.files_in(directory)
    name = record.rebuilt_name
    if name not in found:
        there = sorted(found.keys() & record.files.keys())
        reason = f"the rebuild left no {name}, and {len(there)} of {len(record.files)} files"
        return Reproduction(None, obstacle=Obstacle.RECORD_MISSING, reason=reason)
    _refuse_own([(record.path, found[name]), *_pairs(shipped, found)])
    try:
        new = read_record(found[name])
    except InputError as error:
        return Reproduction(None, obstacle=Obstacle.RECORD_UNREADABLE, reason=error.message)
    wanted = record.files.keys() | new.files.keys()
    digests = {file: sha256_file(path) for file, path in found.items() if file in wanted}
    artifacts = match_files(record.digests, new.digests, digests)
    return Reproduction(None, tuple(_compared(artifact, shipped, found) for artifact in artifacts))


def _pairs(mine: Mapping[str, Path], others: Mapping[str, Path]) -> Sequence[tuple[Path, Path]]:
    return [(path, others[name]) for name, path in mine.items() if name in others]


def _refuse_own(pairs: Iterable[tuple[Path, Path]]) -> None:
    """A file compared with itself would always be the same."""
    for shipped, rebuilt in pairs:
        if shipped.samefile(rebuilt):
            raise InputError(
                f"{rebuilt} is the shipped file itself, not a rebuilt one",
                hint="name the directory that the rebuild wrote to",
            )


def _compared(
    artifact: Artifact, shipped: Mapping[str, Path], found: Mapping[str, Path]
) -> Artifact:
    """The artifact with its members compared, where it differs and both files are available."""
    name = artifact.name
    if artifact.match is not Match.DIFFERENT or name not in shipped or not name.endswith(".deb"):
        return artifact
    try:
        return _members(artifact, shipped[name], found[name])
    except InputError as error:
        unread = MemberDifference(
            "", Holder.BOTH, "package", Standing.UNEXPLAINED, (UnreadablePackage(error.message),)
        )
        return replace(artifact, compared=True, differences=(unread,))


def _members(artifact: Artifact, shipped: Path, rebuilt: Path) -> Artifact:
    with ExitStack() as stack:
        spool = Spool()
        stack.callback(spool.close)
        trees = []
        for path, label in ((shipped, "shipped"), (rebuilt, "rebuilt")):
            deb = Deb(path)
            stack.callback(deb.close)
            # The spool keeps bytes by the package's name, and the two have the same.
            deb.name = f"the {label} {deb.name}"
            trees.append(deb.read_all(spool=spool))
        return compare_members(artifact, *trees)
