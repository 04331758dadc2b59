"""What each setting leaves behind: the signatures of signatures.toml."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import resources
from typing import Any

import tomli

from samego.leaks.traces import EXTENTS
from samego.model.candidate import Setting, SettingKind, Strength, Trace
from samego.model.release import Release, Target

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_LEFT_OUT = (SettingKind.ENVIRONMENT, SettingKind.FLAG)
_FIRST_MINOR, _BEFORE = 0, 1000


@dataclass(frozen=True, slots=True)
class SettingRow:
    """What to set: ``value`` with placeholders, None where the setting is left out."""

    kind: SettingKind
    name: str
    value: str | None

    def filled(self, values: Mapping[str, str]) -> Setting:
        """With the distro's values of traces in place of placeholders."""
        if self.value is None:
            return Setting(self.kind, self.name, None)
        text = _PLACEHOLDER.sub(lambda match: values.get(match[1], ""), self.value)
        gone = not text and self.value and self.kind in _LEFT_OUT
        return Setting(self.kind, self.name, None if gone else text)


@dataclass(frozen=True, slots=True)
class LeakSignature:
    """One of signatures.toml, which says what each field means."""

    name: str
    strength: Strength
    when: Mapping[str, re.Pattern[str]]
    unless: Mapping[str, re.Pattern[str]]
    explains: tuple[str, ...]
    extent: str
    settings: tuple[SettingRow, ...]
    minors: range
    arch: tuple[str, ...]
    executables: tuple[str, ...]
    replay: bool

    def fits(self, path: str, release: Release, target: Target, found: Mapping[str, Trace]) -> bool:
        """Whether the traces of an executable at a path are those that the setting leaves."""
        return (
            release.minor in self.minors
            and (not self.arch or target.goarch in self.arch)
            and (not self.executables or any(fnmatchcase(path, e) for e in self.executables))
            and all(_matches(found, name, wanted) for name, wanted in self.when.items())
            and not any(_matches(found, name, wanted) for name, wanted in self.unless.items())
        )

    def accounts_for(self, trace: Trace) -> bool:
        """Whether a trace follows from the setting."""
        if trace.name == "extent":
            return EXTENTS.index(trace.distro) <= EXTENTS.index(self.extent)
        return any(fnmatchcase(trace.name, pattern) for pattern in (*self.when, *self.explains))


def _matches(found: Mapping[str, Trace], name: str, wanted: re.Pattern[str]) -> bool:
    trace = found.get(name)
    return trace is not None and wanted.fullmatch(trace.distro) is not None


@functools.cache
def signatures() -> tuple[LeakSignature, ...]:
    """All of them, in the order of the file."""
    text = resources.files("samego.leaks").joinpath("signatures.toml").read_text("utf-8")
    return tuple(_each(tomli.loads(text)["signature"]))


def asked_packages() -> tuple[str, ...]:
    """The packages whose presence some signature asks for."""
    names = {name for each in signatures() for name in (*each.when, *each.explains)}
    return tuple(sorted(name[8:] for name in names if name.startswith("package:")))


def _each(rows: Iterable[Mapping[str, Any]]) -> Iterator[LeakSignature]:
    for row in rows:
        for name in row.get("each", [""]):
            yield _signature(_with(dict(row), name))


def _with(row: Any, name: str) -> Any:  # noqa: ANN401 - TOML
    """A row with the name in place of ``{each}``."""
    if isinstance(row, str):
        return row.replace("{each}", name)
    if isinstance(row, list):
        return [_with(item, name) for item in row]
    if isinstance(row, dict):
        return {_with(key, name): _with(item, name) for key, item in row.items()}
    return row


def _signature(row: Mapping[str, Any]) -> LeakSignature:
    return LeakSignature(
        row["name"],
        Strength(row["strength"]),
        _patterns(row["when"]),
        _patterns(row.get("unless", {})),
        tuple(row["explains"]),
        row["extent"],
        tuple(
            SettingRow(
                SettingKind(each["kind"]), each["name"], None if each.get("drop") else each["value"]
            )
            for each in row["set"]
        ),
        range(row.get("since", _FIRST_MINOR), row.get("before", _BEFORE)),
        tuple(row.get("arch", ())),
        tuple(row.get("executables", ())),
        row.get("replay", True),
    )


def _patterns(rows: Mapping[str, str]) -> Mapping[str, re.Pattern[str]]:
    return {name: re.compile(text, re.DOTALL) for name, text in rows.items()}
