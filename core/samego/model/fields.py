"""What an installer, or anything else, acts on: every field of every format, as data.

A table is a TOML file beside the code that reads the format (schema ``samego.fields/1``): a
row for each field, with who acts on it, and where samego judges it or why nothing can act on
it. Readers take the fields that they know from here, so a field in no row is refused; the
documentation is written from here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from samego.errors import ConfigError
from samego.model.toml_text import parse_data

SCHEMA = "samego.fields/1"
#: What a field becomes whose value nobody declared: nothing, or a finding that does not pass.
STANDINGS = ("", "unproven", "unexplained")
_KEYS = {"form", "field", "acts", "judged", "value", "many", "undeclared", "refused"}


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of a format.

    ``form`` names the format as a person does. ``acts`` says who acts on the field, empty for
    nobody. ``judged`` says where it is judged, or why it need not be. ``value`` is what a value
    must look like (a regular expression, of a whole value); ``many`` says that it may stand
    more than once. ``undeclared`` is the standing of a value that the distro's policy does not
    declare; empty where the policy has no say. ``refused`` means that no package may have it.
    """

    form: str
    field: str
    acts: str
    judged: str
    value: str = r".+"
    many: bool = False
    undeclared: str = ""
    refused: bool = False

    def allows(self, value: str) -> bool:
        """Whether a value looks as it must."""
        return re.fullmatch(self.value, value, re.ASCII) is not None


def load_rows(text: str, *, name: str) -> tuple[FieldRow, ...]:
    """Read a table. Raises ConfigError for what the schema does not allow."""
    data = parse_data(text, SCHEMA, name=name)
    rows = [_row(row, name) for row in data.get("rows", [])]
    keys = [(row.form, row.field) for row in rows]
    if len(set(keys)) != len(keys):
        raise ConfigError(f"{name} has a field twice", hint="correct the file")
    return tuple(rows)


def of_form(rows: Iterable[FieldRow], form: str) -> Mapping[str, FieldRow]:
    """The rows of one format by their fields."""
    return MappingProxyType({row.field: row for row in rows if row.form == form})


def _row(row: Mapping[str, Any], name: str) -> FieldRow:
    unknown = sorted(set(row) - _KEYS)
    if unknown or not {"form", "field", "acts", "judged"} <= set(row):
        what = f"the unknown key {unknown[0]!r}" if unknown else "a row without its four keys"
        raise ConfigError(f"{name} has {what}", hint="correct the file")
    made = FieldRow(**row)
    if made.undeclared not in STANDINGS:
        raise ConfigError(
            f"{name}: {made.field} has the standing {made.undeclared!r}", hint="correct the file"
        )
    return made
