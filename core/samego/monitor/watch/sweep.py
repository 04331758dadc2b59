"""A sweep: many checks or rebuilds through the queue; the next pass goes on where one was ended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from samego.errors import InputError, UnknownReleaseError
from samego.model.release import Release
from samego.monitor.history import posted, waiting
from samego.monitor.history.offers import current_offers
from samego.monitor.history.record import Waiting
from samego.monitor.history.store import History
from samego.monitor.watch.jobs import Where, of_name, of_release

#: Everything that the suites hold.
ALL = "all"
_RANGE = re.compile(r"(go1[.0-9a-z]*)\.\.(go1[.0-9a-z]*)", re.ASCII)
_LINE = re.compile(r"go1\.(\d{1,4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sweep:
    """What is asked for: names for ``samego check``, releases, ranges of releases, or ``all``.

    ``settings`` are the options that distinguish two sweeps of the same names.
    """

    what: tuple[str, ...]
    where: Where
    settings: str = ""

    @property
    def asked(self) -> str:
        """The text by which the history recognises this sweep."""
        return "\n".join((self.where.value, self.settings, *sorted(self.what)))


def begin(sweep: Sweep, history: History, when: datetime) -> bool:
    """Queue everything; False where the same sweep was begun before and is not finished.

    Raises InputError for a range without a release.
    """
    rows = list(_rows(sweep, history, when))
    if not rows:
        raise InputError(
            "there is nothing to sweep", hint="run 'samego watch' first, which finds the packages"
        )
    with history.transaction():
        new = waiting.begin_sweep(history, sweep.asked, when)
        if new:
            waiting.enqueue(history, rows, again=True)
    return new


def names_releases(what: Sequence[str]) -> bool:
    """Whether there is a range of releases among these, which needs the list of releases."""
    return any(_RANGE.fullmatch(name) for name in what)


def _rows(sweep: Sweep, history: History, when: datetime) -> Iterator[Waiting]:
    for name in sweep.what:
        if name == ALL:
            for offer in current_offers(history):
                if offer.spec:
                    yield waiting.of_offer(offer, when)
        elif (match := _RANGE.fullmatch(name)) is not None:
            for release in _between(match[1], match[2], history):
                yield of_release(release, sweep.where, when)
        elif (one := _release(name)) is not None:
            yield of_release(one, sweep.where, when)
        else:
            yield of_name(name, when)


def _release(name: str) -> Release | None:
    """A release, where the name is one: ``go1.24.4``."""
    if not name.startswith("go1"):
        return None
    try:
        return Release.parse(name)
    except UnknownReleaseError:
        return None


def _between(first: str, last: str, history: History) -> list[Release]:
    """The posted releases of a range, both ends included; ``go1.24`` stands for its line.

    Releases before the first final one of a line are not in it.
    """
    low, high = _end(first, 0), _end(last, 9999)

    def wanted(name: str) -> bool:
        release = _release(name)
        return release is not None and not release.pre and low <= release <= high

    found = sorted(Release.parse(name) for name in posted.releases(history, wanted))
    if not found:
        raise InputError(
            f"no channel posts a release from {first} to {last}",
            hint="write a range such as go1.24..go1.26.3, and see 'samego upstream list'",
        )
    return found


def _end(name: str, patch: int) -> Release:
    line = _LINE.fullmatch(name)
    return Release(int(line[1]), patch) if line else Release.parse(name)
