from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from samego.attest.source_statement import state_source
from samego.attest.statement import SOURCE_RESULT, read
from samego.errors import InputError
from support import source_results


def stated(result: dict[str, Any]) -> dict[str, Any]:
    data = json.dumps(result).encode()
    payload = state_source(result, data)
    assert read(payload).report == hashlib.sha256(data).hexdigest()
    statement: dict[str, Any] = json.loads(payload)
    return statement


def test_a_source_that_is_as_stated_has_passed() -> None:
    statement = stated(source_results.good())
    assert statement["subject"] == [{"name": "go1.24.4.src.tar.gz", "digest": {"sha256": "a" * 64}}]
    predicate = statement["predicate"]
    assert predicate["result"] == "PASSED"
    assert predicate["passedTests"] == [
        "it has the files of upstream's go1.24.4",
        "src/vendor: its statements agree",
        "src/vendor: golang.org/x/net v0.1.0 (log)",
    ]
    rest = {item["name"]: item.get("annotations") for item in predicate["configuration"]}
    assert rest["not checked, src/vendor"] == {"golang.org/x/text v0.1.0": "not_served"}
    assert (rest["samego"]["opaque"], rest["samego"]["linked"]) == ("2", "1")
    assert SOURCE_RESULT in rest


def test_what_differs_has_failed() -> None:
    predicate = stated(source_results.changed())["predicate"]
    assert (predicate["result"], predicate["failedTests"]) == (
        "FAILED",
        ["src/vendor: golang.org/x/net v0.1.0 (log)"],
    )


def test_a_pin_and_a_tag_are_tests() -> None:
    pinned = source_results.opaque("lib/x.zip", pinned_in="lib/x.sum", as_pinned=False)
    result = source_results.good(verdict="differs", opaque=[pinned])
    assert stated(result)["predicate"]["failedTests"] == ["lib/x.zip is as lib/x.sum states"]


def test_nothing_is_stated_of_what_is_undecided() -> None:
    with pytest.raises(InputError, match="undecided"):
        stated(source_results.undecided())
