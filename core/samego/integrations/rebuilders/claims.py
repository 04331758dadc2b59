"""What signed statements claim of files: samego's own results, and provenance of whoever built.

A test result of samego's says whether a file is upstream's, as far as its report required that.
SLSA provenance v1 says that its signer built a file with that digest. Other predicates claim
nothing that counts here.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from samego.attest import statement
from samego.errors import VerificationError
from samego.integrations.rebuilders.times import parse_time
from samego.quorum.voice import Heard
from samego.report import strict_json
from samego.report.trackers.statuses import words

STATEMENT = "https://in-toto.io/Statement/v1"
PROVENANCE = "https://slsa.dev/provenance/v1"
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed of one file, by its name and sha256."""

    name: str
    sha256: str
    heard: Heard
    when: dt.datetime | None = None
    reason: str = ""


def read_claims(payload: bytes) -> tuple[Claim, ...]:
    """What a statement claims. Raises ValueError, with a phrase, for one that claims nothing."""
    data = strict_json.parse(payload)
    if not isinstance(data, dict) or data.get("_type") != STATEMENT:
        raise ValueError("it is no in-toto Statement v1")
    if data.get("predicateType") == statement.PREDICATE:
        return _test_result(payload)
    if data.get("predicateType") == PROVENANCE:
        return _provenance(data)
    raise ValueError(
        f"its predicate {str(data.get('predicateType'))[:100]} says nothing of a build"
    )


def _test_result(payload: bytes) -> tuple[Claim, ...]:
    try:
        stated = statement.read(payload)
    except VerificationError as error:
        raise ValueError(error.message) from error
    failed = stated.result == words("test-result")["fails"]
    heard = Heard.DIFFERS if failed else Heard.AGREES
    reason = "samego's check of it " + ("does not pass" if failed else "passes")
    return tuple(
        Claim(name, sha256, heard, reason=reason) for sha256, name in stated.subjects.items()
    )


def _provenance(data: Mapping[str, Any]) -> tuple[Claim, ...]:
    try:
        details = data["predicate"]["runDetails"]
        ended = parse_time(details.get("metadata", {}).get("finishedOn"))
        subjects = [(str(each["name"]), each["digest"]["sha256"]) for each in data["subject"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("it is no provenance of files with a sha256") from error
    if not all(isinstance(sha256, str) and _SHA256.fullmatch(sha256) for _, sha256 in subjects):
        raise ValueError("a digest is no sha256")
    return tuple(Claim(name, sha256, Heard.AGREES, ended) for name, sha256 in subjects)
