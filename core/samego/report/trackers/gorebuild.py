"""go.dev/rebuild's report, from results of ``samego rebuild`` (schema ``samego.rebuild/1``).

Format: golang/build, cmd/gorebuild/report.go, as encoding/json writes its structs: the
names are Go's. A log's status is that of its lines: FAIL counts before PASS, PASS before
SKIP; of a release and of the whole, SKIP counts before PASS ("be clear not completely
verified").
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jsonschema import Draft202012Validator

from samego.errors import ReportError
from samego.model.release import Release, Target
from samego.report import strict_json
from samego.report.load import LIMIT
from samego.report.rebuild import SCHEMA, schema
from samego.report.trackers.statuses import words
from samego.system.terminal import visible

NAME = "gorebuild"
_FAIL, _PASS, _SKIP = "FAIL", "PASS", "SKIP"
_FAILED = "failed"
#: The bootstrap that begins with C sources alone (Go 1.4).
_FULL = "c"
_SOURCE = re.compile(r".*\.src\.tar\.gz")
_QUOTED = 60


@dataclass(frozen=True, slots=True)
class DatedRebuild:
    """A rebuild's result as read from JSON, and when it ended (UTC)."""

    data: Mapping[str, Any]
    when: datetime


def read(data: bytes, *, name: str) -> dict[str, Any]:
    """A rebuild's result from its bytes. Raises ReportError, naming ``name``, for anything else."""
    hint = "give what 'samego rebuild --format json' wrote"
    if len(data) > LIMIT:
        raise ReportError(f"{name} is larger than {LIMIT >> 20} MiB", hint=hint)
    try:
        parsed = strict_json.parse(data)
    except ValueError as error:
        raise ReportError(f"{name} is not JSON ({visible(str(error))})", hint=hint) from error
    check(parsed, name=name)
    result: dict[str, Any] = parsed
    return result


def check(data: object, *, name: str) -> None:
    """Check that data is a rebuild's result. Raises ReportError, naming ``name``."""
    found = data.get("schema") if isinstance(data, dict) else None
    if found != SCHEMA:
        what = visible(found[:_QUOTED]) if isinstance(found, str) else "none"
        raise ReportError(
            f"{name} has schema {what}; this format needs {SCHEMA}",
            hint="give what 'samego rebuild --format json' wrote",
        )
    instance: Any = data
    error = next(Draft202012Validator(schema()).iter_errors(instance), None)
    if error is not None:
        raise ReportError(
            f"{name} is not a rebuild's result as samego writes it, at {error.json_path}",
            hint="it was changed or damaged: rebuild again",
        )


def render(results: Sequence[DatedRebuild]) -> str:
    """The report as JSON with one space of indentation."""
    ends = [given.when for given in results]
    starts = [given.when - timedelta(seconds=given.data["seconds"]) for given in results]
    end = _time(max(ends))
    releases = _releases(results)
    status = _whole(release["Log"]["Status"] for release in releases)
    lines = [
        f"FAIL: {release['Version']} did not verify"
        for release in releases
        if release["Log"]["Status"] == _FAIL
    ]
    bootstraps = [each for given in results for each in given.data["bootstraps"]]
    report = {
        "Version": f"samego@{results[-1].data['samego']}",
        # No Go built samego, and a result does not name the machine that it was made on.
        "GoVersion": "",
        "GOOS": "",
        "GOARCH": "",
        "Start": _time(min(starts)),
        "End": end,
        "Work": "",
        "Full": any(each["name"] == _FULL for each in bootstraps),
        "Bootstraps": _bootstraps(bootstraps, end),
        "Releases": releases,
        "Log": _log("", lines or ([_PASS] if status == _PASS else []), status, end),
    }
    return json.dumps(report, indent=1) + "\n"


def _bootstraps(found: Iterable[Mapping[str, Any]], when: str) -> list[dict[str, Any]]:
    result: dict[str, dict[str, Any]] = {}
    for each in found:
        version = each["version"] or each["origin"]
        status = _FAIL if any(step["error"] for step in each["steps"]) else _PASS
        lines = [each["origin"], *(f"FAIL: {s['error']}" for s in each["steps"] if s["error"])]
        result.setdefault(
            each["digest"],
            # An error of Go's is an interface, and does not survive JSON: it is in the log.
            {
                "Version": version,
                "Dir": "",
                "Err": None,
                "Log": _log(f"bootstrap {version}", lines, status, when),
            },
        )
    return sorted(result.values(), key=lambda item: str(item["Version"]))


def _releases(results: Iterable[DatedRebuild]) -> list[dict[str, Any]]:
    """The releases, newest first; a later result of one replaces what it has in common."""
    by_release: dict[str, dict[str, dict[str, Any]]] = {}
    ended: dict[str, str] = {}
    for given in sorted(results, key=lambda item: item.when):
        release = given.data["release"]
        ended[release] = _time(given.when)
        by_release.setdefault(release, {}).update(_files(given))
    ordered = sorted(by_release, key=Release.parse, reverse=True)
    return [_release(release, by_release[release], ended[release]) for release in ordered]


def _release(release: str, files: Mapping[str, dict[str, Any]], when: str) -> dict[str, Any]:
    ordered = [files[name] for name in sorted(files)]
    status = _whole(file["Log"]["Status"] for file in ordered)
    failed = [file["Name"] for file in ordered if file["Log"]["Status"] == _FAIL]
    lines = [f"FAIL: {name} did not verify" for name in failed]
    log = _log(release, lines or ([_PASS] if status == _PASS else []), status, when)
    return {"Version": release, "Log": log, "Files": ordered}


def _files(given: DatedRebuild) -> dict[str, dict[str, Any]]:
    """Every file with what each bootstrap gave for it."""
    lines: dict[str, list[str]] = {}
    about: dict[str, tuple[str, str, str]] = {}
    for bootstrap in given.data["bootstraps"]:
        for target in bootstrap["targets"]:
            goos, goarch = _split(target["target"])
            if target["error"]:
                name = f"{given.data['release']}.{target['target']}"
                lines.setdefault(name, []).append(
                    _line(_FAILED, f"did not build: {target['error']}")
                )
                about.setdefault(name, (goos, goarch, ""))
            for file in target["files"]:
                name = file["name"]
                source = _SOURCE.fullmatch(name) is not None
                about.setdefault(name, ("", "", "") if source else (goos, goarch, ""))
                about[name] = (*about[name][:2], file["sha256"] or "")
                detail = f"{file['cause']}, built with {bootstrap['origin']}"
                lines.setdefault(name, []).append(_line(file["outcome"], detail))
    when = _time(given.when)
    return {
        name: {
            "Name": name,
            "GOOS": about[name][0],
            "GOARCH": about[name][1],
            "SHA256": about[name][2],
            "Log": _log(name, text, _of_lines(text), when),
        }
        for name, text in lines.items()
    }


def _line(outcome: str, text: str) -> str:
    return f"{words(NAME)[outcome]}: {text}"


def _of_lines(lines: Iterable[str]) -> str:
    """The status that cmd/gorebuild's Log.Printf makes of lines."""
    found = {line.partition(":")[0] for line in lines}
    return next((status for status in (_FAIL, _PASS, _SKIP) if status in found), "")


def _whole(statuses: Iterable[str]) -> str:
    """The status of something with parts: without any, nothing was verified."""
    found = set(statuses) or {_SKIP}
    return next(status for status in (_FAIL, _SKIP, _PASS) if status in found)


def _log(name: str, lines: Iterable[str], status: str, when: str) -> dict[str, Any]:
    messages = [{"Time": when, "Text": line} for line in lines]
    return {"Name": name, "Messages": messages, "Status": status}


def _split(target: str) -> tuple[str, str]:
    parsed = Target.parse(target)
    return parsed.goos, parsed.goarch


def _time(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
