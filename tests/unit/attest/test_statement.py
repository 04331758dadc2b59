from __future__ import annotations

import hashlib
import json as stdlib_json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from samego.attest.statement import PREDICATE, read, state
from samego.compare.verdict import waive
from samego.errors import InputError, VerificationError
from samego.model.report import Report
from samego.report import json
from samego.report.summary import Summary
from support.reports import clean, sid, trixie


def stated(report: Report) -> dict[str, Any]:
    data = json.render(Summary(report)).encode()
    parsed: dict[str, Any] = stdlib_json.loads(state(report, data))
    return parsed


def test_the_statement_is_in_totos() -> None:
    report = sid()
    found = stated(report)
    assert found.keys() == {"_type", "subject", "predicateType", "predicate"}
    assert found["_type"] == "https://in-toto.io/Statement/v1"
    assert found["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert found["subject"] == [
        {
            "name": f"{package.name} {package.version} {package.architecture}",
            "digest": {"sha256": package.sha256},
        }
        for package in report.subject.packages
    ]
    known = {"result", "configuration", "passedTests", "warnedTests", "failedTests", "url"}
    assert found["predicate"].keys() <= known


def test_what_it_rests_on() -> None:
    report = sid()
    found = {item["name"]: item for item in stated(report)["predicate"]["configuration"]}
    assert found["upstream"]["digest"] == {"sha256": report.upstream.sha256}
    assert found["upstream"]["uri"] == report.upstream.url
    own = hashlib.sha256(json.render(Summary(report)).encode()).hexdigest()
    assert found["samego report"]["digest"] == {"sha256": own}
    rules = {finding.rule for finding in report.findings if finding.rule}
    assert {name for name in found if name.startswith("rule ")} == {f"rule {r}" for r in rules}
    assert {f"tool {tool.name}" for tool in report.tools} <= found.keys()
    assert found["samego"]["annotations"]["required"] == "explained"
    declared = {name.removeprefix("declared ") for name in found if name.startswith("declared")}
    assert declared <= {"timestamp", "settings", "patches"}


@pytest.mark.parametrize(
    ("report", "result"),
    [
        (trixie(), "FAILED"),
        (sid(), "FAILED"),
        (replace(clean(), findings=()), "PASSED"),
        (replace(clean(), upstream=replace(clean().upstream, verified=())), "FAILED"),
    ],
)
def test_good_and_bad_results_are_stated(report: Report, result: str) -> None:
    predicate = stated(report)["predicate"]
    assert predicate["result"] == result
    assert bool(predicate.get("failedTests")) is (result == "FAILED")
    assert read(stdlib_json.dumps(stated(report)).encode()).result == result


def test_something_latent_or_waived_warns() -> None:
    report = clean()
    assert report.consequences
    predicate = stated(report)["predicate"]
    assert predicate["result"] == "WARNED"
    assert predicate["warnedTests"] == ["lib/fips140/v1.0.0.zip"]
    broken = sid()
    waived, _unused = waive(broken.findings, {item.path for item in broken.consequences})
    passing = tuple(f for f in waived if f.standing.passes)
    assert stated(replace(broken, findings=passing))["predicate"]["result"] == "WARNED"


def test_the_failed_tests_are_what_does_not_pass() -> None:
    report = trixie()
    failed = stated(report)["predicate"]["failedTests"]
    assert "bin/go" in failed
    assert "bin/gofmt" not in failed
    strict = replace(clean(), required=type(report.required)("identical"))
    assert len(stated(strict)["predicate"]["failedTests"]) == len(strict.findings)


def test_installed_files_cannot_be_attested() -> None:
    report = clean()
    packages = tuple(replace(package, sha256="") for package in report.subject.packages)
    given = replace(report, subject=replace(report.subject, packages=packages))
    with pytest.raises(InputError, match="no digest to sign"):
        state(given, b"")


def test_it_is_read_back() -> None:
    report = trixie()
    data = json.render(Summary(report)).encode()
    found = read(state(report, data))
    assert found.result == "FAILED"
    assert set(found.subjects) == {package.sha256 for package in report.subject.packages}
    assert found.report == hashlib.sha256(data).hexdigest()


def _set(*keys: Any, value: object) -> Callable[[dict[str, Any]], object]:  # noqa: ANN401 - JSON keys
    def change(data: Any) -> None:  # noqa: ANN401 - any part of JSON
        for key in keys[:-1]:
            data = data[key]
        data[keys[-1]] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        _set("_type", value="https://in-toto.io/Statement/v0.1"),
        _set("predicateType", value="https://in-toto.io/attestation/svr/v0.2"),
        _set("subject", value=[]),
        _set("subject", 0, "digest", value={}),
        _set("subject", 0, "digest", value={"sha256": "A" * 64}),
        _set("subject", 0, "digest", value={"md5": "a"}),
        _set("predicate", value={}),
        _set("predicate", value=[]),
        _set("predicate", "result", value="PASSED"),
        _set("predicate", "result", value="GREAT"),
        _set("predicate", "failedTests", value=[]),
        _set("predicate", "configuration", value=[]),
        _set("predicate", "configuration", value="x"),
        lambda data: data["subject"].append(data["subject"][0]),
        lambda data: data["predicate"]["configuration"].extend(data["predicate"]["configuration"]),
        lambda data: data.pop("predicate"),
    ],
)
def test_what_is_no_statement_of_ours_is_refused(
    change: Callable[[dict[str, Any]], object],
) -> None:
    data = stated(trixie())
    change(data)
    with pytest.raises(VerificationError, match="no statement that samego made"):
        read(stdlib_json.dumps(data).encode())


@pytest.mark.parametrize("payload", [b"", b"[]", b"\xff", b"{" * 100_000, b'{"_type": 1}'])
def test_what_is_no_json_object_is_refused(payload: bytes) -> None:
    with pytest.raises(VerificationError, match="no statement that samego made"):
        read(payload)


def test_a_key_that_stands_twice_is_refused() -> None:
    data = stdlib_json.dumps(stated(trixie()))
    twice = data.replace('{"_type"', f'{{"predicateType": "{PREDICATE}", "_type"', 1)
    assert twice != data
    with pytest.raises(VerificationError, match="has a key twice"):
        read(twice.encode())


def test_fields_that_nobody_knows_yet_are_passed_over() -> None:
    data = stated(trixie())
    data["predicate"]["duration"] = "1h"
    assert read(stdlib_json.dumps(data).encode()).result == "FAILED"
