"""A wheel's metadata: its package, version and platforms, and what pip acts on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from samego.distro.interface import Remark, SelfDescription, Statement
from samego.errors import InputError, UnknownReleaseError
from samego.model.causes.packages import OtherPlatform, UndeclaredValue
from samego.model.fields import FieldRow, of_form
from samego.model.policy import FieldRule, Policy
from samego.model.proof import Standing
from samego.model.release import Release, Target
from samego_pypi.policy import canonical
from samego_pypi.wheel import field_table
from samego_pypi.wheel.content import Content
from samego_pypi.wheel.headers import Fields, damaged, read_entry_points, read_headers

_OTHER_GROUP = "any other group"
#: How much of a value is shown.
_SHOWN = 80
#: Platform tags and what they run on: PEP 425, 600, 656; packaging.tags.
_PLATFORMS = (
    (re.compile(r"(?:many|musl)?linux(?:_\d+_\d+|1|2010|2014)?_(?P<arch>[a-z0-9_]+)"), "linux"),
    (re.compile(r"macosx_\d+_\d+_(?P<arch>[a-z0-9_]+)"), "darwin"),
    (re.compile(r"win_?(?P<arch>[a-z0-9]+)"), "windows"),
)
_ARCHITECTURES = {
    "x86_64": "amd64",
    "amd64": "amd64",
    "aarch64": "arm64",
    "arm64": "arm64",
    "i686": "386",
    "32": "386",
    "armv7l": "arm",
    "armv6l": "arm",
    "ppc64le": "ppc64le",
    "s390x": "s390x",
    "riscv64": "riscv64",
    "loongarch64": "loong64",
}


@dataclass(frozen=True, slots=True)
class WheelFields:
    """The fields of METADATA and WHEEL, and the entry points by their group."""

    metadata: Fields
    wheel: Fields
    entry_points: Fields

    @property
    def package(self) -> str:
        """The package's name as the index compares it."""
        return canonical(self.metadata["Name"][0])

    @property
    def version(self) -> str:
        """The package's version."""
        return self.metadata["Version"][0]

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platforms of its tags, each once."""
        parts = [tag.rpartition("-")[2].split(".") for tag in self.wheel["Tag"]]
        return tuple(dict.fromkeys(name for names in parts for name in names))


def read_fields(content: Content) -> WheelFields:
    """Read what a wheel says of itself.

    Raises InputError for a wheel without these files, and for unknown fields.
    """
    rows = field_table.rows()
    name = content.tree.name
    metadata = read_headers(
        _needed(content, "METADATA"), name=f"{name}: METADATA", known=of_form(rows, "METADATA")
    )
    wheel = read_headers(
        _needed(content, "WHEEL"), name=f"{name}: WHEEL", known=of_form(rows, "WHEEL")
    )
    for form, fields, needed in (
        ("METADATA", metadata, ("Name", "Version")),
        ("WHEEL", wheel, ("Tag",)),
    ):
        for key in needed:
            if key not in fields:
                raise damaged(f"{name}: {form}", f"it has no {key}")
    entries = content.read("entry_points.txt") or b""
    points = read_entry_points(entries, name=f"{name}: entry_points.txt")
    return WheelFields(metadata, wheel, points)


def self_description_of(
    fields: WheelFields, content: Content, policy: Policy, release: Release, target: Target
) -> SelfDescription:
    """A wheel's metadata, compared with its files and the policy."""
    statements = tuple(_statements(fields, content.dist_info, policy))
    remarks = (
        *_undeclared(fields, content.dist_info, policy),
        *_other_platforms(fields, content.dist_info, target),
    )
    return SelfDescription(release, statements, remarks)


def _needed(content: Content, file: str) -> bytes:
    data = content.read(file)
    if data is None:
        raise InputError(
            f"{content.tree.name} is no wheel: it has no {content.dist_info}/{file}",
            hint="name a wheel as its index serves it, or where it was unpacked",
        )
    return data


def _statements(fields: WheelFields, dist_info: str, policy: Policy) -> Iterator[Statement]:
    """The version, where the policy says how it names a release."""
    for rule in policy.fields_of(fields.package):
        if rule.field != "Version":
            continue
        path, text = f"/{dist_info}/METADATA:Version", fields.version
        yield Statement(path, "the wheel's version", text, _named_release(rule, text))


def _named_release(rule: FieldRule, version: str) -> Release | None:
    for item in rule.items:
        match = re.fullmatch(item, version, re.ASCII)
        if match is not None:
            try:
                return Release.parse(match["release"])
            except UnknownReleaseError:
                return None
    return None


def _undeclared(fields: WheelFields, dist_info: str, policy: Policy) -> Iterator[Remark]:
    """A finding for each value that an installer acts on and that the policy does not declare."""
    rows = field_table.rows()
    metadata, points = of_form(rows, "METADATA"), of_form(rows, "entry_points.txt")
    yield from _of_file(f"/{dist_info}/METADATA", fields, fields.metadata, metadata, policy)
    path = f"/{dist_info}/entry_points.txt"
    yield from _of_file(path, fields, fields.entry_points, points, policy)


def _of_file(
    path: str,
    wheel: WheelFields,
    fields: Fields,
    rows: Mapping[str, FieldRow],
    policy: Policy,
) -> Iterator[Remark]:
    for key, values in fields.items():
        row = rows.get(key) or rows[_OTHER_GROUP]
        if not row.undeclared:
            continue
        rules = [rule for rule in policy.fields_of(wheel.package) if rule.field == key]
        for value in values:
            if not any(rule.declares(value, wheel.version) for rule in rules):
                cause = UndeclaredValue(key, value[:_SHOWN], row.acts)
                standing = Standing(row.undeclared)
                yield Remark(f"{path}:{key}", "packaging", standing, (cause,))


def _other_platforms(fields: WheelFields, dist_info: str, target: Target) -> Iterator[Remark]:
    """A finding for a platform on which this toolchain does not run."""
    for platform in fields.platforms:
        if _target_of(platform) != target:
            cause = OtherPlatform("Tag", platform[:_SHOWN], str(target))
            path = f"/{dist_info}/WHEEL:Tag"
            yield Remark(path, "identity", Standing.UNEXPLAINED, (cause,))


def _target_of(platform: str) -> Target | None:
    for pattern, goos in _PLATFORMS:
        match = pattern.fullmatch(platform)
        goarch = _ARCHITECTURES.get(match["arch"]) if match else None
        if goarch is not None:
            return Target(goos, goarch)
    return None
