from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from samego.attest.inputs_statement import state_inputs
from samego.attest.statement import INPUTS_RESULT, read
from samego.errors import InputError
from support import inputs_results


def stated(result: dict[str, Any]) -> dict[str, Any]:
    data = json.dumps(result).encode()
    payload = state_inputs(result, data)
    assert read(payload).report == hashlib.sha256(data).hexdigest()
    statement: dict[str, Any] = json.loads(payload)
    return statement


def test_what_changes_nothing_has_passed() -> None:
    statement = stated(inputs_results.good())
    assert statement["subject"] == [
        {"name": "v0.0.1-go1.26.10.linux-amd64.zip", "digest": {"sha256": "a" * 64}}
    ]
    predicate = statement["predicate"]
    assert predicate["result"] == "PASSED"
    assert predicate["passedTests"] == [
        "linux-amd64: time is no input",
        "linux-amd64: umask is no input",
        "linux-amd64: VERSION changes what it should, and nothing else",
    ]
    assert "failedTests" not in predicate
    rest = {item["name"]: item.get("annotations") for item in predicate["configuration"]}
    assert rest["not varied, linux-amd64"] == {"kernel": "it is not Linux"}
    assert rest["bootstrap, varied"] == {"origin": "debian's golang-1.25"}
    assert INPUTS_RESULT in rest


def test_what_changes_the_bytes_has_failed() -> None:
    predicate = stated(inputs_results.leaking())["predicate"]
    assert (predicate["result"], predicate["failedTests"]) == (
        "FAILED",
        ["linux-amd64: time is no input"],
    )


def test_an_input_that_changes_what_it_should_not_has_failed() -> None:
    strange = inputs_results.tried("VERSION", "src/a.go", unexpected=("src/a.go",))
    result = inputs_results.result(
        inputs_results.target(inputs_results.variation("time"), inputs=(strange,))
    )
    assert stated(result)["predicate"]["failedTests"] == [
        "linux-amd64: VERSION changes what it should, and nothing else"
    ]


def test_one_program_is_named_with_its_target() -> None:
    result = inputs_results.result(
        inputs_results.target(inputs_results.variation("time")), program="cmd/gofmt"
    )
    (subject,) = stated(result)["subject"]
    assert subject["name"] == "cmd/gofmt of go1.26.10 linux-amd64"


def test_what_decides_nothing_is_not_stated() -> None:
    result = {**inputs_results.good(), "verdict": "undecided"}
    with pytest.raises(InputError, match="the result is undecided: there is nothing to state"):
        state_inputs(result, b"{}")
