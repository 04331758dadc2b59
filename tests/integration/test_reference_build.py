"""Real packages against reference builds that are built here.

One reference build, of trixie's golang-1.24, is shared by all that needs it, and kept between runs
as long as the code that builds it stays the same: minutes of compiling the first time.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.cli import HEAVY, Result, Samego
from support.deb_repack import Deb
from support.inputs import Inputs, cache_directory
from support.reference_cache import reference_cache

pytestmark = [pytest.mark.network, pytest.mark.timeout(2 * 3600)]

GO = "usr/lib/go-1.24"
SETTINGS = "src/internal/buildcfg/zbootstrap.go"
#: The executables that embed GO386=softfloat, and dist and distpack, which upstream does not
#: ship; the six others are upstream's, stripped.
DECIDED = 16


class Checker:
    """Runs ``samego check --rebuild`` with the kept reference builds at hand."""

    def __init__(self, home: Path, upstream: Path, source: Path) -> None:
        self._samego = Samego(home=home, patience=2 * 3600, uncovered=HEAVY)
        self._cache = reference_cache(cache_directory())
        self._given = ("--upstream", upstream, "--source", source)

    def __call__(self, *arguments: str | Path) -> Result:
        return self._samego(
            *("check", "--rebuild", "--cache", self._cache), *arguments, *self._given
        )

    def references(self) -> set[str]:
        return {path.name for path in (self._cache / "reference/built").glob("*")}


@pytest.fixture(scope="module")
def check(
    tmp_path_factory: pytest.TempPathFactory, go1244_module_zip: Path, go124_source: Path
) -> Checker:
    (dsc,) = go124_source.glob("*.dsc")
    return Checker(tmp_path_factory.mktemp("home"), go1244_module_zip, dsc)


@pytest.fixture(scope="module")
def trixie(trixie_rebuilt_report: Path) -> dict[str, Any]:
    """The report on trixie's packages, untouched; its reference build is built now or was kept."""
    report: dict[str, Any] = json.loads(trixie_rebuilt_report.read_text("utf-8"))
    return report


def referenced(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [finding for finding in report["findings"] if finding["rule"] == "witness_build"]


def test_trixies_go_is_proven_whole(trixie: dict[str, Any]) -> None:
    assert (trixie["verdict"], trixie["passes"]) == ("explained", True)
    assert (trixie["counts"]["unproven"], trixie["counts"]["unexplained"]) == (0, 0)
    found = referenced(trixie)
    assert len(found) == DECIDED
    assert {finding["standing"] for finding in found} == {"explained"}
    assert {finding["proof"]["details"]["witness_kind"] for finding in found} == {"quick"}
    both = [finding for finding in found if finding["side"] == "both"]
    assert len(both) == DECIDED - 2
    assert all(SETTINGS in finding["rests_on"] for finding in both)


def test_a_second_check_builds_nothing_and_says_the_same(
    trixie: dict[str, Any], check: Checker, trixie_go124_debs: list[Path]
) -> None:
    kept = check.references()
    again = check(*trixie_go124_debs, "--format", "json")
    assert again.status == 0
    assert "building" not in again.stderr
    assert check.references() == kept
    assert again.report["timings"]["rebuilding"] < 60
    assert {**again.report, "timings": {}} == {**trixie, "timings": {}}


@pytest.mark.usefixtures("trixie")
def test_a_tampered_executable_is_the_alarm(
    check: Checker, trixie_go124_debs: list[Path], tmp_path: Path
) -> None:
    deb = Deb(trixie_go124_debs[0])
    path = f"{GO}/pkg/tool/linux_amd64/compile"
    data = bytearray(deb[path].data)
    data[len(data) // 2] ^= 1
    changed = deb.repack(tmp_path, {path: deb[path].with_data(bytes(data))})
    alarm = check(changed, *trixie_go124_debs[1:])
    assert alarm.status == 1, alarm.stderr
    first, second, third = alarm.stdout.splitlines()[:3]
    assert "(1 executable not built from the package's own sources)" in first
    assert second == (
        "ALARM: pkg/tool/linux_amd64/compile does not follow from the package's own sources and"
        " settings"
    )
    assert third.startswith("  pkg/tool/linux_amd64/compile: ")


@pytest.mark.long  # the next test has them alone too, and without their settings
def test_executables_alone_are_proven_by_the_settings_beside_them(
    trixie: dict[str, Any], check: Checker, trixie_go124_debs: list[Path]
) -> None:
    kept = check.references()
    found = referenced(check(trixie_go124_debs[0], "--format", "json").report)
    assert check.references() == kept, "the same settings and no sources: the same reference build"
    assert [f["path"] for f in found] == [f["path"] for f in referenced(trixie)]
    assert {(f["standing"], f["effective"]) for f in found} == {("explained", "explained")}


def test_settings_that_the_package_does_not_state_are_searched_for(
    trixie: dict[str, Any], check: Checker, trixie_go124_debs: list[Path], tmp_path: Path
) -> None:
    kept = check.references()
    deb = Deb(trixie_go124_debs[0])
    bare = deb.repack(tmp_path, {f"usr/share/go-1.24/{SETTINGS}": None})
    found = referenced(check(bare, "--format", "json").report)
    assert check.references() == kept
    assert [f["path"] for f in found] == [f["path"] for f in referenced(trixie)]
    for finding in found:
        assert finding["standing"] == "explained"
        assert "GO386=softfloat, the declared setting that fits" in finding["cause"]
        assert SETTINGS not in finding["rests_on"]


@pytest.mark.long
def test_a_whole_make_bash_decides_alike(
    trixie: dict[str, Any], check: Checker, trixie_go124_debs: list[Path]
) -> None:
    full = check(*trixie_go124_debs, "--rebuild=full", "--format", "json").report
    assert full["passes"]
    quick = referenced(trixie)
    found = referenced(full)
    assert [(f["path"], f["standing"], f["proof"]["digest"]) for f in found] == [
        (f["path"], f["standing"], f["proof"]["digest"]) for f in quick
    ]
    assert {f["proof"]["details"]["built_by"] for f in found} == {"make.bash"}
    assert {f["proof"]["details"]["built_by"] for f in quick} == {"go install cmd"}


@pytest.mark.long
@pytest.mark.parametrize("line", ["1.21", "1.22", "1.23"])
def test_no_executable_of_a_release_with_a_default_godebug_is_accused(
    line: str, tmp_path: Path
) -> None:
    samego = Samego(home=tmp_path, patience=2 * 3600)
    cache = reference_cache(cache_directory())
    what = f"debian:bookworm-backports/golang-{line}:amd64"
    report = samego("check", what, "--rebuild", "--cache", cache, "--format", "json").report
    found = referenced(report)
    assert len(found) >= DECIDED - 2
    assert {finding["standing"] for finding in found} == {"explained"}


@pytest.mark.long
@pytest.mark.parametrize("architecture", ["amd64", "arm64"])
def test_sids_go_differs_by_its_broken_sums_alone(
    architecture: str, request: pytest.FixtureRequest, inputs: Inputs, tmp_path: Path
) -> None:
    fixture = {"amd64": "sid_go127_debs", "arm64": "sid_go127_arm64_debs"}[architecture]
    debs: list[Path] = request.getfixturevalue(fixture)
    samego = Samego(home=tmp_path, patience=2 * 3600)
    cache = reference_cache(cache_directory())
    # The nearest source package that a mirror serves: its patches are the same.
    (dsc,) = inputs.source("1.27.1-2").glob("*.dsc")
    given = ("--rebuild", "--cache", cache, "--source", dsc)
    result = samego("check", *debs, *given, "--format", "json")
    assert result.status == 1, result.stderr
    counts = result.report["counts"]
    assert (counts["unproven"], counts["unexplained"]) == (0, 0)
    breaks = {c["path"] for c in result.report["consequences"] if c["effect"] == "breaks"}
    assert breaks
    assert all(path.startswith("lib/fips140/") for path in breaks)


@pytest.mark.long
@pytest.mark.usefixtures("trixie")
def test_a_build_that_fails_leaves_nothing_and_says_why(
    check: Checker, trixie_go124_debs: list[Path], tmp_path: Path
) -> None:
    deb = Deb(trixie_go124_debs[1])
    path = "usr/share/go-1.24/src/cmd/nm/nm.go"
    broken = deb.repack(tmp_path, {path: deb[path].with_data(b"package main\n\nfunc main() {\n")})
    kept = check.references()
    failed = check(trixie_go124_debs[0], broken, trixie_go124_debs[2])
    assert failed.status == 2
    assert "the build failed" in failed.stderr
    assert "nm.go" in failed.stderr
    assert check.references() == kept
