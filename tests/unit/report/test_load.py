from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from samego.errors import InputError, ReportError
from samego.report import json as report_json
from samego.report.load import LIMIT, load, loads
from samego.report.summary import Summary
from support.reports import clean, sid, trixie

Change = Callable[[dict[str, Any]], object]


def test_a_report_comes_back_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    for report in (trixie(), sid(), clean()):
        file.write_text(report_json.render(Summary(report)), "utf-8")
        assert load(file) == report


def changed(change: Change) -> bytes:
    data = copy.deepcopy(report_json.to_object(Summary(sid())))
    change(data)
    return json.dumps(data).encode()


CONTRADICTIONS: dict[str, Change] = {
    "verdict": lambda data: data.update(verdict="explained"),
    "an error as verdict": lambda data: data.update(verdict="error"),
    "passes": lambda data: data.update(passes=True),
    "a count": lambda data: data["counts"].update(unexplained=0),
    "the sum of what was not compared": lambda data: data["not_compared"].update(count=1),
    "effective": lambda data: data["findings"][0].update(effective="unproven"),
    "a finding's standing": lambda data: data["findings"][0].update(standing="unexplained"),
    "a finding taken out": lambda data: data["findings"].pop(),
    "the order": lambda data: data["findings"].reverse(),
    "a consequence taken out": lambda data: data["consequences"].pop(),
    "waived in one place": lambda data: data["consequences"][0].update(waived=True),
}


@pytest.mark.parametrize("change", CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_a_report_that_contradicts_itself_is_refused(change: Change) -> None:
    with pytest.raises(ReportError, match="contradicts itself"):
        loads(changed(change), name="r.json")


SCHEMA_BREAKS: dict[str, Change] = {
    "a key too many": lambda data: data.update(more=1),
    "a key too few": lambda data: data.pop("tools"),
    "a standing that is none": lambda data: data.update(verdict="fine"),
    "a sum that is none": lambda data: data["upstream"].update(sha256="abc"),
    "a nested key too many": lambda data: data["findings"][0].update(more=1),
    "a number for text": lambda data: data["findings"][0].update(cause=1),
    "a negative count": lambda data: data["counts"].update(identical=-1),
    "a fraction of a path": lambda data: data["counts"].update(identical=0.5),
    "a huge count": lambda data: data["counts"].update(identical=1 << 60),
    "a null where an object stands": lambda data: data.update(subject=None),
    "a mark in a release": lambda data: data["subject"].update(release="\x1b[31m"),
}


@pytest.mark.parametrize("change", SCHEMA_BREAKS.values(), ids=SCHEMA_BREAKS.keys())
def test_what_the_schema_does_not_allow_is_refused_with_the_place(change: Change) -> None:
    with pytest.raises(
        ReportError, match=r"r\.json is not a report as samego writes it, at \$"
    ) as e:
        loads(changed(change), name="r.json")
    assert str(e.value).isprintable()


@pytest.mark.parametrize(
    "command",
    [
        "rm -rf ~",
        "samego check a.deb; rm -rf ~",
        "samego check $(reboot)",
        "samego check a.deb --rebuild -o /etc/passwd",
        "samego check a.deb --config=evil.toml",
        "samego hook install sbuild",
        "samego  check a.deb",
        "samego check 'a.deb",
    ],
)
@pytest.mark.parametrize("key", ["asked", "findings"])
def test_a_command_that_no_check_writes_is_refused(key: str, command: str) -> None:
    def change(data: dict[str, Any]) -> None:
        if key == "asked":
            data["asked"] = {"from": "files", "instead": [], "command": command}
        else:
            data["findings"][0]["command"] = command

    with pytest.raises(ReportError, match=rf"{key}.*command is none that samego writes"):
        loads(changed(change), name="r.json")


def test_a_finding_may_have_a_checks_command() -> None:
    command = "samego check --rebuild debian:sid/golang-1.27 --source 'a b.dsc'"
    data = changed(lambda data: data["findings"][0].update(command=command))
    assert loads(data, name="r.json").findings[0].command == command


@pytest.mark.parametrize(
    "version",
    ["samego.report/3", "samego.report/1.1", "samego.report/\x1b"],
)
def test_another_schema_version_is_named(version: str) -> None:
    with pytest.raises(
        ReportError,
        match=r"has schema samego\.report/.*reads samego\.report/2 and samego\.report/1",
    ) as e:
        loads(json.dumps({"schema": version}).encode(), name="r.json")
    assert str(e.value).isprintable()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", "not JSON", id="empty"),
        pytest.param(b"\x1f\x8b\x08", "not JSON", id="binary"),
        pytest.param(b'{"schema": "samego.report/1"', "not JSON", id="cut off"),
        pytest.param(b'{"a": 1, "a": 2}', "has a key twice", id="a key twice"),
        pytest.param(b'{"a": NaN}', "NaN is not JSON", id="NaN"),
        pytest.param(b'{"a": 1e999}', "not a number", id="infinity"),
        pytest.param(b'{"a": ' + b"9" * 5000 + b"}", "not JSON", id="a number without end"),
        pytest.param(b'{"a": ' + b"9" * 20 + b"}", "larger than any", id="a huge number"),
        pytest.param(b'{"a": -1e300}', "larger than any", id="a huge whole number"),
        pytest.param(rb'{"a": "\ud800"}', "surrogate pair", id="half a pair"),
        pytest.param(rb'{"\udfff": 1}', "surrogate pair", id="half a pair as key"),
        pytest.param(b'{"a": ' * 41 + b"1" + b"}" * 41, "nested too deeply", id="deep"),
        pytest.param('{"schema": 1}'.encode("utf-16"), "not JSON", id="UTF-16"),
        pytest.param(b"[" * 100_000, "nested too deeply", id="a well of brackets"),
        pytest.param(b"[]", "not a samego report", id="a list"),
        pytest.param(b"{}", "not a samego report", id="an empty object"),
        pytest.param(b'{"schema": 1}', "not a samego report", id="a number as schema"),
        pytest.param(b'{"schema": "other/1"}', "not a samego report", id="something else"),
        pytest.param(b" " * (LIMIT + 1), "larger than 64 MiB", id="too large"),
    ],
)
def test_what_is_no_report_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(ReportError, match=message):
        loads(data, name="r.json")


@pytest.mark.parametrize("key", ["release", "target"])
def test_a_release_or_target_that_go_does_not_know(key: str) -> None:
    value = {"release": "go1.24.00", "target": "linux-armv6l"}[key]
    with pytest.raises(ReportError, match=r"unknown release or target|contradicts itself: subject"):
        loads(changed(lambda data: data["subject"].update({key: value})), name="r.json")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.json cannot be read"):
        load(tmp_path / "gone.json")
    with pytest.raises(InputError, match="cannot be read"):
        load(tmp_path)


def test_whole_numbers_may_be_written_with_a_point() -> None:
    text = report_json.render(Summary(clean())).replace(
        '"identical": 10702', '"identical": 10702.0'
    )
    report = loads(text.encode(), name="r.json")
    assert type(report.identical) is int
