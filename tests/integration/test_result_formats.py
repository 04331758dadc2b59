"""What check servers read is what their schemas allow, of a real check and of whatever can come."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import xmlschema
from jsonschema import Draft4Validator, FormatChecker

from samego.errors import InputError
from samego.model.finding import Side, unexplained
from samego.model.places.files import Lines
from samego.model.report import Report
from samego.model.value import Told
from samego.report.summary import Summary
from samego.report.trackers import junit, sarif
from samego.report.trackers.issues import Checked, Undecided
from support.builds import FAILED, NO_TOOL, debian, rebuilt
from support.cli import Samego
from support.inputs import Inputs
from support.reports import clean, sid, spotless, trixie

UNDECIDED = Undecided("/opt/go", InputError("it cannot be read", hint="ask somebody"))


def odd() -> Report:
    """A report with all that no schema expects in a path and a text."""
    lines = Lines(first=3, distro=1, upstream=1, diff=("-\x00", "+b"), hidden=0)
    path = "src/a b\udcff%\x1b\u202e]]>.go"
    finding = unexplained(path, Side.BOTH, "text", Told("why\x00\u202e"), where=(lines,))
    return replace(trixie(), findings=(finding,), reproduction=FAILED)


GIVEN: list[Checked | Undecided] = [
    *(Checked(Summary(each)) for each in (clean(), sid(), spotless(), trixie(), odd())),
    *(
        Checked(Summary(replace(clean(), reproduction=given)), "/opt/go1")
        for given in (NO_TOOL, rebuilt(debian(), "golang-1.24-go").reproduction)
    ),
    UNDECIDED,
]


@pytest.fixture(scope="module")
def check_sarif(inputs: Inputs) -> Callable[[str], list[str]]:
    """What OASIS's schema says against a document."""
    validator = Draft4Validator(json.loads(inputs.sarif_schema()), format_checker=FormatChecker())
    return lambda text: [each.message for each in validator.iter_errors(json.loads(text))]


@pytest.fixture(scope="module")
def check_junit(inputs: Inputs) -> Callable[[str], list[str]]:
    """What Jenkins's schema says against a document."""
    schema = xmlschema.XMLSchema(io.BytesIO(inputs.junit_schema()))
    return lambda text: [str(each.reason) for each in schema.iter_errors(text)]


def test_sarif(check_sarif: Callable[[str], list[str]]) -> None:
    assert check_sarif(sarif.render([])) == []
    assert check_sarif(sarif.render(GIVEN)) == []
    wrong = json.loads(sarif.render(GIVEN))
    wrong["runs"][1]["results"][0]["level"] = "bad"
    wrong["runs"][1]["results"][1]["extra"] = 1
    assert len(check_sarif(json.dumps(wrong))) == 2


def test_junit(check_junit: Callable[[str], list[str]]) -> None:
    assert check_junit(junit.render([])) == []
    assert check_junit(junit.render(GIVEN)) == []
    wrong = junit.render(GIVEN).replace("<testcase classname=", "<testcase class=", 1)
    assert len(check_junit(wrong)) == 1


def test_a_real_check_writes_each(
    samego: Samego,
    trixie_go124_debs: list[Path],
    check_sarif: Callable[[str], list[str]],
    check_junit: Callable[[str], list[str]],
    tmp_path: Path,
) -> None:
    paths = trixie_go124_debs[:1]  # all executables are in it
    direct = samego("check", "-q", "--format", "sarif", *paths)
    assert direct.status == 1, direct.stderr
    assert check_sarif(direct.stdout) == []
    (run,) = json.loads(direct.stdout)["runs"]
    assert run["properties"]["counts"]["unproven"] == 16
    assert [result["ruleId"] for result in run["results"]].count("rebuild") == 16
    report = tmp_path / "report.json"
    assert samego("check", "-q", "--format", "json", "-o", report, *paths).status == 1
    assert samego("report", report, "--format", "sarif").stdout == direct.stdout
    xml = samego("report", report, "--format", "junit")
    assert check_junit(xml.stdout) == []
    quality = json.loads(samego("report", report, "--format", "code-quality").stdout)
    assert [entry["check_name"] for entry in quality].count("rebuild") == 16
