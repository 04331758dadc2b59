"""Which settings would leave what two executables show otherwise, the likeliest first.

It proves nothing, and changes no standing: it says what to try. Where nothing that is known
leaves such traces, it names nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from samego.leaks.executable import read_shown
from samego.leaks.functions import function_traces
from samego.leaks.signature import LeakSignature, asked_packages, signatures
from samego.leaks.traces import EXTENTS, traces
from samego.model.candidate import Candidate, Strength, Trace
from samego.model.release import Release, Target

#: How many are named for one executable.
MOST = 6


def find_candidates(
    path: str,
    distro: bytes,
    upstream: bytes,
    release: Release,
    target: Target,
    *,
    declared: Collection[str] = (),
    accounted: bool = False,
) -> tuple[Candidate, ...]:
    """The candidates for an executable at a path that differs from upstream's. Total.

    ``declared`` are settings whose difference is known of other files: they are not named again.
    Where the code is ``accounted`` for, by sources that differ, what is not loaded and what only
    fits is not named either.
    """
    ours, theirs = read_shown(distro), read_shown(upstream)
    if ours is None or theirs is None:
        return ()
    return name_candidates(
        path,
        traces(ours, theirs, asked_packages()),
        lambda: tuple(function_traces(ours, theirs)),
        release,
        target,
        declared=declared,
        accounted=accounted,
    )


def name_candidates(
    path: str,
    found: tuple[Trace, ...],
    more: Callable[[], tuple[Trace, ...]],
    release: Release,
    target: Target,
    *,
    declared: Collection[str] = (),
    accounted: bool = False,
) -> tuple[Candidate, ...]:
    """The candidates for traces that were found; ``more`` are those of functions, where asked."""
    by_name = {trace.name: trace for trace in found}
    fitting = _fitting(path, release, target, by_name, (Strength.STATED, Strength.SEEN))
    if accounted:
        fitting = [each for each in fitting if each.extent != EXTENTS[0]]
    elif _is_open(found, fitting):
        functions = more()
        found = (*found, *functions)
        by_name |= {trace.name: trace for trace in functions}
        fitting += _fitting(path, release, target, by_name, (Strength.FITS,))
    return tuple(
        _candidate(each, found, by_name)
        for each in sorted(fitting, key=lambda each: each.strength.rank)
        if each.name not in declared
    )[:MOST]


def _fitting(
    path: str,
    release: Release,
    target: Target,
    found: Mapping[str, Trace],
    strengths: Sequence[Strength],
) -> list[LeakSignature]:
    return [
        each
        for each in signatures()
        if each.strength in strengths and each.fits(path, release, target, found)
    ]


def _is_open(found: Iterable[Trace], fitting: Sequence[LeakSignature]) -> bool:
    """Whether some trace follows from none of the settings."""
    return not all(any(each.accounts_for(trace) for each in fitting) for trace in found)


def _candidate(
    signature: LeakSignature, found: Iterable[Trace], by_name: Mapping[str, Trace]
) -> Candidate:
    values = {name: trace.distro for name, trace in by_name.items()}
    return Candidate(
        signature.name,
        signature.strength,
        tuple(row.filled(values) for row in signature.settings),
        tuple(trace for trace in found if trace.name != "extent" and signature.accounts_for(trace)),
        signature.replay,
    )
