"""Reports from files and from the directories where hooks and backends keep them."""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from samego.errors import InputError, ReportError
from samego.history.store import History, moment
from samego.printable import visible
from samego.report import load

#: How samego.report.reports_directory begins a file's name.
_STAMP = re.compile(r"(\d{8}T\d{6}Z)_")
_STAMP_FORMAT = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of it: how many reports were new and known, and what was none and why."""

    new: int
    known: int
    refused: tuple[str, ...]


def import_reports(history: History, paths: Iterable[Path], suite: str = "") -> Imported:
    """Add the reports in these files and directories, each once however often it is asked.

    What is no report is passed over and named. ``suite`` says which suite of the distro
    holds what they are of. Raises InputError for a path that does not exist, HistoryError
    and DiskFullError; what was added until then stays.
    """
    new = known = 0
    refused = []
    for path in _files(paths):
        try:
            data = load.read(path)
            added = history.add_report(data, _when(path), name=visible(str(path)))
        except (InputError, ReportError) as error:
            refused.append(str(error))
            continue
        new += added
        known += not added
        if suite:
            history.place(data, suite)
    return Imported(new, known, tuple(refused))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            # What begins with a dot is being written.
            yield from sorted(item for item in path.glob("*.json") if item.name[0] != ".")
        elif path.exists():
            yield path
        else:
            raise InputError(
                f"there is no {visible(str(path))}",
                hint="name reports, or the directory where hooks keep them (SAMEGO_SPOOL)",
            )


def _when(path: Path) -> datetime:
    """When a report was made: what its name says, else when its file was written."""
    match = _STAMP.match(path.name)
    if match is not None:
        try:
            return moment(calendar.timegm(time.strptime(match[1], _STAMP_FORMAT)))
        except ValueError:
            pass
    try:
        return moment(path.stat().st_mtime)
    except OSError as error:
        raise InputError(
            f"{visible(str(path))} cannot be read ({error.strerror})", hint="import again"
        ) from error
