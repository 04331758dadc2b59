"""Reports that somebody else made: what a second check, the history and the first lines say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from forge.named.replayed import patched_source
from forge.named.stage import Case, Played, Program, Stage

_ACCUSED = "src/fmt/print.go"
_Report = dict[str, Any]


def _reported(stage: Stage, run: Program, place: Path) -> tuple[list[Path], _Report]:
    """Debian's genuine packages, and the report on them."""
    world = stage.world("debian")
    paths = stage.pack(stage.bench("debian"))
    ran = run("check", "-q", "--format", "json", *paths, *world.arguments)
    assert ran.status == 0, ran.stderr
    assert place.is_dir()
    return paths, json.loads(ran.stdout)


def _verified(
    change: Callable[[_Report], None], status: int, *words: str, never: str = "every claim holds"
) -> Callable[[Stage], Played]:
    """The report, changed by hand, is verified: the exit status, and what has to be said."""

    def play(stage: Stage) -> Played:
        place = stage.place()
        world = stage.world("debian")
        run = stage.runner(world.environment, place.name)
        paths, report = _reported(stage, run, place)
        change(report)
        file = place / "report.json"
        file.write_text(json.dumps(report), "utf-8")
        ran = run("verify", "-q", file, *paths, *world.arguments)
        said = " ".join(f"{ran.stdout} {ran.stderr}".split())
        good = ran.status == status and all(word in said for word in words) and never not in said
        return Played(ran.status, said, good and "Traceback" not in said)

    return play


def _add_note(report: _Report) -> None:
    report["notes"] = [*report.get("notes", ()), "audited by the distribution"]


def _add_url(report: _Report) -> None:
    report["upstream"]["url"] = "https://go.example/go.zip"


def _add_tool(report: _Report) -> None:
    report["tools"] = [*report.get("tools", ()), {"name": "auditor", "version": "1"}]


def _accuse(report: _Report) -> None:
    """A file that is identical is said to be backdoored."""
    finding = {
        "path": _ACCUSED,
        "standing": "unexplained",
        "side": "both",
        "kind": "source",
        "effective": "unexplained",
        "rule": "witness_build",
        "cause": "a backdoor",
        "causes": [{"kind": "told", "words": "a backdoor"}],
    }
    empty: _Report = {"proof": None, "command": "", "where": ""}
    empty.update({key: [] for key in ("rests_on", "consequences", "places")})
    model = {**report["findings"][0], **empty, **finding}
    report["findings"] = sorted([*report["findings"], model], key=lambda item: item["path"])
    report["counts"]["identical"] -= 1
    report["counts"]["unexplained"] += 1
    report["verdict"], report["passes"] = "unexplained", False


def _silent(report: _Report) -> None:
    """A file that differs is not told of."""
    gone = next(f for f in report["findings"] if f["path"] == "bin/gofmt")
    report["findings"].remove(gone)
    report["counts"][gone["standing"]] -= 1
    report["counts"]["identical"] += 1


def own_patches_first(stage: Stage) -> Played:
    """The first lines of a check say whose patches pass, by name."""
    world = stage.world("debian")
    run = stage.runner(world.environment, world.name)
    paths = stage.pack(stage.bench("debian"))
    ran = run("check", "-q", *paths, *world.arguments)
    first = " ".join(ran.stdout.splitlines()[:4])
    good = ran.status == 0 and "with 2 own patches" in first
    return Played(ran.status, first, good)


def unpatched(stage: Stage) -> Played:
    """An own patch in what runs does not pass where the user asks for none."""
    bench, source = patched_source(stage)
    world = bench.world
    run = stage.runner(world.environment, world.name)
    more = ("--source", source, "--require", "unpatched")
    ran = run("check", "-q", "--format", "json", *stage.pack(bench), *more)
    said = ran.stderr if ran.status == 2 else f"passes: {ran.report['passes']}"
    return Played(ran.status, said, ran.status == 1)


def _imported(
    stage: Stage, changes: dict[str, Callable[[_Report], None]]
) -> tuple[str, int | None]:
    """Import reports under these names; what the history then shows."""
    place = stage.place()
    world = stage.world("debian")
    run = stage.runner(world.environment, place.name)
    _, report = _reported(stage, run, place)
    for name, change in changes.items():
        mine = json.loads(json.dumps(report))
        change(mine)
        (place / name).write_text(json.dumps(mine), "utf-8")
        run("history", "import", "-q", place / name)
    ran = run("history", "-q")
    return " ".join(f"{ran.stdout} {ran.stderr}".split()), ran.status


def from_the_future(stage: Stage) -> Played:
    """A report whose name says 2999."""
    said, status = _imported(stage, {"29990101T000000Z_debian_golang.json": lambda _report: None})
    return Played(status, said, "2999" not in said)


def contradictory(stage: Stage) -> Played:
    """Two reports on the same bytes: one passes, a later one does not."""
    said, status = _imported(
        stage,
        {
            "20251103T040506Z_debian_golang.json": lambda _report: None,
            "20251104T040506Z_debian_golang.json": _accuse,
        },
    )
    return Played(status, said, "CONTRADICTED" in said)


CASES: tuple[Case, ...] = (
    Case("verify: a note in the report is not repeated", _verified(_add_note, 0, "notes"), True),
    Case(
        "verify: a URL in the report is not repeated", _verified(_add_url, 0, "upstream.url"), True
    ),
    Case("verify: an identical file is said to be backdoored", _verified(_accuse, 1, _ACCUSED)),
    Case("verify: a file that differs is left out", _verified(_silent, 1, "bin/gofmt")),
    Case("verify: one more tool is told of", _verified(_add_tool, 0, "tools")),
    Case("check: own patches stand in the first lines", own_patches_first, seen=True),
    Case("check: --require unpatched, and a patch in net/smtp", unpatched, seen=True),
    Case("history: a report from the year 2999", from_the_future, seen=True),
    Case("history: two reports on the same bytes", contradictory, seen=True),
)
