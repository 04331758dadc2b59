"""The control file of a binary package, read as dpkg reads it, and judged field by field.

Formats: deb-control(5), deb822(5). dpkg-gencontrol writes a field as ``Name: value``, and
each further line behind one space. Nothing else is accepted, because dpkg and other readers
understand some other spellings differently.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from samego.distro.interface import Remark
from samego.errors import InputError
from samego.model.causes.packages import (
    DeclaredField,
    LackedField,
    NotDeclaredField,
    UndeclaredField,
    UndeclaredMember,
)
from samego.model.fields import FieldRow, of_form
from samego.model.places.entries import ActsOn
from samego.model.policy import Policy
from samego.model.proof import Standing
from samego_debian.package.field_table import CONTROL_ARCHIVE, CONTROL_FILE, rows

_FIELD = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9_-]*): (?P<value>\S.*)")
_HINT = "get the package again from its source, or say which tool wrote it"
#: Fields of dpkg's own database, which it adds to those of the package.
_OF_DPKG = ("Status", "Conffiles", "Config-Version", "Triggers-Awaited", "Triggers-Pending")
#: What dpkg-gencontrol writes between two relations.
_SEPARATOR = ", "
#: A report's name for the packages that a package is compared with.
_PACKAGE = "Debian's Go"


@dataclass(frozen=True, slots=True)
class ControlFile:
    """The control file of one package: its fields by name. ``package`` is its name.

    ``members`` are the members of its control archive that dpkg's database keeps; those of a
    package file are part of its payload.
    """

    package: str
    fields: Mapping[str, str]
    members: Collection[str] = ()


def parse_control(data: bytes, *, name: str) -> dict[str, str]:
    """The fields of a control file; ``name`` is the package's in messages.

    Raises InputError for one that dpkg-gencontrol would not write, and for a field that is
    in no row of the table or that no package may have.
    """
    what = f"{name}'s control file"
    found = _read(data, what)
    known = of_form(rows(), CONTROL_FILE)
    for field, value in found.items():
        row = known.get(field)
        if row is None:
            raise InputError(
                f"{what} has the field {field}, which samego does not know", hint=_HINT
            )
        if row.refused:
            raise InputError(f"{what} has the field {field}, which only {row.acts} has", hint=_HINT)
        if not row.allows(value):
            raise InputError(f"{what} has {field}: {value[:80]!r}", hint=_HINT)
    return found


def parse_status(data: bytes, *, name: str) -> dict[str, str]:
    """The fields of an installed package as dpkg-query --status prints them.

    What dpkg has added itself is left out. Raises InputError as :func:`parse_control`.
    """
    found = _read(data.rstrip(b"\n") + b"\n", f"{name} in dpkg's database")
    kept = {field: value for field, value in found.items() if field not in _OF_DPKG}
    text = "".join(f"{field}: {value}\n" for field, value in kept.items())
    return parse_control(text.encode(), name=name)


def check_members(members: Collection[str], *, name: str) -> None:
    """Refuse a control archive with a member that is in no row. Raises InputError."""
    known = of_form(rows(), CONTROL_ARCHIVE)
    for member in sorted(members):
        if member not in known:
            raise InputError(
                f"{name}'s control archive has the member {member}, which samego does not know",
                hint=_HINT,
            )


def judge_control(
    control: ControlFile,
    policy: Policy,
    version: str,
    declared: Mapping[str, Collection[str]] | None,
    origin: str = "",
) -> Iterator[Remark]:
    """A remark for every field whose value the policy does not declare.

    ``version`` is the source package's. ``declared`` are the items of each relation field by
    the package's own source package, whose name is ``origin``; None where there is none.
    """
    known = of_form(rows(), CONTROL_FILE)
    mine = policy.fields_of(control.package)
    members = of_form(rows(), CONTROL_ARCHIVE)
    for member in sorted(control.members):
        if members[member].undeclared:
            yield Remark(
                f"/DEBIAN/{control.package}.{member}",
                "packaging",
                Standing(members[member].undeclared),
                (UndeclaredMember(member, "dpkg", _PACKAGE),),
                (ActsOn(members[member].acts),),
            )
    for field, value in control.fields.items():
        row = known[field]
        if not row.undeclared:
            continue
        items = value.split(_SEPARATOR)
        strange = [
            item
            for item in items
            if not any(rule.field == field and rule.declares(item, version) for rule in mine)
        ]
        if strange:
            yield _remark(control, row, strange, declared, origin)
    for rule in mine:
        items = control.fields.get(rule.field, "").split(_SEPARATOR)
        if rule.needed and not any(rule.declares(item, version) for item in items):
            yield Remark(
                path_of(control.package, rule.field),
                "field",
                Standing.UNPROVEN,
                (LackedField(rule.field, "Debian's", rule.reason),),
            )


def path_of(package: str, field: str) -> str:
    """The path of a finding on a field."""
    return f"/DEBIAN/{package}.control:{field}"


def _remark(
    control: ControlFile,
    row: FieldRow,
    strange: list[str],
    declared: Mapping[str, Collection[str]] | None,
    origin: str,
) -> Remark:
    """The remark on items of a field that the policy does not declare."""
    path, where = path_of(control.package, row.field), (ActsOn(row.acts),)
    field, values, source = row.field, tuple(strange), f"debian/control of {origin}"
    if declared is not None and row.undeclared == "unproven":
        if set(strange) <= set(declared.get(row.field, ())):
            same = (DeclaredField(field, values, source),)
            return Remark(path, "field", Standing.EXPLAINED, same, where)
        other = (NotDeclaredField(field, values, source),)
        return Remark(path, "field", Standing.UNEXPLAINED, other, where)
    undeclared = (UndeclaredField(field, values, _PACKAGE),)
    return Remark(path, "field", Standing(row.undeclared), undeclared, where)


def _read(data: bytes, what: str) -> dict[str, str]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{what} is not UTF-8", hint=_HINT) from error
    if not text.endswith("\n"):
        raise InputError(f"{what} is truncated", hint=_HINT)
    found: dict[str, str] = {}
    last = ""
    for number, line in enumerate(text[:-1].split("\n"), 1):
        if not line.isprintable() or line != line.rstrip():
            raise InputError(f"{what} has the line {number} {line[:80]!r}", hint=_HINT)
        if line.startswith(" ") and last:
            found[last] += f"\n{line}"
            continue
        match = _FIELD.fullmatch(line)
        if match is None:
            raise InputError(f"{what} has the line {number} {line[:80]!r}", hint=_HINT)
        last = match["name"]
        if last.lower() in (name.lower() for name in found):
            raise InputError(f"{what} has the field {last} twice", hint=_HINT)
        found[last] = match["value"]
    return found
