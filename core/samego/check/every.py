"""``samego check --all``: every toolchain of a machine, one after the other.

Those of one release and target come one behind the other, so that upstream's side is opened once
for all of them. What cannot be decided of one is that one's error, and the others go on.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from samego.check.open_shipment import request_for
from samego.check.open_sides import SharedUpstream
from samego.check.options import CheckOptions
from samego.check.run import check_opened
from samego.check.undecided import Undecided
from samego.distro.finders import System, finders
from samego.distro.interface import Request, Shipment, distros
from samego.distro.version_file import read_version
from samego.errors import InputError, InterruptedCheckError, SamegoError, UnknownReleaseError
from samego.formats.archive.spool import Spool
from samego.machine.find import Toolchain, find_toolchains
from samego.model.release import Release
from samego.model.report import Report
from samego.model.survey import Survey, Surveyed, SystemNotes
from samego.system import ending
from samego.system.progress import Progress
from samego.system.stoppable import Stoppable
from samego.system.user_error import as_samego_error

#: A second Ctrl-C within so many seconds ends the whole run.
_AGAIN = 2.0


@dataclass(frozen=True, slots=True)
class _Job:
    """A toolchain to check, and where it stands in the result."""

    system: System
    toolchain: Toolchain
    request: Request


def check_all(
    subject: str,
    systems: Sequence[System],
    options: CheckOptions,
    work: Path,
    progress: Progress,
    *,
    failed: Sequence[Surveyed] = (),
) -> Survey:
    """Check every toolchain of some systems.

    ``failed`` are systems that could not be read. Raises InputError where there is nothing to
    check, and ConfigError.
    """
    # What is checked has no say in whom samego asks about it.
    options = replace(options, go_env=False)
    options.config.check_plugins([plugin.name for plugin in distros()])
    progress.stage("looking for toolchains")
    jobs, untold, notes = _look(systems, options, work, progress)
    failed = (*failed, *untold)
    if not jobs and not failed:
        raise InputError(
            f"no Go toolchain was found in {subject}",
            hint="name its GOROOT directory, or its packages: samego check DIR",
        )
    options = replace(options, beside=_stated_releases(job.toolchain for job in jobs))
    order = sorted(range(len(jobs)), key=lambda place: _release_of(jobs[place].toolchain))
    done: dict[int, Surveyed] = {}
    with contextlib.closing(Spool(work)) as spool:
        shared = SharedUpstream(spool)
        for number, place in enumerate(order, start=1):
            numbered = Numbered(
                progress, f"{number} of {len(jobs)}: /{jobs[place].toolchain.goroot}"
            )
            done[place] = _check_one(jobs[place], options, shared, numbered)
    checked = [done[place] for place in range(len(jobs))]
    return Survey(subject, (*failed, *checked), notes, version("samego"))


def _look(
    systems: Sequence[System], options: CheckOptions, work: Path, progress: Progress
) -> tuple[list[_Job], list[Surveyed], tuple[SystemNotes, ...]]:
    """What there is to check, what a plugin could not find out, and what could not be read."""
    jobs: list[_Job] = []
    failed: list[Surveyed] = []
    notes = []
    request = request_for(options, work, progress)
    for system in systems:
        found = find_toolchains(system, finders(), request)
        jobs += [_Job(system, toolchain, request) for toolchain in found.toolchains]
        failed += [
            Surveyed(system.name, "", (), plugin, "what is installed", error=error)
            for plugin, error in found.failed
        ]
        notes.append(SystemNotes(system.name, found.unread, found.strays))
    return jobs, failed, tuple(notes)


def _stated_releases(toolchains: Iterable[Toolchain]) -> tuple[Release, ...]:
    """The releases that the VERSION files of some toolchains name, each once."""
    found = set()
    for toolchain in toolchains:
        with contextlib.suppress(UnknownReleaseError):
            found.add(read_version(toolchain.stated.encode(), name=toolchain.goroot).release)
    return tuple(sorted(found))


def _release_of(toolchain: Toolchain) -> tuple[str, str]:
    """Brings those of one release together."""
    return toolchain.stated, toolchain.goroot


def _check_one(
    job: _Job, options: CheckOptions, shared: SharedUpstream, progress: Progress
) -> Surveyed:
    toolchain = job.toolchain
    report, error = check_or_error(lambda: toolchain.open(job.request), options, shared, progress)
    where = f"/{toolchain.goroot}"
    return Surveyed(
        job.system.name,
        where,
        toolchain.also,
        toolchain.found,
        toolchain.claims,
        report,
        error,
    )


def check_or_error(
    opened: Callable[[], AbstractContextManager[Shipment]],
    options: CheckOptions,
    shared: SharedUpstream,
    progress: Progress,
    undecided: Undecided | None = None,
) -> tuple[Report | None, SamegoError | None]:
    """The report on one of several, or the error that kept samego from it.

    ``undecided`` is that of :func:`samego.check.run.check`. Raises KeyboardInterrupt where Ctrl-C
    came twice.
    """
    progress.stage("opening")
    try:
        return check_opened(opened(), options, shared, Stoppable(progress), undecided), None
    except KeyboardInterrupt:
        # It is over for this one, and the waits of the others are none of its.
        error = _interrupted(progress)
        ending.begin()
    except Exception as failure:  # noqa: BLE001 - one that fails, however, is one of several
        error = as_samego_error(failure)
        progress.note(error.cause)
    return None, error


def _interrupted(progress: Progress) -> SamegoError:
    """Leave time for a second Ctrl-C, which ends the whole run."""
    progress.note("interrupted; the next one follows (Ctrl-C again: end the run)")
    time.sleep(_AGAIN)
    return InterruptedCheckError(
        "it was interrupted (Ctrl-C)", hint="check it alone, or run this again"
    )


class Numbered:
    """Progress that says which one of how many it is of."""

    def __init__(self, progress: Progress, prefix: str) -> None:
        self._progress = progress
        self._prefix = prefix

    def stage(self, name: str) -> None:
        """A stage of this one."""
        self._progress.stage(f"{self._prefix}: {name}")

    def note(self, line: str) -> None:
        """A line about this one."""
        self._progress.note(f"{self._prefix}: {line}")

    def advance(self, done: int, total: int | None) -> None:
        """Hand an advance on."""
        self._progress.advance(done, total)
