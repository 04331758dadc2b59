"""What waivers take, and what they never hide."""

from __future__ import annotations

from dataclasses import replace

import pytest

from samego.compare import identity
from samego.compare.verdict import failing, passes, verdict, waive
from samego.compare.waivers import about, taken, waived
from samego.model.causes.packages import AnyEpoch, BuiltAsOther
from samego.model.finding import Effect, Finding, Side
from samego.model.proof import Standing
from samego.model.report import Report
from samego.model.value import Cause, Told
from samego.model.waiver import Takes, Waiver
from samego.rules import reference_build
from support.reports import clean, fips_zip, trixie

S, Q, E, P, X = Standing


def finding(
    path: str,
    standing: Standing = X,
    *rests_on: str,
    kind: str = "text",
    rule: str = "",
    causes: tuple[Cause, ...] = (Told("c"),),
) -> Finding:
    return Finding(path, standing, Side.BOTH, kind, rule, causes, rests_on=rests_on)


def waiver(takes: Takes = Takes.PATH, **facts: object) -> Waiver:
    return replace(Waiver(takes, "why", "w", 1), **facts)  # type: ignore[arg-type]


def report(*findings: Finding, waivers: tuple[Waiver, ...]) -> Report:
    return replace(clean(), findings=findings, waivers=waivers)


def test_a_report_passes_where_all_that_fails_is_waived() -> None:
    found = report(finding("a"), finding("b", E), waivers=(waiver(pattern="a"),))
    assert passes(found)
    assert set(waived(found)) == {"a"}
    assert not failing(found)
    # The finding and the verdict stay what they are.
    assert verdict(found) is X
    assert found.findings[0].standing is X


def test_it_does_not_where_one_is_left() -> None:
    found = report(finding("a"), finding("b", P), waivers=(waiver(pattern="a"),))
    assert not passes(found)
    assert failing(found) == {"b"}


def test_what_rests_on_a_waived_root_needs_none_of_its_own() -> None:
    followers = (finding("bin/go", E, "a", kind="elf"), finding("a"))
    assert passes(report(*followers, waivers=(waiver(pattern="a"),)))
    # The other way round the root is not waived.
    other = report(*followers, waivers=(waiver(pattern="bin/go"),))
    assert not passes(other)
    assert failing(other) == {"a", "bin/go"}
    assert taken(other) == {0: ()}


def test_a_waiver_takes_only_what_would_fail() -> None:
    found = report(finding("a", E), waivers=(waiver(pattern="a"),))
    assert not waived(found)
    strict = replace(found, required=Q)
    assert set(waived(strict)) == {"a"}
    assert passes(strict)


def test_one_that_is_over_takes_nothing() -> None:
    found = report(finding("a"), waivers=(waiver(pattern="a", expired=True),))
    assert not passes(found)
    assert not taken(found)


def test_a_cause_takes_a_finding_only_where_nothing_else_differs() -> None:
    by_cause = waiver(Takes.CAUSE, name="told")
    assert passes(report(finding("a"), waivers=(by_cause,)))
    both = (Told("c"), AnyEpoch("1:1", "apt", "golang"))
    assert not passes(report(finding("a", causes=both), waivers=(by_cause,)))
    assert not passes(report(finding("a", causes=()), waivers=(by_cause,)))
    inside = replace(by_cause, pattern="src/**")
    assert not passes(report(finding("a"), waivers=(inside,)))
    assert passes(report(finding("src/a"), waivers=(inside,)))


def test_a_rule_takes_its_findings() -> None:
    by_rule = waiver(Takes.RULE, name="embedded_settings")
    assert passes(report(finding("a", P, rule="embedded_settings"), waivers=(by_rule,)))
    assert not passes(report(finding("a", P, rule="other"), waivers=(by_rule,)))


HIDDEN = [
    pytest.param(finding("/DEBIAN/x", kind=identity.KIND), id="another release"),
    pytest.param(
        finding("bin/go", kind="elf", causes=(Told("c"), BuiltAsOther("go1", "bin/go", "go2"))),
        id="an executable of another release, among others",
    ),
    pytest.param(finding("a", causes=(AnyEpoch("1:1", "apt", "g"),)), id="an epoch"),
    pytest.param(finding("bin/go", kind="elf", rule=reference_build.NAME), id="an alarm"),
]


@pytest.mark.parametrize("alarm", HIDDEN)
@pytest.mark.parametrize(
    "lines",
    [
        [waiver(pattern="everything")],
        [waiver(pattern="**/x"), waiver(pattern="bin/*"), waiver(pattern="?")],
        [waiver(Takes.RULE, name=reference_build.NAME)],
        [waiver(Takes.CAUSE, name="any_epoch"), waiver(Takes.CAUSE, name="told")],
    ],
)
def test_what_contradicts_itself_must_be_named(alarm: Finding, lines: list[Waiver]) -> None:
    found = report(alarm, waivers=tuple(lines))
    assert not passes(found)
    assert passes(replace(found, waivers=(waiver(pattern=alarm.path),)))


def test_what_breaks_is_waived_by_a_line_of_its_own() -> None:
    broken = fips_zip(Effect.BREAKS)
    for line in (waiver(pattern="everything"), waiver(pattern=broken.path)):
        assert not passes(report(broken, waivers=(line,)))
    line = waiver(Takes.BREAKS, pattern=broken.path)
    marked, _unused = waive([broken], [broken.path])
    found = report(*marked, waivers=(line,))
    assert passes(found)
    assert taken(found) == {0: (broken.path,)}
    # It says nothing of the file's own difference.
    other = replace(marked[0], standing=X)
    assert not passes(report(other, waivers=(line,)))


def test_upstreams_side_cannot_be_waived() -> None:
    found = report(finding("a"), waivers=(waiver(pattern="everything"),))
    unverified = replace(found, upstream=replace(found.upstream, verified=()))
    assert passes(found)
    assert not passes(unverified)


def test_two_findings_of_one_path_are_both_needed() -> None:
    found = report(finding("a", P, rule="r"), finding("a"), waivers=(waiver(Takes.RULE, name="r"),))
    assert not passes(found)
    assert not waived(found)


def test_own_patches_that_run_are_waived_by_path() -> None:
    patched = finding("src/net/net.go", E, rule="patched_source")
    found = replace(report(patched, waivers=()), unpatched=True)
    assert not passes(found)
    assert failing(found) == {"src/net/net.go"}
    assert passes(replace(found, waivers=(waiver(pattern="src/net/*"),)))


def test_only_those_about_the_packages_count() -> None:
    subject = trixie().subject
    names = (
        "",
        "golang-1.24",
        "golang-1.24-go",
        "golang-1.24=1.24.4-1",
        "golang-1.24-src=1.24.4-1",
    )
    others = ("golang-1.27", "golang-1.24=1.24.5-1", "golang", "golang-1.2")
    lines = tuple(waiver(pattern="a", package=name) for name in (*names, *others))
    assert tuple(each.package for each in about(lines, subject)) == names
