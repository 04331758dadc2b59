"""rebuilderd's pkgs/list: the eleven keys, and what its readers make of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from samego.model.reproduction import Match
from samego.report.trackers.build import TrackedBuild
from samego.report.trackers.rebuilderd_v0 import render
from support.builds import FAILED, NO_TOOL, arch, build, debian, rebuilt

GO = "golang-1.24-go"
KEYS = {
    "name",
    "version",
    "status",
    "distro",
    "suite",
    "architecture",
    "artifact_url",
    "build_id",
    "built_at",
    "has_diffoscope",
    "has_attestation",
}


def rows(*builds: TrackedBuild, base: str = "") -> list[dict[str, Any]]:
    parsed: list[dict[str, Any]] = json.loads(render(builds, base))
    return parsed


def main(report_build: TrackedBuild) -> dict[str, Any]:
    """The row of the package that holds the executables."""
    return next(row for row in rows(report_build) if row["name"].endswith("go"))


def state_of(row: dict[str, Any]) -> str:
    """What a reader knows: a failed build and an untested package are told apart by build_id."""
    if row["status"] != "UNKWN":
        return str(row["status"])
    return "untested" if row["build_id"] is None else "built, not decided"


def test_one_row_for_each_binary_package_with_all_keys() -> None:
    found = rows(build(rebuilt(debian()), suite="main"), base="https://example.org/pool/")
    assert [(row["name"], row["architecture"]) for row in found] == [
        ("golang-1.24-doc", "all"),
        (GO, "amd64"),
        ("golang-1.24-src", "all"),
    ]
    assert all(row.keys() == KEYS for row in found)
    assert found[1] == {
        "name": GO,
        "version": "1.24.4-1",
        "status": "GOOD",
        "distro": "debian",
        "suite": "main",
        "architecture": "amd64",
        "artifact_url": "https://example.org/pool/golang-1.24-go_1.24.4-1_amd64.deb",
        "build_id": 1,
        "built_at": "2026-11-23T17:00:00",
        "has_diffoscope": False,
        "has_attestation": False,
    }


@pytest.mark.parametrize(
    ("given", "state"),
    [
        (build(rebuilt(debian())), "GOOD"),
        (build(rebuilt(debian(), GO)), "BAD"),
        (build(rebuilt(debian(), GO, match=Match.MISSING)), "BAD"),
        (build(rebuilt(debian(), GO, match=Match.ALTERED)), "built, not decided"),
        (build(debian(), FAILED), "built, not decided"),
        (build(debian(), NO_TOOL), "untested"),
        (build(debian()), "untested"),
    ],
)
def test_the_states(given: TrackedBuild, state: str) -> None:
    row = main(given)
    assert state_of(row) == state
    assert (row["build_id"] is None) is (row["built_at"] is None)


def test_each_package_has_a_status_of_its_own() -> None:
    found = {row["name"]: row["status"] for row in rows(build(rebuilt(debian(), GO)))}
    assert found == {GO: "BAD", "golang-1.24-src": "GOOD", "golang-1.24-doc": "GOOD"}


def test_a_package_that_the_rebuild_says_nothing_of_is_not_good() -> None:
    report = debian()
    # Artifacts of another build's packages: none of them is this report's.
    assert main(build(report, rebuilt(debian("1.24.3-1")).reproduction))["status"] == "UNKWN"


def test_a_package_for_all_architectures_is_one_row_and_a_difference_counts() -> None:
    bad = build(rebuilt(debian("1.24.4-1", "arm64"), "golang-1.24-src"))
    for order in ((build(rebuilt(debian())), bad), (bad, build(rebuilt(debian())))):
        sources = [row for row in rows(*order) if row["name"] == "golang-1.24-src"]
        assert [row["status"] for row in sources] == ["BAD"]


def test_an_older_version_is_no_row_of_a_newer_ones_package() -> None:
    found = rows(build(rebuilt(debian("1.24.4-2", "arm64"))), build(rebuilt(debian(), GO)))
    assert {(row["name"], row["version"]) for row in found} == {
        (GO, "1.24.4-1"),
        (GO, "1.24.4-2"),
        ("golang-1.24-src", "1.24.4-2"),
        ("golang-1.24-doc", "1.24.4-2"),
    }


def test_the_epoch_is_not_in_a_debs_file_name() -> None:
    row = main(build(rebuilt(debian("1:1.24.4-1"))))
    assert (row["version"], row["artifact_url"]) == (
        "1:1.24.4-1",
        "golang-1.24-go_1.24.4-1_amd64.deb",
    )


def test_arch() -> None:
    pytest.importorskip("pyalpm", reason="Arch's order of versions is libalpm's")
    row = main(build(rebuilt(arch()), suite="extra"))
    assert (row["distro"], row["suite"], row["artifact_url"]) == (
        "archlinux",
        "extra",
        "go-2:1.27.3-1-x86_64.pkg.tar.zst",
    )
