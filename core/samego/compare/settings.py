"""What a changed go.env or VERSION says: which setting, its two values, and what that does.

The go command and builds with this toolchain read both; no rule explains an undeclared change. The
finding tells the user what the change means, not which lines differ.
go.env is read as cmd/go/internal/cfg does (cfg.go, readEnvFile): lines that begin with a capital
letter and have a ``=``, of which the last counts.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files

import tomli

from samego.distro.version_file import NAME as VERSION
from samego.distro.version_file import read_version
from samego.errors import UnknownReleaseError
from samego.model.causes.settings import (
    MoreSettings,
    NoSettingChanged,
    OtherVersion,
    SettingChanged,
)
from samego.model.value import Cause

GO_ENV = "go.env"
SCHEMA = "samego.settings/1"
#: How many settings one finding names, and how much of a value it shows.
_MOST = 4
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class SettingEffect:
    """What values of a variable do; ``value`` is a pattern of the whole value."""

    variable: str
    value: str
    effect: str


def causes_of(path: str, distro: bytes, upstream: bytes) -> tuple[Cause, ...]:
    """What the difference in a file of settings means; nothing for any other file."""
    if path == GO_ENV:
        return tuple(_of_go_env(distro, upstream))
    return _of_version(distro, upstream) if path == VERSION else ()


def read_go_env(data: bytes) -> Mapping[str, str]:
    """The variables that a go.env sets."""
    found = {}
    for line in data.split(b"\n"):
        name, equals, value = line.partition(b"=")
        if equals and line[:1].isalpha() and line[:1].isupper():
            found[name.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
    return found


def _of_go_env(distro: bytes, upstream: bytes) -> Iterator[Cause]:
    mine, theirs = read_go_env(distro), read_go_env(upstream)
    changed = sorted(
        name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name)
    )
    if not changed:
        yield NoSettingChanged()
    for name in changed[:_MOST]:
        yield _changed(name[:_SHOWN], mine.get(name), theirs.get(name))
    if len(changed) > _MOST:
        yield MoreSettings(len(changed) - _MOST)


def _changed(name: str, mine: str | None, theirs: str | None) -> SettingChanged:
    return SettingChanged(name, _cut(mine), _cut(theirs), _effect(name, mine or ""))


def _cut(value: str | None) -> str | None:
    return None if value is None else value[:_SHOWN]


def _effect(name: str, value: str) -> str:
    """What a value does; empty where the table does not say."""
    for row in _effects():
        if row.variable == name and re.fullmatch(row.value, value, re.DOTALL):
            return row.effect
    return ""


@functools.cache
def _effects() -> tuple[SettingEffect, ...]:
    text = files(__package__).joinpath("settings.toml").read_text(encoding="utf-8")
    return tuple(SettingEffect(**row) for row in tomli.loads(text)["effects"])


def _of_version(distro: bytes, upstream: bytes) -> tuple[Cause, ...]:
    """Another version in the first line; nothing where that line is the same."""
    mine, theirs = _first_line(distro), _first_line(upstream)
    if mine == theirs:
        return ()
    other = OtherVersion(mine[:_SHOWN], theirs[:_SHOWN])
    try:
        suffix = read_version(distro, name=VERSION).suffix.strip()
    except UnknownReleaseError:
        return (replace(other, unread=True),)
    return (replace(other, suffix=suffix[:_SHOWN]),)


def _first_line(data: bytes) -> str:
    return data.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
