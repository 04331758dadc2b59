"""What a hook put on a system, written down there: /var/lib/samego/hooks/NAME.json.

With it, samego's own is known from everything else, and a removal takes away exactly
what came, whichever samego put it there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from samego.errors import InputError
from samego.integrations.hooks.place import SystemPlace

DIRECTORY = "/var/lib/samego/hooks"
_SCHEMA = "samego.hook/1"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*", re.ASCII)
_MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """One file: ``sha256`` is of its text, or of the block where it has a ``comment`` sign.

    ``created`` says that a shared file was not there before.
    """

    path: str
    sha256: str
    comment: str = ""
    created: bool = False


@dataclass(frozen=True, slots=True)
class HookRecord:
    """All that one hook put there; ``directories`` were made for it, the outer ones first."""

    name: str
    files: tuple[WrittenFile, ...]
    directories: tuple[str, ...] = ()


def place_of(root: Path, name: str) -> SystemPlace:
    """Where a hook's record lies. Raises InputError for what is no hook's name."""
    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r} is not the name of a hook", hint="see samego hook list")
    return SystemPlace(root, f"{DIRECTORY}/{name}.json")


def read(root: Path, name: str) -> HookRecord | None:
    """The record of a hook, or None where it is not installed.

    Raises InputError for a record that cannot be read.
    """
    place = place_of(root, name)
    data = place.read()
    if data is None:
        return None
    problem = InputError(
        f"{place.path} is not a record of a hook",
        hint="remove the hook's files by hand, then this file",
    )
    if len(data) > _MAX_BYTES:
        raise problem
    try:
        value = json.loads(data)
        if value["schema"] != _SCHEMA or value["name"] != name:
            raise problem
        files = tuple(WrittenFile(**file) for file in value["files"])
        directories = tuple(map(str, value["directories"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise problem from error
    return HookRecord(name, files, directories)


def write(root: Path, record: HookRecord) -> None:
    """Keep a record. Raises OSError."""
    data = json.dumps({"schema": _SCHEMA, **asdict(record)}, indent=2) + "\n"
    place_of(root, record.name).write(data.encode(), mode=0o644)


def all_records(root: Path) -> Iterator[HookRecord]:
    """The records of all hooks that are installed."""
    directory = SystemPlace(root, DIRECTORY).path
    for path in sorted(directory.glob("*.json")):
        record = read(root, path.stem)
        if record is not None:
            yield record
