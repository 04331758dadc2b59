"""METADATA, WHEEL and entry_points.txt, read strictly.

Formats: the core metadata specification (METADATA and WHEEL: header lines ``Key: value``; lines
that begin with a space or a tab continue a value; a blank line ends METADATA's headers), and the
entry points specification (an ini file). The table (fields.toml) has the known keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from samego.errors import InputError
from samego.model.fields import FieldRow

_HEADER = re.compile(r"(?P<key>[A-Za-z][A-Za-z0-9-]*): ?(?P<value>.*)", re.ASCII)
_SECTION = re.compile(r"\[(?P<group>[A-Za-z0-9_.]+)\]", re.ASCII)
_ENTRY = re.compile(r"(?P<name>[^\s=:\[#;][^=\n]*?)\s*=\s*(?P<object>[\w.]+(?::[\w.]+)?)", re.ASCII)
_LARGEST = 1 << 20

#: The values of each key, in the file's order.
Fields = Mapping[str, tuple[str, ...]]


def read_headers(data: bytes, *, name: str, known: Mapping[str, FieldRow]) -> Fields:
    """The fields of a METADATA or WHEEL file; what follows the first blank line is text.

    Raises InputError for anything but UTF-8 header lines with known keys, values of the table's
    form, and several values only where the table allows them.
    """
    found: dict[str, list[str]] = {}
    key = ""
    for line in _lines(_text(data, name).partition("\n\n")[0].removesuffix("\n"), name):
        if key and line[:1] in " \t":
            found[key][-1] += f"\n{line.strip()}"
            continue
        match = _HEADER.fullmatch(line)
        if match is None:
            raise damaged(name, f"it has the line {line[:80]!r}")
        key = match["key"]
        row = known.get(key)
        if row is None:
            raise damaged(name, f"it has the field {key[:80]}, which samego does not know")
        if not row.allows(match["value"]):
            raise damaged(name, f"its {key} is {match['value'][:80]!r}")
        values = found.setdefault(key, [])
        if values and not row.many:
            raise damaged(name, f"it has more than one {key}")
        values.append(match["value"])
    return {key: tuple(values) for key, values in found.items()}


def read_entry_points(data: bytes, *, name: str) -> Fields:
    """The entry points by their group, each as ``name = module:object``.

    Raises InputError for what is no list of entry points.
    """
    found: dict[str, list[str]] = {}
    group = ""
    for line in _lines(_text(data, name), name):
        text = line.strip()
        if not text or text[0] in "#;":
            continue
        section = _SECTION.fullmatch(text)
        entry = _ENTRY.fullmatch(text)
        if section is not None and section["group"] not in found:
            group = section["group"]
            found[group] = []
        elif section is None and entry is not None and group and not line[0].isspace():
            found[group].append(f"{entry['name']} = {entry['object']}")
        else:
            raise damaged(name, f"it has the line {line[:80]!r}")
    return {group: tuple(entries) for group, entries in found.items()}


def _lines(text: str, name: str) -> Iterator[str]:
    """The lines of a text; a character that some readers take for a line's end is refused."""
    for line in text.split("\n"):
        if not line.replace("\t", " ").isprintable():
            raise damaged(name, f"it has the line {line[:80]!r}")
        yield line


def _text(data: bytes, name: str) -> str:
    if len(data) > _LARGEST:
        raise damaged(name, f"it has {len(data)} bytes")
    try:
        text = data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise damaged(name, "it is not UTF-8") from error
    if "\r" in text or "\0" in text:
        raise damaged(name, "it has control characters")
    return text


def damaged(name: str, what: str) -> InputError:
    """The error for a file of a wheel that is not as the specification says."""
    return InputError(
        f"{name} is not as a wheel has it: {what}", hint="get the wheel again from its index"
    )
