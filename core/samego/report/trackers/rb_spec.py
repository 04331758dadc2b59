"""The JSON that a project hosts, and that tests.reproducible-builds.org pulls.

Format: what jenkins.debian.net's bin/reproducible_opensuse_import_json.py reads: these six
keys, dates in seconds since 1970, durations in seconds. It has no suite: one file each.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from samego.errors import InputError
from samego.report.trackers.build import TrackedBuild
from samego.report.trackers.merge import newest
from samego.report.trackers.statuses import word

NAME = "rb-spec"


def render(builds: Iterable[TrackedBuild]) -> str:
    """The file. Raises InputError for several suites, which it could not distinguish."""
    kept = newest(builds)
    suites = sorted({build.suite for build in kept})
    if len(suites) > 1:
        raise InputError(
            f"this format has no suites, and these reports are of {', '.join(suites)}",
            hint="write one file for each suite",
        )
    rows = [
        {
            "package": build.source,
            "version": build.version,
            "architecture": build.architecture,
            "status": status,
            "build_date": int(build.when.timestamp()),
            "build_duration": build.seconds,
        }
        for build in kept
        if (status := word(NAME, build.reproduction))
    ]
    return json.dumps(rows, indent=1) + "\n"
