"""What the queue's rows stand for: a check, a rebuild of a release, or one by rebuilderd."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from samego.config import Config
from samego.model.release import Release
from samego.monitor.history.record import JobKind, Waiting
from samego.monitor.history.waiting import NEW

#: For a release that is to be rebuilt: its distro and its package in the queue.
UPSTREAM = "go"


class Where(enum.Enum):
    """Where releases are rebuilt."""

    HERE = "here"
    REBUILDERD = "rebuilderd"
    NOWHERE = "no"


@dataclass(frozen=True, slots=True)
class JobSettings:
    """What runs are started with. ``config_file`` is the file that the user named."""

    config: Config
    config_file: Path | None = None
    rebuild: bool = False


def of_release(release: Release, where: Where, when: datetime) -> Waiting:
    """The row for a release to be rebuilt."""
    submit = where is Where.REBUILDERD
    job, what = (JobKind.SUBMIT, "rebuilderd sync") if submit else (JobKind.REBUILD, "rebuild")
    version = str(release).removeprefix("go")
    return Waiting(
        UPSTREAM, UPSTREAM, version, "", f"{what} {release}", when, when, 0, when, NEW, job
    )


def of_name(name: str, when: datetime) -> Waiting:
    """The row for what the user named; what it is, the check finds out."""
    path = Path(name)
    spec = str(path.absolute()) if path.exists() else name
    return Waiting("", spec, "", "", spec, when, when, 0, when, NEW)


def is_submitted(row: Waiting) -> bool:
    """Whether rebuilderd is to rebuild a release."""
    return row.job is JobKind.SUBMIT


def is_rebuild(row: Waiting) -> bool:
    """Whether a release is to be rebuilt here."""
    return row.job is JobKind.REBUILD


def release_of(row: Waiting) -> Release:
    """The release of a row that :func:`of_release` made."""
    return Release.parse(row.version)


def arguments(row: Waiting, settings: JobSettings) -> tuple[str, ...]:
    """The arguments of samego for a row that is done here; the result goes to stdout as JSON."""
    config = settings.config
    common = ["--quiet", "--cache", str(config.cache_directory)]
    if settings.config_file is not None:
        common += ["--config", str(settings.config_file.absolute())]
    if config.offline:
        common.append("--offline")
    if is_rebuild(row):
        return ("rebuild", *common, "--format", "json", str(release_of(row)))
    rebuild = ["--rebuild"] if settings.rebuild else []
    return ("check", *common, *rebuild, "--format", "json", "--", row.spec)
