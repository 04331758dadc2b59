"""The places where toolchains are looked for, as data (places.toml)."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import tomli

from samego.errors import ConfigError

_SCHEMA = "samego.places/1"
_PLACEHOLDER = re.compile(r"\{(\w+)\}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PlaceKind:
    """One kind of place.

    ``paths`` match directories that may be a GOROOT, ``programs`` the go command. ``beside`` are
    patterns from the directory above a GOROOT: files beside it that its check reads too.
    """

    what: str
    paths: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Places:
    """All places, the variables that their patterns may name, and the default PATH."""

    places: tuple[PlaceKind, ...]
    variables: tuple[str, ...]
    path: tuple[str, ...]


@functools.cache
def load_places() -> Places:
    """The places of places.toml. Raises ConfigError for a file that is not understood."""
    text = files(__package__).joinpath("places.toml").read_text(encoding="utf-8")
    return parse_places(text)


def parse_places(text: str) -> Places:
    """Read the text of a file of places. Raises ConfigError where it is not understood."""
    try:
        found = _parsed(tomli.loads(text))
    except (tomli.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"the list of places (places.toml) is not understood ({error})",
            hint="reinstall samego",
        ) from error
    known = {*found.variables, "home", "PATH"}
    for place in found.places:
        for pattern in (*place.paths, *place.programs):
            unknown = set(_PLACEHOLDER.findall(pattern)) - known
            if unknown:
                raise ConfigError(
                    f"{pattern!r} in the list of places names an unknown variable, {min(unknown)}",
                    hint="add it to the variables, or correct it",
                )
    return found


def _parsed(data: dict[str, Any]) -> Places:
    if data.pop("schema") != _SCHEMA:
        raise ValueError("another schema")
    places = tuple(_place(row) for row in data.pop("place"))
    found = Places(places, tuple(data.pop("variables")), tuple(data.pop("path")))
    if data:
        raise ValueError(f"the key {min(data)!r}")
    return found


def _place(row: dict[str, Any]) -> PlaceKind:
    row.pop("source", "")
    lists = {key: tuple(row.pop(key, ())) for key in ("paths", "programs", "beside")}
    place = PlaceKind(str(row.pop("what")), **lists)
    if row:
        raise ValueError(f"the key {min(row)!r}")
    return place


def filled_in(pattern: str, values: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The pattern with each value of its placeholders; nothing where a placeholder has no value.

    A ``*``, ``?`` or ``[`` in a value is literal.
    """
    names = list(dict.fromkeys(_PLACEHOLDER.findall(pattern)))
    for chosen in itertools.product(*(values.get(name, ()) for name in names)):
        found = pattern
        for name, value in zip(names, chosen, strict=True):
            found = found.replace(f"{{{name}}}", _literal(value))
        yield found


def _literal(value: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", value.strip("/"))
