"""A result as everybody may read it: what it says without the places of the machine."""

from __future__ import annotations

from dataclasses import replace

from samego.model.machine import Machine
from samego.model.verification import Verification
from samego.rebuild.compare_files import FileResult
from samego.rebuild.results import BootstrapResult, Rebuild, StepResult, TargetResult
from samego.upstream.channels.interface import Posted


def published(result: Rebuild, machine: Machine) -> Rebuild:
    """The result with what the machine's places mean, in place of where they lie."""
    return replace(
        result,
        source=_posted(result.source, machine),
        bootstraps=tuple(_bootstrap(each, machine) for each in result.bootstraps),
        notes=tuple(machine.redact(note) for note in result.notes),
    )


def _bootstrap(result: BootstrapResult, machine: Machine) -> BootstrapResult:
    bootstrap = replace(
        result.bootstrap,
        name=machine.redact(result.bootstrap.name),
        origin=machine.redact(result.bootstrap.origin),
    )
    return BootstrapResult(
        bootstrap,
        tuple(_step(step, machine) for step in result.steps),
        tuple(_target(target, machine) for target in result.targets),
    )


def _step(step: StepResult, machine: Machine) -> StepResult:
    host = step.host
    if host is not None:
        environment = tuple(machine.redact(each) for each in host.environment)
        host = replace(host, network=machine.redact(host.network), environment=environment)
    return replace(
        step,
        source=_posted(step.source, machine),
        host=host,
        error=machine.redact(step.error),
    )


def _target(target: TargetResult, machine: Machine) -> TargetResult:
    return replace(
        target,
        error=machine.redact(target.error),
        doubt=machine.redact(target.doubt),
        files=tuple(_file(file, machine) for file in target.files),
        variations=tuple(
            replace(row, unseen=machine.redact(row.unseen)) for row in target.variations
        ),
    )


def _file(file: FileResult, machine: Machine) -> FileResult:
    return replace(file, verified=_verified(file.verified, machine))


def _posted(posted: Posted, machine: Machine) -> Posted:
    return replace(posted, verified=_verified(posted.verified, machine))


def _verified(all_of: tuple[Verification, ...], machine: Machine) -> tuple[Verification, ...]:
    return tuple(
        Verification(machine.redact(each.how), machine.redact(each.rests_on)) for each in all_of
    )
