"""How the time of each step grows with what a report, a package or an archive holds.

Every step runs in this process on made-up input of N and of 4 N things, each twice, and the
faster one counts. Linear work takes some 4 times as long for 4 N; what is quadratic takes 16
times as long. What is below a hundredth of a second is too short to be judged.

usage: PYTHONPATH=tests python benchmarks/growth.py [--number N] [--only WORD] [--limit RATIO]

Exit status: 1 where a step grows faster than RATIO (8), else 0.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from samego.compare.verdict import effective, root_causes, waive
from samego.formats.archive.zip import index_zip
from samego.model.finding import Effect, Finding, Side
from samego.model.proof import Standing
from samego.model.report import NotCompared, Report
from samego.monitor.history.rows import moment
from samego.monitor.history.store import open_history
from samego.report import explain, html, json, lead, load, markdown, text
from samego.report.summary import Summary
from samego.report.trackers import code_quality, junit, sarif
from samego.report.trackers.issues import Checked
from support.reports import broken_pin, explained, trixie
from support.words import told

_FACTOR = 4
_TOO_SHORT = 0.01


def _paths(number: int) -> list[str]:
    return [f"src/p{index // 100:04}/f{index:06}.go" for index in range(number)]


def _with(*findings: Finding, **changed: object) -> Report:
    report = replace(trixie(), findings=tuple(sorted(findings, key=lambda each: each.path)))
    return replace(report, **changed)  # type: ignore[arg-type]  # whatever the shape changes


def _unexplained(number: int) -> Report:
    causes = ("its bytes differ", "it is in no list")
    return _with(
        *(
            Finding(
                path,
                Standing.UNEXPLAINED,
                Side.BOTH,
                "text",
                "",
                told(causes[index % 2]),
                where=told("x"),
            )
            for index, path in enumerate(_paths(number))
        )
    )


def _causes(number: int) -> Report:
    """Every finding with a cause of its own."""
    return _with(
        *(explained(path, "layout", f"cause {path}", side=Side.UPSTREAM) for path in _paths(number))
    )


def _chain(number: int) -> Report:
    """Each finding rests on the next."""
    paths = _paths(number)
    return _with(
        *(
            replace(explained(path, "embedded_settings", "settings"), rests_on=(after,))
            for path, after in zip(paths, [*paths[1:], "src/none.go"], strict=True)
        )
    )


def _star(number: int) -> Report:
    """All rest on one, which rests on all."""
    paths = _paths(number)
    rest = [
        replace(explained(path, "embedded_settings", "settings"), rests_on=(paths[0],))
        for path in paths[1:]
    ]
    first = replace(explained(paths[0], "generated", "settings"), rests_on=tuple(paths[1:]))
    return _with(first, *rest)


def _executables(number: int) -> Report:
    """Many executables that each rest on the same thousand sources."""
    sources = _paths(1000)
    return _with(
        *(explained(path, "patched_source", "a.patch applied") for path in sources),
        *(
            replace(
                explained(f"bin/x{index:05}", "witness_build", "built", side=Side.BOTH),
                kind="elf",
                rests_on=tuple(sources[:50]),
            )
            for index in range(number)
        ),
    )


def _consequences(number: int) -> Report:
    return _with(
        *(
            replace(
                explained(path, "layout", "not shipped", side=Side.UPSTREAM),
                consequences=(broken_pin(path, Effect.BREAKS),),
            )
            for path in _paths(number)
        )
    )


def _patches(number: int) -> Report:
    """As many patches as patched files."""
    names = [f"{index:06}.patch" for index in range(number)]
    findings = []
    for path, name in zip(_paths(number), names, strict=True):
        finding = explained(path, "patched_source", f"{name} applied")
        proof = finding.proof
        findings.append(
            replace(finding, proof=replace(proof, details={"patches": name}) if proof else None)
        )
    return _with(*findings, inputs={"patches": names})


def _notes(number: int) -> Report:
    return _with(notes=tuple(f"note {index} of https://host/{index}" for index in range(number)))


def _places(number: int) -> Report:
    return _with(not_compared=tuple(NotCompared(f"{path}/", 3) for path in _paths(number)))


_SHAPES: dict[str, Callable[[int], Report]] = {
    "unexplained": _unexplained,
    "causes": _causes,
    "chain": _chain,
    "star": _star,
    "executables": _executables,
    "consequences": _consequences,
    "patches": _patches,
    "notes": _notes,
    "not compared": _places,
}


#: What is made of a report.
def _recorded(report: Report) -> None:
    """What a check does after its answer: keep the report, as JSON and as a row."""
    with tempfile.TemporaryDirectory() as directory, open_history(Path(directory)) as history:
        summary = Summary(report)
        history.add_own(summary, json.render(summary).encode(), moment(0))


_MADE: dict[str, Callable[[Report], object]] = {
    "json": lambda report: json.render(Summary(report)),
    "recorded": _recorded,
    "load": lambda report: load.loads(json.render(Summary(report)).encode(), name="report"),
    "text": lambda report: text.render(Summary(report)),
    "text -v": lambda report: text.render(Summary(report), verbose=True),
    "markdown": lambda report: markdown.render(Summary(report)),
    "html": lambda report: html.render(Summary(report)),
    "junit": lambda report: junit.render([Checked(Summary(report))]),
    "sarif": lambda report: sarif.render([Checked(Summary(report))]),
    "code quality": lambda report: code_quality.render([Checked(Summary(report))]),
    "lead": lambda report: lead.lead(Summary(report)),
    "own patches": lambda report: Summary(report).patches,
    "effective": lambda report: effective(report.findings),
    "root causes": lambda report: root_causes(report.findings),
    "waive all": lambda report: waive(report.findings, [each.path for each in report.findings]),
    "explain": lambda report: (
        explain.explain(Summary(report), report.findings[0].path) if report.findings else None
    ),
}


def _steps() -> Iterator[tuple[str, Callable[[int], Callable[[], object]]]]:
    """Every step: its name, and what prepares it for N things."""
    for shape, make in _SHAPES.items():
        for name, work in _MADE.items():

            def prepared(
                number: int,
                make: Callable[[int], Report] = make,
                work: Callable[[Report], object] = work,
            ) -> Callable[[], object]:
                report = make(number)
                return lambda: work(report)

            yield f"{shape}: {name}", prepared
    yield "zip: members", _zip


def _zip(number: int) -> Callable[[], object]:
    path = Path(tempfile.mkdtemp()) / "members.zip"
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name in _paths(number):
            archive.writestr(zipfile.ZipInfo(name), b"x")
    path.write_bytes(raw.getvalue())
    return lambda: index_zip(path, name=path.name)


def _seconds(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(2):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def main() -> int:
    """Measure every step, and print the table, the fastest growth first."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--number", type=int, default=2500, help="N (2500)")
    parser.add_argument("--only", default="", help="steps with this in their name")
    parser.add_argument("--limit", type=float, default=8.0, help="the largest ratio (8)")
    arguments = parser.parse_args()
    rows = []
    for name, prepare in _steps():
        if arguments.only in name:
            few, many = (
                _seconds(prepare(number))
                for number in (arguments.number, _FACTOR * arguments.number)
            )
            rows.append((many / few if many > _TOO_SHORT else 0.0, name, few, many))
    table = Table(title=f"N = {arguments.number:,} and {_FACTOR * arguments.number:,}")
    for column in ("step", "N: CPU s", "4 N: CPU s", "ratio"):
        table.add_column(column, justify="right")
    for ratio, name, few, many in sorted(rows, reverse=True):
        table.add_row(name, f"{few:.3f}", f"{many:.3f}", f"{ratio:.1f}" if ratio else "")
    Console(width=100).print(table)
    return int(any(ratio > arguments.limit for ratio, *_rest in rows))


if __name__ == "__main__":
    os.environ.setdefault("COLUMNS", "100")
    sys.exit(main())
