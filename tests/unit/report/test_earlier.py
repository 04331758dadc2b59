"""A report that the last version with words wrote, stored as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from samego.errors import ReportError
from samego.model.finding import Why
from samego.model.places.files import Lines
from samego.report import html, markdown, text
from samego.report import json as report_json
from samego.report.lead import lead
from samego.report.load import loads
from samego.report.summary import Summary
from support.words import cause_of, where_of

STORED = Path(__file__).parents[3] / "fixtures" / "reports" / "report-1.json"
DATA: dict[str, Any] = json.loads(STORED.read_text("utf-8"))
SOURCE = "src/cmd/compile/internal/inline/inl.go"


def test_its_words_are_kept_and_nothing_is_read_out_of_them() -> None:
    report = loads(STORED.read_bytes(), name="r")
    assert report.in_words
    for finding, stored in zip(report.findings, DATA["findings"], strict=True):
        assert (cause_of(finding), where_of(finding)) == (stored["cause"], stored["where"])
    (source,) = (finding for finding in report.findings if finding.path == SOURCE)
    assert source.lines == Lines(
        2, 1, 1, tuple(DATA["findings"][report.findings.index(source)]["lines"]["diff"])
    )
    groups = {(group.why, group.package) for group in report.not_compared}
    assert groups == {
        (Why.NO_COUNTERPART.value, ""),
        (Why.PACKAGE_NOT_GIVEN.value, "golang-1.24-src"),
    }


def test_it_is_shown_and_written_anew_as_this_version_has_it() -> None:
    report = loads(STORED.read_bytes(), name="r")
    for shown in (
        text.render(Summary(report)),
        markdown.render(Summary(report)),
        html.render(Summary(report)),
    ):
        assert SOURCE in shown
    written = report_json.to_object(Summary(report))
    assert written["schema"] == "samego.report/2"
    again = loads(json.dumps(written).encode(), name="r")
    assert again.findings == report.findings
    assert lead(Summary(again)) == lead(Summary(report))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.update(verdict="explained"), "contradicts itself: verdict"),
        (lambda data: data["findings"][0].update(effective="unexplained"), "contradicts itself"),
        (lambda data: data["findings"][0].update(causes=[]), "not a report as samego writes it"),
        (lambda data: data.update(schema="samego.report/2"), "not a report as samego writes it"),
    ],
)
def test_what_it_contradicts_and_what_it_cannot_have_are_refused(
    change: Callable[[dict[str, Any]], object], message: str
) -> None:
    data = json.loads(STORED.read_text("utf-8"))
    change(data)
    with pytest.raises(ReportError, match=message):
        loads(json.dumps(data).encode(), name="r")
