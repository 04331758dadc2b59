from __future__ import annotations

import json

import pytest

from samego.report.trackers.arch import render
from samego.report.trackers.build import TrackedBuild
from support.builds import FAILED, NO_ENVIRONMENT, NO_TOOL, arch, build, rebuilt, with_buildinfo

pytest.importorskip("pyalpm", reason="Arch's order of versions is libalpm's")


@pytest.mark.parametrize(
    ("given", "state"),
    [
        (build(rebuilt(arch())), "reproducible"),
        (build(rebuilt(arch(), "go")), "FTBR_1"),
        (build(with_buildinfo(rebuilt(arch(), "go"))), "FTBR_0"),
        (build(arch(), FAILED), "FTBFS_2"),
        (build(arch(), NO_ENVIRONMENT), "DEPWAIT_1"),
    ],
)
def test_the_states(given: TrackedBuild, state: str) -> None:
    (row,) = json.loads(render([given]))
    assert row["status"] == state


def test_a_row_has_debians_fields_and_keeps_the_epoch() -> None:
    assert json.loads(render([build(rebuilt(arch()), suite="extra")])) == [
        {
            "architecture": "x86_64",
            "build_date": "2026-11-23 17:00:00",
            "package": "go",
            "status": "reproducible",
            "suite": "extra",
            "version": "2:1.27.3-1",
        }
    ]


def test_what_nobody_decided_has_no_row() -> None:
    assert json.loads(render([build(arch()), build(arch(), NO_TOOL)])) == []


def test_the_newest_version_wins_by_libalpms_order() -> None:
    builds = [build(rebuilt(arch(version))) for version in ("2:1.9.9-1", "2:1.10rc1-1", "1:2-1")]
    assert [row["version"] for row in json.loads(render(builds))] == ["2:1.10rc1-1"]
