from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from samego.attest.provenance import BUILD_TYPE, state_provenance
from samego.errors import InputError
from support import rebuild_results
from support.statements import ARCHIVE, SIGNING, rebuilt


def stated(result: dict[str, Any]) -> list[dict[str, Any]]:
    data = json.dumps(result).encode()
    return [json.loads(each) for each in state_provenance(result, data, SIGNING)]


def invocation(result: dict[str, Any]) -> str:
    (statement,) = stated(result)
    found: str = statement["predicate"]["runDetails"]["metadata"]["invocationId"]
    return found


def test_what_was_built_from_what() -> None:
    result = rebuilt()
    result["bootstraps"][0]["files"] = [
        {"name": "go1.22.6.tar.gz", "url": "https://go.dev/dl/go1.22.6.tar.gz", "sha256": "e" * 64}
    ]
    (statement,) = stated(result)
    assert statement["predicateType"] == "https://slsa.dev/provenance/v1"
    assert statement["subject"] == [{"name": ARCHIVE, "digest": {"sha256": "a" * 64}}]
    definition = statement["predicate"]["buildDefinition"]
    assert definition["buildType"] == BUILD_TYPE
    assert definition["externalParameters"] == {
        "release": "go1.24.4",
        "target": "linux-amd64",
        "bootstrap": "upstream",
    }
    dependencies = {each["name"]: each["digest"] for each in definition["resolvedDependencies"]}
    assert dependencies == {
        "source of go1.24.4": {"sha256": "b" * 64},
        "bootstrap: go1.22.6.tar.gz": {"sha256": "e" * 64},
        "bootstrap go1.22.6": {"dirHash": "e" * 64},
    }
    run = statement["predicate"]["runDetails"]
    assert run["builder"]["id"] == "https://rebuilder.example.org/samego"
    assert run["metadata"]["finishedOn"] == "2026-11-28T18:00:00Z"
    assert run["metadata"]["startedOn"] == "2026-11-28T17:58:29Z"


def test_what_was_built_is_stated_whether_it_is_upstreams_or_not() -> None:
    (statement,) = stated(rebuilt("differs"))
    assert statement["subject"][0]["digest"] == {"sha256": "a" * 64}


def test_each_target_and_bootstrap_is_a_build_of_its_own() -> None:
    result = rebuilt()
    result["bootstraps"][0]["targets"].append(
        rebuild_results.target("windows-amd64", rebuild_results.file("go1.24.4.windows-amd64.zip"))
    )
    other = copy.deepcopy(result["bootstraps"][0])
    other.update({"name": "gccgo-12", "origin": "gccgo 12.2.0 (Go go1.18)", "digest": "f" * 64})
    result["bootstraps"].append(other)
    found = stated(result)
    assert len(found) == 4
    ids = {each["predicate"]["runDetails"]["metadata"]["invocationId"] for each in found}
    assert len(ids) == 4
    last = found[-1]["predicate"]["buildDefinition"]["resolvedDependencies"][-1]
    assert last["digest"] == {"samegoCompiler": "f" * 64}


def test_a_build_that_is_found_again_keeps_its_name_and_has_no_times() -> None:
    first, again = rebuilt(), rebuilt(fresh=False)
    again["seconds"] = 2.5
    assert invocation(first) == invocation(again)
    assert invocation(first) != invocation(rebuilt(cpu=350.6))
    assert invocation(rebuilt(build="1")) == invocation(rebuilt(build="1", fresh=False))
    assert invocation(rebuilt(build="1")) != invocation(rebuilt(build="2"))
    (statement,) = stated(again)
    assert statement["predicate"]["runDetails"]["metadata"].keys() == {"invocationId"}


def test_no_place_of_the_machine_is_named() -> None:
    result = rebuilt()
    result["bootstraps"][0].update(
        {"name": "/home/me/go1.22", "origin": "go1.22.6 in /home/me/go1.22"}
    )
    result["source"]["verified"] = [{"how": "index", "rests_on": "https://mirror.corp/x"}]
    text = json.dumps(stated(result))
    assert "/home" not in text
    assert "mirror.corp" not in text
    assert '"bootstrap": "go1.22"' in text


def test_what_was_not_built_has_no_provenance() -> None:
    with pytest.raises(InputError, match="no archive that was built"):
        stated(rebuild_results.result(rebuild_results.target("linux-amd64", error="no room")))
