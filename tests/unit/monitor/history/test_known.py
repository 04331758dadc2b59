"""The sum of runs on the same bytes: what adds up, changes nothing, or takes a proof away."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest

from samego.model.finding import Side
from samego.model.proof import Standing
from samego.monitor.history.evidence import Evidence, Word, packed, unpacked
from samego.monitor.history.known import Known, accuses, settles
from samego.monitor.history.record import Run
from samego.monitor.site.words import status_of
from samego.report.reasons import Reason, ReasonKind
from samego.rules import patched_source, reference_build
from support.history_runs import FIPS, run

IDENTICAL, EQUIVALENT, EXPLAINED, UNPROVEN, UNEXPLAINED = Standing
GO, NET, VERSION, ZIP = "bin/go", "src/net/net.go", "VERSION", "lib/time/zoneinfo.zip"
DSC = "golang-1.24_1.24.4-1.dsc"


def word(path: str, standing: Standing, rule: str = "") -> Word:
    """A word; bin/go rests on what is patched."""
    kind, rests_on = ("elf", (NET,)) if path == GO else ("text", ())
    return Word(path, standing, Side.BOTH, kind, rule, rests_on)


def rebuilt(standing: Standing) -> Word:
    return word(GO, standing, reference_build.NAME)


def evidence(*words: Word, source: str = "", samego: str = "1.0", **more: object) -> Evidence:
    said = Evidence({each.path: each for each in words}, 100, source=source, samego=samego)
    return replace(said, **more)  # type: ignore[arg-type]


PLAIN = evidence(word(GO, UNPROVEN, "embeds_settings"), word(NET, UNEXPLAINED))
SOURCED = evidence(
    word(GO, UNPROVEN, "embeds_settings"), word(NET, EXPLAINED, patched_source.NAME), source=DSC
)
REBUILT = evidence(rebuilt(EXPLAINED), word(NET, EXPLAINED, patched_source.NAME), source=DSC)
REBUILT_PLAIN = evidence(rebuilt(UNEXPLAINED), word(NET, UNEXPLAINED))


def summed(*given: Evidence) -> list[Run]:
    """What is known after each."""
    known = Known()
    runs = []
    for number, said in enumerate(given):
        verdict = max((w.standing for w in said.words.values()), key=lambda s: s.rank)
        own = run("1.24.4-1", verdict, hours=number, breaking=sorted(said.breaking))
        runs.append(known.take(own, said))
    return runs


def verdicts(*given: Evidence) -> list[Standing]:
    return [each.verdict for each in summed(*given)]


@pytest.mark.parametrize("order", list(itertools.permutations([PLAIN, SOURCED, REBUILT])))
def test_whatever_comes_in_whatever_order_the_best_stands(order: Sequence[Evidence]) -> None:
    assert verdicts(*order, *order, PLAIN)[len(order) - 1 :] == [EXPLAINED] * 5


def test_a_poorer_run_changes_nothing() -> None:
    first, *rest = summed(REBUILT, SOURCED, PLAIN)
    for later in rest:
        assert (later.verdict, later.passes, later.counts, later.reasons) == (
            first.verdict,
            first.passes,
            first.counts,
            first.reasons,
        )
        assert later.shown == first.digest
        assert later.headline == first.headline


def test_proofs_of_several_runs_are_put_together() -> None:
    # One had the source package, another an older one's builds of the same sources.
    patched = evidence(word(GO, UNPROVEN), word(NET, EXPLAINED), source=DSC)
    built = evidence(rebuilt(EXPLAINED), word(NET, UNPROVEN))
    first, second = summed(patched, built)
    assert (first.verdict, second.verdict) == (UNPROVEN, EXPLAINED)
    assert second.proofs == tuple(sorted((first.digest, second.digest)))
    assert "put together from 2 reports" in second.headline
    assert second.passes


def test_what_a_proof_rests_on_still_counts() -> None:
    built = evidence(rebuilt(EXPLAINED), word(NET, UNEXPLAINED))
    (only,) = summed(built)
    assert only.counts["unexplained"] == 2  # bin/go rests on it


@pytest.mark.parametrize(
    ("proof", "accusation", "standing"),
    [
        # Without the source package, nobody can say what is patched.
        (SOURCED.words[NET], evidence(word(NET, UNEXPLAINED)), EXPLAINED),
        (SOURCED.words[NET], evidence(word(NET, UNEXPLAINED), source="another.dsc"), EXPLAINED),
        (SOURCED.words[NET], evidence(word(NET, UNEXPLAINED), source=DSC), UNEXPLAINED),
        # What is equivalent stands on the bytes, and falls with them.
        (word(NET, EQUIVALENT), evidence(word(NET, UNEXPLAINED)), UNEXPLAINED),
        # A build is refuted by a build.
        (rebuilt(EXPLAINED), evidence(word(GO, UNEXPLAINED), source=DSC), EXPLAINED),
        (rebuilt(EXPLAINED), evidence(rebuilt(UNEXPLAINED), source=DSC), UNEXPLAINED),
        (word(GO, UNPROVEN), evidence(rebuilt(UNEXPLAINED), source=DSC), UNEXPLAINED),
        # Nothing was replayed: that is no contradiction.
        (SOURCED.words[NET], evidence(word(NET, UNPROVEN), source=DSC), EXPLAINED),
        # An older samego has fewer rules.
        (
            SOURCED.words[NET],
            evidence(word(NET, UNEXPLAINED), source=DSC, samego="0.9"),
            EXPLAINED,
        ),
        (
            SOURCED.words[NET],
            evidence(word(NET, UNEXPLAINED), source=DSC, samego="1.10"),
            UNEXPLAINED,
        ),
    ],
)
def test_an_accusation_needs_all_that_the_proof_had(
    proof: Word, accusation: Evidence, standing: Standing
) -> None:
    proven = evidence(proof, source=DSC)
    after = summed(proven, accusation)[-1]
    assert after.verdict is standing
    refuted = proof.standing.passes and standing is UNEXPLAINED
    assert accuses(accusation, proven) is refuted


def test_what_refutes_is_not_outvoted_by_a_run_that_had_less() -> None:
    proven = evidence(word(NET, EXPLAINED), source=DSC)
    refutes = evidence(word(NET, UNEXPLAINED), source=DSC)
    other = evidence(word(NET, EXPLAINED), source="made-up.dsc")
    likely = evidence(word(NET, UNPROVEN))
    said = verdicts(proven, refutes, other, likely, proven)
    assert said == [EXPLAINED, UNEXPLAINED, UNEXPLAINED, UNEXPLAINED, EXPLAINED]
    assert not settles(other, refutes)
    assert not settles(likely, refutes)
    assert settles(proven, refutes)
    alarm = evidence(rebuilt(UNEXPLAINED))
    assert verdicts(alarm, evidence(word(GO, UNPROVEN)))[-1] is UNEXPLAINED
    assert verdicts(alarm, evidence(word(GO, EQUIVALENT)))[-1] is EQUIVALENT


def test_a_path_without_a_word_is_the_same_where_it_was_compared() -> None:
    shorter = evidence(word(ZIP, EXPLAINED))
    longer = evidence(word(ZIP, EXPLAINED), word(VERSION, UNPROVEN))
    assert verdicts(shorter, longer) == [EXPLAINED, EXPLAINED]
    assert verdicts(longer, shorter) == [UNPROVEN, EXPLAINED]
    # It was not compared: nothing is known of it.
    left_out = replace(shorter, left_out=("VERSION",))
    assert verdicts(left_out, longer) == [EXPLAINED, UNPROVEN]
    assert verdicts(longer, left_out) == [UNPROVEN, UNPROVEN]
    # Another version may look at more.
    assert verdicts(shorter, replace(longer, samego="1.1")) == [EXPLAINED, UNPROVEN]
    assert verdicts(longer, replace(shorter, samego="0.9")) == [UNPROVEN, UNPROVEN]
    accused = evidence(word(ZIP, EXPLAINED), word(VERSION, UNEXPLAINED))
    assert verdicts(shorter, accused) == [EXPLAINED, UNEXPLAINED]
    # That run had no source package, and the one before had.
    assert verdicts(replace(shorter, source=DSC), accused) == [EXPLAINED, EXPLAINED]


def test_what_breaks_is_known_whoever_waives_it() -> None:
    breaks = evidence(word(FIPS, EXPLAINED), breaking=frozenset({FIPS}))
    waived = evidence(word(FIPS, EXPLAINED), waived=frozenset({FIPS}))
    mended = evidence(word(FIPS, EXPLAINED))
    found = summed(breaks, waived, mended)
    assert [each.breaking for each in found] == [(FIPS,), (FIPS,), ()]
    assert [each.passes for each in found] == [False, False, True]
    older = replace(mended, samego="0.9")
    assert summed(breaks, older)[-1].breaking == (FIPS,)


def test_a_waiver_counts_for_the_run_that_had_it_and_is_seen() -> None:
    known = Known()
    waived = replace(PLAIN, excused=frozenset({GO, NET}))
    some = replace(PLAIN, excused=frozenset({NET}))
    reasons = {id(waived): (Reason(ReasonKind.WAIVED, 2),), id(some): (Reason(ReasonKind.WAIVED),)}
    found = []
    for number, said in enumerate((PLAIN, waived, some, PLAIN)):
        own = replace(run("1.24.4-1", UNEXPLAINED, hours=number), reasons=reasons.get(id(said), ()))
        found.append(known.take(own, said))
    assert [each.outcome for each in found] == [
        "does not pass",
        "passes with 2 waived",
        "does not pass, 1 waived",
        "does not pass",
    ]
    # It is no knowledge, so nothing is better or worse for it.
    assert {each.verdict for each in found} == {UNEXPLAINED}
    assert status_of(found[1]).word == "passes with 2 waived"
    assert not status_of(found[1]).good
    assert unpacked(packed(waived)) == waived


def test_what_a_rebuild_of_the_packages_gave_stays() -> None:
    known = Known()
    said = []
    for number, outcome in enumerate(("not_run", "same", "", "failed")):
        own = replace(run("1.24.4-1", hours=number), reproduction=outcome)
        said.append(known.take(own, PLAIN))
    assert [each.reproduction for each in said] == ["not_run", "same", "same", "same"]
    assert {each.reproduced for each in said[1:]} == {said[1].digest}


def test_evidence_is_kept_as_it_is() -> None:
    said = replace(
        REBUILT, left_out=("test/",), not_compared=3, latent=frozenset({FIPS}), waived=frozenset()
    )
    assert unpacked(packed(said)) == said
