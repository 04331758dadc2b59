"""Histories that a site is written from: with every kind of thing that its pages show."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from samego.model.release import Release
from samego.model.report import Report
from samego.model.subject import Package
from samego.monitor.history import posted, waiting
from samego.monitor.history.changes import by_line, changes
from samego.monitor.history.offers import note_offer
from samego.monitor.history.posted import PostedFile
from samego.monitor.history.record import Offer, RebuildRun, Run
from samego.monitor.history.store import History, open_history
from samego.monitor.site.past import Past
from samego.report import json as as_json
from samego.report.summary import Summary
from support import inputs_results, source_results
from support.builds import arch, debian, rebuilt
from support.rebuild_results import file, result, target
from support.reports import clean, digest, sid, trixie

BEGIN = datetime(2026, 11, 1, 12, 0, tzinfo=timezone.utc)
#: Text that would do harm in a page, a feed or a terminal where it is not escaped.
NASTY = "<img src=x onerror=alert(1)>'\"&amp;{{7*7}}\x1b[31m\u202e"


def past(*runs: Run, offers: Sequence[Offer] = (), rebuilds: Sequence[RebuildRun] = ()) -> Past:
    """What a site is made of, from runs without reports."""
    ordered = sorted(runs, key=lambda run: run.when)
    return Past(by_line(ordered), changes(ordered), offers, (), rebuilds, ())


def offer(version: str, suite: str, package: str = "golang-1.27", arch: str = "amd64") -> Offer:
    """A version of Debian's that a suite holds."""
    return Offer("debian", suite, package, version, arch, f"debian:{suite}/{package}:{arch}")


def of(report: Report, version: str, architecture: str = "amd64") -> Report:
    """The report for another version of the package, and another architecture."""
    line = ".".join(version.split(".")[:2])
    packages = tuple(
        Package(
            f"golang-{line}-{part}",
            version,
            "all" if part != "go" else architecture,
            digest(f"{part} {version} {architecture}"),
        )
        for part in ("go", "src", "doc")
    )
    release = Release.parse(f"go{version.partition('-')[0]}")
    return replace(report, subject=replace(report.subject, packages=packages, release=release))


def add(history: History, report: Report, hours: int = 0) -> None:
    """Add a report that was made some hours after BEGIN."""
    data = as_json.render(Summary(report)).encode()
    history.add_report(data, BEGIN + timedelta(hours=hours), name="r.json")


def add_all(history: History, reports: Iterable[tuple[Report, int]]) -> None:
    """Add reports with the hours after BEGIN at which they were made."""
    for report, hours in reports:
        add(history, report, hours)


def fill(directory: Path) -> None:
    """Everything at once, in the history of a directory."""
    with open_history(directory) as history:
        good = replace(sid(), findings=clean().findings, not_compared=())
        add_all(
            history,
            [
                (of(good, "1.27.1-1"), 0),
                (of(good, "1.27.2-1"), 5),
                (of(sid(), "1.27.3-1"), 24),
                (of(sid(), "1.27.3-1", "arm64"), 25),
                (trixie(), 26),
                (rebuilt(of(clean(), "1.23.5-1")), 27),
                (rebuilt(debian("1.22.12-1"), "golang-1.22-go"), 28),
                (rebuilt(arch(), "go"), 29),
            ],
        )
        history.add_report(json.dumps(_rebuild("gccgo")).encode(), BEGIN, name="b")
        history.add_report(json.dumps(_rebuild("upstream")).encode(), BEGIN, name="b")
        for tried in (inputs_results.good(), {**inputs_results.leaking(), "program": "cmd/gofmt"}):
            history.add_report(json.dumps(tried).encode(), BEGIN, name="i")
        traced = source_results.changed()
        history.add_report(json.dumps(traced).encode(), BEGIN, name="s")
        with history.transaction():
            _note(history)


def fill_wide(directory: Path) -> None:
    """Nine packages on three architectures; the newest got worse on two of them."""
    good = replace(sid(), findings=clean().findings, not_compared=())
    versions = ("1.19.8", "1.20.14", "1.21.13", "1.22.12", "1.23.9", "1.24.4", "1.25.9", "1.26.8")
    names = ("amd64", "arm64", "riscv64")
    reports = [
        of(trixie() if version in {"1.21.13", "1.24.4"} else clean(), f"{version}-1", name)
        for version in versions
        for name in names
    ]
    reports += [of(good, "1.27.2-1", name) for name in names]
    reports += [of(sid(), "1.27.3-1", name) for name in names[:2]]
    with open_history(directory) as history:
        add_all(history, [(report, hour) for hour, report in enumerate(reports)])


def _rebuild(bootstrap: str) -> dict[str, object]:
    letter = "c" if bootstrap == "gccgo" else "a"
    return result(
        target("linux-amd64", file("go1.27.3.linux-amd64.tar.gz"), file("x.info", "not_compared")),
        target("linux-arm64", file("go1.27.3.linux-arm64.tar.gz", "differs", letter)),
        target("darwin-arm64", file("go1.27.3.darwin-arm64.tar.gz", "equivalent")),
        target("plan9-386", error="make.bash ended with 2"),
        release="go1.27.3",
        bootstrap=bootstrap,
    )


def _note(history: History) -> None:
    """What watching would have seen."""
    offers = [
        offer("1.27.3-1", "sid"),
        offer("1.27.3-1", "sid", arch="arm64"),
        offer("1.27.1-1", "forky"),
        offer("1.24.4-1", "trixie", "golang-1.24"),
        offer("1.23.5-1", "trixie", "golang-1.23"),
        offer("1.22.12-1", "trixie", "golang-1.22"),
        offer("1.25.9-1", "sid", "golang-1.25"),
        Offer("arch", "extra", "go", "2:1.27.3-1", "x86_64", "arch:extra/go"),
    ]
    for each in offers:
        note_offer(history, each, BEGIN)
    row = waiting.of_offer(offers[6], BEGIN)
    waiting.enqueue(history, [row])
    waiting.put_off(history, row, f"nobody posts it {NASTY}", BEGIN)
    first = PostedFile("go1.27.3", "go1.27.3.linux-amd64.tar.gz", "a" * 64)
    posted.note(history, "go.dev/dl", posted.differences(history, "go.dev/dl", [first]), BEGIN)
    gone = posted.differences(history, "go.dev/dl", [])
    posted.note(history, "go.dev/dl", gone, BEGIN + timedelta(hours=9))
