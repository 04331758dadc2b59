from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from samego.attest.reading import fails, read
from samego.errors import VerificationError
from support.statements import Made, every_statement

EVERY = [pytest.param(each, id=each.name) for each in every_statement()]


@pytest.mark.parametrize("made", EVERY)
def test_every_statement_is_read_back(made: Made) -> None:
    stated = read(made.payload)
    assert stated.result == made.result
    assert fails(stated) is (made.result == "FAILED")
    assert len(stated.report) == 64
    subjects = json.loads(made.payload)["subject"]
    assert stated.subjects == {each["digest"]["sha256"]: each["name"] for each in subjects}


@pytest.mark.parametrize("made", EVERY)
def test_fields_that_nobody_knows_yet_are_passed_over(made: Made) -> None:
    data = json.loads(made.payload)
    data["more"] = data["predicate"]["more"] = {"a": 1}
    assert read(json.dumps(data).encode()).result == made.result


def _drop(*keys: Any) -> Callable[[Any], None]:  # noqa: ANN401 - JSON keys
    def change(data: Any) -> None:  # noqa: ANN401 - any part of JSON
        for key in keys[:-1]:
            data = data[key]
        del data[keys[-1]]

    return change


def _set(*keys: Any, to: object) -> Callable[[Any], None]:  # noqa: ANN401 - JSON keys
    def change(data: Any) -> None:  # noqa: ANN401 - any part of JSON
        for key in keys[:-1]:
            data = data[key]
        data[keys[-1]] = to

    return change


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("good vsa", _set("predicate", "verificationResult", to="GREAT")),
        ("good vsa", _set("predicate", "verificationResult", to="FAILED")),
        ("bad vsa", _set("predicate", "verificationResult", to="PASSED")),
        ("good vsa", _set("predicate", "verifiedLevels", to=[])),
        ("good vsa", _drop("predicate", "policy")),
        ("good vsa", _drop("predicate", "resourceUri")),
        ("good vsa", _drop("predicate", "verifier", "id")),
        ("good vsa", _set("_type", to="https://in-toto.io/Statement/v0.1")),
        ("good vsa", _set("predicateType", to="https://slsa.dev/verification_summary/v2")),
        ("good vsa", _set("predicateType", to=["a"])),
        ("good vsa", _set("subject", to=[])),
        ("good vsa", _set("subject", 0, "digest", "sha256", to="A" * 64)),
        ("good vsa", _set("subject", 0, "digest", to={"md5": "a"})),
        ("good vsa", lambda data: data["subject"].append(data["subject"][0])),
        ("good svr", _drop("predicate", "verifier", "policies")),
        ("good svr", _drop("predicate", "timeCreated")),
        ("good svr", _set("predicate", "properties", to="SAMEGO_PASSED")),
        ("good svr", _set("predicate", to=[])),
        ("provenance of a good rebuild", _drop("predicate", "runDetails", "builder")),
        ("provenance of a good rebuild", _set("predicate", "runDetails", "byproducts", to=[])),
        (
            "provenance of a good rebuild",
            _set("predicate", "buildDefinition", "buildType", to="https://other.example/"),
        ),
        (
            "provenance of a good rebuild",
            _set("predicate", "buildDefinition", "externalParameters", to="x"),
        ),
    ],
)
def test_what_is_not_as_its_format_has_it_is_refused(
    name: str, change: Callable[[Any], None]
) -> None:
    (payload,) = (each.payload for each in every_statement() if each.name == name)
    data = json.loads(payload)
    change(data)
    with pytest.raises(VerificationError, match="no statement that samego made"):
        read(json.dumps(data).encode())


@pytest.mark.parametrize("payload", [b"", b"[]", b"\xff", b"{" * 100_000, b'{"_type": 1}'])
def test_what_is_no_statement_at_all(payload: bytes) -> None:
    with pytest.raises(VerificationError, match="no statement that samego made"):
        read(payload)
