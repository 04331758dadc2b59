"""The files of a second check: what each is, by its sha256, and how the package is opened."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from samego.distro import interface as plugins
from samego.distro.interface import Request, Shipment
from samego.distro.naming import naming_of
from samego.distro.unpackaged import open_unpackaged
from samego.errors import InputError, MissingInputsError, SamegoError
from samego.model.asked import From
from samego.model.report import Report
from samego.model.subject import Package, Subject
from samego.report.words import amount
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
    missing: tuple[Package, ...]


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
    return InputsGiven(tuple(what), upstream, tuple(others), tuple(left.values()))


def contradicted(given: InputsGiven, report: Report) -> tuple[Broken, ...]:
    """The given files that the report does not name.

    Raises InputError where nothing contradicts the report and a package is not given.
    """
    strange = tuple(
        Broken("", f"{path.name} is no file of this report: it has sha256 {sha256_of(path)}")
        for path in given.others
    )
    if not strange and given.missing:
        number = len(given.missing)
        verb = "is" if number == 1 else "are"
        raise MissingInputsError(
            f"{amount(number, 'package')} of the report {verb} not among the files",
            hint="get what is missing, and name all packages of the report",
            tried=tuple(_described(item, report.subject.distro) for item in given.missing),
        )
    if not strange and not given.what:
        raise InputError(
            "what was checked is not among the files",
            hint="name the directory or archive that the report is on",
        )
    return strange


def _described(package: Package, distro: str) -> str:
    """A package by its file's name and digest, and how that is had."""
    name, places = f"{package.name} {package.version} {package.architecture}".strip(), ""
    with contextlib.suppress(SamegoError):
        naming = naming_of(distro)
        name = naming.file_name(package)
        places = "".join(f"; {place}" for place in naming.where_to_get(package))
    return f"{name}, sha256 {package.sha256}{places}"


def is_installed(report: Report) -> bool:
    """Whether a report is on what a package manager installed."""
    if report.asked is not None:
        return report.asked.source is From.INSTALLED
    packages = report.subject.packages
    unpacked = bool(packages) and not any(package.sha256 for package in packages)
    return unpacked and report.subject.distro != _UNPACKAGED


def installed_name(report: Report) -> tuple[str, ...]:
    """What --installed calls the toolchain of a report; nothing where nobody knows."""
    try:
        naming = naming_of(report.subject.distro)
        return (naming.source(report.subject.packages[0]).name,)
    except (SamegoError, IndexError):
        return ()


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
