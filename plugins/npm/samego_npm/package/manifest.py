"""package.json: a package's metadata, and what it makes npm do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from samego.distro.interface import Remark
from samego.errors import InputError
from samego.model.causes.packages import OtherPlatform, UndeclaredValue
from samego.model.fields import of_form
from samego.model.policy import Policy
from samego.model.proof import Standing
from samego.model.release import Target
from samego.report.strict_json import parse
from samego_npm.package import field_table

NAME = "package.json"
_FORM = "package.json"
_LARGEST = 1 << 20
#: How much of a value is shown.
_SHOWN = 120
#: What npm runs when it installs a package of the registry (docs.npmjs.com, scripts). All others
#: run where its authors work on it.
_RUN = frozenset({"preinstall", "install", "postinstall", "preuninstall", "uninstall"})
_RUN_MORE = frozenset({"postuninstall", "dependencies"})
#: process.platform and process.arch, and what Go calls them.
_SYSTEMS = {"linux": "linux", "darwin": "darwin", "win32": "windows", "freebsd": "freebsd"}
_PROCESSORS = {"x64": "amd64", "arm64": "arm64", "ia32": "386", "arm": "arm", "ppc64": "ppc64le"}
_PROCESSORS |= {"s390x": "s390x", "riscv64": "riscv64", "loong64": "loong64"}


@dataclass(frozen=True, slots=True)
class Manifest:
    """The fields of a package.json."""

    fields: Mapping[str, object]

    @property
    def package(self) -> str:
        """The package's name, with its scope."""
        return str(self.fields["name"])

    @property
    def version(self) -> str:
        """The package's version."""
        return str(self.fields["version"])


def read_manifest(data: bytes, *, name: str) -> Manifest:
    """Read a package.json.

    Raises InputError for a file that is no object, lacks a name or a version, has a key twice, or
    a key that the table does not know.
    """
    if len(data) > _LARGEST:
        raise _damaged(name, f"it has {len(data)} bytes")
    try:
        fields = parse(data)
    except (ValueError, RecursionError) as error:
        raise _damaged(name, f"it is not strict JSON ({error})") from error
    if not isinstance(fields, dict):
        raise _damaged(name, "it is no object")
    known = of_form(field_table.rows(), _FORM)
    for key in fields:
        if key not in known:
            raise _damaged(name, f"it has the key {key[:80]!r}, which samego does not know")
    for key in ("name", "version"):
        if not isinstance(fields.get(key), str):
            raise _damaged(name, f"it has no {key}")
    return Manifest(fields)


def judge_manifest(manifest: Manifest, policy: Policy, target: Target) -> Iterator[Remark]:
    """A finding for each thing that an installer does and that the policy does not declare."""
    rows = of_form(field_table.rows(), _FORM)
    for key, value in manifest.fields.items():
        row = rows[key]
        if not row.undeclared:
            continue
        rules = [rule for rule in policy.fields_of(manifest.package) if rule.field == key]
        for item in _items(key, value):
            if not any(rule.declares(item, manifest.version) for rule in rules):
                cause = UndeclaredValue(key, item[:_SHOWN], row.acts)
                standing = Standing(row.undeclared)
                yield Remark(f"/{NAME}:{key}", "packaging", standing, (cause,))
    yield from _other_systems(manifest, target)


def _items(key: str, value: object) -> Iterator[str]:
    """The items of a field, each as ``name = value``; scripts are those that npm runs."""
    if isinstance(value, dict):
        for name, item in value.items():
            if key != "scripts" or name in _RUN | _RUN_MORE:
                yield f"{name} = {item if isinstance(item, str) else json.dumps(item)}"
    elif isinstance(value, list):
        yield from (item if isinstance(item, str) else json.dumps(item) for item in value)
    else:
        yield value if isinstance(value, str) else json.dumps(value)


def _other_systems(manifest: Manifest, target: Target) -> Iterator[Remark]:
    """A finding where the package claims a system on which its tools do not run."""
    for key, names, mine in (
        ("os", _SYSTEMS, target.goos),
        ("cpu", _PROCESSORS, target.goarch),
    ):
        value = manifest.fields.get(key)
        listed = [value] if isinstance(value, str) else value
        if listed is None or (
            isinstance(listed, list) and [names.get(str(i)) for i in listed] == [mine]
        ):
            continue
        cause = OtherPlatform(key, json.dumps(value)[:_SHOWN], str(target))
        yield Remark(f"/{NAME}:{key}", "identity", Standing.UNEXPLAINED, (cause,))


def _damaged(name: str, what: str) -> InputError:
    return InputError(
        f"the {NAME} of {name} is not as npm writes it: {what}",
        hint="get the package again from its registry",
    )
