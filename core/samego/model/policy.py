"""A distro's layout and build rules, as data.

A policy says what the distro declares; it proves nothing by itself. How its file is written:
:mod:`samego.model.policy_file`.
"""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

#: What a layout rule may do. ``left_out``: upstream has it, the package does not.
#: ``added``: the package has it below GOROOT, upstream does not. ``moved``: upstream's
#: ``path`` lies at ``to`` in the payload. ``link``: GOROOT's ``path`` is a link to
#: exactly ``to``. ``mode``: ``path`` may carry mode ``to`` (octal). ``packaging``: a
#: payload path outside GOROOT that belongs to the distro's own packaging, a link to exactly
#: ``to`` where that is given. ``directory``: an empty one outside GOROOT that the distro's
#: packaging makes. ``metadata``: a record of the package that the plugin reads and judges field by
#: field.
ACTIONS = ("left_out", "added", "moved", "link", "mode", "packaging", "directory", "metadata")


@dataclass(frozen=True, slots=True)
class LayoutRule:
    """One declared layout difference; ``path`` is a glob where ``**`` crosses ``/``.

    ``built_from`` names the Go package path of an added executable (``cmd/dist``);
    ``digests`` are the sha256 digests that an added file may have.
    """

    action: str
    path: str
    to: str
    reason: str
    source: str
    built_from: str = ""
    digests: tuple[str, ...] = ()

    def matches(self, path: str) -> bool:
        """Whether the rule covers this path."""
        return glob_pattern(self.path).fullmatch(path) is not None


@dataclass(frozen=True, slots=True)
class SettingsRule:
    """Build settings that the distro declares: environment names to values."""

    variables: Mapping[str, str]
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Rewriter:
    """A packaging tool that rewrites files: its name, and which paths it leaves alone."""

    tool: str
    excludes: tuple[str, ...]
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class PatchRule:
    """A patch that the distro is known to apply; its bytes come from the source package."""

    name: str
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class FieldRule:
    """What a package's own field may say: each item of its value is one of these.

    ``package`` is the package's name. ``items`` are regular expressions of a whole item; a
    group ``version`` in one stands for the version of the source package. With ``needed`` an
    item of each must be there.
    """

    package: str
    field: str
    items: tuple[str, ...]
    reason: str
    source: str
    needed: bool = False

    def declares(self, item: str, version: str) -> bool:
        """Whether an item is one of those that the rule declares."""
        return any(_declares(pattern, item, version) for pattern in self.items)


def _declares(pattern: str, item: str, version: str) -> bool:
    match = re.fullmatch(pattern, item, re.ASCII)
    return match is not None and match.groupdict().get("version", version) == version


@dataclass(frozen=True, slots=True)
class PartRule:
    """Which package has which of upstream's paths: globs, where ``**`` crosses ``/``."""

    package: str
    paths: tuple[str, ...]
    reason: str
    source: str

    def has(self, path: str) -> bool:
        """Whether the package has this path."""
        return any(glob_pattern(glob).fullmatch(path) for glob in self.paths)


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules that hold for one release and target of one distro."""

    distro: str
    goroot: str
    layout: tuple[LayoutRule, ...] = ()
    settings: tuple[SettingsRule, ...] = ()
    rewriters: tuple[Rewriter, ...] = ()
    patches: tuple[PatchRule, ...] = ()
    fields: tuple[FieldRule, ...] = ()
    parts: tuple[PartRule, ...] = ()

    def part_of(self, path: str) -> str:
        """The package that has a path below GOROOT: the first whose rule says so, else empty."""
        return next((rule.package for rule in self.parts if rule.has(path)), "")

    def absent_links(
        self, given: Collection[str], withheld: Collection[str] = ()
    ) -> dict[str, str]:
        """The links below GOROOT, by path, that may be missing.

        These are the links of packages that are not among ``given`` (package names; empty where the
        user named no packages), and those among ``withheld`` (payload paths).
        """
        return {
            rule.path: rule.to
            for rule in self.layout_rules("link")
            if self._is_others(rule.path, given) or f"{self.goroot}/{rule.path}" in withheld
        }

    def _is_others(self, path: str, given: Collection[str]) -> bool:
        package = self.part_of(path) if given else ""
        return bool(package) and package not in given

    def upstream_path(self, path: str) -> str:
        """Upstream's spelling of a payload path, by the declared layout; empty outside GOROOT."""
        for rule in self.layout_rules("moved"):
            if rule.to == path:
                return rule.path
        for rule in self.layout_rules("link"):
            place = posixpath.dirname(f"{self.goroot}/{rule.path}")
            target = posixpath.normpath(posixpath.join("/", place, rule.to)).lstrip("/")
            if path.startswith(f"{target}/"):
                return rule.path + path[len(target) :]
        inside = f"{self.goroot}/"
        return path[len(inside) :] if path.startswith(inside) else ""

    def fields_of(self, package: str) -> tuple[FieldRule, ...]:
        """What is declared of the fields of one package."""
        return tuple(rule for rule in self.fields if rule.package == package)

    def layout_rules(self, action: str) -> tuple[LayoutRule, ...]:
        """The layout rules of one action, in the file's order."""
        return tuple(rule for rule in self.layout if rule.action == action)

    def find(self, action: str, path: str) -> LayoutRule | None:
        """The first layout rule of this action that covers ``path``."""
        return next((rule for rule in self.layout_rules(action) if rule.matches(path)), None)

    def rewriter(self, tool: str, path: str) -> Rewriter | None:
        """The rule that says ``tool`` rewrites files, unless it leaves ``path`` alone."""
        for rewriter in self.rewriters:
            if rewriter.tool == tool and not any(
                glob_pattern(glob).fullmatch(path) for glob in rewriter.excludes
            ):
                return rewriter
        return None


#: The policy of a toolchain that no plugin recognises: upstream's own layout.
UPSTREAM_LAYOUT = Policy(distro="none", goroot=".")


@functools.cache
def glob_pattern(glob: str) -> re.Pattern[str]:
    """A path glob as a pattern: ``*`` and ``?`` stay within a part, ``**`` does not."""
    parts = re.split(r"(\*\*|\*|\?)", glob)
    table = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(table.get(part, re.escape(part)) for part in parts), re.DOTALL)


def merge_settings(policy: Policy, declared: Mapping[str, str]) -> dict[str, str]:
    """The policy's settings, overridden by what the build itself declares."""
    merged: dict[str, str] = {}
    for rule in policy.settings:
        merged.update(rule.variables)
    merged.update(declared)
    return merged
