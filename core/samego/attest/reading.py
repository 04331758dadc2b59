"""Reading any statement that samego makes, from the payload of an envelope."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from samego.attest.in_toto import MADE_FROM, PROVENANCE, STATEMENT, SVR, TEST_RESULT, VSA
from samego.attest.judgement import PASSED
from samego.attest.provenance import BUILD_TYPE
from samego.attest.statement import Stated, not_ours
from samego.attest.statement import read as read_test_result
from samego.attest.summaries import VSA_FAILED, VSA_PASSED
from samego.report import strict_json
from samego.report.trackers.statuses import words
from samego.system.terminal import visible

#: The result of a provenance: it says that something was built, not that it is good.
BUILT = "BUILT"
_SHA256_LENGTH = 64
_HEX = frozenset("0123456789abcdef")


def read(payload: bytes) -> Stated:
    """Read a statement of any of the kinds. Fields that a format does not know are passed over.

    Raises VerificationError for one of another kind, or that is not as its format has it.
    """
    kind = kind_of(payload)
    if kind == TEST_RESULT:
        return read_test_result(payload)
    reader = _READERS.get(kind)
    if reader is None:
        raise not_ours(f"its predicate is {visible(kind[:200])!r}, which samego does not make")
    try:
        data = strict_json.parse(payload)
        if data["_type"] != STATEMENT:
            raise not_ours("it is no in-toto Statement v1")
        subjects = _subjects(data["subject"])
        found = reader(data["predicate"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise not_ours(f"it is not as {kind} wants it ({visible(str(error)[:200])})") from error
    return Stated(kind=kind, subjects=subjects, **found)


def kind_of(payload: bytes) -> str:
    """The type of a statement's predicate. Raises VerificationError where there is none."""
    try:
        kind = strict_json.parse(payload)["predicateType"]
    except (ValueError, KeyError, TypeError) as error:
        raise not_ours(f"it is not an in-toto Statement v1 ({visible(str(error))})") from error
    if not isinstance(kind, str):
        raise not_ours("its predicate has no type")
    return kind


def fails(stated: Stated) -> bool:
    """Whether a statement says that its files are not what they should be."""
    return stated.result in (VSA_FAILED, words("test-result")["fails"])


def _svr(predicate: Mapping[str, Any]) -> dict[str, Any]:
    verifier = predicate["verifier"]
    if not isinstance(verifier["policies"], list):
        raise TypeError("verifier.policies is no list")
    _text(predicate["timeCreated"])
    properties = _texts(predicate["properties"])
    return {
        "result": VSA_PASSED if PASSED in properties else VSA_FAILED,
        "by": _text(verifier["id"]),
        "properties": properties,
        "report": _made_from(predicate),
    }


def _vsa(predicate: Mapping[str, Any]) -> dict[str, Any]:
    levels = _texts(predicate["verifiedLevels"])
    result = _text(predicate["verificationResult"])
    _text(predicate["resourceUri"])
    _text(predicate["policy"]["uri"])
    if result not in (VSA_PASSED, VSA_FAILED):
        raise ValueError(f"verificationResult is {result}")
    if (levels == (VSA_FAILED,)) is not (result == VSA_FAILED) or not levels:
        raise ValueError("verifiedLevels are not those of its result")
    return {
        "result": result,
        "by": _text(predicate["verifier"]["id"]),
        "properties": levels if result == VSA_PASSED else (),
        "report": _made_from(predicate),
    }


def _provenance(predicate: Mapping[str, Any]) -> dict[str, Any]:
    definition, run = predicate["buildDefinition"], predicate["runDetails"]
    if definition["buildType"] != BUILD_TYPE:
        raise ValueError("its build type is none of samego's")
    if not isinstance(definition["externalParameters"], Mapping):
        raise TypeError("externalParameters is no object")
    reports = [_sha256(each["digest"]["sha256"]) for each in run["byproducts"]]
    if len(reports) != 1:
        raise ValueError("it names no result, or several")
    return {"result": BUILT, "by": _text(run["builder"]["id"]), "report": reports[0]}


_READERS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    SVR: _svr,
    VSA: _vsa,
    PROVENANCE: _provenance,
}


def _subjects(subjects: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The names by digest; what has no sha256 goes by its ``h1:`` hash in hex."""
    found = {}
    for subject in subjects:
        digest = subject["digest"]
        sum_ = digest["sha256"] if "sha256" in digest else digest["dirHash"]
        found[_sha256(sum_)] = _text(subject["name"])
    if not found or len(found) != len(subjects):
        raise ValueError("it has no subject, or the same one twice")
    return found


def _made_from(predicate: Mapping[str, Any]) -> str:
    made = predicate.get(MADE_FROM)
    return "" if made is None else _sha256(made["digest"]["sha256"])


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("text is missing")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("a list is missing")
    return tuple(_text(each) for each in value)


def _sha256(value: object) -> str:
    found = _text(value)
    if len(found) != _SHA256_LENGTH or not set(found) <= _HEX:
        raise ValueError("a digest is none")
    return found
