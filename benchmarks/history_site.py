"""A long history: its queries, its site from nothing, and its site after one new report.

The history is made: 200 packages with 100 versions each, of which some break and some are not
proven, and a real report's worth of JSON behind every one. The queries and the site are the
commands that a user runs, each a process of its own.

usage: PYTHONPATH=tests python benchmarks/history_site.py [--packages N] [--versions N]
                                                          [--history DIR]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from rich.console import Console
from rich.table import Table

from measure import Usage, measure
from samego.monitor.history.intake import run_of
from samego.monitor.history.offers import note_offer
from samego.monitor.history.record import Offer, Run
from samego.monitor.history.store import History, open_history
from samego.report import json as as_json
from samego.report.summary import Summary
from support.reports import clean, sid, trixie

_SAMEGO = Path(sys.executable).with_name("samego")
_MIB = 1 << 20
_BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)
#: What the made reports are copies of, and how often each comes.
_MODELS = ((clean(), 8), (trixie(), 3), (sid(), 1))
_FORKS = 10


def main() -> None:
    """Make the history, measure every command, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packages", type=int, default=200)
    parser.add_argument("--versions", type=int, default=100)
    parser.add_argument(
        "--history",
        type=Path,
        help="make it there, or take what was made there (one to throw away)",
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        kept: Path | None = arguments.history
        if kept is not None and not kept.exists():
            _fill(kept, arguments.packages, arguments.versions)
        if kept is None:
            _fill(work / "history", arguments.packages, arguments.versions)
        else:
            shutil.copytree(kept, work / "history")
        made = arguments.packages * arguments.versions
        title = (
            f"{made:,} runs of {arguments.packages} packages,"
            f" {_size(work / 'history') / _MIB:.0f} MiB"
        )
        print(title)
        rows = list(_rows(work, arguments.packages, arguments.versions))
        table = Table(title=title)
        for column in ("what", "wall s", "CPU s", "peak MiB"):
            table.add_column(column, justify="left" if column == "what" else "right")
        for what, usage in rows:
            table.add_row(
                what, f"{usage.wall:.1f}", f"{usage.cpu:.1f}", f"{usage.memory / _MIB:.0f}"
            )
        Console(width=100).print(table)
        site = work / "site"
        files = sum(1 for path in site.rglob("*") if path.is_file())
        print(f"the site: {files:,} files, {_size(site) / _MIB:,.0f} MiB")


def _rows(work: Path, packages: int, versions: int) -> Iterator[tuple[str, Usage]]:
    environment = {
        **os.environ,
        "HOME": str(work),
        "XDG_CONFIG_HOME": str(work),
        "SAMEGO_HISTORY": str(work / "history"),
    }

    def run(what: str, *command: str | Path) -> tuple[str, Usage]:
        usage = measure([_SAMEGO, *command], environment=environment, statuses=(0, 1))
        print(f"{what}: {usage.wall:.1f} s")
        return what, usage

    package = f"golang-1.{packages // 2}"
    yield run("samego history", "history")
    yield run("samego history --all", "history", "--all")
    yield run("samego history --changes", "history", "--changes")
    yield run(f"samego history --first-bad {package}", "history", "--first-bad", package)
    site = ("site", "-q", work / "site", "--url", "https://go.example.org")
    yield run("site from nothing", *site)
    yield run("site again, nothing new", *site)
    models = _models()
    with open_history(work / "history") as history:
        history.add(*_made(models[0], packages // 2, versions, packages * versions))
    yield run("site after one new report", *site)


def _fill(directory: Path, packages: int, versions: int) -> None:
    """Make the history."""
    # What is thrown away in the end need not be safe from a power cut.
    os.fsync = lambda fd: None  # noqa: ARG005 - its name is part of the signature
    source = random.Random(1)  # noqa: S311 - repeatable contents, no secrets
    models = _models()
    weights = [weight for _report, weight in _MODELS]
    number = 0
    with open_history(directory) as history:
        history.connection.execute("PRAGMA synchronous = OFF")
        for package in range(packages):
            model = models[0]
            for version in range(versions):
                if version % _FORKS == 0:
                    (model,) = source.choices(models, weights)
                history.add(*_made(model, package, version, number))
                number += 1
            _offer(history, package, versions - 1)


def _offer(history: History, package: int, version: int) -> None:
    name, version_ = f"golang-1.{package}", f"1.{package}.{version + 1}-1"
    offer = Offer("debian", "sid", name, version_, "amd64", f"debian:sid/{name}:amd64")
    with history.transaction():
        note_offer(history, offer, _BEGIN)


def _models() -> list[tuple[Run, str]]:
    texts = [as_json.render(Summary(report)) for report, _weight in _MODELS]
    return [(run_of(text.encode(), _BEGIN, name="a model"), text) for text in texts]


def _made(model: tuple[Run, str], package: int, version: int, number: int) -> tuple[Run, bytes]:
    """One run with its report: the model's, under another name and version."""
    run, text = model
    names: Mapping[str, str] = {
        run.version: f"1.{package}.{version + 1}-1",
        run.release: f"go1.{package}.{version + 1}",
        run.package: f"golang-1.{package}",
    }
    headline = run.headline
    for before, after in names.items():
        text, headline = text.replace(before, after), headline.replace(before, after)
    data = text.encode()
    return (
        replace(
            run,
            digest=hashlib.sha256(data).hexdigest(),
            when=_BEGIN + timedelta(minutes=number),
            package=names[run.package],
            version=names[run.version],
            release=names[run.release],
            headline=headline,
        ),
        data,
    )


def _size(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
