from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest

from samego.model.finding import Uncompared, Why
from samego.model.proof import Standing
from samego.model.report import NotCompared, Report, group_not_compared
from samego.report import json as report_json
from samego.report import schema
from samego.report.summary import Summary
from support.reports import clean, digest, replayed, sid, trixie


@pytest.mark.parametrize("report", [trixie(), sid(), clean()], ids=["trixie", "sid", "clean"])
def test_a_report_obeys_its_schema(report: Report) -> None:
    schema.check(json.loads(report_json.render(Summary(report))), name="report")


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema.schema())


def test_the_schema_allows_no_other_key_and_lacks_none() -> None:
    def objects(node: object) -> list[dict[str, object]]:
        if isinstance(node, list):
            return [each for item in node for each in objects(item)]
        if not isinstance(node, dict):
            return []
        # What is declared is the plugin's to decide ("inputs"): it may have any key.
        own = [node] if isinstance(node.get("properties"), dict) and "required" in node else []
        return own + [each for item in node.values() for each in objects(item)]

    found = objects(schema.schema())
    assert len(found) > 10
    for each in found:
        properties = each["properties"]
        assert isinstance(properties, dict)
        if [*properties] == ["kind"]:
            continue  # a cause or a place: its other keys are its facts
        assert each["additionalProperties"] is False
        # Only some reports have them: of a rebuild, of an upstream file that nobody confirms, of
        # differences of which nobody asked what they reach, of installed files; an earlier
        # version did not say what was asked. Only some executables have candidates.
        optional = {"reproduction", "confirmed", "reach", "payload", "asked", "candidates"}
        # A log proof only of a module zip that the checksum database has.
        optional |= {"log_proof"}
        # Waivers only where a file of them was used.
        optional |= {"waivers"}
        # Reports of this version that are older than these keys have a sentence alone.
        optional |= {"failure", "pinned_by"}
        if [*properties] == ["from", "instead", "command"]:
            optional |= {"command"}
        assert each["required"] == [name for name in properties if name not in optional]


def test_the_keys_are_the_ones_that_scripts_rest_on() -> None:
    assert list(report_json.to_object(Summary(trixie()))) == [
        "schema",
        "verdict",
        "passes",
        "required",
        "subject",
        "upstream",
        "counts",
        "findings",
        "consequences",
        "not_compared",
        "inputs",
        "patches",
        "notes",
        "tools",
        "timings",
        "samego",
    ]


def test_the_numbers_of_trixie() -> None:
    data = report_json.to_object(Summary(trixie()))
    assert data["verdict"] == "unproven"
    assert data["passes"] is False
    assert data["counts"] == {
        "identical": 10702,
        "equivalent": 7,
        "explained": 17,
        "unproven": 16,
        "unexplained": 0,
        "not_compared": 3427,
    }
    places = {
        "/usr/share/doc/golang-1.24-go/": 3,
        "api/": 29,
        "doc/": 12,
        "misc/": 9,
        "test/": 3374,
    }
    usual = {"why": "no counterpart", "package": ""}
    assert data["not_compared"] == {
        "count": 3427,
        "paths": [{"prefix": prefix, "count": n, **usual} for prefix, n in places.items()],
    }


def test_the_output_is_stable() -> None:
    report = trixie()
    shuffled = replace(
        report,
        findings=tuple(reversed(report.findings)),
        not_compared=tuple(reversed(report.not_compared)),
        inputs=dict(sorted(report.inputs.items(), reverse=True)),
    )
    text = report_json.render(Summary(report))
    assert report_json.render(Summary(shuffled)) == text
    assert text.endswith("}\n")
    assert text.isascii()


def test_a_path_that_is_no_text_survives() -> None:
    report = replace(trixie(), findings=(replayed("src/\udcff\x1b[2J.zip", "zip"),))
    (finding,) = json.loads(report_json.render(Summary(report)))["findings"]
    assert finding["path"] == "src/\udcff\x1b[2J.zip"


def test_the_consequences_of_all_findings_stand_together() -> None:
    data = report_json.to_object(Summary(sid()))
    consequences = data["consequences"]
    assert isinstance(consequences, list)
    assert [item["path"] for item in consequences] == [
        "lib/fips140/inprocess.zip",
        "lib/fips140/v1.0.0-c2097c7c.zip",
        "lib/fips140/v1.26.0.zip",
    ]
    assert {item["effect"] for item in consequences} == {"breaks"}
    assert consequences[0]["pinned"] == digest("pinned")


def test_an_identical_path_with_a_consequence_is_counted_once() -> None:
    report = trixie()
    same = replace(replayed("lib/a.zip", "zip"), standing=Standing.IDENTICAL)
    data = report_json.to_object(Summary(replace(report, findings=(*report.findings, same))))
    counts = data["counts"]
    assert isinstance(counts, dict)
    assert counts["identical"] == 10702


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ([], []),
        (["test/a.go", "test/b/c.go", "api/go1.txt"], [("api/", 1), ("test/", 2)]),
        (["README.md"], [("README.md", 1)]),
        (["/usr/share/doc/x/a.gz", "/usr/share/doc/x/b"], [("/usr/share/doc/x/", 2)]),
        (["/top"], [("/", 1)]),
    ],
    ids=["none", "directories", "a file at the top", "outside GOROOT", "at the root"],
)
def test_grouping_what_was_not_compared(paths: list[str], expected: list[tuple[str, int]]) -> None:
    groups = group_not_compared(Uncompared(path) for path in paths)
    assert [(group.prefix, group.count) for group in groups] == expected


def test_each_reason_is_grouped_by_itself() -> None:
    paths = [
        Uncompared("src/a.go", Why.PACKAGE_NOT_GIVEN, "toy-src"),
        Uncompared("src/b.go", Why.PACKAGE_NOT_GIVEN, "toy-src"),
        Uncompared("src/c.go"),
    ]
    assert group_not_compared(paths) == (
        NotCompared("src/", 1),
        NotCompared("src/", 2, "package not given", "toy-src"),
    )
