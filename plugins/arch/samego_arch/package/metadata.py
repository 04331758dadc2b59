"""The ``key = value`` lines of .PKGINFO and .BUILDINFO, read strictly.

Formats: PKGINFO as scripts/makepkg.sh.in (write_pkginfo) writes it, BUILDINFO(5). A key
that stands on several lines is a list. The table (fields.toml) has the known keys and the form of
their values; a comment is the key ``#``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from samego.errors import InputError
from samego.model.fields import FieldRow

_LINE = re.compile(r"(?P<key>[a-z][a-z0-9_]*) = (?P<value>.*)", re.ASCII)
#: A .BUILDINFO names every installed package: some thousand lines.
_LARGEST = 4 << 20


class Fields(Mapping[str, tuple[str, ...]]):
    """The values of each key, in the file's order."""

    def __init__(self, values: Mapping[str, tuple[str, ...]], name: str) -> None:
        self._values = dict(values)
        self.name = name

    def __getitem__(self, key: str) -> tuple[str, ...]:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def one(self, key: str, pattern: str = r".+") -> str:
        """The value of a key that must stand once and match ``pattern``. Raises InputError."""
        values = self._values.get(key, ())
        if len(values) != 1:
            what = "has no" if not values else "has more than one"
            raise damaged(self.name, f"it {what} {key}")
        if not re.fullmatch(pattern, values[0], re.ASCII):
            raise damaged(self.name, f"its {key} is {values[0][:80]!r}")
        return values[0]

    def seconds(self, key: str) -> int:
        """A date in seconds since 1970. Raises InputError."""
        return int(self.one(key, r"\d{1,12}"))


def parse_fields(data: bytes, *, name: str, known: Mapping[str, FieldRow]) -> Fields:
    """Read all lines; ``known`` are the rows of the format, by their keys.

    Raises InputError for anything but UTF-8 text of comments and ``key = value`` lines with known
    keys, values of the table's form, and several values only where the table allows them.
    """
    if len(data) > _LARGEST:
        raise damaged(name, f"it has {len(data)} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise damaged(name, "it is not UTF-8") from error
    if not text.endswith("\n"):
        raise damaged(name, "it is truncated")
    found: dict[str, list[str]] = {}
    for number, line in enumerate(text[:-1].split("\n"), 1):
        comment = known.get("#") if line.startswith("#") else None
        if comment is not None and comment.allows(line[1:]):
            continue
        match = _LINE.fullmatch(line)
        if match is None or not match["value"].isprintable():
            raise damaged(name, f"line {number} is {line[:80]!r}")
        row = known.get(match["key"])
        if row is None:
            raise damaged(name, f"it has the key {match['key'][:80]}, which samego does not know")
        if not row.allows(match["value"]):
            raise damaged(name, f"its {row.field} is {match['value'][:80]!r}")
        values = found.setdefault(row.field, [])
        if values and not row.many:
            raise damaged(name, f"it has more than one {row.field}")
        values.append(match["value"])
    return Fields({key: tuple(values) for key, values in found.items()}, name)


def damaged(name: str, what: str) -> InputError:
    """The error for a metadata file that is not as makepkg writes it."""
    return InputError(
        f"{name} is not as makepkg writes it: {what}", hint="get the package again from its source"
    )
