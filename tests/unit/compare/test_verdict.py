from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from samego.compare import verdict as deciding
from samego.compare.verdict import (
    BARS,
    UNPATCHED,
    RootCause,
    bar_of,
    breaking,
    effective,
    passes,
    root_causes,
    tally,
    verdict,
    waive,
)
from samego.model.finding import Effect, Finding, Side
from samego.model.proof import Standing
from samego.model.report import NotCompared
from support.reports import broken_pin, clean, sid, trixie
from support.words import told

S, Q, E, P, X = Standing  # identical (the same), equivalent, explained, unproven, unexplained


def finding(path: str, standing: Standing, *rests_on: str) -> Finding:
    return Finding(path, standing, Side.BOTH, "text", rule="r", causes=told("c"), rests_on=rests_on)


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        pytest.param([], {}, id="nothing"),
        pytest.param([finding("a", Q)], {"a": Q}, id="alone"),
        pytest.param([finding("a", Q, "b"), finding("b", X)], {"a": X, "b": X}, id="worse below"),
        pytest.param([finding("a", X, "b"), finding("b", Q)], {"a": X, "b": Q}, id="better below"),
        pytest.param(
            [finding("a", Q, "b"), finding("b", E, "c"), finding("c", P)],
            {"a": P, "b": P, "c": P},
            id="through another",
        ),
        pytest.param(
            [finding("a", Q, "b"), finding("b", P, "a"), finding("c", E, "a")],
            {"a": P, "b": P, "c": P},
            id="circle",
        ),
        pytest.param([finding("a", E, "a")], {"a": E}, id="on itself"),
        pytest.param([finding("a", E, "same")], {"a": E}, id="on an identical path"),
        pytest.param(
            [finding("a", Q, "b", "c"), finding("b", P), finding("c", X)],
            {"a": X, "b": P, "c": X},
            id="the worst of two",
        ),
        pytest.param([finding("a", Q), finding("a", X)], {"a": X}, id="twice the same path"),
        pytest.param(
            [
                finding("bad", X),
                *(finding(path, E, "bad") for path in ("other", "one", "two")),
                finding("both", E, "one", "two"),
            ],
            dict.fromkeys(("bad", "other", "one", "two", "both"), X),
            id="two ways to one",
        ),
    ],
)
def test_effective_standings(findings: list[Finding], expected: dict[str, Standing]) -> None:
    assert effective(findings) == expected


def test_a_long_chain_needs_no_recursion() -> None:
    chain = [finding(str(n), Q, str(n + 1)) for n in range(5000)]
    chain.append(finding("5000", X))
    assert set(effective(chain).values()) == {X}


def test_without_findings_the_verdict_is_identical() -> None:
    report = replace(clean(), findings=())
    assert verdict(report) is S
    assert passes(replace(report, required=S))


@pytest.mark.parametrize("standing", list(Standing), ids=lambda standing: standing.value)
def test_the_worst_finding_is_the_verdict(standing: Standing) -> None:
    report = clean()
    findings = (finding("a", Q), finding("b", standing), finding("c", S))
    assert verdict(replace(report, findings=findings)) is max((Q, standing), key=lambda s: s.rank)


@pytest.mark.parametrize(
    ("standing", "required", "expected"),
    [(E, E, True), (E, Q, False), (Q, Q, True), (Q, S, False), (P, E, False), (X, E, False)],
)
def test_passing_is_against_what_is_required(
    standing: Standing, required: Standing, *, expected: bool
) -> None:
    report = replace(clean(), findings=(finding("a", standing),), required=required)
    assert passes(report) is expected


def test_an_unverified_upstream_is_unproven_at_best() -> None:
    report = clean()
    unverified = replace(report, findings=(), upstream=replace(report.upstream, verified=()))
    assert verdict(unverified) is P
    assert not passes(unverified)
    worse = replace(unverified, findings=(finding("a", X),))
    assert verdict(worse) is X


def test_paths_that_were_not_compared_change_no_verdict() -> None:
    report = replace(clean(), not_compared=(NotCompared("test/", 3000),))
    assert verdict(report) is verdict(clean())
    assert passes(report)


def test_what_breaks_never_passes_unless_it_is_waived() -> None:
    zipped = replace(finding("z", E), consequences=(broken_pin("z", Effect.BREAKS),))
    report = replace(clean(), findings=(zipped,))
    assert verdict(report) is E
    assert not passes(report)
    waived, unused = waive(report.findings, ["z", "other"])
    assert unused == ("other",)
    assert passes(replace(report, findings=waived))
    assert waived[0].consequences[0].waived


def test_what_is_latent_passes() -> None:
    zipped = replace(finding("z", E), consequences=(broken_pin("z", Effect.LATENT),))
    report = replace(clean(), findings=(zipped,))
    assert passes(report)
    assert not breaking(report.findings)


def test_waiving_one_path_leaves_the_others() -> None:
    findings, unused = waive(sid().findings, ["lib/fips140/v1.26.0.zip"])
    assert not unused
    assert [item.path for item in breaking(findings)] == [
        "lib/fips140/inprocess.zip",
        "lib/fips140/v1.0.0-c2097c7c.zip",
    ]


def test_counts_are_by_effective_standing() -> None:
    findings = [finding("a", Q, "b"), finding("b", P), finding("c", Q)]
    assert tally(findings) == {S: 0, Q: 1, E: 0, P: 2, X: 0}


def test_root_causes_count_everything_that_follows() -> None:
    findings = [
        finding("go", P, "cfg", "patched"),
        finding("asm", P, "cfg"),
        finding("cfg", E, "settings"),
        finding("settings", E),
        finding("patched", E),
        finding("alone", E),
    ]
    assert root_causes(findings) == (
        RootCause("settings", ("asm", "cfg", "go")),
        RootCause("patched", ("go",)),
    )


def test_each_member_of_a_circle_is_a_root() -> None:
    findings = [finding("a", P, "b"), finding("b", P, "a"), finding("c", P, "a")]
    assert root_causes(findings) == (RootCause("a", ("b", "c")), RootCause("b", ("a", "c")))


def test_the_settings_are_the_root_of_the_executables() -> None:
    (cause,) = root_causes(trixie().findings)
    assert (cause.path, len(cause.followers)) == ("src/internal/buildcfg/zbootstrap.go", 16)


def test_a_circle_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = Standing.UNEXPLAINED
    monkeypatch.setattr("samego.compare.verdict._MOST_STEPS", 250)
    ring = [finding(f"{n:03}", bad, f"{(n + 1) % 100:03}") for n in range(100)]
    source = [finding("source", bad), finding("bin/go", bad, "source")]
    # What rests on nothing further comes first, whatever else there is.
    assert [cause.path for cause in root_causes([*ring, *source])] == ["000", "001", "source"]


def test_what_is_given_up_takes_no_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    followed: list[str] = []
    reach = deciding._reach

    def counted(path: str, followers: Mapping[str, list[str]]) -> Iterator[str]:
        followed.append(path)
        return reach(path, followers)

    monkeypatch.setattr("samego.compare.verdict._MOST_STEPS", 250)
    monkeypatch.setattr("samego.compare.verdict._reach", counted)
    root_causes([finding(f"{n:03}", P, f"{(n + 1) % 100:03}") for n in range(100)])
    assert followed == ["000", "001", "002"]


def test_each_bar_is_a_standing_and_one_says_more() -> None:
    assert {word: bar_of(word) for word in BARS} == {
        "identical": (Standing.IDENTICAL, False),
        "equivalent": (Standing.EQUIVALENT, False),
        "explained": (Standing.EXPLAINED, False),
        UNPATCHED: (Standing.EXPLAINED, True),
    }
    with pytest.raises(ValueError, match="unproven"):
        bar_of("unproven")
