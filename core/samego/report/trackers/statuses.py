"""The words of each format, as ``statuses.toml`` has them."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from importlib.resources import files

import tomli

from samego.model.reproduction import Match, Obstacle, Outcome, Reproduction

#: The record of a build in Arch's packages.
_BUILDINFO = ".BUILDINFO"
UNTESTED = "untested"


@functools.cache
def words(form: str) -> Mapping[str, str]:
    """The words of one format, by key."""
    text = files("samego.report.trackers").joinpath("statuses.toml").read_text("utf-8")
    table: Mapping[str, str] = tomli.loads(text)[form]
    return table


def word(form: str, reproduction: Reproduction | None) -> str:
    """A format's word for what a rebuild gave; empty where it has none."""
    table = words(form)
    return next(table[key] for key in _keys(reproduction) if key in table)


def outcome_word(form: str, outcome: Outcome | None) -> str:
    """The same for an outcome alone; None means that there was no rebuild."""
    return words(form)[outcome.value if outcome else UNTESTED]


def _keys(reproduction: Reproduction | None) -> Iterator[str]:
    """The keys to look up, the most specific first."""
    if reproduction is None:
        yield UNTESTED
        return
    outcome = reproduction.outcome
    if outcome is Outcome.NOT_RUN and reproduction.obstacle is not Obstacle.NONE:
        yield f"{outcome.value}.{reproduction.obstacle.value}"
    if outcome is Outcome.DIFFERENT:
        paths = {item.path for artifact in reproduction.artifacts for item in artifact.differences}
        if _BUILDINFO in paths:
            yield f"{outcome.value}.buildinfo"
        if any(artifact.match is Match.SAME for artifact in reproduction.artifacts):
            yield f"{outcome.value}.some"
    yield outcome.value
