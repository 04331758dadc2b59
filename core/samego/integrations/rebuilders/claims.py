"""What signed statements claim of files: samego's own results, and provenance of whoever built.

A result of samego's (test result, SVR or VSA) says whether a file is what its policy requires:
upstream's, or what its source gives. Provenance (SLSA v1, of any builder) says that its signer
built a file with that digest. What sums up others' builds is hearsay, and claims nothing here:
they are asked themselves. Nor does another predicate, or a summary by another policy.

A check fails a file also where nothing speaks against it: by a strict bar, or because something
is not proven yet. That is no "no"; nor is it a "yes" where waivers alone let it pass. Results of
``samego inputs`` and ``samego source`` fail for what they ask, which is not the file's bytes.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from samego.attest.in_toto import MADE_FROM, OWN, PROVENANCE, STATEMENT, SVR, TEST_RESULT, VSA
from samego.attest.reading import fails, read
from samego.attest.statement import INPUTS_RESULT, SOURCE_RESULT
from samego.errors import VerificationError
from samego.integrations.rebuilders.times import parse_time
from samego.model.proof import Standing
from samego.quorum.voice import Heard
from samego.report import strict_json

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
#: The policies of samego whose results are the signer's own.
_INPUTS_POLICY = f"{OWN}/policies/inputs@v1"
_OWN_POLICIES = frozenset({f"{OWN}/policies/bar@v1", f"{OWN}/policies/rebuilt@v1", _INPUTS_POLICY})
_VERDICTS = frozenset(standing.value for standing in Standing)


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed of one file, by its name and its sha256 (empty where that is not stated).

    ``build`` and ``builder`` are what provenance calls the build and its platform.
    """

    name: str
    sha256: str
    heard: Heard
    when: dt.datetime | None = None
    reason: str = ""
    build: str = ""
    builder: str = ""


def read_claims(payload: bytes) -> tuple[Claim, ...]:
    """What a statement claims. Raises ValueError, with a phrase, for one that claims nothing."""
    data = strict_json.parse(payload)
    if not isinstance(data, dict) or data.get("_type") != STATEMENT:
        raise ValueError("it is no in-toto Statement v1")
    kind, predicate = data.get("predicateType"), data.get("predicate")
    if not isinstance(kind, str) or not isinstance(predicate, dict):
        raise ValueError("it has no predicate")  # noqa: TRY004 - a phrase about foreign data
    try:
        if kind == PROVENANCE:
            return tuple(_built(data, predicate))
        if kind in (TEST_RESULT, SVR, VSA):
            return tuple(_judged(payload, data, predicate, kind))
    except VerificationError as error:
        raise ValueError(error.message) from error
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is not as {kind} wants it") from error
    raise ValueError(f"its predicate {kind[:100]} says nothing of a build")


def _built(data: Mapping[str, Any], predicate: Mapping[str, Any]) -> Iterator[Claim]:
    run = predicate["runDetails"]
    metadata = run.get("metadata", {})
    ended, build = parse_time(metadata.get("finishedOn")), metadata.get("invocationId", "")
    builder = run.get("builder", {}).get("id", "")
    if not isinstance(build, str) or not isinstance(builder, str):
        raise TypeError(build)
    for name, sha256 in _subjects(data):
        reason = "it states that it built this"
        yield Claim(name, sha256, Heard.AGREES, ended, reason, build, builder)


def _judged(
    payload: bytes, data: Mapping[str, Any], predicate: Mapping[str, Any], kind: str
) -> Iterator[Claim]:
    stated = read(payload)
    when, policies, parts = None, [], []
    if kind == VSA:
        when = parse_time(predicate["timeVerified"])
        policies = [predicate["policy"]["uri"]]
        parts = [predicate.get(MADE_FROM, {})]
    elif kind == SVR:
        when = parse_time(predicate["timeCreated"])
        policies = [each["uri"] for each in predicate["verifier"]["policies"]]
        parts = [predicate.get(MADE_FROM, {})]
    else:
        parts = predicate["configuration"]
    if kind != TEST_RESULT and not set(policies) & _OWN_POLICIES:
        raise ValueError("it is a summary by another policy than those of samego's own results")
    asks_else = _INPUTS_POLICY in policies or any(
        each.get("name") in (INPUTS_RESULT, SOURCE_RESULT) for each in parts
    )
    heard, reason = _heard(_verdict(parts), failed=fails(stated), asks_else=asks_else)
    for name, sha256 in _subjects(data):
        yield Claim(name, sha256, heard, when, reason)


def _verdict(parts: Sequence[Mapping[str, Any]]) -> Standing | None:
    """The verdict of a report, of what a statement says that it rests on; None without one."""
    annotated = (each["annotations"] for each in parts if "annotations" in each)
    stated = [each["verdict"] for each in annotated if each.get("verdict") in _VERDICTS]
    return Standing(stated[0]) if len(stated) == 1 else None


def _heard(verdict: Standing | None, *, failed: bool, asks_else: bool) -> tuple[Heard, str]:
    """What a result comes to, and why. Without a verdict, what passes agrees, what fails not."""
    check = "its check with samego"
    if failed and asks_else:
        return Heard.SILENT, "its result with samego fails, and not for these bytes"
    if failed and verdict in (None, Standing.UNEXPLAINED):
        return Heard.DIFFERS, f"{check} does not pass"
    if failed and verdict is not None:
        return Heard.SILENT, f"{check} does not pass, and found it {verdict.value}"
    if verdict is not None and not verdict.passes:
        return Heard.SILENT, f"{check} passes by waivers alone, and found it {verdict.value}"
    return Heard.AGREES, f"{check} passes"


def _subjects(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The files by name, each with its sha256 where it has one (a module may have an h1 alone)."""
    for subject in data["subject"]:
        name, sha256 = subject["name"], subject["digest"].get("sha256", "")
        if not isinstance(name, str) or (sha256 and not _SHA256.fullmatch(sha256)):
            raise ValueError("a subject has no name, or a digest that is none")
        yield name, sha256
