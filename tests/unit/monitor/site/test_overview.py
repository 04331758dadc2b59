"""What needs work now, since when, and the matrix of packages."""

from __future__ import annotations

from dataclasses import replace

from samego.model.proof import Standing
from samego.monitor.history.record import Line
from samego.monitor.site.overview import found, overview
from samego.monitor.site.past import Past
from support.history_runs import FIPS, run
from support.site_history import offer, past

UNEXPLAINED, UNPROVEN = Standing.UNEXPLAINED, Standing.UNPROVEN


def needs(given: Past) -> list[tuple[str, str, str]]:
    page = overview(given, [])
    return [
        (each.status.word, each.package, each.version) for each in (*page.needs, *page.unproven)
    ]


def test_the_worst_comes_first_and_what_is_good_is_not_named() -> None:
    given = past(
        run("1-1", UNPROVEN, package="golang-1.21"),
        run("1-1", UNEXPLAINED, package="golang-1.22"),
        run("1-1", breaking=[FIPS], package="golang-1.23"),
        run("1-1", package="golang-1.24"),
        run("1-1", UNEXPLAINED, package="golang-1.25"),
    )
    assert needs(given) == [
        ("breaks", "golang-1.23", "1-1"),
        ("unexplained", "golang-1.25", "1-1"),
        ("unexplained", "golang-1.22", "1-1"),
        ("unproven", "golang-1.21", "1-1"),
    ]
    page = overview(given, [])
    assert (page.packages, page.wrong, page.open, page.good) == (5, 3, 1, 1)


def test_only_the_newest_counts_and_what_a_suite_holds() -> None:
    runs = [run("1-1", UNEXPLAINED), run("1-2", breaking=[FIPS], hours=1), run("1-3", hours=2)]
    assert needs(past(*runs)) == []
    held = past(*runs, offers=[offer("1-2", "trixie"), offer("1-3", "sid")])
    assert needs(held) == [("breaks", "golang-1.27", "1-2")]
    (need,) = overview(held, []).needs
    assert need.suites == ("trixie",)


def test_a_version_that_was_checked_again_is_what_it_was_found_last() -> None:
    assert needs(past(run("1-1", UNPROVEN), run("1-1", hours=1))) == []


def test_architectures_with_the_same_reason_are_one_entry() -> None:
    given = past(
        run("1-1", UNEXPLAINED),
        run("1-1", UNEXPLAINED, architecture="arm64"),
        run("1-1", breaking=[FIPS], architecture="riscv64"),
    )
    page = overview(given, [])
    assert [[cell.architecture for cell in each.cells] for each in page.needs] == [
        ["riscv64"],
        ["amd64", "arm64"],
    ]


def test_since_is_the_first_version_that_was_as_bad() -> None:
    given = past(
        run("1-1", UNPROVEN),
        run("1-2", UNPROVEN, hours=1),
        run("1-3", UNPROVEN, hours=2, breaking=[FIPS]),
        run("1-4", UNEXPLAINED, hours=3, breaking=[FIPS]),
    )
    (need,) = overview(given, []).needs
    # It was never proven, but it did not break anything.
    assert (need.first, need.good) == ("1-3", "1-2")
    (only,) = overview(past(run("1-1", UNEXPLAINED)), []).needs
    assert (only.first, only.good) == ("1-1", "")


def test_the_architecture_with_the_longer_history_tells_since_when() -> None:
    arm = run("1-2", UNEXPLAINED, hours=2, architecture="arm64")
    (need,) = overview(past(run("1-1"), run("1-2", UNEXPLAINED, hours=1), arm), []).needs
    assert (need.first, need.good) == ("1-2", "1-1")
    assert [cell.architecture for cell in need.cells] == ["amd64", "arm64"]


def test_an_older_version_that_a_suite_holds_says_nothing_of_a_fall_it_is_not_part_of() -> None:
    given = past(
        run("1-1", UNPROVEN),
        run("1-2", hours=1),
        run("1-3", breaking=[FIPS], hours=2),
        offers=[offer("1-1", "trixie")],
    )
    (old,) = found(given, [(Line("debian", "golang-1.27", "amd64"), "1-1")])
    assert (old.status.word, old.first, old.good) == ("unproven", "", "")


def test_the_matrix_has_a_row_for_a_version_and_a_column_for_an_architecture() -> None:
    given = past(
        run("1.9-1", package="golang-1.9"),
        run("1.10-1", package="golang-1.10"),
        run("1.10-1", UNPROVEN, hours=1, package="golang-1.10", architecture="arm64"),
        run("1.10-1", UNEXPLAINED, hours=2, package="golang-1.10", architecture="arm64"),
        offers=[offer("1.11-1", "sid", "golang-1.11"), offer("1.10-1", "sid", "golang-1.10")],
    )
    (matrix,) = overview(given, []).matrices
    assert matrix.architectures == ("amd64", "arm64")
    shown = [
        (
            row.package,
            row.suites,
            bool(row.page),
            [cell.status.word if cell.status else "" for cell in row.cells],
            [cell.again for cell in row.cells],
        )
        for row in matrix.rows
    ]
    assert shown == [
        ("golang-1.11", ("sid",), False, ["not checked", ""], [0, 0]),
        ("golang-1.10", ("sid",), True, ["explained", "unexplained"], [0, 1]),
        ("golang-1.9", (), True, ["explained", ""], [0, 0]),
    ]


def test_a_history_without_anything_is_a_page_too() -> None:
    page = overview(past(), [])
    assert (page.as_of, page.packages, page.needs, page.matrices) == (None, 0, (), ())


def test_a_distro_that_no_plugin_here_knows_has_its_matrix_too() -> None:
    runs = [replace(run(f"1.{n}", hours=n), distro="alder", package="go") for n in (9, 10)]
    given = past(*runs, run("1-1"))
    assert [matrix.distro for matrix in overview(given, []).matrices] == ["alder", "debian"]
    (row,) = overview(given, []).matrices[0].rows
    assert (row.page, row.version) == ("packages/alder/go.html", "1.10")
