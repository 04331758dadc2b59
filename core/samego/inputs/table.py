"""The table of variations: from what to what, and whether the probe saw it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from samego.inputs.experiment import Experiment
from samego.inputs.probe import Seen, was_varied
from samego.inputs.variation import variations
from samego.model.varied import Varied


def table(
    unavailable: Mapping[str, str], plain: Seen, varied: Experiment | None
) -> tuple[Varied, ...]:
    """All variations; ``unavailable`` says why some were not made, ``plain`` is without any."""
    return tuple(_rows(unavailable, plain, varied))


def _rows(
    unavailable: Mapping[str, str], plain: Seen, varied: Experiment | None
) -> Iterator[Varied]:
    for name, variation in variations().items():
        unseen = unavailable.get(name, "")
        other = ""
        if varied is not None:
            other = varied.seen.of(variation)
            seen = was_varied(name, plain, varied.seen, varied.surroundings)
            unseen = unseen or ("" if seen else "the probe did not see it")
        yield Varied(
            name,
            variation.what,
            plain.of(variation),
            other,
            unseen or ("" if varied is not None else "no build with everything varied"),
        )
