"""Several reports as one list: the newest version of each package wins.

Versions are ordered as the distro orders them. Of two reports on the same version the one
that was made later wins.
"""

from __future__ import annotations

from collections.abc import Iterable

from samego.report.trackers.build import TrackedBuild


def newest(builds: Iterable[TrackedBuild]) -> tuple[TrackedBuild, ...]:
    """The newest build of each package, suite and architecture, sorted as trackers sort."""
    kept: dict[tuple[str, str, str], TrackedBuild] = {}
    for build in builds:
        before = kept.get(build.key)
        if before is None or _replaces(build, before):
            kept[build.key] = build
    return tuple(
        sorted(kept.values(), key=lambda b: (b.source, b.version, b.suite, b.architecture))
    )


def _replaces(build: TrackedBuild, before: TrackedBuild) -> bool:
    if build.order == before.order:
        return build.when >= before.when
    return bool(build.order > before.order)
