"""A report as everybody may read it: its values without the places of the machine.

Only values that come from the machine are looked at. What a package holds stays as it is, whatever
it looks like.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from samego.config import Config
from samego.model.finding import Finding
from samego.model.machine import Machine, file_name, published_url, this_machine
from samego.model.proof import Proof
from samego.model.report import Report, Upstream
from samego.model.subject import Package
from samego.model.verification import Verification

#: Inputs and details of proofs that may name places of this machine.
_OF_THE_MACHINE = frozenset({"origins", "source", "network", "not_replayed"})


def machine_of(config: Config) -> Machine:
    """This machine, with what the configuration says of it."""
    return this_machine(
        {
            config.cache_directory: "the cache",
            config.mirror: "the mirror directory",
            config.history_directory: "the history",
        },
        os.environ,
        (config.godev_url, *_strings(config.plugins)),
    )


def published(report: Report, machine: Machine) -> Report:
    """The report with what its places mean, in place of where they lie."""
    return replace(
        report,
        subject=replace(
            report.subject,
            packages=tuple(_package(package) for package in report.subject.packages),
        ),
        upstream=_upstream(report.upstream, machine),
        findings=tuple(_finding(finding, machine) for finding in report.findings),
        inputs={
            key: _redact(value, machine) if key in _OF_THE_MACHINE else value
            for key, value in report.inputs.items()
        },
        notes=tuple(machine.redact(note) for note in report.notes),
        waivers=tuple(
            replace(each, reason=machine.redact(each.reason), file=file_name(each.file))
            for each in report.waivers
        ),
    )


def _package(package: Package) -> Package:
    """A directory has no other name than its path."""
    return replace(package, name=file_name(package.name)) if "/" in package.name else package


def _upstream(upstream: Upstream, machine: Machine) -> Upstream:
    return replace(
        upstream,
        url=published_url(upstream.url) if "://" in upstream.url else upstream.url,
        verified=tuple(
            Verification(machine.redact(each.how), machine.redact(each.rests_on))
            for each in upstream.verified
        ),
        source=_upstream(upstream.source, machine) if upstream.source else None,
    )


def _finding(finding: Finding, machine: Machine) -> Finding:
    if finding.proof is None:
        return finding
    details = finding.proof.details
    redacted = {
        key: _redact(value, machine) if key in _OF_THE_MACHINE else value
        for key, value in details.items()
    }
    if redacted == details:
        return finding
    proof: Proof = replace(finding.proof, details=redacted)
    return replace(finding, proof=proof)


def _redact(value: Any, machine: Machine) -> Any:  # noqa: ANN401 - as JSON has it
    if isinstance(value, str):
        return machine.redact(value)
    if isinstance(value, Mapping):
        return {key: _redact(inner, machine) for key, inner in value.items()}
    if isinstance(value, tuple):
        return tuple(_redact(inner, machine) for inner in value)
    if isinstance(value, list):
        return [_redact(inner, machine) for inner in value]
    return value


def _strings(value: object) -> Iterator[str]:
    """The texts of a configuration's tables."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for inner in value.values() for text in _strings(inner))
    elif isinstance(value, (list, tuple)):
        yield from (text for inner in value for text in _strings(inner))
