"""Runs the command line many times: each in a process of its own, forked from one that has
everything imported, so that a run costs what the check costs and no start of Python.

A run has a directory for temporary files and a time limit; home and cache are shared.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import pkgutil
import resource
import shutil
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import samego
import samego.cli.main
import samego_arch
import samego_debian

#: Seconds after which a run counts as hung (it costs one, but a machine may be busy), and bytes
#: of memory that it may have.
PATIENCE = 400.0
MEMORY = 4 << 30
#: The same for a run that may build a toolchain first: it has all the memory there is.
BUILDING = 2 * 3600.0


def _import_everything() -> None:
    """Import what a run could import: a forked one has it then, and no later edit counts."""
    for package in (samego, samego_debian, samego_arch):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            with contextlib.suppress(ImportError):  # of an optional extra
                importlib.import_module(module.name)


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that has ended: its status (None: it hung), what it wrote, and what it left."""

    status: int | None
    stdout: str
    stderr: str
    left: tuple[str, ...]
    seconds: float

    @property
    def report(self) -> dict[str, Any]:
        """The report that was written to stdout."""
        report: dict[str, Any] = json.loads(self.stdout)
        return report


class Runner:
    """Runs ``samego`` below a directory, with an environment of its own."""

    def __init__(
        self, directory: Path, environment: Mapping[str, str], cache: Path | None = None
    ) -> None:
        """A ``cache`` of its own is one that keeps what is built: a run may take long then."""
        self._builds = cache is not None
        _import_everything()
        self.directory = directory
        self.cache = cache or directory / "cache"
        self.home = directory / "home"
        self.temporary = directory / "tmp"
        for folder in (self.cache, self.home, self.temporary):
            folder.mkdir(exist_ok=True)
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "SAMEGO_CACHE": str(self.cache),
            "SAMEGO_RECORD": "0",
            # What a mirror serves today has no part in it.
            "SAMEGO_DEBIAN_SOURCES": "beside tree",
            "LC_ALL": "C.UTF-8",
            **environment,
        }

    def __call__(self, *arguments: str | Path) -> Ran:
        """Run to the end; what was not there before and still is, is told."""
        before = self._files()
        out, err = self.directory / "stdout", self.directory / "stderr"
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            self._become([str(argument) for argument in arguments], out, err)
        status = _waited(child, BUILDING if self._builds else PATIENCE)
        seconds = time.monotonic() - began
        left = tuple(sorted(self._files() - before))
        # The home stays: the key lies there that the cache is bound to.
        shutil.rmtree(self.temporary)
        self.temporary.mkdir()
        return Ran(status, _text(out), _text(err), left, seconds)

    def _files(self) -> set[str]:
        found: set[str] = set()
        for folder, _, names in os.walk(self.directory):
            found.update(os.path.join(folder, name) for name in names)  # noqa: PTH118 - faster for many files
            found.add(folder)
        # A lock is for the next run to take, and so is what was read of upstream's sources.
        kept = (f"{self.cache}/locks", f"{self.cache}/index/")
        return {path for path in found if not path.startswith(kept)}

    def _become(self, arguments: Sequence[str], out: Path, err: Path) -> None:
        """Be a samego process, and never come back."""
        status = 99
        try:
            os.setsid()
            # Coverage that is measured here would be lost with this process.
            sys.settrace(None)
            threading.settrace(None)
            if not self._builds:
                resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            os.environ.clear()
            os.environ.update(self._environment)
            for path, number in ((out, 1), (err, 2)):
                file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                os.dup2(file, number)
                os.close(file)
            os.close(0)
            os.open(os.devnull, os.O_RDONLY)
            os.chdir(self.home)
            sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb"), encoding="utf-8")
            sys.stderr = io.TextIOWrapper(os.fdopen(2, "wb"), encoding="utf-8")
            status = samego.cli.main.main(arguments)
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def _waited(child: int, patience: float) -> int | None:
    """The exit status of a process, None when it had to be killed."""
    ends = time.monotonic() + patience
    pause = 0.002
    while time.monotonic() < ends:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None
