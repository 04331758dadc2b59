"""The variations: what of a build's surroundings is made different, and how that is seen."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import tomli


@dataclass(frozen=True, slots=True)
class Variation:
    """One of variations.toml.

    ``seen_as`` are the keys of the probe's report that must all differ for it to count;
    ``requires`` names variations without which it cannot be made.
    """

    name: str
    what: str
    seen_as: tuple[str, ...]
    requires: tuple[str, ...]


@functools.cache
def variations() -> Mapping[str, Variation]:
    """All variations by name, in the order of the file."""
    return {
        row["name"]: Variation(
            row["name"], row["what"], tuple(row["seen_as"]), tuple(row.get("requires", ()))
        )
        for row in _data()["variation"]
    }


@functools.cache
def varied_environment() -> Mapping[str, str]:
    """What the environment's variation adds: names and values."""
    return dict(_data()["environment"])


def with_required(names: Iterable[str]) -> frozenset[str]:
    """Variations, and those without which they cannot be made."""
    known = variations()
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += known[name].requires
    return frozenset(found)


@functools.cache
def _data() -> Mapping[str, Any]:
    text = resources.files("samego.inputs").joinpath("variations.toml").read_text("utf-8")
    return tomli.loads(text)
