"""Runs a target on so many inputs, in a process with a limit of memory and of time for each."""

from __future__ import annotations

import gc
import json
import logging
import os
import re
import resource
import shutil
import signal
import sys
import tempfile
import traceback
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from types import FrameType

from fuzz.mutating import mutated
from fuzz.targets import Target

#: CPU seconds for one input, and bytes of memory beside what a process has at its start.
SECONDS = 5.0
MEMORY = 1 << 30
#: Inputs for one process: what they leave in memory goes with it.
_BATCH = 20_000


#: What differs from one input to the next in words that are about the same fault.
_QUOTED = re.compile(r"""b?'[^']*'|b?"[^"]*"|\b\d+\b""")


class LoggedError(BaseException):
    """A library printed something."""


class HungError(BaseException):
    """An input took too long."""


@dataclass
class Tally:
    """What came of a target's inputs.

    ``findings`` map each kind of fault to the first such input and what was said of it.
    """

    accepted: int = 0
    refused: int = 0
    compared: int = 0
    findings: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def inputs(self) -> int:
        """How many there were."""
        return self.accepted + self.refused

    def add(self, other: Tally) -> None:
        """Take in another process's."""
        self.accepted += other.accepted
        self.refused += other.refused
        self.compared += other.compared
        self.findings = {**other.findings, **self.findings}


def input_of(target: Target, seeds: Sequence[bytes], seed: int, number: int) -> bytes:
    """The input with this number: the same in every run with the same seed."""
    random = Random(f"{seed}/{target.name}/{number}")  # noqa: S311 - repeatable choices
    return mutated(seeds, random, target.repair)


def fuzz(target: Target, seeds: Sequence[bytes], seed: int, numbers: range) -> Tally:
    """Run a target on the inputs with these numbers."""
    whole = Tally()
    for start in range(numbers.start, numbers.stop, _BATCH):
        sample = target.sample - whole.compared if target.sample else 0
        part = range(start, min(start + _BATCH, numbers.stop))
        whole.add(_in_a_process(target, seeds, seed, part, sample))
    return whole


def _in_a_process(
    target: Target, seeds: Sequence[bytes], seed: int, numbers: range, sample: int
) -> Tally:
    """The same in a process of its own: a crash of a library ends that one alone."""
    directory = Path(tempfile.mkdtemp(prefix="samego-fuzz-"))
    told = directory / "told"
    child = os.fork()
    if child == 0:
        code = 1
        try:
            gc.disable()
            # Coverage that is measured here would be lost with this process.
            sys.settrace(None)
            # What a library warns of or logs, a user would read.
            warnings.simplefilter("error")
            logging.getLogger().addHandler(LoudHandler())
            _limit_memory()
            tally = _batch(target, seeds, seed, numbers, directory, sample)
            told.write_text(json.dumps(asdict(tally)))
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    try:
        if status == 0:
            made = Tally(**json.loads(told.read_text()))
            made.findings = {what: (at[0], at[1]) for what, at in made.findings.items()}
            return made
        at = (directory / "at").read_text() if (directory / "at").is_file() else "-1"
        return Tally(findings={"the process died": (int(at), f"status {status}, somewhat after")})
    finally:
        shutil.rmtree(directory)


class LoudHandler(logging.Handler):
    """Makes a fault of what a library logs: it would reach a user's stderr."""

    def emit(self, record: logging.LogRecord) -> None:
        """Raise what would be printed."""
        if record.levelno >= logging.WARNING:
            raise LoggedError(record.name, record.getMessage())


def _limit_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _batch(
    target: Target,
    seeds: Sequence[bytes],
    seed: int,
    numbers: range,
    directory: Path,
    sample: int,
) -> Tally:
    def hung(_signal: int, _frame: FrameType | None) -> None:
        raise HungError

    signal.signal(signal.SIGPROF, hung)
    tally = Tally()
    scratch = directory / "scratch"
    for number in numbers:
        if number % 500 == 0:
            (directory / "at").write_text(str(number))
            gc.collect()
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir()
        data = input_of(target, seeds, seed, number)
        found = _one(target, data, scratch, tally, sample)
        if found:
            tally.findings.setdefault(_QUOTED.sub("...", found)[:100], (number, found))
    return tally


def _one(target: Target, data: bytes, scratch: Path, tally: Tally, sample: int) -> str:
    """Run one input; what is wrong, or nothing."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        given = target.run(data, scratch)
    except target.may_raise:
        tally.refused += 1
        return ""
    except HungError:
        tally.refused += 1
        return f"over {SECONDS:.0f} s"
    except BaseException as error:  # noqa: BLE001 - each is a finding
        tally.refused += 1
        return _where(error)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    tally.accepted += 1
    asked = not target.sample or tally.compared < sample
    if target.oracle is None or not asked:
        return ""
    tally.compared += 1
    try:
        wrong = target.oracle(data, given, scratch)
    except (Exception, LoggedError) as error:  # noqa: BLE001 - second readers have faults too
        wrong = f"the second reader ends with {type(error).__name__} ({error})"
    return f"oracle: {wrong}" if wrong else ""


def _where(error: BaseException) -> str:
    """An exception by its kind and the last line of ours (or of anybody's) that it passed."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [
        frame
        for frame in frames
        if "samego" in Path(frame.filename).parts or "samego_" in frame.filename
    ]
    at = (ours or frames)[-1]
    return f"{type(error).__name__} at {Path(at.filename).name}:{at.lineno} ({str(error)[:100]!r})"
