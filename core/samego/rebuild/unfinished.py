"""What a run has left to build, after what earlier ones have finished."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from samego.model.release import Target
from samego.rebuild.host_build import Compiler, built_go, host_place
from samego.rebuild.source import ReleaseSource
from samego.rebuild.targets import product_place


def unfinished(
    compiler: Compiler,
    sources: Sequence[ReleaseSource],
    targets: Sequence[Target],
    host: Target,
    directory: Path,
) -> tuple[int, int]:
    """How many host builds and targets are left, of those that lead from one bootstrap.

    ``sources`` are those of its steps in order: each is built by the one before. ``host`` is the
    machine at hand. A target counts as finished even if its source archive is requested again.
    """
    hosts, key = 0, ""
    for source in sources:
        place = host_place(directory, source, compiler, host)
        hosts += not place.is_dir()
        compiler, key = built_go(place), place.name
    release = sources[-1].release
    places = [product_place(directory, key, release, target) for target in targets]
    return hosts, sum(not place.is_dir() for place in places)
