"""What a result of ``samego inputs`` says, as an in-toto Statement v1 with test-result v0.1.

The subject is what the plain build gave, which is upstream's own, by digest. The result answers
one question: whether those bytes follow from their inputs alone. Each thing that was varied, as
a probe saw it, is a test, and so is each input that must change what it should. What was not
varied is no test; it stands in the configuration, with the reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor

from samego.attest.statement import INPUTS_RESULT, stated
from samego.errors import InputError
from samego.rebuild.results import holds_toolchain
from samego.report.trackers.statuses import words

_RESULTS = words("test-result")
_OUTCOMES = {"same_bytes": _RESULTS["passes"], "differs": _RESULTS["fails"]}


def state_inputs(result: Mapping[str, Any], data: bytes) -> bytes:
    """The statement on a result (schema samego.inputs/1) as JSON; ``data`` is it in its file.

    Raises InputError for a result that decides nothing.
    """
    outcome = _OUTCOMES.get(result["verdict"])
    if outcome is None:
        raise InputError(
            "the result is undecided: there is nothing to state",
            hint="see what it says of the plain build, and of what did not build",
        )
    passed, failed = _tests(result)
    predicate = test_result_pb2.TestResult(
        result=outcome,
        configuration=[item.pb for item in _configuration(result, data)],
        passed_tests=passed,
        failed_tests=failed,
    )
    return stated([item.pb for item in _subjects(result)], predicate)


def _subjects(result: Mapping[str, Any]) -> Iterator[ResourceDescriptor]:
    for target in result["targets"]:
        for name, file in target["plain"]["files"].items():
            program = result["program"]
            known = f"{program} of {result['release']} {target['target']}" if program else name
            if holds_toolchain(name):
                yield ResourceDescriptor(name=known, digest={"sha256": file["sha256"]})


def _tests(result: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """What passed and what failed, by target."""
    tests: tuple[list[str], list[str]] = ([], [])
    for target in result["targets"]:
        name = target["target"]
        for row in target["variations"]:
            if row["seen"]:
                tests[bool(row["changes_the_bytes"])].append(f"{name}: {row['name']} is no input")
        for row in target["inputs"]:
            what = f"{name}: {row['name']} changes what it should, and nothing else"
            tests[bool(row["unexpected"])].append(what)
    return tests


def _configuration(result: Mapping[str, Any], data: bytes) -> Iterator[ResourceDescriptor]:
    yield ResourceDescriptor(
        name="samego",
        annotations={
            "version": result["samego"],
            "release": result["release"],
            "program": result["program"] or "",
            "verdict": result["verdict"],
        },
    )
    yield ResourceDescriptor(
        name=INPUTS_RESULT,
        digest={"sha256": hashlib.sha256(data).hexdigest()},
        media_type="application/json",
    )
    for build, origin in result["bootstraps"].items():
        yield ResourceDescriptor(name=f"bootstrap, {build}", annotations={"origin": origin})
    for target in result["targets"]:
        missing = {
            row["name"]: row["not_varied_because"]
            for row in target["variations"]
            if not row["seen"]
        }
        if missing:
            name = f"not varied, {target['target']}"
            yield ResourceDescriptor(name=name, annotations=missing)
