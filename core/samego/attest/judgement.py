"""What was decided about files, before it is stated in one form or another.

A report of ``samego check`` is one judgement on all of its packages. What is undecided is none:
nothing is stated of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from samego.attest.in_toto import OWN, StatedFile, compact, stated_packages
from samego.compare.verdict import bar_word, passes, verdict
from samego.compare.waivers import taken
from samego.distro.naming import naming_of
from samego.errors import SamegoError
from samego.model.proof import Standing
from samego.model.report import Report
from samego.system.terminal import visible

#: The property of every good judgement, whatever it is about.
PASSED = "SAMEGO_PASSED"
_VERIFIED = "SAMEGO_UPSTREAM_VERIFIED"
_WAIVED = "SAMEGO_WAIVED"
#: The policy of a report: what it requires, and whose word lets what pass all the same.
_BAR_POLICY = "policies/bar@v1"
_MADE_FROM = "samego report"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One judgement on some files.

    ``properties`` are what was verified of them; ``policy`` is what was asked, as a
    ResourceDescriptor. ``resource`` is the URI where the files are had, empty where nobody knows.
    ``verdict`` is the report's, without the bar that it had to reach; empty for what has none.
    ``made_from`` is the report, ``evidence`` the envelopes that it rests on; ``version`` is
    samego's.
    """

    files: tuple[StatedFile, ...]
    passed: bool
    properties: tuple[str, ...]
    policy: Mapping[str, Any]
    resource: str
    version: str
    verdict: str = ""
    made_from: StatedFile | None = None
    evidence: tuple[StatedFile, ...] = ()


def of_report(report: Report, data: bytes) -> Judgement:
    """The judgement of a report; ``data`` is the report as it lies in its file.

    Raises InputError for a report on installed files: they have no digest.
    """
    return Judgement(
        files=stated_packages(report),
        passed=passes(report),
        properties=tuple(_properties(report)),
        policy=own_policy(_BAR_POLICY, _terms(report)),
        resource=_source(report),
        version=report.version,
        verdict=verdict(report).value,
        made_from=file_of(_MADE_FROM, data),
    )


def file_of(name: str, data: bytes) -> StatedFile:
    """A file by its bytes."""
    return StatedFile(name, {"sha256": hashlib.sha256(data).hexdigest()})


def own_policy(name: str, terms: Mapping[str, Any]) -> dict[str, Any]:
    """A policy of samego's with its terms, and the digest of these as JSON without spaces."""
    digest = {"sha256": hashlib.sha256(compact(terms)).hexdigest()}
    return {"uri": f"{OWN}/{name}", "digest": digest, "annotations": dict(terms)}


def _properties(report: Report) -> Iterator[str]:
    """The property of the verdict implies those of the weaker ones: all of them stand there."""
    if passes(report):
        yield PASSED
        if any(taken(report).values()):
            yield _WAIVED
        else:
            found = verdict(report)
            for standing in Standing:
                if standing.passes and standing.rank >= found.rank:
                    yield f"SAMEGO_{standing.name}"
    if report.upstream.verified and report.upstream.confirmed:
        yield _VERIFIED


def _terms(report: Report) -> dict[str, Any]:
    paths = taken(report)
    waivers = [
        {"paths": [visible(path) for path in paths[number]], "reason": visible(waiver.reason)}
        for number, waiver in enumerate(report.waivers)
        if paths.get(number)
    ]
    return {"required": bar_word(report), **({"waivers": waivers} if waivers else {})}


def _source(report: Report) -> str:
    """The package URL of the source package; empty where no plugin knows it."""
    try:
        naming = naming_of(report.subject.distro)
        return naming.package_url(naming.source(report.subject.packages[0]))
    except SamegoError:
        return ""
