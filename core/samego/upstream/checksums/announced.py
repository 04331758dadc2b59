"""The official sums that public repositories announce, as data in the package.

Distributions, build rules and container recipes record the sha256 of what go.dev/dl
posted on the day they took it up. ``announced.json`` holds what they agree on, with
its sources. Such a sum verifies a file when go.dev's index does not answer; an
index with another sum is an error that names both.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

SCHEMA = "samego.announced/1"


@dataclass(frozen=True, slots=True)
class Announced:
    """The announced sums: by file name, back from the sum, and where they come from.

    ``releases`` maps a release as Go spells it to its files' sums (lower-case hex).
    ``thin`` holds the releases that rest on one or two of the sources.
    """

    sources: tuple[str, ...]
    thin: frozenset[str]
    releases: Mapping[str, Mapping[str, str]]
    sums: Mapping[str, str]
    names: Mapping[str, str]


@functools.cache
def load() -> Announced:
    """The announced sums, read on first use."""
    text = files(__package__).joinpath("announced.json").read_text(encoding="utf-8")
    data = json.loads(text)
    releases: dict[str, dict[str, str]] = data["releases"]
    sums = {name: digest for row in releases.values() for name, digest in row.items()}
    return Announced(
        sources=tuple(data["sources"]),
        thin=frozenset(data["thin"]),
        releases=releases,
        sums=sums,
        names={digest: name for name, digest in sums.items()},
    )


def announced_sum(name: str) -> str | None:
    """The announced sha256 (lower-case hex) of a file name of go.dev/dl, if there is one."""
    return load().sums.get(name)


def announced_name(sha256: str) -> str | None:
    """The file name that go.dev/dl gave to the file with this sha256, if announced."""
    return load().names.get(sha256.lower())
