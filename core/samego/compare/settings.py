"""What a changed go.env or VERSION says: which setting, its two values, and what that does.

Both are read by the go command or by whoever builds with this toolchain; no rule accounts for a
change that nobody declared. But a person who sees it wants to know what it means, not its lines.
go.env is read as cmd/go/internal/cfg does (cfg.go, readEnvFile): lines that begin with a capital
letter and have a ``=``, of which the last counts.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import tomli

from samego.distro.version_file import NAME as VERSION
from samego.distro.version_file import read_version
from samego.errors import UnknownReleaseError

GO_ENV = "go.env"
SCHEMA = "samego.settings/1"
#: How many settings one finding names, and how much of a value it shows.
_MOST = 4
_SHOWN = 80
_UNKNOWN = "the go command takes it where neither the environment nor 'go env -w' sets another"


@dataclass(frozen=True, slots=True)
class Effect:
    """What values of a variable do; ``value`` is a pattern of the whole value."""

    variable: str
    value: str
    effect: str


def cause_of(path: str, distro: bytes, upstream: bytes) -> str | None:
    """What the difference in a file of settings means; None for any other file."""
    if path == GO_ENV:
        return _of_go_env(distro, upstream)
    return _of_version(distro, upstream) if path == VERSION else None


def read_go_env(data: bytes) -> Mapping[str, str]:
    """The variables that a go.env sets."""
    found = {}
    for line in data.split(b"\n"):
        name, equals, value = line.partition(b"=")
        if equals and line[:1].isalpha() and line[:1].isupper():
            found[name.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
    return found


def _of_go_env(distro: bytes, upstream: bytes) -> str:
    mine, theirs = read_go_env(distro), read_go_env(upstream)
    changed = sorted(
        name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name)
    )
    if not changed:
        return "no setting differs: only comments, or lines that set nothing"
    told = [_changed(name, mine.get(name), theirs.get(name)) for name in changed[:_MOST]]
    more = f"; and {len(changed) - _MOST} more settings" if len(changed) > _MOST else ""
    return "; ".join(told) + more


def _changed(name: str, mine: str | None, theirs: str | None) -> str:
    name = name[:_SHOWN]
    before = "upstream does not set it" if theirs is None else f"upstream {theirs[:_SHOWN]}"
    if mine is None:
        return f"{name} is not set, {before}: {_effect(name, '')}"
    return f"{name} is {mine[:_SHOWN] or 'empty'}, {before}: {_effect(name, mine)}"


def _effect(name: str, value: str) -> str:
    for row in _effects():
        if row.variable == name and re.fullmatch(row.value, value, re.DOTALL):
            return row.effect
    return _UNKNOWN


@functools.cache
def _effects() -> tuple[Effect, ...]:
    text = files(__package__).joinpath("settings.toml").read_text(encoding="utf-8")
    return tuple(Effect(**row) for row in tomli.loads(text)["effects"])


def _of_version(distro: bytes, upstream: bytes) -> str | None:
    """The words for another version in the first line; None where that line is the same."""
    mine, theirs = _first_line(distro), _first_line(upstream)
    if mine == theirs:
        return None
    said = f"it says {mine[:_SHOWN] or 'nothing'}, upstream {theirs[:_SHOWN]}"
    try:
        suffix = read_version(distro, name=VERSION).suffix.strip()
    except UnknownReleaseError:
        return f"{said}: the go command reads no release in that"
    built = f"what is built from here calls itself {mine[:_SHOWN]}"
    return f"{said}, with the suffix {suffix[:_SHOWN]}: {built}" if suffix else f"{said}: {built}"


def _first_line(data: bytes) -> str:
    return data.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
