"""A pass as text and as JSON, the most important first."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

from samego.monitor.history.posted import PostedState
from samego.monitor.history.record import Waiting
from samego.monitor.watch.watching import Pass
from samego.report.words import amount
from samego.system.terminal import visible

SCHEMA = "samego.watch/1"
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_DAY = "%Y-%m-%d"
_MINUTE = "%Y-%m-%d %H:%M UTC"


def render_text(done: Pass) -> str:
    """A line for each item, the most important first, and a summary as the last line."""
    lines = [*_news(done), *_standing(done), *_waiting(done), *_sources(done), _summary(done)]
    return "".join(f"{visible(line)}\n" for line in lines)


def render_json(done: Pass) -> str:
    """The same for programs; its ``news`` are the objects that --notify passes on."""
    data = {
        "schema": SCHEMA,
        "at": done.began.strftime(_TIME),
        "news": [item.to_object() for item in done.news],
        "standing": [_stands(each) for each in done.standing],
        "waiting": [_waits(row) for row in done.waiting],
        "failed": [{"source": name, "message": why} for name, why in done.polled.failed],
        "notes": list(done.polled.notes),
        "sources": done.polled.sources,
        "checked": done.checked,
        "submitted": done.submitted,
        "notified": None if done.notified is None else done.notified.sent,
        "not_notified": [] if done.notified is None else list(done.notified.failures),
    }
    return json.dumps(data, indent=2) + "\n"


def _news(done: Pass) -> Iterator[str]:
    for item in done.news:
        if item.kind.value == "waiting":
            continue  # _waiting lists it, with the time of the next try
        word = item.kind.value
        yield f"{word.upper() + '!' if item.kind.loud else word}: {item.sentence}"


def _standing(done: Pass) -> Iterator[str]:
    """What was news in an earlier pass: a line for each release, not for each file."""
    earlier = [each for each in done.standing if each.since < done.began]
    for (since, channel, release, changed), group in itertools.groupby(
        earlier, key=lambda each: (each.since, each.channel, each.file.release, each.changed)
    ):
        files = list(group)
        which = files[0].file.file if len(files) == 1 else amount(len(files), "file")
        what = "has changed" if changed else "has withdrawn"
        yield (
            f"STILL: {channel} {what} {which} of {release}, since {since.strftime(_DAY)}"
            " ('samego watch --seen' acknowledges it)"
        )


def _waiting(done: Pass) -> Iterator[str]:
    for row in done.waiting:
        if not row.tries:
            yield f"waiting: {row.spec}: {row.message}"
            continue
        tried = f"tried {amount(row.tries, 'time')} since {row.since.strftime(_DAY)}"
        due = row.due.strftime(_MINUTE)
        yield f"waiting: {row.spec}, {tried}, again after {due}: {row.message}"


def _sources(done: Pass) -> Iterator[str]:
    for name, why in done.polled.failed:
        yield f"could not read: {name}: {why}"
    for why in done.notified.failures if done.notified else ():
        yield f"could not notify: {why}"
    for note in done.polled.notes:
        yield f"note: {note}"


def _summary(done: Pass) -> str:
    bad = sum(item.bad for item in done.news)
    parts = [
        f"read {amount(done.polled.sources, 'source')}",
        f"checked {done.checked} of {done.tried}",
        f"{len(done.waiting)} waiting",
        f"{len(done.news)} news, {bad} of them bad" if bad else f"{len(done.news)} news",
    ]
    if done.polled.failed:
        parts[0] += f" ({len(done.polled.failed)} failed)"
    if done.submitted:
        parts.insert(2, f"{done.submitted} submitted to rebuilderd")
    if done.notified is not None:
        parts.append(f"{done.notified.sent} notified")
    return "; ".join(parts)


def _stands(each: PostedState) -> dict[str, Any]:
    return {
        "channel": each.channel,
        "release": each.file.release,
        "file": each.file.file,
        "sha256": each.file.sha256,
        "kind": "changed" if each.changed else "withdrawn",
        "since": each.since.strftime(_TIME),
    }


def _waits(row: Waiting) -> dict[str, Any]:
    return {
        "distro": row.distro,
        "package": row.package,
        "version": row.version,
        "architecture": row.architecture,
        "spec": row.spec,
        "since": row.since.strftime(_TIME),
        "tried": row.tried.strftime(_TIME) if row.tries else None,
        "tries": row.tries,
        "due": row.due.strftime(_TIME),
        "message": row.message,
    }
