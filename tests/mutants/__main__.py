"""Change the deciding rooms one place at a time, and see whether a test notices.

A copy of the work tree is changed, never the work tree. The rooms take turns until the time
is up. Changes that were judged to change nothing stand in judged.toml, with the reason.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import tomli
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkerOutcome

from mutants.sample import ROOMS, Room, sampled

REPOSITORY = Path(__file__).resolve().parents[2]
JUDGED = Path(__file__).with_name("judged.toml")
#: A changed program may run for ever: so many times what the unchanged takes, and so many
#: seconds more for a machine that is busy.
_PATIENCE, _GRACE = 5, 60


@dataclass(slots=True)
class Tally:
    """What came of one room's changes."""

    counts: Counter[str] = field(default_factory=Counter)
    survivors: list[str] = field(default_factory=list)


def copy_of_the_tree(place: Path) -> None:
    """Copy what git knows or would add; what is deleted is left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in listed.rstrip("\0").split("\0"):
        source, target = REPOSITORY / name, place / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def command(room: Room, change: MutationSpec | None = None) -> str:
    """The tests of a room, those of the changed module first; the first failure ends them."""
    tests = room.tests_of(change.module_path) if change else room.tests
    return f"{sys.executable} -m pytest -q -x -p no:cacheprovider {' '.join(tests)}"


def lines(diff: str) -> tuple[str, str]:
    """The line before and after the change, without their indentation."""
    changed: dict[str, list[str]] = {"-": [], "+": []}
    for line in diff.splitlines():
        if line[:1] in changed and not line.startswith(("---", "+++")):
            changed[line[0]].append(line[1:].strip())
    return " ".join(changed["-"]).strip(), " ".join(changed["+"]).strip()


def attempt(
    room: Room, change: MutationSpec, patience: float, judged: set[tuple[str, str, str]]
) -> tuple[str, str]:
    """Make one change and run the tests: the outcome's name, and the change in words."""
    done = mutate_and_test([change], command(room, change), patience)
    before, after = lines(done.diff or "")
    said = f"{change.module_path}:{change.start_pos[0]}\n    - {before}\n    + {after}"
    if done.worker_outcome is not WorkerOutcome.NORMAL:
        return "not made", said
    if done.test_outcome is TestOutcome.SURVIVED:
        modules = (str(change.module_path), "*")
        same = any((module, before, after) in judged for module in modules)
        return "changes nothing" if same else "survived", said
    return "timed out" if done.output == "timeout" else "killed", said


def campaign(rooms: dict[str, Room], seed: int, count: int, until: float) -> dict[str, Tally]:
    """Try up to ``count`` changes of each room until the clock says ``until``."""
    judged = {
        (entry["module"], entry["before"], entry["after"])
        for entry in tomli.loads(JUDGED.read_text(encoding="utf-8"))["changes_nothing"]
    }
    patience = {}
    for name, room in rooms.items():
        begun = time.monotonic()
        subprocess.run(command(room).split(), check=True, stdout=sys.stderr)
        patience[name] = _PATIENCE * (time.monotonic() - begun) + _GRACE
    tallies = {name: Tally() for name in rooms}
    queues = {name: sampled(room, seed) for name, room in rooms.items()}
    for _ in range(count):
        for name, room in rooms.items():
            change = next(queues[name], None)
            if change is None or time.monotonic() > until:
                continue
            outcome, said = attempt(room, change, patience[name], judged)
            tallies[name].counts[outcome] += 1
            if outcome == "survived":
                tallies[name].survivors.append(said)
                print(f"survived: {said}", flush=True)
    return tallies


def main() -> int:
    """Run the campaign and print the score; 1 where an unjudged change survives."""
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=f"of {', '.join(ROOMS)}")
    parser.add_argument("--count", type=int, default=30, help="changes of each room")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60)
    given = parser.parse_args()
    rooms = {name: ROOMS[name] for name in given.rooms or ROOMS}
    with tempfile.TemporaryDirectory(prefix="samego-mutants-") as scratch:
        place = Path(scratch)
        copy_of_the_tree(place)
        paths = [place / part for part in ("core", "plugins/debian", "plugins/arch", "tests")]
        os.environ["PYTHONPATH"] = os.pathsep.join(map(str, paths))
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        os.chdir(place)
        until = time.monotonic() + 60 * given.minutes
        tallies = campaign(rooms, given.seed, given.count, until)
        os.chdir(REPOSITORY)
    for name, tally in tallies.items():
        counts = tally.counts
        seen = counts["killed"] + counts["timed out"]
        told = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items()))
        print(f"{name}: {seen} of {seen + counts['survived']} changes seen ({told})")
    return int(any(tally.survivors for tally in tallies.values()))


if __name__ == "__main__":
    sys.exit(main())
