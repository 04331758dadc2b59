"""Which files trackers get, of which reports, and what is left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from samego.distro import naming as namings
from samego.distro import plugins
from samego.model.report import Report
from samego.monitor.history.intake import run_of
from samego.monitor.history.record import Offer
from samego.monitor.site import trackers
from samego.monitor.site.past import Past
from samego.monitor.site.trackers import left_out, tracker_files
from samego.report import json as as_json
from samego.report.summary import Summary
from support.builds import arch, debian, rebuilt
from support.site_history import BEGIN, offer, past


class World:
    """Reports with the suites that hold what they are on."""

    def __init__(self, *reports: Report) -> None:
        self.data: dict[str, bytes] = {}
        self.runs = []
        for report in reports:
            data = as_json.render(Summary(report)).encode()
            run = run_of(data, BEGIN, name="r.json")
            self.data[run.digest] = data
            self.runs.append(run)

    def files(self, *offers: Offer) -> Mapping[str, Any]:
        given = past(*self.runs, offers=offers)
        return {
            file.path: json.loads(trackers.render(file, self.data.__getitem__))
            for file in tracker_files(given)
        }


def test_each_format_is_of_its_distro_and_suite() -> None:
    world = World(rebuilt(debian("1.24.4-1")), rebuilt(debian("1.27.3-1")), rebuilt(arch(), "go"))
    files = world.files(
        offer("1.24.4-1", "trixie", "golang-1.24"),
        offer("1.27.3-1", "sid"),
        Offer("arch", "extra", "go", "2:1.27.3-1", "x86_64", ""),
    )
    assert set(files) == {
        "api/v0/pkgs/list",
        "arch/extra/rb-spec.json",
        "archlinux/reproducible.json",
        "debian/reproducible.json",
        "debian/sid/rb-spec.json",
        "debian/sid/reproducible-tracker.json",
        "debian/trixie/rb-spec.json",
        "debian/trixie/reproducible-tracker.json",
    }
    rows = files["debian/reproducible.json"]
    assert [(row["package"], row["suite"], row["status"]) for row in rows] == [
        ("golang-1.24", "trixie", "reproducible"),
        ("golang-1.27", "sid", "reproducible"),
    ]
    assert [row["package"] for row in files["debian/sid/rb-spec.json"]] == ["golang-1.27"]
    assert [row["status"] for row in files["archlinux/reproducible.json"]] == ["FTBR_1"]


def test_the_list_has_each_version_once_and_components_for_suites() -> None:
    world = World(rebuilt(debian("1.27.3-1"), "golang-1.27-go"), debian("1.27.1-1"), arch())
    listed = world.files(
        offer("1.27.3-1", "sid"),
        offer("1.27.3-1", "forky"),
        offer("1.27.1-1", "trixie"),
        Offer("arch", "extra", "go", "2:1.27.3-1", "x86_64", ""),
    )["api/v0/pkgs/list"]
    found = [
        (row["name"], row["version"], row["suite"], row["distro"], row["status"]) for row in listed
    ]
    assert sorted(found) == [
        ("go", "2:1.27.3-1", "extra", "archlinux", "UNKWN"),
        ("golang-1.27-doc", "1.27.1-1", "main", "debian", "UNKWN"),
        ("golang-1.27-doc", "1.27.3-1", "main", "debian", "GOOD"),
        ("golang-1.27-go", "1.27.1-1", "main", "debian", "UNKWN"),
        ("golang-1.27-go", "1.27.3-1", "main", "debian", "BAD"),
        ("golang-1.27-src", "1.27.1-1", "main", "debian", "UNKWN"),
        ("golang-1.27-src", "1.27.3-1", "main", "debian", "GOOD"),
    ]


def test_the_newest_run_of_what_a_suite_holds_counts() -> None:
    world = World(rebuilt(debian("1.27.3-1"), "golang-1.27-go"), rebuilt(debian("1.27.3-1")))
    (row,) = world.files(offer("1.27.3-1", "sid"))["debian/reproducible.json"]
    assert row["status"] == "reproducible"


def test_what_no_suite_holds_is_left_out_and_told() -> None:
    world = World(rebuilt(debian("1.27.3-1")))
    assert world.files() == {"api/v0/pkgs/list": []}
    (line,) = left_out(past(*world.runs))
    assert line.startswith("the suite of golang-1.27 is unknown: left out")


def many() -> Past:
    base = World(debian()).runs[0]
    return past(*(replace(base, package=f"golang-1.{n}", digest=str(n)) for n in range(5)))


def test_a_long_list_of_what_is_left_out_is_cut() -> None:
    (line,) = left_out(many())
    assert "golang-1.0, golang-1.1, golang-1.2 and 2 more" in line


def test_a_third_distro_needs_no_more_than_its_naming(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(rebuilt(debian("1.27.3-1")))
    (run,) = world.runs
    alder = Offer("alder", "grove", run.package, run.version, run.architecture, "")
    unnamed = past(replace(run, distro="alder"), offers=[alder])
    assert [file.path for file in tracker_files(unnamed)] == ["api/v0/pkgs/list"]
    assert "no plugin knows the package names of alder: left out" in next(left_out(unnamed))
    known = plugins.registered(namings.GROUP)
    monkeypatch.setitem(known, "alder", known["debian"])
    paths = [file.path for file in tracker_files(unnamed)]
    assert paths == ["alder/grove/rb-spec.json", "api/v0/pkgs/list"]
    assert list(left_out(unnamed)) == []
