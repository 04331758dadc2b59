"""The ``key = value`` lines of .PKGINFO and .BUILDINFO, read strictly.

Formats: PKGINFO as scripts/makepkg.sh.in (write_pkginfo) writes it, BUILDINFO(5). A key
that stands on several lines is a list.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from samego.errors import InputError

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
        """The value of a key that must be there, once, and look so. Raises InputError."""
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


def parse_fields(data: bytes, *, name: str, lists: Collection[str]) -> Fields:
    """Read all lines; only the keys in ``lists`` may stand on more than one.

    Raises InputError for anything but UTF-8 text of comments and ``key = value`` lines.
    """
    if len(data) > _LARGEST:
        raise damaged(name, f"it has {len(data)} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise damaged(name, "it is not UTF-8") from error
    if not text.endswith("\n"):
        raise damaged(name, "it breaks off")
    found: dict[str, list[str]] = {}
    for number, line in enumerate(text[:-1].split("\n"), 1):
        if line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None or not match["value"].isprintable():
            raise damaged(name, f"line {number} is {line[:80]!r}")
        values = found.setdefault(match["key"], [])
        if values and match["key"] not in lists:
            raise damaged(name, f"it has more than one {match['key']}")
        values.append(match["value"])
    return Fields({key: tuple(values) for key, values in found.items()}, name)


def damaged(name: str, what: str) -> InputError:
    """The error for a metadata file that is not as makepkg writes it."""
    return InputError(
        f"{name} is not as makepkg writes it: {what}", hint="get the package again from its source"
    )
