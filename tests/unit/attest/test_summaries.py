from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from samego.attest.judgement import Judgement, of_report
from samego.attest.summaries import state_svr, state_vsa
from samego.errors import InputError
from support.reports import sid
from support.statements import SIGNING, good_report


def made(payload: bytes) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(payload)
    assert parsed["_type"] == "https://in-toto.io/Statement/v1"
    predicate: dict[str, Any] = parsed["predicate"]
    return predicate


def judged(*, good: bool) -> Judgement:
    return of_report(good_report() if good else sid(), b"{}")


def test_a_good_vsa_claims_no_level_of_slsas() -> None:
    predicate = made(state_vsa(judged(good=True), SIGNING))
    assert predicate["verifier"] == {
        "id": "https://rebuilder.example.org/samego",
        "version": {"samego": good_report().version},
    }
    assert predicate["timeVerified"] == "2026-11-28T18:00:00Z"
    assert predicate["verificationResult"] == "PASSED"
    levels = predicate["verifiedLevels"]
    assert levels[:2] == ["SLSA_BUILD_LEVEL_UNEVALUATED", "SAMEGO_PASSED"]
    assert [level for level in levels if level.startswith("SLSA_")] == levels[:1]
    assert predicate["policy"].keys() >= {"uri", "digest"}


def test_a_bad_vsa_has_the_one_word_for_it() -> None:
    predicate = made(state_vsa(judged(good=False), SIGNING))
    assert predicate["verificationResult"] == "FAILED"
    assert predicate["verifiedLevels"] == ["FAILED"]


def test_an_svr_lists_what_passed_and_always_has_its_lists() -> None:
    good = made(state_svr(judged(good=True), SIGNING))
    assert "SAMEGO_PASSED" in good["properties"]
    assert good["timeCreated"] == "2026-11-28T18:00:00Z"
    assert len(good["verifier"]["policies"]) == 1
    bad = made(state_svr(replace(judged(good=False), properties=()), SIGNING))
    assert bad["properties"] == []


def test_a_vsa_says_where_the_files_are_had() -> None:
    unknown = replace(judged(good=True), resource="")
    with pytest.raises(InputError, match="not known where these files are had"):
        state_vsa(unknown, SIGNING)
    predicate = made(state_vsa(unknown, SIGNING, "https://mirror.example.org/x"))
    assert predicate["resourceUri"] == "https://mirror.example.org/x"
