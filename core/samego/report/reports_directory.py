"""The directory where reports are kept: one JSON file for each run, named after its subject.

Such a name is ``20261124T023015Z_debian_golang-1.24_1.24.4-1_amd64.json``: the time in UTC,
the distro, and what was checked. Sorted by name, they are sorted by time.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Sequence
from pathlib import Path

from samego.errors import ReportsDirectoryError, UnsafePathError
from samego.model.report import Report
from samego.report import json
from samego.report.summary import Summary
from samego.report.words import subject_parts
from samego.system import atomic, safe_open
from samego.system.terminal import visible

_UNSAFE = re.compile(r"[^A-Za-z0-9.+~_-]+")
#: File systems take 255 bytes; what is checked may carry any name.
_LONGEST = 200
#: The most runs for one package within a second; more are not intended.
_ATTEMPTS = 100
#: The names that are tried first: after the second, with a number behind it.
_FORESEEN = 5
_FOR_ALL_TO_READ = 0o644


def keep(report: Report, directory: Path) -> Path:
    """Write a report into the directory, whole or not at all; the path of its file.

    The directory is made where it is missing. No file that is there is touched. Raises
    ReportsDirectoryError when the report cannot be written there.
    """
    return keep_text(json.render(Summary(report)), report_name(report, time.time()), directory)


def keep_text(text: str, stem: str, directory: Path) -> Path:
    """Write what is no report of a check, as :func:`keep` does; ``stem`` names its file."""
    data = text.encode()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with safe_open.directory(directory) as parent:
            for number in range(1, _ATTEMPTS + 1):
                # Others may have taken all names that can be foreseen.
                taken = str(number) if number <= _FORESEEN else secrets.token_hex(8)
                name = f"{stem}{f'.{taken}' if number > 1 else ''}.json"
                if atomic.create(name, data, directory=parent, mode=_FOR_ALL_TO_READ):
                    return directory / name
    except UnsafePathError as error:
        cause = error.message
    except OSError as error:
        cause = error.strerror or type(error).__name__
    else:
        cause = "others take every name"
    raise ReportsDirectoryError(
        f"the report cannot be kept in {directory} ({cause})",
        hint="set SAMEGO_SPOOL to a directory that can be written",
    )


def report_name(report: Report, when: float) -> str:
    """The file's name without its extension, for a time in seconds since the epoch."""
    return stem_for((report.subject.distro, *map(visible, subject_parts(report))), when)


def stem_for(words: Sequence[str], when: float) -> str:
    """A file's name without its extension: the time, and these words."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(when))
    return _UNSAFE.sub("-", "_".join((stamp, *words)))[:_LONGEST].rstrip(".")
