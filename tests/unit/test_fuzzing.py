"""The fuzzing harness finds what it is there to find, and makes the same inputs again."""

from __future__ import annotations

import logging
import os
import signal
import warnings
from collections.abc import Callable

import pytest

from fuzz import running
from fuzz.running import fuzz, input_of
from fuzz.targets import Target
from samego.errors import InputError

SEEDS = [b"first input\n", b"second\0input"]


def target(run: Callable[[bytes], object], oracle: str = "") -> Target:
    return Target(
        "t",
        lambda data, _directory: run(data),
        lambda _seeds: SEEDS,
        1,
        oracle=(lambda _data, _given, _directory: oracle) if oracle else None,
    )


def _refuses(_data: bytes) -> None:
    raise InputError("no", hint="no")


def _raises(_data: bytes) -> None:
    raise KeyError("x")


def _hangs(_data: bytes) -> None:
    while True:
        pass


def _swells(_data: bytes) -> int:
    return len(bytearray(2 << 30))


def _dies(_data: bytes) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _warns(_data: bytes) -> None:
    warnings.warn("careful", stacklevel=1)


def _logs(_data: bytes) -> None:
    logging.getLogger("library").warning("careful")


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (_raises, "KeyError"),
        (_hangs, "over "),
        (_swells, "MemoryError"),
        (_dies, "the process died"),
        (_warns, "UserWarning"),
        (_logs, "LoggedError"),
    ],
)
def test_a_faulty_parser_is_found(
    run: Callable[[bytes], object], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "SECONDS", 0.05)
    tally = fuzz(target(run), SEEDS, 1, range(2))
    assert [what for what in tally.findings if told in what], tally


def test_a_good_one_reads_or_refuses() -> None:
    read, refused = (fuzz(target(run), SEEDS, 1, range(9)) for run in (len, _refuses))
    assert (read.accepted, read.refused, read.findings) == (9, 0, {})
    assert (refused.accepted, refused.refused, refused.findings) == (0, 9, {})


def test_another_reading_is_found() -> None:
    tally = fuzz(target(len, "they differ"), SEEDS, 1, range(5))
    assert tally.compared == 5
    assert list(tally.findings.values()) == [(0, "oracle: they differ")]


def test_inputs_come_from_seed_and_number() -> None:
    made = [input_of(target(len), SEEDS, 1, number) for number in range(50)]
    assert made == [input_of(target(len), SEEDS, 1, number) for number in range(50)]
    assert made != [input_of(target(len), SEEDS, 2, number) for number in range(50)]
    assert len(set(made)) > 40
