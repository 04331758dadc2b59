from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from samego.errors import ReportError
from samego.report.load_source import is_source, parse_source
from support import source_results


def parse(result: Any) -> dict[str, Any]:  # noqa: ANN401 - what JSON can say
    return parse_source(json.dumps(result).encode(), name="r.json")


@pytest.mark.parametrize(
    "make", [source_results.good, source_results.changed, source_results.undecided]
)
def test_a_result_is_read_back(make: Callable[[], dict[str, Any]]) -> None:
    assert parse(make()) == make()
    assert is_source(json.dumps(make()).encode())


def _verdict(result: dict[str, Any]) -> None:
    result["verdict"] = "as_stated" if result["verdict"] != "as_stated" else "differs"


def _numbers(result: dict[str, Any]) -> None:
    result["vendored"][0]["modules"][0]["identical"] += 1


def _unlogged(result: dict[str, Any]) -> None:
    result["vendored"][0]["modules"][0]["record"] = None


def _checked_and_not(result: dict[str, Any]) -> None:
    result["vendored"][0]["modules"][0]["not_checked_because"] = "not_served"


def _unverified(result: dict[str, Any]) -> None:
    result["packing"]["verified"] = []


def _packing(result: dict[str, Any]) -> None:
    result["packing"]["outcome"] = "differs"


def _unchecked_and_identical(result: dict[str, Any]) -> None:
    result["vendored"][0]["modules"][1]["identical"] = 3


@pytest.mark.parametrize(
    "change",
    [
        _verdict,
        _numbers,
        _unlogged,
        _checked_and_not,
        _unverified,
        _packing,
        _unchecked_and_identical,
    ],
)
def test_a_result_that_contradicts_itself_is_refused(
    change: Callable[[dict[str, Any]], None],
) -> None:
    result = source_results.good()
    change(result)
    with pytest.raises(ReportError, match=r"r\.json contradicts itself"):
        parse(result)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b'{"schema": "samego.source/1"}', b'{"schema": "samego.inputs/1"}']
)
def test_what_is_no_result_is_refused(data: bytes) -> None:
    with pytest.raises(ReportError, match=r"r\.json"):
        parse_source(data, name="r.json")
    assert is_source(data) is (b"source/1" in data)
