"""What a report found, as an in-toto Statement v1 with the predicate test-result v0.1.

Formats: in-toto/attestation, spec/v1/statement.md and spec/predicates/test-result.md. The
subject is the packages, by digest. The result is the answer to one question, whether they
are upstream's Go as far as the report requires it: a negative answer is stated as well.
The configuration states what it rests on: upstream's file, the report, the rules and
tools that took part, and what the distro declared.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1 import resource_descriptor_pb2, statement_pb2
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement

from samego.attest.in_toto import TEST_RESULT, stated_packages
from samego.compare.verdict import bar_word, confirmed_enough, effective, failing, passes, verdict
from samego.compare.waivers import taken, waived
from samego.errors import VerificationError
from samego.model.report import Report, Upstream
from samego.report import strict_json
from samego.report.trackers.statuses import words

PREDICATE = TEST_RESULT
#: The name of the report among what a statement rests on.
REPORT = "samego report"
#: The same of a result of samego inputs (inputs_statement.py).
INPUTS_RESULT = "samego inputs result"
#: The same of a result of samego source (source_statement.py).
SOURCE_RESULT = "samego source result"
_MADE_FROM = (REPORT, INPUTS_RESULT, SOURCE_RESULT)
_RESULTS = "test-result"
_UNCONFIRMED = "upstream's file was rebuilt here, and nobody confirms it"
_SHA256 = 64


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement as it was read: its result, and names by sha256.

    ``report`` is the sha256 of the report that it was made from, empty where it names none.
    ``kind`` is the predicate's type, ``by`` who states it, where that is said, and ``properties``
    are what was verified.
    """

    result: str
    subjects: Mapping[str, str]
    report: str
    failed: tuple[str, ...] = ()
    kind: str = TEST_RESULT
    by: str = ""
    properties: tuple[str, ...] = ()


def state(report: Report, data: bytes) -> bytes:
    """The statement on a report as JSON; ``data`` is the report as it lies in its file.

    Raises InputError for a report on installed files: they have no digest.
    """
    subjects = [
        ResourceDescriptor(name=file.name, digest=dict(file.digest)).pb
        for file in stated_packages(report)
    ]
    predicate = test_result_pb2.TestResult(
        result=words(_RESULTS)[_outcome(report)],
        configuration=[item.pb for item in _configuration(report, data)],
        **_tests(report),
    )
    return stated(subjects, predicate)


def stated(
    subjects: Sequence[resource_descriptor_pb2.ResourceDescriptor],
    predicate: test_result_pb2.TestResult,
) -> bytes:
    """A statement on these subjects as JSON."""
    statement = Statement(subjects, PREDICATE, json_format.MessageToDict(predicate))
    statement.validate()
    return json.dumps(
        json_format.MessageToDict(statement.pb), sort_keys=True, separators=(",", ":")
    ).encode()


def read(payload: bytes) -> Stated:
    """Read a statement, and check that it is one of these.

    Fields that the formats do not know are passed over, as in-toto asks of readers. Raises
    VerificationError for anything else that is not as it must be.
    """
    try:
        data = strict_json.parse(payload)
        message = statement_pb2.Statement()
        json_format.ParseDict(data, message, ignore_unknown_fields=True)
        statement = Statement.copy_from_pb(message)
        statement.validate()
        result = test_result_pb2.TestResult()
        json_format.ParseDict(data["predicate"], result, ignore_unknown_fields=True)
    except (ValueError, KeyError, TypeError, RecursionError, json_format.ParseError) as error:
        raise not_ours(f"it is not an in-toto Statement v1 with a test result ({error})") from error
    if message.predicate_type != PREDICATE:
        raise not_ours(f"its predicate is {message.predicate_type!r}, not {PREDICATE}")
    if result.result not in words(_RESULTS).values() or not result.configuration:
        raise not_ours("its result is none that test-result v0.1 knows")
    subjects = {_sha256(item.digest): item.name for item in message.subject}
    reports = [item for item in result.configuration if item.name in _MADE_FROM]
    if len(reports) != 1 or len(subjects) != len(message.subject):
        raise not_ours("it names no report, or the same thing twice")
    failed = tuple(result.failed_tests)
    if bool(failed) is not (result.result == words(_RESULTS)["fails"]):
        raise not_ours(f"its result is {result.result}, and {len(failed)} tests failed")
    return Stated(result.result, subjects, _sha256(reports[0].digest), failed)


def _outcome(report: Report) -> str:
    if not passes(report):
        return "fails"
    warned = report.consequences or waived(report) or not report.upstream.confirmed
    return "warns" if warned else "passes"


def _tests(report: Report) -> dict[str, list[str]]:
    """Every difference as a test, by its path; what is identical is one."""
    tests: dict[str, list[str]] = {"passed_tests": [], "warned_tests": [], "failed_tests": []}
    tests["passed_tests"].append(f"identical ({report.identical} paths)")
    if report.upstream.confirmed:
        # An unverified file caps the verdict at unproven, which no bar lets pass.
        verified = "passed_tests" if report.upstream.verified else "failed_tests"
        tests[verified].append("upstream's file is verified")
    else:
        tests["warned_tests" if confirmed_enough(report) else "failed_tests"].append(_UNCONFIRMED)
    by_waiver = waived(report)
    standings, failed_paths = effective(report.findings), failing(report)
    for finding in sorted(report.findings, key=lambda finding: finding.path):
        failed = finding.path in failed_paths
        kind = "failed_tests" if failed else "passed_tests"
        # What is no failure for a waiver alone, its own or one of what it rests on, is no pass.
        leans = standings[finding.path].rank > report.required.rank or finding.path in by_waiver
        if not failed and (finding.consequences or leans):
            kind = "warned_tests"
        tests[kind].append(finding.path)
    return tests


def _configuration(report: Report, data: bytes) -> Iterator[ResourceDescriptor]:
    yield ResourceDescriptor(
        name="samego",
        annotations={
            "version": report.version,
            "release": str(report.subject.release),
            "target": str(report.subject.target),
            "required": bar_word(report),
            "verdict": verdict(report).value,
        },
    )
    yield ResourceDescriptor(
        name=REPORT,
        digest={"sha256": hashlib.sha256(data).hexdigest()},
        media_type="application/json",
    )
    yield _archive("upstream", report.upstream)
    if report.upstream.source is not None:
        yield _archive("upstream's source", report.upstream.source)
    rules = Counter(finding.rule for finding in report.findings if finding.rule)
    for rule, number in sorted(rules.items()):
        yield ResourceDescriptor(name=f"rule {rule}", annotations={"findings": str(number)})
    for tool in report.tools:
        name = f"tool {tool.name}"
        yield ResourceDescriptor(name=name, annotations={"version": tool.version})
    yield from _declared(report.inputs)
    yield from _waivers(report)


def _waivers(report: Report) -> Iterator[ResourceDescriptor]:
    """The waivers that took something: whose word lets which paths pass, and why."""
    paths = taken(report)
    for number, waiver in enumerate(report.waivers):
        if paths.get(number):
            annotations: dict[str, Any] = {"reason": waiver.reason, "paths": list(paths[number])}
            if waiver.until is not None:
                annotations["until"] = waiver.until.isoformat()
            name = f"waiver {waiver.file} line {waiver.line}"
            yield ResourceDescriptor(name=name, annotations=annotations)


def _archive(name: str, upstream: Upstream) -> ResourceDescriptor:
    verified = [f"{way.how} ({way.rests_on})" for way in upstream.verified]
    return ResourceDescriptor(
        name=name,
        uri=upstream.url,
        digest={"sha256": upstream.sha256},
        annotations={"channel": upstream.channel, "verified": verified},
    )


def _declared(inputs: Mapping[str, object]) -> Iterator[ResourceDescriptor]:
    """What the distro declared: the build's date, its settings, its patches by name."""
    origins = inputs.get("origins")
    read_from = origins if isinstance(origins, dict) else {}
    for name, value in sorted(inputs.items()):
        if name == "origins" or value in (None, {}, []):
            continue
        annotations: dict[str, Any] = {"value": _plain(value)}
        if name in read_from:
            annotations["declared_in"] = str(read_from[name])
        yield ResourceDescriptor(name=f"declared {name}", annotations=annotations)


def _plain(value: object) -> Any:  # noqa: ANN401 - what a protobuf Struct holds
    """A declared value for a Struct, whose numbers are floating point: they become text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return str(value)


def _sha256(digest: Mapping[str, str]) -> str:
    found = digest.get("sha256", "")
    if len(found) != _SHA256 or not set(found) <= set("0123456789abcdef"):
        raise not_ours("a digest is not a sha256")
    return found


def not_ours(why: str) -> VerificationError:
    """The error for an envelope that holds something else."""
    return VerificationError(
        f"the envelope holds no statement that samego made: {why}",
        hint="name an envelope that 'samego attest' wrote",
    )
