"""Which checks that could not be decided are told of, and what is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from samego.check.options import CheckOptions
from samego.check.undecided import told_of
from samego.errors import (
    BuildError,
    ControlError,
    DiskFullError,
    InputError,
    NetworkError,
    NotPostedError,
    SamegoError,
    VerificationError,
)
from samego.model.asked import Asked, From
from samego.model.attempt import Attempt
from samego.model.release import Target
from support import reports

SPEC = "debian:trixie/golang-1.24"


def ended(error: SamegoError, options: CheckOptions) -> list[Attempt]:
    """What is told of a check that ends with this error, which goes on."""
    told: list[Attempt] = []
    subject = reports.trixie().subject
    with (
        pytest.raises(type(error)) as raised,
        told_of(told.append, subject, subject, options, 0.0),
    ):
        raise error
    assert raised.value is error
    return told


@pytest.mark.parametrize(
    "kind", [NetworkError, NotPostedError, BuildError, ControlError, VerificationError]
)
def test_what_upstream_does_not_give_is_told(kind: type[SamegoError]) -> None:
    (attempt,) = ended(kind("no channel has it", hint=""), CheckOptions((SPEC,)))
    assert attempt.cause == "no channel has it"
    assert attempt.asked == Asked(From.SUITE, (), f"samego check {SPEC}")
    assert attempt.seconds > 0


@pytest.mark.parametrize("kind", [DiskFullError, InputError])
def test_what_is_about_this_machine_or_the_input_is_not(kind: type[SamegoError]) -> None:
    assert ended(kind("no", hint=""), CheckOptions((SPEC,))) == []


def test_an_upstream_file_by_hand_is_an_experiment() -> None:
    assert ended(NotPostedError("no", hint=""), CheckOptions((SPEC,), upstream=Path("x"))) == []


def test_another_target_than_the_packages_own_is_said() -> None:
    options = CheckOptions((SPEC,), target=Target("linux", "riscv64"))
    (attempt,) = ended(NotPostedError("no", hint=""), options)
    assert attempt.asked.instead == ("target",)


def test_no_place_of_the_machine_is_told(tmp_path: Path) -> None:
    error = NetworkError(f"{tmp_path}/x cannot be read", hint="")
    (attempt,) = ended(error, CheckOptions((SPEC,)))
    assert str(tmp_path) not in attempt.cause


def test_a_check_that_decides_tells_nothing() -> None:
    told: list[Attempt] = []
    subject = reports.trixie().subject
    with told_of(told.append, subject, subject, CheckOptions((SPEC,)), 0.0):
        pass
    assert told == []
