"""Rebuilds by release, target and bootstrap, and whether bootstraps agree."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from samego.monitor.history.intake import rebuild_of
from samego.monitor.history.record import RebuildRun
from samego.monitor.site.rebuilt import RebuiltRelease, releases
from support.rebuild_results import file, result, target
from support.site_history import BEGIN


def recorded(data: dict[str, object], hours: int = 0) -> RebuildRun:
    return rebuild_of(json.dumps(data).encode(), BEGIN + timedelta(hours=hours), name="b.json")


def one(*runs: RebuildRun) -> RebuiltRelease:
    (release,) = releases(runs)
    return release


def test_the_newest_release_comes_first() -> None:
    names = ["go1.9.7", "go1.24.4", "go1.24.10"]
    runs = [recorded(result(target("linux-amd64", file("a")), release=name)) for name in names]
    assert [release.name for release in releases(runs)] == ["go1.24.10", "go1.24.4", "go1.9.7"]


def test_a_target_is_its_worst_file_but_for_what_nothing_was_posted_for() -> None:
    release = one(
        recorded(
            result(
                target("linux-amd64", file("a"), file("b", "not_compared")),
                target("linux-arm64", file("c"), file("d", "differs"), file("e", "equivalent")),
                target("plan9-386", error="make.bash ended with 2"),
                target("darwin-arm64", file("f", "not_posted")),
            )
        )
    )
    words = {each.name: each.results[0].status.word for each in release.targets if each.results[0]}
    assert words == {
        "linux-amd64": "reproduced",
        "linux-arm64": "differs",
        "plan9-386": "did not build",
        "darwin-arm64": "not posted",
    }
    assert release.status.word == "differs"
    assert release.summary == (
        "1 target differs, 1 target did not build, 1 target reproduced, 1 target not posted"
    )
    (arm,) = [each.results[0] for each in release.targets if each.name == "linux-arm64"]
    assert arm is not None
    assert arm.summary == "1 differs, 1 equivalent, 1 reproduced"


def test_an_outcome_that_is_not_known_is_shown_and_never_good() -> None:
    run = recorded(result(target("linux-amd64", file("a"))))
    odd = replace(run, files=tuple(replace(each, outcome="odd") for each in run.files))
    (only,) = one(odd).targets
    assert only.results[0] is not None
    assert only.results[0].status.word == "odd"
    assert only.results[0].status.rank > 0


def test_bootstraps_agree_or_the_file_is_named() -> None:
    def made(bootstrap: str, letter: str) -> RebuildRun:
        files = file("a.tar.gz"), file("b.tar.gz", "differs", letter)
        return recorded(result(target("linux-amd64", *files), bootstrap=bootstrap))

    (alone,) = one(made("gccgo", "a")).targets
    assert (alone.agreement, alone.agrees) == ("one bootstrap", True)
    (same,) = one(made("gccgo", "a"), made("upstream", "a")).targets
    assert (same.agreement, same.agrees) == ("2 bootstraps gave the same bytes", True)
    apart = one(made("gccgo", "a"), made("upstream", "c"))
    assert apart.targets[0].agreement == "bootstraps gave different b.tar.gz"
    assert (apart.disagreeing, apart.bootstraps) == (1, ("gccgo's go1.22.6", "upstream's go1.22.6"))


def test_a_later_rebuild_of_a_target_replaces_what_it_has_in_common() -> None:
    first = recorded(
        result(target("linux-amd64", file("a", "differs")), target("linux-arm64", file("b")))
    )
    second = recorded(result(target("linux-amd64", file("a"))), hours=1)
    release = one(first, second)
    assert [each.name for each in release.targets] == ["linux-amd64", "linux-arm64"]
    assert release.status.word == "reproduced"
    assert set(release.digests) == {first.digest, second.digest}
    assert release.when == second.when


def test_a_bootstrap_that_did_not_build_is_named() -> None:
    run = recorded(result(target("linux-amd64", file("a"))))
    step = replace(
        run.files[0], bootstrap="c's go1.4", target="", file="", outcome="failed", cause="no cc"
    )
    release = one(replace(run, files=(step,)))
    assert release.failed == (("c's go1.4", "no cc"),)
    assert (release.targets, release.status.word) == ((), "did not build")
