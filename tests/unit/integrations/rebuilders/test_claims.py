from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from samego.attest.judgement import Judgement, of_report
from samego.attest.statement import state
from samego.attest.summaries import state_svr, state_vsa
from samego.integrations.rebuilders.claims import read_claims
from samego.model.finding import Side, unexplained
from samego.model.proof import Standing
from samego.model.report import Report
from samego.model.waiver import Takes, Waiver
from samego.quorum.voice import Heard
from support.reports import embedding, explained, sid
from support.statements import SIGNING, good_report


def judged(*, good: bool) -> Judgement:
    return of_report(good_report() if good else sid(), b"{}")


def changed(payload: bytes, **more: Any) -> bytes:  # noqa: ANN401 - JSON
    data = json.loads(payload)
    return json.dumps({**data, **more}).encode()


@pytest.mark.parametrize("state", [state_svr, state_vsa])
@pytest.mark.parametrize("good", [True, False])
def test_a_summary_says_yes_or_no_and_when(state: Any, *, good: bool) -> None:  # noqa: ANN401 - either of two functions
    judgement = judged(good=good)
    claims = read_claims(state(judgement, SIGNING))
    assert [(each.name, each.sha256) for each in claims] == [
        (file.name, file.digest["sha256"]) for file in judgement.files
    ]
    assert {each.heard for each in claims} == {Heard.AGREES if good else Heard.DIFFERS}
    assert {each.when for each in claims} == {SIGNING.when}


def test_who_sums_up_others_builds_is_no_rebuilder() -> None:
    vsa = json.loads(state_vsa(judged(good=True), SIGNING))
    for uri in ("pkg:generic/samego/policies/reproduced@v1", "https://example.org/slsa-3"):
        vsa["predicate"]["policy"]["uri"] = uri
        with pytest.raises(ValueError, match="a summary by another policy"):
            read_claims(json.dumps(vsa).encode())
    svr = json.loads(state_svr(judged(good=True), SIGNING))
    svr["predicate"]["verifier"]["policies"] = []
    with pytest.raises(ValueError, match="a summary by another policy"):
        read_claims(json.dumps(svr).encode())


def test_an_h1_is_no_sha256() -> None:
    payload = state_svr(judged(good=True), SIGNING)
    subject = {"name": "v0.0.1-go1.24.4.linux-amd64.zip", "digest": {"dirHash": "a" * 64}}
    [claim] = read_claims(changed(payload, subject=[subject]))
    assert (claim.name, claim.sha256) == (subject["name"], "")


@pytest.mark.parametrize(
    "more",
    [
        {"_type": "https://in-toto.io/Statement/v0.1"},
        {"predicateType": "https://slsa.dev/provenance/v0.2"},
        {"predicateType": 7},
        {"predicate": []},
        {"predicate": {}},
        {"subject": []},
        {"subject": [{"name": "x", "digest": {"sha256": "x"}}]},
        {"subject": [{"name": 7, "digest": {"sha256": "a" * 64}}]},
    ],
)
def test_what_claims_nothing(more: dict[str, Any]) -> None:
    payload = state_svr(replace(judged(good=True)), SIGNING)
    with pytest.raises(ValueError, match=r"."):
        read_claims(changed(payload, **more))


def every_form(report: Report) -> tuple[bytes, ...]:
    judgement = of_report(report, b"{}")
    return (
        state(report, b"{}"),
        state_svr(judgement, SIGNING),
        state_vsa(judgement, SIGNING, "https://mirror.example.org/x"),
    )


def heard(report: Report) -> set[Heard]:
    return {each.heard for payload in every_form(report) for each in read_claims(payload)}


DIFFERING = replace(good_report(), findings=(unexplained("bin/go", Side.BOTH, "elf"),))


def test_a_check_that_fails_where_nothing_is_unexplained_is_no_no() -> None:
    """A genuine package is unproven without --rebuild, and fails a bar that is stricter yet."""
    assert heard(replace(good_report(), findings=(embedding("bin/go"),))) == {Heard.SILENT}
    strict = replace(
        good_report(),
        findings=(explained("VERSION", "declared", "a date"),),
        required=Standing.IDENTICAL,
    )
    assert heard(strict) == {Heard.SILENT}
    assert heard(DIFFERING) == {Heard.DIFFERS}


def test_what_passes_by_waivers_alone_does_not_agree() -> None:
    waiver = Waiver(Takes.PATH, "for now", "waivers", 1, pattern="bin/go")
    assert heard(replace(DIFFERING, waivers=(waiver,))) == {Heard.SILENT}


def test_a_build_that_varies_says_nothing_against_the_plain_build() -> None:
    summary = json.loads(state_svr(judged(good=False), SIGNING))["predicate"]
    summary["verifier"]["policies"] = [{"uri": "pkg:generic/samego/policies/inputs@v1"}]
    payload = changed(state_svr(judged(good=False), SIGNING), predicate=summary)
    assert {each.heard for each in read_claims(payload)} == {Heard.SILENT}
