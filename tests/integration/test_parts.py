"""Some of a toolchain's packages: what was not given is no difference, what was given is judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from support.cli import Samego
from support.deb_repack import Deb

pytestmark = pytest.mark.network

#: Debian's own change, which no source package at hand accounts for.
_SKIPPED_TEST = "src/runtime/crash_unix_test.go"


def left_out(report: dict[str, Any]) -> set[str]:
    """The packages that were not given, by what was not compared for that."""
    return {group["package"] for group in report["not_compared"]["paths"] if group["package"]}


def unexplained(report: dict[str, Any]) -> list[str]:
    return [f["path"] for f in report["findings"] if f["standing"] == "unexplained"]


def half(debs: Sequence[Path], part: str) -> list[Path]:
    """The packages that depend on an architecture (``any``), or those that do not (``all``)."""
    return [deb for deb in debs if ("-go_" in deb.name) is (part == "any")]


def test_sources_and_documentation_alone(
    samego: Samego, trixie_go124_debs: list[Path], go124_source: Path
) -> None:
    given = half(trixie_go124_debs, "all")
    source = ("--source", next(go124_source.glob("*.dsc")))
    report = samego("check", *given, *source, "--format", "json").report
    assert (report["verdict"], report["passes"]) == ("explained", True)
    assert report["counts"] == {
        "identical": 14112,
        "equivalent": 10,
        "explained": 17,
        "unproven": 0,
        "unexplained": 0,
        "not_compared": 35,
    }
    assert left_out(report) == {"golang-1.24-go"}


@pytest.mark.parametrize(
    "packages",
    [pytest.param("sid_go127_debs", marks=pytest.mark.long), "bookworm_backports_debs"],
)
def test_without_the_source_package_the_distros_own_changes_are_all_that_is_left(
    samego: Samego, request: pytest.FixtureRequest, packages: str
) -> None:
    found: list[Path] | Callable[[str], list[Path]] = request.getfixturevalue(packages)
    debs = found("1.23") if callable(found) else found
    report = samego("check", *half(debs, "all"), "--format", "json").report
    assert left_out(report) == {debs[0].name.partition("-go_")[0] + "-go"}
    assert _SKIPPED_TEST in unexplained(report)
    assert all(path.endswith("_test.go") for path in unexplained(report))


@pytest.mark.parametrize("part", ["-src_", "-doc_"])
def test_a_change_in_what_was_given_is_found(
    samego: Samego, trixie_go124_debs: list[Path], go124_source: Path, tmp_path: Path, part: str
) -> None:
    path, planted = {
        "-src_": ("usr/share/go-1.24/src/fmt/print.go", "src/fmt/print.go"),
        "-doc_": ("usr/share/doc/golang-1.24-doc/html/go_spec.html", "doc/go_spec.html"),
    }[part]
    (original,) = (deb for deb in trixie_go124_debs if part in deb.name)
    deb = Deb(original)
    changed = deb.repack(tmp_path, {path: deb[path].with_data(deb[path].data + b" ")})
    source = ("--source", next(go124_source.glob("*.dsc")))
    report = samego("check", changed, *source, "--format", "json").report
    assert unexplained(report) == [planted]


def test_documentation_alone_without_anything_to_hold_it_against_is_not_decided(
    samego: Samego, trixie_go124_debs: list[Path]
) -> None:
    (doc,) = (deb for deb in trixie_go124_debs if "-doc_" in deb.name)
    done = samego("check", doc)
    assert done.status == 2
    assert "there is nothing to compare" in done.stderr
    assert "--source" in done.stderr
