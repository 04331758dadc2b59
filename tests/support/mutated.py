"""Every leaf of a report as JSON, changed one at a time."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Mutation:
    """One changed leaf: its key as samego.verify.keys writes it, of which finding, and all."""

    key: str
    path: str
    data: dict[str, Any]


def mutations(data: dict[str, Any]) -> Iterator[Mutation]:
    """The report with each of its leaves changed, and each item of its lists left out."""
    for place, key in _places(data, (), ""):
        changed = copy.deepcopy(data)
        *above, last = place
        holder: Any = changed
        for step in above:
            holder = holder[step]
        if key.endswith("[]"):
            del holder[last]
        else:
            holder[last] = _other(holder[last])
        yield Mutation(key, _path(data, place), changed)


def _places(value: Any, place: tuple[Any, ...], key: str) -> Iterator[tuple[tuple[Any, ...], str]]:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _places(inner, (*place, name), f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield (*place, number), f"{key}[]"
            if isinstance(inner, (dict, list)):
                yield from _places(inner, (*place, number), f"{key}[]")
    else:
        yield place, key


def _path(data: dict[str, Any], place: tuple[Any, ...]) -> str:
    if place[0] != "findings":
        return ""
    path: str = data["findings"][place[1]]["path"]
    return path


def _other(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Another value of the same kind, where a schema could take one."""
    words = {
        "both": "distro",
        "distro": "upstream",
        "identical": "equivalent",
        "equivalent": "explained",
        "explained": "unexplained",
        "unproven": "explained",
        "unexplained": "explained",
        "latent": "breaks",
        "go1.24.99": "go1.24.98",
        "linux-amd64": "linux-arm64",
    }
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    if isinstance(value, str):
        if len(value) == 64:
            return ("0" if value[0] != "0" else "1") + value[1:]
        return words.get(value, f"{value}x")
    return "x"
