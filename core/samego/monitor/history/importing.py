"""Reports from files and from the directories where hooks and backends keep them.

The directory may be one where every user of the machine can put files (docs/hooks.md). So
files are opened as samego.system.safe_open does it: no link is followed, nothing but a regular
file is read, up to its size at opening, and nothing waits. A file's owner decides whether
its report counts; what one file does ends with that file.
"""

from __future__ import annotations

import calendar
import os
import pwd
import re
import stat
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from samego.errors import DiskFullError, HistoryError, InputError, SamegoError, UnsafePathError
from samego.monitor.history.offers import place_report
from samego.monitor.history.rows import moment
from samego.monitor.history.store import History
from samego.report import load
from samego.system import safe_open
from samego.system.terminal import visible

#: How samego.report.reports_directory begins a file's name.
_STAMP = re.compile(r"(\d{8}T\d{6}Z)_", re.ASCII)
_STAMP_FORMAT = "%Y%m%dT%H%M%SZ"
#: What one user who does not count can have us read in one import: reports that are not known
#: and their bytes (about 0.7 CPU s for a MiB), and the bytes of all, which are hashed.
MOST_REPORTS = 200
MOST_BYTES = 16 << 20
MOST_READ = 1 << 30


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of it: how many reports were new and known, and what was none and why.

    ``others`` says how many of the new ones came from whom of those who do not count.
    """

    new: int
    known: int
    refused: tuple[str, ...]
    others: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _File:
    """A file to read: ``parent`` is its open directory, None for one that was named itself.

    ``owner`` is whose it was when it was listed, empty for one of ours: then the opened file
    must be of one of the ``allowed`` users, whatever has been put under its name since.
    """

    name: str
    shown: str
    owner: str
    status: os.stat_result
    parent: int | None = None
    allowed: Collection[int] | None = None


def import_reports(
    history: History,
    paths: Iterable[Path],
    suite: str = "",
    *,
    owners: Collection[int] = (),
    now: float | None = None,
) -> Imported:
    """Add the reports in these files and directories, each once however often it is asked.

    Reports of root, of the user who runs this, and of ``owners`` count; others are kept with
    their owner's name, and only shown. No report is of a time after ``now`` (the present).
    What is no report is passed over and named. ``suite`` says which suite of the distro
    holds what ours are of. Raises InputError for a path that does not exist, HistoryError
    and DiskFullError; what was added until then stays.
    """
    intake = _Intake(history, suite, time.time() if now is None else now)
    for path in paths:
        if path.is_dir():
            with safe_open.directory(path) as parent:
                for file in _listed(path, parent, owners):
                    intake.take(file)
        else:
            intake.take(_named(path, owners))
    return intake.outcome()


class _Intake:
    """One import: what came of the files so far."""

    def __init__(self, history: History, suite: str, now: float) -> None:
        self._history = history
        self._suite = suite
        self._now = now
        self._counts: Counter[bool] = Counter()
        self._refused: list[str] = []
        self._others: Counter[str] = Counter()
        self._tried: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._read: Counter[str] = Counter()
        self._left: Counter[str] = Counter()

    def take(self, file: _File) -> None:
        """Add one file's report, or note why not."""
        if self._is_full(file):
            self._left[file.owner] += 1
            return
        size = file.status.st_size
        self._read[file.owner] += size
        self._tried[file.owner] += 1
        self._bytes[file.owner] += size
        try:
            data = safe_open.read_file(
                file.name, load.LIMIT, parent=file.parent, owners=file.allowed
            )
            when = moment(min(_claimed(file), self._now))
            new = self._history.add_report(data, when, name=file.shown, owner=file.owner)
        except (HistoryError, DiskFullError):
            raise
        except UnsafePathError as error:
            self._refused.append(f"{file.shown}: {error.message}")
            return
        except SamegoError as error:
            self._refused.append(str(error))
            return
        except OSError as error:
            self._refused.append(f"{file.shown} cannot be read ({error.strerror})")
            return
        except Exception as error:  # noqa: BLE001 - what one report does ends with that one
            self._refused.append(f"{file.shown} cannot be imported ({type(error).__name__})")
            return
        self._counts[new] += 1
        if new and file.owner:
            self._others[file.owner] += 1
        if not new:
            self._tried[file.owner] -= 1
            self._bytes[file.owner] -= size
        if self._suite and not file.owner:
            place_report(self._history, data, self._suite)

    def outcome(self) -> Imported:
        """What came of all."""
        left = [
            f"{count:,} more files of {owner}: at most {MOST_REPORTS} and {MOST_BYTES >> 20} MiB"
            " are taken in at one time"
            for owner, count in sorted(self._left.items())
        ]
        return Imported(
            self._counts[True],
            self._counts[False],
            (*self._refused, *left),
            dict(sorted(self._others.items())),
        )

    def _is_full(self, file: _File) -> bool:
        return bool(file.owner) and (
            self._tried[file.owner] >= MOST_REPORTS
            or self._bytes[file.owner] + file.status.st_size > MOST_BYTES
            or self._read[file.owner] + file.status.st_size > MOST_READ
        )


def _listed(directory: Path, parent: int, owners: Collection[int]) -> list[_File]:
    """The reports of a directory by name: ours first, so that others do not keep them waiting.

    What begins with a dot is being written.
    """
    found = []
    for name in sorted(os.listdir(parent)):
        if name.endswith(".json") and name[0] != ".":
            with suppress(FileNotFoundError):  # it has been taken away
                status = os.stat(name, dir_fd=parent, follow_symlinks=False)
                found.append(_file(name, directory / name, status, owners, parent))
    return sorted(found, key=lambda file: bool(file.owner))


def _named(path: Path, owners: Collection[int]) -> _File:
    """A file that the user named. Raises InputError where there is none."""
    shown = visible(str(path))
    try:
        status = path.stat(follow_symlinks=False)
    except OSError as error:
        raise InputError(
            f"there is no {shown}",
            hint="name reports, or the directory where hooks keep them (SAMEGO_SPOOL)",
        ) from error
    if stat.S_ISLNK(status.st_mode):
        raise InputError(f"{shown} is a link", hint="name the file that it leads to")
    return _file(str(path), path, status, owners)


def _file(
    name: str,
    path: Path,
    status: os.stat_result,
    owners: Collection[int],
    parent: int | None = None,
) -> _File:
    uid, shown = status.st_uid, visible(str(path))
    if uid in (allowed := {0, os.geteuid(), *owners}):
        return _File(name, shown, "", status, parent, allowed)
    try:
        owner = visible(pwd.getpwuid(uid).pw_name)
    except KeyError:
        owner = f"user {uid}"
    return _File(name, shown, owner, status, parent)


def _claimed(file: _File) -> float:
    """When a report says that it was made: by its name, else by its file's time."""
    match = _STAMP.match(file.name.rpartition("/")[2])
    if match is not None:
        with suppress(ValueError):
            return calendar.timegm(time.strptime(match[1], _STAMP_FORMAT))
    return file.status.st_mtime


def user_numbers(names: Iterable[str]) -> Iterator[int]:
    """The numbers of users by name or number. Raises InputError for one that there is not."""
    for name in names:
        if name.isascii() and name.isdigit():
            yield int(name)
            continue
        try:
            yield pwd.getpwnam(name).pw_uid
        except KeyError as error:
            raise InputError(
                f"there is no user {visible(name)!r}",
                hint="correct SAMEGO_HISTORY_OWNERS, or owners in [history]",
            ) from error
