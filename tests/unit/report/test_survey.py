from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from samego.errors import InputError, NetworkError
from samego.model.report import Report
from samego.model.survey import Survey, Surveyed, SystemNotes
from samego.report import schema
from samego.report.survey import exit_status, headline, parts, render, render_json, render_markdown
from samego.report.trackers.issues import Undecided
from support.reports import clean, sid, trixie

ERROR = NetworkError("no channel has go1.99.9", hint="check the network", tried=("a: b",))


def one(where: str, report: Report | None = None, error: Exception | None = None) -> Surveyed:
    assert error is None or isinstance(error, (InputError, NetworkError))
    return Surveyed("/", where, (), "module cache", "go1.24.4 linux-amd64", report, error)


def survey(*toolchains: Surveyed, **notes: tuple[Any, ...]) -> Survey:
    return Survey("/srv/root", toolchains, (SystemNotes("/", **notes),), "0.1.0")


def whole() -> Survey:
    return survey(
        one("/usr/local/go", clean()),
        one("/root/sdk/go1.24.4", trixie()),
        one("/opt/go", error=ERROR),
        unread=(("/home/bob", "Permission denied"),),
        strays=("/usr/bin/go",),
    )


@pytest.mark.parametrize(
    ("toolchains", "status", "line"),
    [
        pytest.param([clean()], 0, "1 toolchain in /srv/root: 1 passes", id="passes"),
        pytest.param([clean(), clean()], 0, "2 toolchains in /srv/root: 2 pass", id="pass"),
        pytest.param(
            [clean(), sid(), trixie()],
            1,
            "3 toolchains in /srv/root: 1 passes, 2 do not pass",
            id="differs",
        ),
        pytest.param(
            [sid(), None],
            2,
            "2 toolchains in /srv/root: 1 does not pass, 1 could not be decided",
            id="error",
        ),
        pytest.param([], 2, "0 toolchains in /srv/root: ", id="nothing"),
    ],
)
def test_the_status_is_that_of_the_worst(
    toolchains: list[Report | None], status: int, line: str
) -> None:
    found = survey(
        *(one(f"/{n}", report, None if report else ERROR) for n, report in enumerate(toolchains))
    )
    assert exit_status(found) == status
    assert headline(found) == line
    assert json.loads(render_json(found))["passes"] is (status == 0)


def test_each_has_one_line_and_details_where_it_does_not_pass() -> None:
    text = render(whole())
    lines = text.split("\n")
    assert lines[2].startswith("  /usr/local/go       go1.24.4 linux-amd64  explained, passes")
    assert lines[3].startswith("  /root/sdk/go1.24.4  go1.24.4 linux-amd64  unproven, does not")
    assert lines[4].startswith("  /opt/go             go1.24.4 linux-amd64  could not decide: no")
    assert "/home/bob (Permission denied)" in text
    assert "/usr/bin/go is a go command in no GOROOT" in text
    assert "\n/root/sdk/go1.24.4 (module cache)\n---" in text
    assert "error: no channel has go1.99.9\nhint: check the network\ntried:\n  a: b\n" in text
    assert "\n/usr/local/go (module cache)\n" not in text
    assert "\n/usr/local/go (module cache)\n" in render(whole(), verbose=True)


def test_what_is_hostile_in_a_name_is_escaped() -> None:
    found = survey(one("/opt/\x1b[31mgo\n", error=ERROR))
    for text in (render(found), render_markdown(found)):
        assert "\x1b" not in text
        assert "go\n\n\n" not in text


def test_the_json_is_what_the_schema_says() -> None:
    data = json.loads(render_json(whole()))
    text = resources.files("samego.report").joinpath("survey.schema.json").read_text("utf-8")
    Draft202012Validator(json.loads(text)).validate(data)
    assert data["verdict"] == "error"
    assert [each["verdict"] for each in data["toolchains"]] == ["explained", "unproven", "error"]
    for each in data["toolchains"]:
        if each["report"] is not None:
            schema.check(each["report"], name="a report in it")


def test_several_systems_are_told_apart() -> None:
    found = Survey(
        "image.tar",
        (
            Surveyed("linux-amd64", "/usr/local/go", (), "x", "y", clean()),
            Surveyed("linux-arm64", "/usr/local/go", (), "x", "y", clean()),
        ),
        (SystemNotes("linux-amd64"), SystemNotes("linux-arm64")),
        "0.1.0",
    )
    assert "  linux-arm64: /usr/local/go  y" in render(found)


def test_markdown_has_every_report() -> None:
    text = render_markdown(whole())
    assert text.startswith("**3 toolchains in /srv/root")
    assert "| where | what it says it is | verdict |" in text
    assert text.count("\n# ") == 3


def test_its_parts_lose_nothing_that_could_not_be_decided() -> None:
    found = parts(whole())
    assert [isinstance(each, Undecided) for each in found] == [False, False, True]
    assert found[2] == Undecided("/opt/go", ERROR)
