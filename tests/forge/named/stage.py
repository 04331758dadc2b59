"""What a named case is played on: small worlds, and a samego to run."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Protocol

from forge.bench import Bench
from forge.judging import Outcome, judge
from forge.running import Ran, Runner
from forge.worlds import World, arch_world, debian_world
from support.inputs import Inputs

_PATIENCE = 300


class Program(Protocol):
    """Runs a samego to its end."""

    def __call__(self, *arguments: str | Path) -> Ran: ...


@dataclass(frozen=True, slots=True)
class Played:
    """How a case ended: the exit status, what was said first, and whether that is right."""

    status: int | None
    said: str
    good: bool


@dataclass(frozen=True, slots=True)
class Case:
    """A case: what is done, and how to play it. ``seen`` means that it was once passed over."""

    text: str
    play: Callable[[Stage], Played]
    seen: bool = False


class Installed:
    """A samego that is installed somewhere, run as a process; its cache lies in ``directory``."""

    def __init__(self, program: Path, directory: Path, environment: Mapping[str, str]) -> None:
        self._program = program
        self._directory = directory
        self._environment = environment
        directory.mkdir(parents=True, exist_ok=True)

    def __call__(self, *arguments: str | Path) -> Ran:
        """Run it to its end."""
        began = time.monotonic()
        done = subprocess.run(
            [self._program, *arguments],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self._directory),
                "SAMEGO_CACHE": str(self._directory / "cache"),
                "SAMEGO_RECORD": "0",
                "SAMEGO_DEBIAN_SOURCES": "beside tree",
                "LC_ALL": "C.UTF-8",
                **self._environment,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE,
        )
        return Ran(done.returncode, done.stdout, done.stderr, (), time.monotonic() - began)


@dataclass
class Stage:
    """Worlds, made when a case first asks for them. ``program`` is this samego where not given."""

    inputs: Inputs
    directory: Path
    program: Path | None = None
    _worlds: dict[str, World] = field(default_factory=dict)
    _count: int = 0

    def world(self, name: str) -> World:
        """Debian's small world or Arch's."""
        if name not in self._worlds:
            place = self.directory / name
            place.mkdir()
            make = {"debian": debian_world, "arch": arch_world}[name]
            self._worlds[name] = world = make(self.inputs, place)
            run = self.runner(world.environment, name)
            paths = self.pack(self.bench(name))
            # Twice: the first run fills the cache.
            for _ in range(2):
                ran = run("check", "-q", "--format", "json", *paths, *world.arguments)
                assert ran.status == 0, (name, ran.stdout[:2000], ran.stderr)
        return self._worlds[name]

    def place(self) -> Path:
        """A new directory."""
        self._count += 1
        place = self.directory / f"case-{self._count}"
        place.mkdir()
        return place

    def runner(self, environment: Mapping[str, str], name: str) -> Program:
        """A samego in an environment; its home and cache go by ``name``."""
        place = self.directory / "homes" / name
        if self.program is not None:
            return Installed(self.program, place, environment)
        place.mkdir(parents=True, exist_ok=True)
        return Runner(place, environment)

    def pack(self, bench: Bench) -> list[Path]:
        """Write the packages of a bench."""
        place = self.place()
        paths = []
        for package in bench.packages:
            path = place / package.name
            path.write_bytes(package.pack())
            paths.append(path)
        return paths

    def check(
        self, bench: Bench, names: Sequence[str], *more: str | Path, runner: Program | None = None
    ) -> Played:
        """Check the packages of a bench and hold what is said against the names."""
        world = bench.world
        run = runner or self.runner(world.environment, world.name)
        paths = self.pack(bench)
        arguments: list[str | Path] = ["check", "-q", "--format", "json", *paths]
        ran = run(*arguments, *(more or world.arguments))
        return played(ran, names, [path.name for path in paths])

    def bench(self, world: str) -> Bench:
        """A copy of a world's packages."""
        return Bench(self.world(world), Random(1))  # noqa: S311 - no secret


def played(ran: Ran, names: Sequence[str], packages: Sequence[str] = ()) -> Played:
    """A run of check, judged; that a first run fills the cache is no fault."""
    judgement = judge(replace(ran, left=()), names, packages)
    said = judgement.said or judgement.outcome.value
    return Played(ran.status, said, judgement.outcome.good)


def refused(ran: Ran, *words: str, status: int = 2) -> Played:
    """A run that has to end with a status and say these words."""
    said = " ".join(f"{ran.stderr} {ran.stdout}".split())
    good = ran.status == status and all(word in said for word in words)
    return Played(ran.status, said, good and "Traceback" not in said)


def changed(
    world: str, change: Callable[[Bench], Sequence[str] | None]
) -> Callable[[Stage], Played]:
    """A case that changes a world's packages: the change gives the names that must be said."""

    def play(stage: Stage) -> Played:
        bench = stage.bench(world)
        names = change(bench)
        assert names is not None
        return stage.check(bench, names)

    return play


__all__ = ["Case", "Installed", "Outcome", "Played", "Stage", "changed", "played", "refused"]
