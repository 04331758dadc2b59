"""The probe: whether a build really saw what was varied."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources

from samego.errors import BuildError
from samego.inputs.surroundings import CLOCK_SHIFT, Surroundings
from samego.inputs.variation import Variation, variations

_ENVIRONMENT, _TIME = "environment", "time"
#: A build takes hours at most: a clock that is off by more was moved.
_MOVED = timedelta(seconds=CLOCK_SHIFT / 2)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the probe reported, by its keys (probe.go), and the bootstrap's own word."""

    values: Mapping[str, str]

    def of(self, variation: Variation) -> str:
        """What it saw of a variation, as one text."""
        return " ".join(self.values.get(key, "") for key in variation.seen_as)


def source() -> bytes:
    """The probe's program."""
    return resources.files("samego.inputs").joinpath("probe.go").read_bytes()


def read(report: bytes, bootstrap: bytes) -> Seen:
    """What a probe printed. Raises BuildError for what no probe prints."""
    try:
        values = json.loads(report)
        if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
            raise TypeError("no object of texts")  # noqa: TRY301 - told below
        return Seen({**values, "bootstrap": bootstrap.decode("utf-8").strip()})
    except (ValueError, TypeError) as error:
        raise BuildError(
            f"the probe's report cannot be read ({error})", hint="report this"
        ) from error


def was_varied(name: str, plain: Seen, other: Seen, surroundings: Surroundings) -> bool:
    """Whether a variation that was made was seen: other than plain, and as it was made."""
    return all(
        _key_was_varied(key, plain.values, other.values, surroundings.expected)
        for key in variations()[name].seen_as
    )


def changes_with(variation: Variation, plain: Seen, other: Seen) -> bool:
    """Whether a build that did not vary this saw it changed all the same.

    The clock goes on, and variables come with other variations: neither is a change.
    """
    return not {_TIME, _ENVIRONMENT} & set(variation.seen_as) and all(
        plain.values.get(key) != other.values.get(key) for key in variation.seen_as
    )


def _key_was_varied(
    key: str,
    plain: Mapping[str, str],
    other: Mapping[str, str],
    expected: Mapping[str, str],
) -> bool:
    one, two = plain.get(key), other.get(key)
    if one is None or two is None or one == two:
        return False
    if key == _TIME:
        return abs(datetime.fromisoformat(two) - datetime.fromisoformat(one)) > _MOVED
    if key == _ENVIRONMENT:
        return set(expected[key].split()) <= set(two.split())
    return two == expected.get(key, two)
