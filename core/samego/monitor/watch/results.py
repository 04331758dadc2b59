"""Records the result of a run in the history together with its news, in one transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from samego.monitor.history import news, waiting
from samego.monitor.history.changes import Direction, RecordedChange, changes
from samego.monitor.history.news import NewsKind
from samego.monitor.history.record import Run, Waiting
from samego.monitor.history.rows import RunFilter
from samego.monitor.history.store import History
from samego.monitor.history.summing import counted
from samego.monitor.watch.jobs import is_rebuild
from samego.monitor.watch.pool import EndedRun
from samego.system.terminal import visible
from samego.system.user_error import as_samego_error

_REPRODUCED = "reproduced"


def keep(history: History, ended: EndedRun[Waiting], when: datetime) -> bool:
    """Record how the run of a queue's row ended; whether it was decided."""
    message = ended.message
    if message and is_rebuild(ended.job):
        message = _rebuilds_own(ended.output) or message
    if not message:
        try:
            with history.transaction():
                _record(history, ended.job, ended.output, when)
        except Exception as error:  # noqa: BLE001 - what one report does ends with that one
            message = str(as_samego_error(error))
    if message:
        postpone(history, ended.job, visible(message), when)
    return not message


def postpone(history: History, row: Waiting, message: str, when: datetime) -> None:
    """Try a row again later; the first time that is news."""
    with history.transaction():
        now = waiting.put_off(history, row, message, when)
        if row.tries == 0:
            about = {
                "distro": row.distro,
                "package": row.package,
                "version": row.version,
                "architecture": row.architecture,
                "spec": row.spec,
                "message": message,
                "due": now.due.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
            sentence = f"{row.spec} could not be checked: {message}"
            news.add(history, NewsKind.WAITING, sentence, about, when=when)


def _record(history: History, row: Waiting, data: bytes, when: datetime) -> None:
    digest = hashlib.sha256(data).hexdigest()
    history.add_report(data, when, name=row.spec)
    if is_rebuild(row):
        _report_rebuild(history, digest, when)
    else:
        waiting.note_checked(history, row.spec, digest, when)
        run = history.run(digest)
        if run is not None:
            _report_run(history, run, row.spec, when)
    waiting.drop(history, row)


def _report_run(history: History, run: Run, spec: str, when: datetime) -> None:
    change = change_by(history, run)
    about = {**_of_run(run), "spec": spec}
    if change is None:
        news.add(history, NewsKind.CHECKED, run.headline, about, when=when)
        return
    worse = change.direction is Direction.WORSE
    before = {"version": change.before.version, "verdict": change.before.verdict.value}
    news.add(
        history,
        NewsKind.WORSE if worse else NewsKind.BETTER,
        change.sentence,
        {**about, "before": before},
        when=when,
        bad=worse,
    )


def change_by(history: History, run: Run) -> RecordedChange | None:
    """What a run changes: compared with its version's last run, else with the version before."""
    line = RunFilter(distro=run.distro, package=run.package, architecture=run.architecture)
    runs = counted(history, line)
    again = sum((r.version, r.bytes) == (run.version, run.bytes) for r in runs) > 1
    return next(
        (
            change
            for change in changes(runs)
            if change.after.digest == run.digest and change.again is again
        ),
        None,
    )


def _of_run(run: Run) -> Mapping[str, Any]:
    return {
        "distro": run.distro,
        "package": run.package,
        "version": run.version,
        "architecture": run.architecture,
        "release": run.release,
        "target": run.target,
        "verdict": run.verdict.value,
        "passes": run.passes,
        "breaking": list(run.breaking),
        "report": run.digest,
    }


def _rebuilds_own(data: bytes) -> str:
    """Why a rebuild could not be decided, by its own result; empty for data that is none."""
    try:
        result = json.loads(data)
        errors = [
            *(step["error"] for each in result["bootstraps"] for step in each["steps"]),
            *(target["error"] for each in result["bootstraps"] for target in each["targets"]),
        ]
        cause = next((error for error in errors if error), "")
        return f"the rebuild says {result['verdict']}" + (f": {cause}" if cause else "")
    except (ValueError, TypeError, KeyError):
        return ""


def _report_rebuild(history: History, digest: str, when: datetime) -> None:
    for rebuild in history.rebuilds():
        if rebuild.digest == digest:
            good = rebuild.verdict == _REPRODUCED
            sentence = f"{rebuild.release} was rebuilt here: {rebuild.verdict}"
            about = {
                "release": rebuild.release,
                "where": "here",
                "verdict": rebuild.verdict,
                "report": digest,
            }
            news.add(history, NewsKind.REBUILT, sentence, about, when=when, bad=not good)
