"""tests.reproducible-builds.org's files for Debian: reproducible.json, and the tracker's.

Format: jenkins.debian.net, bin/reproducible_json.py: written with four spaces and sorted
keys. Dates are UTC without saying so. distro-tracker reads ``package`` and ``status`` of
the second file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from samego.errors import InputError
from samego.report.trackers.build import TrackedBuild
from samego.report.trackers.merge import newest
from samego.report.trackers.statuses import word, words

NAME = "debian"
#: The statuses of a package's architectures, the one that decides first.
_ORDER = ("failed", "different", "same")
_OTHERWISE = "depwait"


def rows(builds: Iterable[TrackedBuild], form: str = NAME) -> list[dict[str, str]]:
    """One row for each source package, suite and architecture that has a status."""
    return [
        {
            "architecture": build.architecture,
            "build_date": date(build.when),
            "package": build.source,
            "status": status,
            "suite": build.suite,
            "version": build.version,
        }
        for build in newest(builds)
        if (status := word(form, build.reproduction))
    ]


def render(builds: Iterable[TrackedBuild]) -> str:
    """reproducible.json."""
    return dump(rows(builds))


def render_tracker(builds: Iterable[TrackedBuild]) -> str:
    """reproducible-tracker.json: one entry for each source package of one suite.

    Raises InputError for several suites: the file is of one (testing's).
    """
    decided = [build for build in newest(builds) if word(NAME, build.reproduction)]
    suites = sorted({build.suite for build in decided})
    if len(suites) > 1:
        raise InputError(
            f"the tracker's file holds one suite, and these reports are of {', '.join(suites)}",
            hint="write one file for each suite",
        )
    by_package: dict[str, list[TrackedBuild]] = {}
    for build in decided:
        by_package.setdefault(build.source, []).append(build)
    return dump([_entry(group) for group in by_package.values()])


def dump(data: object) -> str:
    """JSON as that script writes it."""
    return json.dumps(data, indent=4, sort_keys=True) + "\n"


def date(when: datetime) -> str:
    """A date as a database column without time zone prints it."""
    return when.strftime("%Y-%m-%d %H:%M:%S")


def merged_status(statuses: Sequence[str]) -> str:
    """The status of several architectures: a failure decides, then a difference.

    A lone architecture keeps its own.
    """
    if len(statuses) == 1:
        return statuses[0]
    table = words(NAME)
    return next((table[key] for key in _ORDER if table[key] in statuses), _OTHERWISE)


def _entry(builds: Sequence[TrackedBuild]) -> dict[str, object]:
    """One package; the details of older versions are dropped."""
    latest = max((build.order for build in builds), default=None)
    kept = sorted(
        (build for build in builds if build.order == latest), key=lambda b: b.architecture
    )
    details = [
        {
            "architecture": build.architecture,
            "version": build.version,
            "status": word(NAME, build.reproduction),
            "build_date": date(build.when),
        }
        for build in kept
    ]
    return {
        "package": kept[0].source,
        "version": kept[0].version,
        "suite": kept[0].suite,
        "status": merged_status([detail["status"] for detail in details]),
        "architecture_details": details,
    }
