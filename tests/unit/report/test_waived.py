"""What is waived is in every format, with its reason, and forged waivers are refused."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from samego.attest import statement
from samego.check.published import machine_of, published
from samego.config import Config
from samego.errors import ReportError
from samego.model.report import Report
from samego.model.waiver import Takes, Waiver
from samego.monitor.history.intake import run_of_report
from samego.report import html, markdown, text
from samego.report import json as report_json
from samego.report.explain import explain
from samego.report.load import loads
from samego.report.summary import Summary
from samego.report.trackers import junit
from samego.report.trackers.issues import Checked, Issue, IssueKind, issues
from samego.verify.chosen import chosen
from support.reports import trixie

UNTIL = dt.date(2027, 1, 31)
LINE = Waiver(
    Takes.PATH, "no machine <here> can build it", "samego.waivers", 3, pattern="**", until=UNTIL
)
SENTENCE = "waived: no machine <here> can build it (by samego.waivers, line 3, until 2027-01-31)"


def waived(*lines: Waiver) -> Report:
    return replace(trixie(), waivers=lines or (replace(LINE, pattern="everything"),))


def sarif_of(report: Report) -> list[Issue]:
    """What SARIF and GitLab's code quality are made of, but for what is latent."""
    return [each for each in issues(Summary(report)) if each.kind is not IssueKind.LATENT]


def shown(report: Report) -> dict[str, str]:
    summary = Summary(report)
    data = report_json.render(summary)
    return {
        "text": " ".join(text.render(summary).split()),
        "explain": " ".join(explain(summary, "bin/go").split()),
        "markdown": " ".join(markdown.render(summary).replace("\\", "").split()),
        "html": " ".join(html.render(summary).split()).replace("&lt;", "<").replace("&gt;", ">"),
        "junit": junit.render([Checked(summary)]).replace("&lt;", "<").replace("&gt;", ">"),
        "json": data,
        "attestation": statement.state(report, data.encode()).decode(),
    }


@pytest.mark.parametrize("form", ["text", "explain", "markdown", "html", "junit"])
def test_each_format_says_the_reason_who_gives_it_and_until_when(form: str) -> None:
    found = shown(waived())[form]
    assert SENTENCE in found
    assert SENTENCE not in shown(trixie())[form]


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_the_first_lines_say_how_many(form: str) -> None:
    assert "unproven, passes with 16 waived (16 executables need a rebuild" in (
        shown(waived())[form].replace("<strong>", "").replace("</strong>", "")
    )


def test_the_json_has_each_waiver_with_what_it_takes() -> None:
    other = replace(LINE, line=9, pattern="nothing")
    found = json.loads(shown(waived(replace(LINE, pattern="bin/*"), other))["json"])
    first, second = found["waivers"]
    assert (first["paths"], second["paths"]) == (["bin/go"], [])
    assert (first["until"], first["expired"], first["line"]) == ("2027-01-31", False, 3)
    assert not found["passes"]
    assert "waivers" not in json.loads(shown(trixie())["json"])


def test_a_report_with_waivers_comes_back_as_it_was() -> None:
    for report in (waived(), waived(LINE, replace(LINE, until=None, expired=True))):
        data = report_json.render(Summary(report)).encode()
        assert loads(data, name="r.json", exact=True) == report


FORGED: dict[str, Callable[[dict[str, Any]], object]] = {
    "paths that it does not take": lambda w: w.update(paths=["VERSION"]),
    "a path left out": lambda w: w["paths"].pop(),
    "that it is over": lambda w: w.update(expired=True),
    "another pattern": lambda w: w.update(pattern="src/**"),
    "another kind": lambda w: w.update(takes="breaks"),
}


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED.keys())
def test_a_forged_waiver_is_a_contradiction(change: Callable[[dict[str, Any]], object]) -> None:
    data = copy.deepcopy(report_json.to_object(Summary(waived())))
    waivers: Any = data["waivers"]
    change(waivers[0])
    with pytest.raises(ReportError, match="contradicts itself"):
        loads(json.dumps(data).encode(), name="r.json")


def test_no_day_is_no_report() -> None:
    data: Any = report_json.to_object(Summary(waived()))
    data["waivers"][0]["until"] = "2027-02-30"
    with pytest.raises(ReportError, match="not a report"):
        loads(json.dumps(data).encode(), name="r.json")


def test_junit_counts_what_is_waived_as_skipped() -> None:
    found = shown(waived())["junit"]
    assert 'failures="0"' in found
    assert 'skipped="17"' in found  # and the rebuild, which nobody ran
    # What rests on something waived passes by that alone.
    report = waived()
    follower = replace(report.findings[-1], rests_on=("bin/go",))
    rests = replace(report, findings=(*report.findings[:-1], follower))
    assert ">it rests on what is waived\n" in junit.render([Checked(Summary(rests))])
    assert not sarif_of(report)
    assert len(sarif_of(trixie())) == 16


def test_an_attestation_warns_and_has_the_waivers() -> None:
    found = json.loads(shown(waived())["attestation"])["predicate"]
    assert found["result"] == "WARNED"
    assert "bin/go" in found["warnedTests"]
    (line,) = [each for each in found["configuration"] if each["name"].startswith("waiver ")]
    assert line["name"] == "waiver samego.waivers line 3"
    assert line["annotations"]["reason"] == LINE.reason
    assert line["annotations"]["until"] == "2027-01-31"
    assert "bin/go" in line["annotations"]["paths"]


def test_the_history_says_how_many() -> None:
    when = dt.datetime(2027, 1, 1, tzinfo=dt.timezone.utc)
    run = run_of_report(Summary(waived()), b"", when)
    assert (run.passes, run.waived, run.outcome) == (True, 16, "passes with 16 waived")
    assert "passes with 16 waived" in run.headline
    plain = run_of_report(Summary(trixie()), b"", when)
    assert (plain.passes, plain.waived, plain.outcome) == (False, 0, "does not pass")


def test_whoever_verifies_has_waivers_of_their_own() -> None:
    report = waived()
    (open_,) = chosen(report, "explained", ())
    assert open_.decides
    assert "samego.waivers waives" in open_.what
    assert len(open_.paths) == 16
    assert not list(chosen(report, "explained", (), report.waivers))
    (left,) = chosen(report, "explained", (), (replace(LINE, pattern="pkg/**"),))
    assert left.paths == ("bin/go",)


def test_no_place_or_secret_of_the_machine_is_published(tmp_path: Path) -> None:
    reason = f"see {tmp_path}/notes"
    line = replace(LINE, pattern="everything", reason=reason, file=str(tmp_path / "w"))
    found = published(waived(line), machine_of(Config(cache_directory=tmp_path)))
    assert str(tmp_path) not in report_json.render(Summary(found))
