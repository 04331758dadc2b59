"""What rebuilderd answers to ``GET /api/v0/pkgs/list``: the form that everybody reads.

Format: rebuilderd, common/src/api/v0 (PkgRelease): one row for each binary package, always
with all eleven keys. Readers: archweb, arch-repro-status, debian-repro-status
(``--rebuilderd-query-output``). The suite is the component (main, extra), never the
release. A failed build has the status UNKWN and a build, an untested package has none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from samego.model.reproduction import Outcome
from samego.model.subject import Package
from samego.report.trackers.build import TrackedBuild
from samego.report.trackers.merge import newest
from samego.report.trackers.statuses import outcome_word, words

NAME = "rebuilderd-v0"
#: Of two builds of the same package (one for every architecture): a difference that was
#: seen once counts, then a match.
_KEYS = ("different", "same")
_BUILT = (Outcome.SAME, Outcome.DIFFERENT, Outcome.INCOMPLETE, Outcome.FAILED)


def render(builds: Iterable[TrackedBuild], base: str = "") -> str:
    """The list; ``base`` is the URL of the directory that the packages lie in."""
    return json.dumps(rows(builds, base), indent=1) + "\n"


def rows(builds: Iterable[TrackedBuild], base: str = "") -> list[dict[str, object]]:
    """The list's rows, sorted by name, architecture and suite."""
    best: dict[tuple[str, str, str], tuple[TrackedBuild, dict[str, object]]] = {}
    for number, build in enumerate(newest(builds), start=1):
        for package, row in _rows(build, number, base):
            key = (package.name, package.architecture, build.suite)
            before = best.get(key)
            if before is None or _rank(build, row) > _rank(*before):
                best[key] = build, row
    return [best[key][1] for key in sorted(best)]


def _rows(
    build: TrackedBuild, number: int, base: str
) -> Iterator[tuple[Package, dict[str, object]]]:
    for package in build.packages:
        outcome = build.outcome_of(package)
        built = outcome in _BUILT
        yield (
            package,
            {
                "name": package.name,
                "version": package.version,
                "status": outcome_word(NAME, outcome),
                "distro": build.naming.rebuilderd,
                "suite": build.suite,
                "architecture": package.architecture,
                "artifact_url": _url(base, build.naming.file_name(package)),
                # An ID means something to the daemon that gave it; here it says "was built".
                "build_id": number if built else None,
                # NaiveDateTime: a zone, even Z, is refused.
                "built_at": build.when.strftime("%Y-%m-%dT%H:%M:%S") if built else None,
                "has_diffoscope": False,
                "has_attestation": False,
            },
        )


def _rank(build: TrackedBuild, row: dict[str, object]) -> tuple[object, int, bool]:
    table = words(NAME)
    order = [table[key] for key in _KEYS]
    status = str(row["status"])
    rank = len(order) - order.index(status) if status in order else 0
    return build.order, rank, row["build_id"] is not None


def _url(base: str, name: str) -> str:
    return f"{base.rstrip('/')}/{quote(name, safe=':+~')}" if base else name
