from __future__ import annotations

import json
from typing import Any

import pytest

from samego.errors import ReportError
from samego.report import load
from samego.report.load_inputs import is_inputs, parse_inputs
from support import inputs_results


def parsed(data: dict[str, Any]) -> dict[str, Any]:
    return parse_inputs(json.dumps(data).encode(), name="r.json")


@pytest.mark.parametrize("made", [inputs_results.good, inputs_results.leaking])
def test_a_result_is_read_back(made: Any) -> None:  # noqa: ANN401 - a function of the module
    assert parsed(made()) == made()
    assert is_inputs(json.dumps(made()).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"schema": "samego.report/2"}', b"\xff"])
def test_what_is_none_is_refused(data: bytes) -> None:
    assert not is_inputs(data)
    with pytest.raises(ReportError) as caught:
        parse_inputs(data, name="r.json")
    assert caught.value.message.startswith("r.json ")
    assert caught.value.hint == "give what 'samego inputs --format json' wrote"


def test_what_the_schema_does_not_know_is_refused() -> None:
    with pytest.raises(ReportError, match=r"r\.json is no samego.inputs/1 \(its top: "):
        parsed({**inputs_results.good(), "more": 1})


def _better(data: dict[str, Any]) -> None:
    data["verdict"] = "same_bytes"


def _better_target(data: dict[str, Any]) -> None:
    data["verdict"] = data["targets"][0]["verdict"] = "same_bytes"


def _no_culprit(data: dict[str, Any]) -> None:
    data["targets"][0]["culprits"] = []


def _nothing_changes(data: dict[str, Any]) -> None:
    data["targets"][0]["culprits"] = []
    data["targets"][0]["variations"][0]["changes_the_bytes"] = False


def _doubted(data: dict[str, Any]) -> None:
    data["targets"][0]["doubt"] = "bin/go is another one"


def _unseen_culprit(data: dict[str, Any]) -> None:
    data["targets"][0]["culprits"] = ["kernel"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_better, "its verdict is not the worst"),
        (_better_target, "the verdict of linux-amd64 does not follow"),
        (_no_culprit, "linux-amd64 has other culprits"),
        (_nothing_changes, "what was varied of linux-amd64 does not follow"),
        (_doubted, "the verdict of linux-amd64 does not follow"),
        (_unseen_culprit, "linux-amd64 has other culprits"),
    ],
)
def test_what_contradicts_itself_is_refused(change: Any, told: str) -> None:  # noqa: ANN401 - one of the above
    data = inputs_results.leaking()
    change(data)
    with pytest.raises(ReportError, match=f"contradicts itself: {told}"):
        parsed(data)


def test_whoever_wants_a_report_is_told_what_it_is() -> None:
    with pytest.raises(ReportError) as caught:
        load.loads(json.dumps(inputs_results.good()).encode(), name="r.json")
    assert caught.value.message == (
        "r.json is no report of a check: it is a result of 'samego inputs'"
    )
    assert caught.value.hint == "to verify it, run 'samego inputs' again"
