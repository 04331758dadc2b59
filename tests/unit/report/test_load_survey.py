from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from samego.cli.main import main
from samego.errors import NetworkError, ReportError
from samego.model.survey import Survey, Surveyed, SystemNotes
from samego.report.load_survey import is_survey, loads
from samego.report.survey import render, render_json, render_markdown
from support.reports import clean, trixie

ERROR = NetworkError("no channel has go1.99.9", hint="check the network", tried=("a: b",))
NOTES = (
    SystemNotes("/", (("/home/bob", "Permission denied"),), ("/usr/bin/go",)),
    SystemNotes("image", ()),
)
SURVEY = Survey(
    "/srv/root",
    (
        Surveyed("/", "/usr/local/go", ("/go",), "module cache", "go1.24.4", clean()),
        Surveyed("image", "/opt/go", (), "a place", "go1.24.4", trixie()),
        Surveyed("/", "/opt/bad", (), "a place", "", None, ERROR),
    ),
    NOTES,
    "0.1.0",
)


def test_what_is_read_says_what_was_written() -> None:
    text = render_json(SURVEY)
    assert is_survey(text.encode())
    read = loads(text.encode(), name="x")
    assert render_json(read) == text
    assert render(read) == render(SURVEY)
    assert render_markdown(read) == render_markdown(SURVEY)


@pytest.mark.parametrize("form", ["text", "json", "markdown", "junit", "sarif", "code-quality"])
def test_samego_report_takes_it(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "survey.json"
    file.write_text(render_json(SURVEY))
    assert main(["report", str(file), "--format", form]) == 0
    assert "no channel has go1.99.9" in capsys.readouterr().out


def test_what_is_of_one_report_refuses_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "survey.json"
    file.write_text(render_json(SURVEY))
    assert main(["report", str(file), "--format", "html"]) == 2
    assert "is about several toolchains, and html about one" in capsys.readouterr().err


def changed(**given: Any) -> bytes:  # noqa: ANN401 - JSON
    return json.dumps(json.loads(render_json(SURVEY)) | given).encode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(changed(passes=True), "contradicts itself: passes", id="passes"),
        pytest.param(changed(verdict="identical"), "contradicts itself: verdict", id="verdict"),
        pytest.param(changed(schema="samego.survey/9"), "is not samego.survey/1", id="schema"),
        pytest.param(changed(more=1), "is not samego.survey/1", id="key"),
        pytest.param(changed()[:-9], "is not JSON", id="cut"),
    ],
)
def test_what_contradicts_itself_is_refused(data: bytes, message: str) -> None:
    assert is_survey(data)
    with pytest.raises(ReportError, match=message):
        loads(data, name="x")


def test_a_report_in_it_is_checked_as_any() -> None:
    data = json.loads(render_json(SURVEY))
    data["toolchains"][0]["report"]["counts"]["equivalent"] += 1
    with pytest.raises(ReportError, match="x, /usr/local/go contradicts itself: counts"):
        loads(json.dumps(data).encode(), name="x")
