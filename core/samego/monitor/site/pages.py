"""The pages that are not a report's: what each shows, and its HTML."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment

from samego.monitor.history.changes import Direction
from samego.monitor.history.record import Line, Waiting
from samego.monitor.site import places
from samego.monitor.site.overview import OverviewRow, found, overview, rows
from samego.monitor.site.past import Past, newest_first
from samego.monitor.site.rebuilt import OUTCOMES, releases
from samego.monitor.site.words import reason_of, status_of
from samego.report import templating
from samego.report.words import MEANINGS

TITLE = "Is the distros' Go upstream's Go?"
#: The page of changes has so many, the newest.
_MOST = 200
#: One page of a package shows so many of its changes.
_OF_PACKAGE = 30


@dataclass(frozen=True, slots=True)
class Site:
    """What all pages share. ``url`` is where they will be read, empty where none is configured."""

    title: str = TITLE
    url: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page: where it lies, its template, and what that is given.

    ``repr`` of the context shows whether a page changed: it holds plain values only.
    """

    path: str
    template: str
    context: Mapping[str, object]


def pages(past: Past, site: Site, files: Sequence[str]) -> Iterator[Page]:
    """All pages but those of reports; ``files`` are the paths of what trackers read."""
    shared = {"site": site}
    yield Page(places.INDEX, "index.html.jinja", {**shared, "all": overview(past, files)})
    for (distro, package), lines in past.packages.items():
        architectures = tuple(line.architecture for line in lines)
        yield Page(
            places.package(distro, package),
            "package.html.jinja",
            {
                **shared,
                "distro": distro,
                "package": package,
                "architectures": architectures,
                "newest": tuple(found(past, _newest(past, lines))),
                "rows": _rows(past, distro, package, architectures),
                "changes": tuple(past.changes_of.get((distro, package), ())[:_OF_PACKAGE]),
                "waiting": _waiting(past, distro, package),
            },
        )
    shown = tuple(past.changes[:_MOST])
    context = {**shared, "changes": shown, "number": len(past.changes)}
    yield Page(places.CHANGES, "changes.html.jinja", context)
    rebuilt = releases(past.rebuilds)
    yield Page(places.REBUILDS, "rebuilds.html.jinja", {**shared, "releases": rebuilt})
    for release in rebuilt:
        yield Page(release.page, "rebuild.html.jinja", {**shared, "release": release})
    yield Page(places.INPUTS, "inputs.html.jinja", {**shared, "tried": past.tried})
    for each in past.tried:
        yield Page(each.page, "input.html.jinja", {**shared, "release": each})
    yield Page(places.SOURCES, "sources.html.jinja", {**shared, "sources": past.sources})
    for source in past.sources:
        yield Page(source.page, "source.html.jinja", {**shared, "source": source})


def html(page: Page) -> str:
    """The page as HTML."""
    template = _environment().get_template(page.template)
    return template.render(path=page.path, up=places.up(page.path), places=places, **page.context)


def _newest(past: Past, lines: Iterable[Line]) -> list[tuple[Line, str]]:
    return [(line, past.lines[line][-1][-1].version) for line in lines]


def _rows(
    past: Past, distro: str, package: str, architectures: Sequence[str]
) -> tuple[OverviewRow, ...]:
    versions = [
        group[-1].version for line in past.packages[distro, package] for group in past.lines[line]
    ]
    versions += past.held.get((distro, package), ())
    return tuple(
        row
        for version in newest_first(distro, versions)
        for row in rows(past, distro, package, version, architectures)
    )


def _waiting(past: Past, distro: str, package: str) -> tuple[Waiting, ...]:
    return tuple(each for each in past.waiting if (each.distro, each.package) == (distro, package))


@functools.cache
def _environment() -> Environment:
    environment = templating.environment("samego.monitor.site")
    environment.filters.update(
        status=status_of,
        reason=reason_of,
        moment=lambda when: when.strftime("%Y-%m-%d %H:%M UTC"),
        day=lambda when: when.strftime("%Y-%m-%d"),
        machine=lambda when: when.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    environment.globals.update(worse=Direction.WORSE, outcomes=OUTCOMES, meanings=MEANINGS)
    return environment
