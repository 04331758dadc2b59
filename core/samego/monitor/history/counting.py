"""Which runs count: those of what a suite or the package manager holds.

All else is kept and shown only on request (every run): an experiment (another release,
an unverified upstream, a directory), package files that no known suite has,
and a part of a build of which more was checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from samego.model.asked import From
from samego.monitor.history.evidence import Evidence
from samego.monitor.history.record import Run

#: Sources of files that a plugin verifies; a report without ``asked`` counts as one of them.
_SHIPPED = (From.SUITE.value, From.INSTALLED.value, "")
#: The distro of what no plugin knows.
_NONE = "none"

OTHERS = "from another user"
EXPERIMENT = "an experiment"
FILES = "files that no suite is known to hold"
SOURCE = "with another source package than the suite's"
PART = "a part of the build"


def why_not(runs: Sequence[Run], evidence: Mapping[str, Evidence]) -> dict[str, str]:
    """Why runs of one version on one architecture do not count, by digest; the others do."""
    left = {run.digest: why for run in runs if (why := _experiment(run))}
    rest = [run for run in runs if run.digest not in left]
    shipped = [run for run in rest if run.held or run.origin in _SHIPPED]
    known = {run.bytes for run in shipped if run.bytes}
    sources = {evidence[run.digest].source for run in shipped if run.digest in evidence} - {""}
    files = {run.digest: run for run in rest if run not in shipped}
    left |= {digest: FILES for digest, run in files.items() if run.bytes not in known}
    for digest in files.keys() - left.keys():
        given = evidence[digest].source if digest in evidence else ""
        if given and sources and given not in sources:
            left[digest] = SOURCE
    counted = [run for run in rest if run.digest not in left]
    for run in counted:
        if any(_is_part(run, other) for other in counted):
            left[run.digest] = PART
    return left


def _experiment(run: Run) -> str:
    if run.owner:
        return OTHERS
    what = run.experiment
    if not what and (run.distro == _NONE or run.origin == From.DIRECTORY.value):
        what = From.DIRECTORY.value
    return f"{EXPERIMENT} ({what})" if what else ""


def _is_part(run: Run, other: Run) -> bool:
    """Whether a run is of some of the packages that another one is of."""
    return bool(run.packages) and set(run.packages) < set(other.packages)
