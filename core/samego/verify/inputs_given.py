"""The files of a second check: what each is, by its sha256, and how the package is opened."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from samego.distro import interface as plugins
from samego.distro.interface import Request, Shipment
from samego.distro.unpackaged import open_unpackaged
from samego.errors import InputError
from samego.model.report import Report
from samego.model.subject import Subject
from samego.upstream.checksums.identify import sha256_of
from samego.verify.open_sides import UpstreamInput
from samego.verify.replay import Broken

#: What a report calls the distro of something that no plugin claims.
_UNPACKAGED = "none"


@dataclass(frozen=True, slots=True)
class InputsGiven:
    """The files by what they are: the package's, upstream's, and neither."""

    what: tuple[Path, ...]
    upstream: UpstreamInput
    others: tuple[Path, ...]
    missing: tuple[str, ...]


def sort_files(files: Iterable[Path], report: Report) -> InputsGiven:
    """Say what each file is to a report."""
    wanted = {package.sha256: package for package in report.subject.packages if package.sha256}
    posted = report.upstream.sha256
    archive = report.upstream.source.sha256 if report.upstream.source else ""
    what: list[Path] = []
    others: list[Path] = []
    upstream = UpstreamInput()
    left = dict(wanted)
    for path in files:
        if path.is_dir():
            what.append(path)
            continue
        digest = sha256_of(path)
        if digest in wanted:
            what.append(path)
            left.pop(digest, None)
        elif digest == posted:
            upstream = replace(upstream, posted=path)
        elif archive and digest == archive:
            upstream = replace(upstream, source=path)
        else:
            others.append(path)
    if not wanted and not what:
        what, others = others, []
    missing = [f"{item.name} {item.version} {item.architecture}".strip() for item in left.values()]
    return InputsGiven(tuple(what), upstream, tuple(others), tuple(missing))


def contradicted(given: InputsGiven, report: Report) -> tuple[Broken, ...]:
    """The given files that the report does not name.

    Raises InputError where nothing contradicts the report and a package is not given.
    """
    strange = tuple(
        Broken("", f"{path.name} is no file of this report: it has sha256 {sha256_of(path)}")
        for path in given.others
    )
    if not strange and (given.missing or not given.what):
        names = ", ".join(given.missing) or "what was checked"
        raise InputError(
            f"{names} is not among the files",
            hint=f"give every package of the report on {report.subject.distro}'s"
            f" {report.subject.release}",
        )
    return strange


@contextlib.contextmanager
def open_package(request: Request, report: Report) -> Iterator[Shipment]:
    """Open the package with the plugin that the report names."""
    name = report.subject.distro
    if name == _UNPACKAGED:
        with open_unpackaged(request) as unpackaged:
            yield unpackaged
        return
    found = [plugin for plugin in plugins.distros() if plugin.name == name]
    if not found:
        raise InputError(
            f"no plugin for the distro {name!r} is installed", hint="install its plugin"
        )
    with found[0].open(request) as shipment:
        yield shipment


def other_subject(mine: Subject, claimed: Subject) -> Iterator[Broken]:
    """Why the files are not those of the report.

    The release and target are not compared: a check may hold a package against others.
    """

    def named(subject: Subject) -> list[tuple[str, ...]]:
        return sorted(
            # An unpackaged directory is called by its path, which may be another here.
            (
                "" if subject.distro == _UNPACKAGED else item.name,
                item.version,
                item.architecture,
                item.sha256,
            )
            for item in subject.packages
        )

    if mine.distro != claimed.distro:
        yield Broken("", f"the files are of {mine.distro}, the report says {claimed.distro}")
    if named(mine) != named(claimed):
        yield Broken("", "the packages are not those that the report names")
    if mine.goroot != claimed.goroot:
        yield Broken("", f"GOROOT is {mine.goroot}, the report says {claimed.goroot}")
