"""A wheel that is unpacked: by pip into site-packages, or by hand.

Its files are those that its RECORD lists. Where it is the only package of a directory, all files
there are its own: one that RECORD does not list is then a finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

RECORD_GLOB = "*.dist-info/RECORD"


@dataclass(frozen=True, slots=True)
class Unpacked:
    """Where a wheel is unpacked: the directory that its paths count from, and its record.

    ``goroot`` is GOROOT's path in it. ``alone`` says that nothing else is unpacked there.
    """

    root: Path
    record: Path
    goroot: str
    alone: bool


def root_of(directory: Path) -> Unpacked | None:
    """The unpacked wheel, where ``directory`` is one or the GOROOT of one; else None."""
    directory = directory.resolve()
    if _is_goroot(directory):
        return _find(directory.parent, directory.name)
    below = [path.name for path in directory.iterdir() if _is_goroot(path)]
    return _find(directory, below[0]) if len(below) == 1 else None


def _is_goroot(path: Path) -> bool:
    return (path / "VERSION").is_file() and (path / "pkg/tool").is_dir()


def _find(root: Path, goroot: str) -> Unpacked | None:
    records = sorted(root.glob(RECORD_GLOB))
    found = next((file for file in records if _lists(file, f"{goroot}/VERSION,")), None)
    return Unpacked(root, found, goroot, len(records) == 1) if found else None


def _lists(record: Path, line: str) -> bool:
    with record.open(encoding="utf-8", errors="replace") as file:
        return any(one.startswith(line) for one in file)
