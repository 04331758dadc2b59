from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from samego.attest.judgement import Judgement
from samego.attest.rebuilt_judgements import of_inputs, of_rebuild
from support import inputs_results, rebuild_results
from support.statements import ARCHIVE, rebuilt

H1 = "h1:Khu2En+0gcYPZ2kuIihfswbzxv/mIHXgzPZ018Oty48="
MODULE = "v0.0.1-go1.24.4.linux-amd64.zip"


def judged(result: dict[str, Any]) -> tuple[Judgement, ...]:
    return of_rebuild(result, json.dumps(result).encode())


def test_a_file_that_came_out_the_same() -> None:
    (found,) = judged(rebuilt())
    assert (found.passed, found.properties) == (
        True,
        ("SAMEGO_PASSED", "SAMEGO_REPRODUCED", "SAMEGO_EQUIVALENT"),
    )
    assert found.files[0].descriptor() == {"name": ARCHIVE, "digest": {"sha256": "a" * 64}}
    assert found.resource == f"https://go.dev/dl/{ARCHIVE}"


def test_of_what_differs_the_posted_file_is_judged_and_not_what_was_built() -> None:
    (found,) = judged(rebuilt("differs"))
    assert (found.passed, found.properties) == (False, ())
    assert found.files[0].digest == {"sha256": "c" * 64}
    (found,) = judged(rebuilt("equivalent"))
    assert found.passed
    assert found.files[0].digest == {"sha256": "c" * 64}
    assert "SAMEGO_REPRODUCED" not in found.properties


def test_a_module_has_the_hash_that_was_posted_beside_its_sha256() -> None:
    file = {**rebuild_results.file(MODULE), "posted": H1}
    target = {**rebuild_results.target("linux-amd64", file), "doubt": None}
    (found,) = judged(rebuild_results.result(target))
    assert found.files[0].digest.keys() == {"sha256", "dirHash"}
    assert found.resource.startswith("https://proxy.golang.org/golang.org/toolchain/@v/v0.0.1-")
    (found,) = judged(rebuild_results.result({**target, "files": [{**file, "outcome": "differs"}]}))
    assert found.files[0].digest.keys() == {"dirHash"}


@pytest.mark.parametrize(
    "result",
    [
        rebuilt("not_posted"),
        rebuilt("not_compared"),
        rebuilt("differs", doubt="it does not give upstream's own"),
        rebuild_results.result(rebuild_results.target("linux-amd64", error="no room")),
    ],
)
def test_what_is_undecided_has_no_judgement(result: dict[str, Any]) -> None:
    assert judged(result) == ()


def test_what_bootstraps_do_not_agree_on_has_none() -> None:
    result = rebuilt()
    other = copy.deepcopy(result["bootstraps"][0])
    other["targets"][0]["files"][0]["sha256"] = "d" * 64
    result["bootstraps"].append(other)
    assert judged(result) == ()


def test_what_contradicts_itself_has_none() -> None:
    result = rebuilt()
    result["bootstraps"][0]["targets"][0]["files"][0]["posted"] = "c" * 64
    assert judged(result) == ()


def test_inputs_are_judged_by_file() -> None:
    for result, passed in ((inputs_results.good(), True), (inputs_results.leaking(), False)):
        found = of_inputs(result, b"")
        assert {each.passed for each in found} == {passed}
        assert ("SAMEGO_SAME_BYTES" in found[0].properties) is passed
