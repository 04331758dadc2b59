"""tests.reproducible-builds.org's file for Arch Linux: Debian's row, with Arch's states.

Format: jenkins.debian.net, ``bin/reproducible_json.py --distro archlinux``. The suite is
the repository (core, extra); versions carry their epoch.
"""

from __future__ import annotations

from collections.abc import Iterable

from samego.report.trackers.build import TrackedBuild
from samego.report.trackers.debian import dump, rows

NAME = "arch"


def render(builds: Iterable[TrackedBuild]) -> str:
    """reproducible.json."""
    return dump(rows(builds, NAME))
