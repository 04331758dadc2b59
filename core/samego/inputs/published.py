"""A result as everybody may read it: what it says without the places of the machine.

What the probe saw is the sandbox's own, and stays as it is.
"""

from __future__ import annotations

from dataclasses import replace

from samego.inputs.result import InputsResult, TargetInputs
from samego.model.machine import Machine


def published(result: InputsResult, machine: Machine) -> InputsResult:
    """The result with what the machine's places mean, in place of where they lie."""
    plain, other = map(machine.redact, result.bootstraps)
    targets = tuple(_target(target, machine) for target in result.targets)
    return replace(result, bootstraps=(plain, other), targets=targets)


def _target(target: TargetInputs, machine: Machine) -> TargetInputs:
    return replace(
        target,
        doubt=machine.redact(target.doubt),
        error=machine.redact(target.error),
        where=tuple(machine.redact(line) for line in target.where),
        variations=tuple(
            replace(row, unseen=machine.redact(row.unseen)) for row in target.variations
        ),
        tried=tuple(replace(each, error=machine.redact(each.error)) for each in target.tried),
    )
