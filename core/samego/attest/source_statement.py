"""What a result of ``samego source`` says, as an in-toto Statement v1 with test-result v0.1.

The subject is the source, by digest. Each thing that it was held against is a test: upstream's
file, each vendored module, the statements of each vendor directory, a clone's tag, each generator.
What was not checked is no test; it stands in the configuration, with the reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor

from samego.attest.statement import SOURCE_RESULT, stated
from samego.errors import InputError
from samego.report.trackers.statuses import words

_RESULTS = words("test-result")
_OUTCOMES = {"as_stated": _RESULTS["passes"], "differs": _RESULTS["fails"]}


def state_source(result: Mapping[str, Any], data: bytes) -> bytes:
    """The statement on a result (schema samego.source/1) as JSON; ``data`` is it in its file.

    Raises InputError for a result that decides nothing.
    """
    outcome = _OUTCOMES.get(result["verdict"])
    if outcome is None:
        raise InputError(
            "the result is undecided: there is nothing to state",
            hint="run 'samego source' again when what it could not ask answers",
        )
    tests: tuple[list[str], list[str]] = ([], [])
    for name, good in _tests(result):
        tests[not good].append(name)
    predicate = test_result_pb2.TestResult(
        result=outcome,
        configuration=[item.pb for item in _configuration(result, data)],
        passed_tests=tests[0],
        failed_tests=tests[1],
    )
    source = result["source"]
    name = source["file"] or result["packing"]["name"] or result["release"]
    subject = ResourceDescriptor(name=name, digest={"sha256": source["sha256"]})
    return stated([subject.pb], predicate)


def _tests(result: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """The name of each test, and whether it passed."""
    packing, git = result["packing"], result["git"]
    yield f"it has the files of upstream's {result['release']}", not packing["differences"]
    for directory in result["vendored"]:
        yield f"{directory['path']}: its statements agree", not directory["contradictions"]
        for module in directory["modules"]:
            if module["rests_on"] is not None:
                what = f"{directory['path']}: {module['path']} {module['version']}"
                yield f"{what} ({module['rests_on']})", not module["differences"]
    for file in result["opaque"]:
        if file["as_pinned"] is not None:
            yield f"{file['path']} is as {file['pinned_in']} states", file["as_pinned"]
    if git is not None:
        yield f"the tag {git['tag']} gives its files", not git["differences"]
    for each in result["generated"]:
        yield f"{each['name']} gives its files", not each["differences"]


def _configuration(result: Mapping[str, Any], data: bytes) -> Iterator[ResourceDescriptor]:
    opaque = result["opaque"]
    yield ResourceDescriptor(
        name="samego",
        annotations={
            "version": result["samego"],
            "release": result["release"],
            "verdict": result["verdict"],
            "opaque": str(len(opaque)),
            "linked": str(sum(file["use"] == "linked" for file in opaque)),
        },
    )
    yield ResourceDescriptor(
        name=SOURCE_RESULT,
        digest={"sha256": hashlib.sha256(data).hexdigest()},
        media_type="application/json",
    )
    for directory in result["vendored"]:
        missed = {
            f"{module['path']} {module['version']}": module["not_checked_because"]
            for module in directory["modules"]
            if module["rests_on"] is None
        }
        if missed:
            yield ResourceDescriptor(name=f"not checked, {directory['path']}", annotations=missed)
