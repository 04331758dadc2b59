"""go.dev/rebuild's JSON: the shape of its Go structs, and how statuses add up."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from samego.errors import ReportError
from samego.report.trackers.gorebuild import DatedRebuild, check, render
from support.rebuild_results import file, result, target

WHEN = datetime(2026, 11, 23, 17, 0, tzinfo=timezone.utc)
LOG = {"Name", "Messages", "Status"}


def rendered(*results: dict[str, Any]) -> dict[str, Any]:
    for each in results:
        check(each, name="r.json")
    given = [DatedRebuild(each, WHEN + timedelta(hours=n)) for n, each in enumerate(results)]
    parsed: dict[str, Any] = json.loads(render(given))
    return parsed


LINUX = file("go1.24.4.linux-armv6l.tar.gz")


def test_the_fields_are_those_of_the_go_structs() -> None:
    report = rendered(result(target("linux-arm", LINUX), target("darwin-arm64", file("x.tar.gz"))))
    assert report.keys() == {
        "Version", "GoVersion", "GOOS", "GOARCH", "Start", "End", "Work", "Full",
        "Bootstraps", "Releases", "Log",
    }  # fmt: skip
    assert (report["Start"], report["End"]) == ("2026-11-23T16:58:29Z", "2026-11-23T17:00:00Z")
    (bootstrap,) = report["Bootstraps"]
    assert bootstrap.keys() == {"Version", "Dir", "Err", "Log"}
    (release,) = report["Releases"]
    assert release.keys() == {"Version", "Log", "Files"}
    found = release["Files"][0]
    assert found.keys() == {"Name", "GOOS", "GOARCH", "SHA256", "Log"}
    assert (found["Name"], found["GOOS"], found["GOARCH"], found["SHA256"]) == (
        "go1.24.4.linux-armv6l.tar.gz", "linux", "arm", "a" * 64,
    )  # fmt: skip
    assert found["Log"].keys() == release["Log"].keys() == report["Log"].keys() == LOG
    assert found["Log"]["Messages"] == [
        {
            "Time": "2026-11-23T17:00:00Z",
            "Text": "PASS: the same bytes, built with upstream's go1.22.6",
        }
    ]
    assert report["Log"]["Status"] == "PASS"


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        (["reproduced", "equivalent"], "PASS"),
        (["reproduced", "not_compared"], "SKIP"),
        (["reproduced", "not_posted"], "SKIP"),
        (["not_posted", "differs", "reproduced"], "FAIL"),
    ],
)
def test_a_release_is_what_its_files_are(outcomes: list[str], status: str) -> None:
    files = [file(f"f{number}", outcome) for number, outcome in enumerate(outcomes)]
    report = rendered(result(target("linux-amd64", *files)))
    assert report["Releases"][0]["Log"]["Status"] == report["Log"]["Status"] == status


def test_a_failed_build_is_not_a_difference() -> None:
    report = rendered(result(target("linux-amd64", error="make.bash ended with 2")))
    (found,) = report["Releases"][0]["Files"]
    assert (found["Name"], found["SHA256"]) == ("go1.24.4.linux-amd64", "")
    assert found["Log"]["Status"] == report["Log"]["Status"] == "SKIP"
    assert "did not build: make.bash ended with 2" in found["Log"]["Messages"][0]["Text"]


def test_an_installer_which_is_not_built_has_no_sum() -> None:
    name = "go1.24.4.windows-amd64.msi"
    installer = {**file(name, "equivalent"), "sha256": None, "size": None}
    report = rendered(result(target("windows-amd64", installer)))
    (found,) = report["Releases"][0]["Files"]
    assert (found["Name"], found["SHA256"]) == (name, "")


def test_the_source_is_of_no_system() -> None:
    report = rendered(result(target("linux-amd64", file("go1.24.4.src.tar.gz"))))
    (found,) = report["Releases"][0]["Files"]
    assert (found["GOOS"], found["GOARCH"]) == ("", "")


def test_several_results_merge_and_the_newest_release_stands_first() -> None:
    report = rendered(
        result(target("linux-amd64", file("a", "differs")), release="go1.9.7"),
        result(target("linux-amd64", file("b")), release="go1.24.4"),
        result(target("linux-amd64", file("a", letter="c")), release="go1.9.7", bootstrap="c"),
    )
    assert [each["Version"] for each in report["Releases"]] == ["go1.24.4", "go1.9.7"]
    # The later result of a file replaces the earlier one.
    assert report["Releases"][1]["Files"][0]["SHA256"] == "c" * 64
    assert report["Log"]["Status"] == "PASS"
    assert report["Full"] is True
    assert len(report["Bootstraps"]) == 2


@pytest.mark.parametrize("schema", ["samego.report/1", "samego.rebuild/2", None])
def test_another_schema_is_refused(schema: str | None) -> None:
    with pytest.raises(ReportError, match=r"r\.json has schema"):
        check({**result(), "schema": schema}, name="r.json")


def test_what_was_changed_is_refused() -> None:
    with pytest.raises(ReportError, match=r"at \$\.bootstraps"):
        check({**result(), "bootstraps": []}, name="r.json")
