"""The files that trackers and existing clients read, from what the suites hold now."""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

import tomli

from samego.distro.naming import naming_of
from samego.errors import InputError
from samego.monitor.history.record import RebuildRun
from samego.monitor.site import places
from samego.monitor.site.past import Past, line_of
from samego.monitor.site.reports import read
from samego.report.trackers import arch, debian, gorebuild, rb_spec, rebuilderd_v0
from samego.report.trackers.build import DatedReport, TrackedBuild, build_of
from samego.system.terminal import visible

#: go.dev/rebuild's report, of all rebuilds.
GOREBUILD = "rebuild/gorebuild.json"
#: What is left out is named, so many at most.
_NAMED = 3
#: Gives the bytes of a report by its digest.
Fetch = Callable[[str], bytes]

_FORMATS: Mapping[str, Callable[[Iterable[TrackedBuild]], str]] = {
    debian.NAME: debian.render,
    f"{debian.NAME}-tracker": debian.render_tracker,
    arch.NAME: arch.render,
    rb_spec.NAME: rb_spec.render,
}


@dataclass(frozen=True, slots=True)
class TrackedSource:
    """A report that a tracker's file is made of, and the suite that holds what it is on."""

    distro: str
    suite: str
    digest: str
    when: datetime


@dataclass(frozen=True, slots=True)
class TrackerFile:
    """One file of a format, by what it is made of."""

    path: str
    form: str
    sources: tuple[TrackedSource, ...]


def tracker_files(past: Past) -> tuple[TrackerFile, ...]:
    """The files that there are. A list that is of all distros is there even when empty."""
    found: dict[str, tuple[str, list[TrackedSource]]] = {}
    sources = sorted(_sources(past), key=lambda each: (each.distro, each.suite, each.digest))
    for entry in _table()["file"]:
        form = entry["format"]
        if "{" not in entry["path"] and "distro" not in entry:
            found[entry["path"]] = form, []
        for source in sources:
            if entry.get("distro", source.distro) == source.distro:
                path = entry["path"].format(
                    distro=places.part(source.distro), suite=places.part(source.suite)
                )
                found.setdefault(path, (form, []))[1].append(source)
    return tuple(TrackerFile(path, form, tuple(of)) for path, (form, of) in sorted(found.items()))


def left_out(past: Past) -> Iterator[str]:
    """What trackers' files lack, one line each."""
    held = {(line.distro, line.package) for line, _version in past.suites}
    unknown = sorted(past.packages.keys() - held)
    if unknown:
        names = ", ".join(visible(name) for _distro, name in unknown[:_NAMED])
        more = f" and {len(unknown) - _NAMED:,} more" if len(unknown) > _NAMED else ""
        yield (
            f"the suite of {names}{more} is unknown: left out of trackers' files"
            " ('samego watch' reads the suites)"
        )
    for distro in sorted({offer.distro for offer in past.offers}):
        if not _is_named(distro):
            yield f"no plugin knows the package names of {distro}: left out of trackers' files"


def render(file: TrackerFile, fetch: Fetch) -> str:
    """A file. Raises HistoryError and ReportError for a report that cannot be had."""
    builds: defaultdict[str, list[TrackedBuild]] = defaultdict(list)
    for source in file.sources:
        report = read(fetch(source.digest), source.digest)
        builds[source.distro].append(build_of(DatedReport(report, source.suite, source.when)))
    if file.form == rebuilderd_v0.NAME:
        return json.dumps(list(_packages(builds)), indent=1) + "\n"
    return _FORMATS[file.form](build for group in builds.values() for build in group)


def render_gorebuild(rebuilds: Sequence[RebuildRun], fetch: Fetch) -> str:
    """go.dev/rebuild's report of these rebuilds."""
    return gorebuild.render(
        [gorebuild.DatedRebuild(json.loads(fetch(each.digest)), each.when) for each in rebuilds]
    )


def _packages(builds: Mapping[str, Sequence[TrackedBuild]]) -> Iterator[dict[str, object]]:
    """The rows of rebuilderd's list: a version that several suites hold has one."""
    components: Mapping[str, str] = _table()["components"]
    for distro in sorted(builds):
        seen: set[tuple[object, ...]] = set()
        for row in rebuilderd_v0.rows(builds[distro]):
            one = {**row, "suite": components.get(distro, row["suite"])}
            key = tuple(one[name] for name in ("name", "version", "architecture", "suite"))
            if key not in seen:
                seen.add(key)
                yield one


def _sources(past: Past) -> Iterator[TrackedSource]:
    """The report on each version that a suite holds that knows what a rebuild of it gave."""
    for offer in past.offers:
        run = past.newest.get((line_of(offer), offer.version))
        if run is not None and _is_named(offer.distro):
            digest = run.reproduced or run.report
            yield TrackedSource(offer.distro, offer.suite, digest, run.when)


def _is_named(distro: str) -> bool:
    try:
        naming_of(distro)
    except InputError:
        return False
    return True


@functools.cache
def _table() -> Mapping[str, Any]:
    text = files("samego.monitor.site").joinpath("trackers.toml").read_text("utf-8")
    return tomli.loads(text)
