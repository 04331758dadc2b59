"""The file of a policy, read and checked.

It is a TOML file beside the plugin (schema ``samego.policy/1``). Placeholders in paths:
``{line}`` (``1.24``), ``{release}`` (``go1.24.4``), ``{tools}`` (``pkg/tool/linux_amd64``).

Every rule may carry ``since`` and ``until`` (Go releases; ``until`` is exclusive) and
must carry ``reason`` (a phrase for a person) and ``source`` (where the distro says so).
Where the release is not enough, ``since_version`` and ``until_version`` (exclusive) are
versions of the package, in the distro's own order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from samego.errors import ConfigError
from samego.model.policy import (
    ACTIONS,
    FieldRule,
    LayoutRule,
    PartRule,
    PatchRule,
    Policy,
    Rewriter,
    SettingsRule,
)
from samego.model.release import Release, Target
from samego.model.toml_text import parse_data

SCHEMA = "samego.policy/1"
#: The keys that every rule may have.
_COMMON = ("reason", "source", "since", "until", "since_version", "until_version")


def load_policy(
    text: str,
    *,
    name: str,
    release: Release,
    target: Target,
    at_least: Callable[[str], bool] | None = None,
) -> Policy:
    """Read a policy file and keep what holds for this release and target.

    ``at_least`` says whether the package's version is at least the one passed to it; a distro
    whose policy depends on versions passes it.

    Raises ConfigError, naming ``name`` and the rule, for anything that the schema does
    not allow.
    """
    data = parse_data(text, SCHEMA, name=name)
    reader = _Reader(name, release, target, at_least)
    known = {
        "schema",
        "distro",
        "goroot",
        "layout",
        "settings",
        "rewriters",
        "patches",
        "fields",
        "parts",
    }
    reader.no_others(data, known, "the policy")
    return Policy(
        distro=reader.text(data, "distro", "the policy"),
        goroot=reader.text(data, "goroot", "the policy"),
        layout=tuple(reader.layout(row) for row in reader.rows(data, "layout")),
        settings=tuple(reader.settings(row) for row in reader.rows(data, "settings")),
        rewriters=tuple(reader.rewriter(row) for row in reader.rows(data, "rewriters")),
        patches=tuple(reader.patch(row) for row in reader.rows(data, "patches")),
        fields=tuple(reader.field(row) for row in reader.rows(data, "fields")),
        parts=tuple(reader.part(row) for row in reader.rows(data, "parts")),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    name: str
    release: Release
    target: Target
    at_least: Callable[[str], bool] | None

    def rows(self, data: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
        rows = data.get(key, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self._error(key, "must be an array of tables")
        return [row for row in rows if self._holds(row)]

    def layout(self, row: Mapping[str, Any]) -> LayoutRule:
        where = f"layout rule {row.get('path', '')!r}"
        self.no_others(
            row,
            {"action", "path", "to", "built_from", "sha256", "goos", *_COMMON},
            where,
        )
        rule = LayoutRule(
            action=self.text(row, "action", where),
            path=self.text(row, "path", where),
            to=self.text(row, "to", where, default=""),
            reason=self.text(row, "reason", where),
            source=self.text(row, "source", where),
            built_from=self.text(row, "built_from", where, default=""),
            digests=self._list({"sha256": [], **row}, "sha256", where, "a list of digests"),
        )
        if rule.action not in ACTIONS:
            raise self._error(where, f"has action {rule.action!r}, not one of {', '.join(ACTIONS)}")
        return rule

    def settings(self, row: Mapping[str, Any]) -> SettingsRule:
        where = "settings"
        self.no_others(row, {"variables", *_COMMON}, where)
        variables = row.get("variables")
        if not isinstance(variables, dict) or not all(
            isinstance(value, str) for value in variables.values()
        ):
            raise self._error(where, "need variables, a table of strings")
        return SettingsRule(
            variables, self.text(row, "reason", where), self.text(row, "source", where)
        )

    def rewriter(self, row: Mapping[str, Any]) -> Rewriter:
        where = f"rewriter {row.get('tool', '')!r}"
        self.no_others(row, {"tool", "excludes", *_COMMON}, where)
        return Rewriter(
            self.text(row, "tool", where),
            self._list({"excludes": [], **row}, "excludes", where, "a list of globs"),
            self.text(row, "reason", where),
            self.text(row, "source", where),
        )

    def part(self, row: Mapping[str, Any]) -> PartRule:
        where = f"part {row.get('package', '')!r}"
        self.no_others(row, {"package", "paths", *_COMMON}, where)
        return PartRule(
            self.text(row, "package", where),
            tuple(map(self._filled, self._list(row, "paths", where, "a list of globs"))),
            self.text(row, "reason", where),
            self.text(row, "source", where),
        )

    def patch(self, row: Mapping[str, Any]) -> PatchRule:
        where = f"patch {row.get('name', '')!r}"
        self.no_others(row, {"name", *_COMMON}, where)
        return PatchRule(
            self.text(row, "name", where),
            self.text(row, "reason", where),
            self.text(row, "source", where),
        )

    def field(self, row: Mapping[str, Any]) -> FieldRule:
        where = f"field {row.get('field', '')!r}"
        self.no_others(row, {"package", "field", "items", "needed", *_COMMON}, where)
        items = self._list(row, "items", where, "a list of regular expressions")
        line = re.escape(self.release.line)
        return FieldRule(
            self.text(row, "package", where),
            self.text(row, "field", where),
            tuple(item.replace("{line}", line) for item in items),
            self.text(row, "reason", where),
            self.text(row, "source", where),
            needed=row.get("needed", False) is True,
        )

    def _list(self, row: Mapping[str, Any], key: str, where: str, what: str) -> tuple[str, ...]:
        values = row.get(key)
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise self._error(where, f"has {key} that are not {what}")
        return tuple(values)

    def _filled(self, text: str) -> str:
        """The text without placeholders."""
        return (
            text.replace("{line}", self.release.line)
            .replace("{release}", str(self.release))
            .replace("{tools}", self.target.tool_directory)
        )

    def text(self, row: Mapping[str, Any], key: str, where: str, default: str | None = None) -> str:
        value = row.get(key, default)
        if not isinstance(value, str):
            raise self._error(where, f"needs {key}, a string")
        return self._filled(value)

    def no_others(self, row: Mapping[str, Any], known: set[str], where: str) -> None:
        unknown = sorted(set(row) - known)
        if unknown:
            raise self._error(where, f"has the unknown key {unknown[0]!r}")

    def _holds(self, row: Mapping[str, Any]) -> bool:
        since, until = row.get("since"), row.get("until")
        if since is not None and self.release < Release.parse(since):
            return False
        if until is not None and self.release >= Release.parse(until):
            return False
        since_version, until_version = row.get("since_version"), row.get("until_version")
        if since_version is not None and not self._reached(since_version):
            return False
        if until_version is not None and self._reached(until_version):
            return False
        goos = row.get("goos")
        return goos is None or goos == self.target.goos

    def _reached(self, version: object) -> bool:
        if self.at_least is None or not isinstance(version, str):
            raise self._error(f"the version {version!r}", "has nothing to be compared with")
        return self.at_least(version)

    def _error(self, where: str, what: str) -> ConfigError:
        return ConfigError(f"{self.name}: {where} {what}", hint="correct the policy file")
