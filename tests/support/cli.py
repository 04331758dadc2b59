"""The command line as a user meets it: a process, its output, and what it leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: The samego that is installed beside the Python that runs the tests.
PROGRAM = Path(sys.executable).with_name("samego")

#: Seconds after which a run counts as hung: enough for what builds nothing.
_PATIENCE = 600

#: What takes seconds on a whole package, and a quarter longer where coverage is measured. It runs
#: no code that checks of small packages do not run.
HEAVY = frozenset({"check", "verify"})


@dataclass(frozen=True, slots=True)
class Result:
    """A run that has ended."""

    status: int
    stdout: str
    stderr: str

    @property
    def report(self) -> dict[str, Any]:
        """What ``--format json`` wrote to stdout."""
        assert self.status in {0, 1}, self.stderr
        report: dict[str, Any] = json.loads(self.stdout)
        return report


@dataclass(frozen=True, slots=True)
class Samego:
    """Runs samego with ``home`` as the user's home: its cache and configuration lie there.

    ``environment`` is added to the test's own; a value of None takes a variable out.
    ``patience`` is in seconds. ``program`` is the console script. ``uncovered`` are subcommands
    that run without a measurement of coverage.
    """

    home: Path
    environment: Mapping[str, str | None] = field(default_factory=dict)
    patience: float = _PATIENCE
    program: Path = PROGRAM
    uncovered: Collection[str] = ()

    def environ(self, extra: Mapping[str, str | None]) -> dict[str, str]:
        """The environment of a run."""
        environ: dict[str, str | None] = dict(os.environ)
        # Only HOME is to decide where samego keeps its files.
        environ.update(
            dict.fromkeys(("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"))
        )
        environ.update(HOME=str(self.home), **self.environment)
        environ.update(extra)
        return {name: value for name, value in environ.items() if value is not None}

    def start(
        self,
        arguments: Sequence[str | Path],
        *,
        cwd: Path | None = None,
        environment: Mapping[str, str | None] | None = None,
    ) -> subprocess.Popen[str]:
        """Start a run, in a process group of its own."""
        covered: dict[str, str | None] = {}
        if arguments and arguments[0] in self.uncovered:
            covered["COVERAGE_PROCESS_START"] = None
        return subprocess.Popen(
            [self.program, *arguments],
            cwd=cwd or self.home,
            env=self.environ(covered | dict(environment or {})),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __call__(
        self,
        *arguments: str | Path,
        cwd: Path | None = None,
        environment: Mapping[str, str | None] | None = None,
    ) -> Result:
        """Run samego to its end."""
        with self.start(arguments, cwd=cwd, environment=environment) as process:
            stdout, stderr = process.communicate(timeout=self.patience)
            return Result(process.returncode, stdout, stderr)


def the_error(stderr: str, *, prefix: str = "") -> str:
    """The one error that a run printed, in its form, as "what happened: what to do".

    Fails where anything else stands on stderr. What was tried is left out.
    """
    lines = [line.removeprefix(prefix) for line in stderr.splitlines()]
    assert stderr.endswith("\n"), stderr
    assert all(line.startswith(prefix) for line in stderr.splitlines()), stderr
    message, hint, *tried = [*lines, "", ""][: max(len(lines), 2)]
    assert message.startswith(("error: ", "not decided: ")), stderr
    assert hint.startswith("hint: ") or len(lines) == 1, stderr
    assert tried[:1] in ([], ["tried:"]), stderr
    assert all(item.startswith("  ") for item in tried[1:]), stderr
    what = message.removeprefix("error: ").removeprefix("not decided: ")
    return f"{what}: {hint.removeprefix('hint: ')}" if hint else what


def last_error(stderr: str) -> str:
    """The error that ends what a run printed on stderr, below its progress."""
    _progress, begin, error = stderr.rpartition("error: ")
    assert begin, stderr
    return the_error(begin + error)
