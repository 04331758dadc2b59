"""reproducible.json and reproducible-tracker.json, field by field, and their merge rules."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from samego.errors import InputError
from samego.model.reproduction import Match
from samego.report.trackers.build import TrackedBuild
from samego.report.trackers.debian import merged_status, render, render_tracker
from support.builds import (
    FAILED,
    NO_ENVIRONMENT,
    NO_TOOL,
    WHEN,
    build,
    debian,
    rebuilt,
)
from support.reports import clean

SAME = rebuilt(debian())
DIFFERENT = rebuilt(debian(), "golang-1.24-go")
#: The only words that ever stand in the real file.
WORDS = {"reproducible", "FTBR", "FTBFS", "depwait", "timeout"}


def rows(*builds: TrackedBuild) -> list[dict[str, Any]]:
    parsed: list[dict[str, Any]] = json.loads(render(builds))
    return parsed


def entries(*builds: TrackedBuild) -> list[dict[str, Any]]:
    parsed: list[dict[str, Any]] = json.loads(render_tracker(builds))
    return parsed


def distro_trackers_view(text: str) -> dict[str, tuple[str, bool]]:
    """What distro-tracker keeps of the file, by its reader's logic.

    For each package its status, and whether a maintainer gets an action item: for these
    three statuses alone (UpdateBuildReproducibilityTask reads two keys).
    """
    asks = {"blacklisted", "FTBFS", "FTBR"}
    return {item["package"]: (item["status"], item["status"] in asks) for item in json.loads(text)}


def test_a_row_has_exactly_these_six_fields() -> None:
    assert rows(build(SAME)) == [
        {
            "architecture": "amd64",
            "build_date": "2026-11-23 17:00:00",
            "package": "golang-1.24",
            "status": "reproducible",
            "suite": "trixie",
            "version": "1.24.4-1",
        }
    ]


def test_it_is_written_as_the_real_one() -> None:
    text = render([build(SAME)])
    assert text == json.dumps(json.loads(text), indent=4, sort_keys=True) + "\n"
    assert text.startswith('[\n    {\n        "architecture": "amd64",\n')


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (build(SAME), "reproducible"),
        (build(DIFFERENT), "FTBR"),
        (build(debian(), FAILED), "FTBFS"),
        (build(debian(), NO_ENVIRONMENT), "depwait"),
    ],
)
def test_the_words(given: TrackedBuild, status: str) -> None:
    assert [row["status"] for row in rows(given)] == [status]
    assert status in WORDS


@pytest.mark.parametrize(
    "given",
    [
        build(debian()),
        build(debian(), NO_TOOL),
        build(rebuilt(debian(), "golang-1.24-go", match=Match.ABSENT)),
    ],
)
def test_what_nobody_decided_has_no_row(given: TrackedBuild) -> None:
    assert rows(given) == []
    assert entries(given) == []


def test_the_verdict_on_upstream_changes_nothing() -> None:
    # It is upstream's Go, and does not reproduce; it is not, and does.
    passing = replace(clean(), reproduction=DIFFERENT.reproduction)
    assert [row["status"] for row in rows(build(passing))] == ["FTBR"]
    assert [row["status"] for row in rows(build(SAME))] == ["reproducible"]


def test_a_binary_only_rebuild_is_of_its_source_version() -> None:
    assert [row["version"] for row in rows(build(rebuilt(debian("1.24.4-1+b2"))))] == ["1.24.4-1"]


def test_the_newest_version_wins_by_dpkgs_order() -> None:
    older, newer = "1.24.4-1~bpo12+1", "1.24.4-1"
    assert older > newer  # as strings it is the other way round
    both = [build(rebuilt(debian(version))) for version in (newer, older)]
    assert [row["version"] for row in rows(*both)] == [newer]
    assert [row["version"] for row in rows(*reversed(both))] == [newer]
    epoch = build(rebuilt(debian("1:1.24.1-1")))
    assert [row["version"] for row in rows(*both, epoch)] == ["1:1.24.1-1"]


def test_of_one_version_the_later_report_wins() -> None:
    later = build(DIFFERENT, when=WHEN + timedelta(seconds=1))
    for order in ((build(SAME), later), (later, build(SAME))):
        assert [row["status"] for row in rows(*order)] == ["FTBR"]


def test_suites_architectures_and_packages_stand_side_by_side_and_sorted() -> None:
    builds = [
        build(rebuilt(debian("1.27.3-1", "arm64")), suite="sid"),
        build(SAME, suite="trixie"),
        build(SAME, suite="forky"),
        build(rebuilt(debian("1.24.4-1", "arm64"))),
    ]
    told = [(r["package"], r["version"], r["suite"], r["architecture"]) for r in rows(*builds)]
    assert told == [
        ("golang-1.24", "1.24.4-1", "forky", "amd64"),
        ("golang-1.24", "1.24.4-1", "trixie", "amd64"),
        ("golang-1.24", "1.24.4-1", "trixie", "arm64"),
        ("golang-1.27", "1.27.3-1", "sid", "arm64"),
    ]


def test_the_trackers_entry_has_exactly_these_fields() -> None:
    arm = build(rebuilt(debian("1.24.4-1", "arm64"), "golang-1.24-go"))
    assert entries(build(SAME), arm) == [
        {
            "package": "golang-1.24",
            "version": "1.24.4-1",
            "suite": "trixie",
            "status": "FTBR",
            "architecture_details": [
                {
                    "architecture": "amd64",
                    "version": "1.24.4-1",
                    "status": "reproducible",
                    "build_date": "2026-11-23 17:00:00",
                },
                {
                    "architecture": "arm64",
                    "version": "1.24.4-1",
                    "status": "FTBR",
                    "build_date": "2026-11-23 17:00:00",
                },
            ],
        }
    ]


def test_the_details_of_older_versions_are_dropped() -> None:
    older = build(rebuilt(debian("1.24.4-1~bpo12+1", "arm64"), "golang-1.24-go"))
    (entry,) = entries(older, build(SAME))
    assert entry["status"] == "reproducible"
    assert [detail["architecture"] for detail in entry["architecture_details"]] == ["amd64"]


@pytest.mark.parametrize(
    ("statuses", "merged"),
    [
        (["reproducible", "FTBFS", "FTBR"], "FTBFS"),
        (["reproducible", "FTBR"], "FTBR"),
        (["depwait", "reproducible"], "reproducible"),
        (["depwait", "timeout"], "depwait"),
        (["timeout"], "timeout"),
        (["FTBR"], "FTBR"),
    ],
)
def test_how_architectures_merge(statuses: list[str], merged: str) -> None:
    assert merged_status(statuses) == merged
    assert merged_status(statuses[::-1]) == merged


def test_the_tracker_is_of_one_suite() -> None:
    with pytest.raises(InputError, match="one suite, and these reports are of forky, trixie"):
        entries(build(SAME), build(SAME, suite="forky"))


def test_distro_tracker_reads_it() -> None:
    builds = [
        build(SAME),
        build(rebuilt(debian("1.27.3-1"), "golang-1.27-src")),
        build(debian("1.26.10-1"), FAILED),
        build(debian("1.25.1-1"), NO_ENVIRONMENT),
        build(debian("1.23.1-1")),
    ]
    assert distro_trackers_view(render_tracker(builds)) == {
        "golang-1.24": ("reproducible", False),
        "golang-1.25": ("depwait", False),
        "golang-1.26": ("FTBFS", True),
        "golang-1.27": ("FTBR", True),
    }
