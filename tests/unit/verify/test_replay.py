"""Claims against what their replay gives: what is more than it gives does not hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from samego.model.finding import Effect, Finding, Side, unexplained
from samego.model.inputs import Context
from samego.model.proof import Proof, Standing
from samego.model.value import Told
from samego.rules.interface import Blob
from samego.verify.replay import ClaimedRule, differences, falls_short, judge, may_want
from support import contexts
from support.reports import (
    broken_pin,
    embedding,
    explained,
    replayed,
    stripped,
)
from support.words import told

CLAIM = replayed("a.zip", "zip")
Change = Callable[[Finding], Finding]


def in_proof(**changes: object) -> Change:
    def change(finding: Finding) -> Finding:
        assert finding.proof is not None
        return replace(finding, proof=replace(finding.proof, **changes))  # type: ignore[arg-type]  # test options

    return change


def test_what_the_replay_gives_holds() -> None:
    for finding in (CLAIM, stripped("bin/x"), embedding("bin/go"), explained("a", "r", "c")):
        assert judge(finding, finding, words=True) == ""


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda f: replace(f, standing=Standing.EXPLAINED), "claimed explained, but the replay"),
        (lambda f: replace(f, side=Side.DISTRO), "claimed distro, zip; it is both, zip"),
        (lambda f: replace(f, kind="text"), "claimed both, text"),
        (lambda f: replace(f, rule="shebang"), "claimed to be proven by shebang"),
        (in_proof(digest="0" * 64), "not what its replay gives"),
        (in_proof(details={"timestamp": 1}), "not what its replay gives"),
        (in_proof(rule="other"), "not what its replay gives"),
        (in_proof(standing=Standing.IDENTICAL), "not what its replay gives"),
        (lambda f: replace(f, proof=None), "not what its replay gives"),
        (lambda f: replace(f, rests_on=("x",)), "names other paths"),
        (lambda f: replace(f, causes=told("harmless")), "the report gives the cause 'harmless'"),
        (lambda f: replace(f, where=told("nowhere")), "the report gives the cause"),
        (
            lambda f: replace(f, consequences=(broken_pin("a.zip", Effect.LATENT),)),
            "the report tells 1 consequences of it; there are 0",
        ),
    ],
)
def test_what_it_does_not_give(change: Change, told: str) -> None:
    assert told in judge(change(CLAIM), CLAIM, words=True)


def test_a_consequence_that_is_not_told() -> None:
    found = replace(CLAIM, consequences=(broken_pin("a.zip", Effect.BREAKS),))
    assert "the report tells 0 consequences of it; there are 1" in judge(CLAIM, found, words=True)
    waived = replace(found, consequences=(replace(found.consequences[0], waived=True),))
    assert judge(waived, found, words=True) == ""  # the reporter's choice, which the report shows
    latent = replace(found, consequences=(broken_pin("a.zip", Effect.LATENT),))
    assert judge(latent, found, words=True)


def test_silence_and_invention() -> None:
    assert "the report is silent" in judge(None, CLAIM, words=True)
    assert "it does not" in judge(CLAIM, None, words=True)


def test_which_tool_made_it_where_is_no_claim() -> None:
    assert judge(in_proof(tools=())(CLAIM), CLAIM, words=True) == ""
    kept = in_proof(details={"timestamp": 1749686400, "network": "none"})(CLAIM)
    assert judge(kept, CLAIM, words=True) == ""


def test_another_versions_words_are_not_compared() -> None:
    other = replace(CLAIM, causes=told("in other words"))
    assert judge(other, CLAIM, words=True)
    assert judge(other, CLAIM, words=False) == ""


def test_of_what_is_unexplained_nothing_is_claimed_but_that_it_differs() -> None:
    claim = unexplained("a", Side.BOTH, "text", Told("rebuilt here, it comes out different"))
    found = unexplained(
        "a", Side.BOTH, "text", Told("nothing accounts for it"), where=told("line 1")
    )
    assert judge(claim, found, words=True) == ""
    # The other way round, a proof that nobody asked for is no objection of a replay's: it
    # names no rule, so none is tried.
    assert judge(found, replace(found, standing=Standing.EXPLAINED), words=True)


def test_several_findings_of_one_path_may_stand_in_any_order() -> None:
    one, two = explained("a", "r", "one"), explained("a", "r", "two")
    assert list(differences([one, two], [two, one])) == []
    (broken,) = differences([one], [two, one])
    assert broken.path == "a"
    (broken,) = differences([one, one], [two, one])
    assert broken.path == "a"


def test_the_differences_are_sorted_by_path() -> None:
    claims = [explained("b", "r", "c"), CLAIM]
    found = [explained("c", "r", "c"), CLAIM]
    assert [item.path for item in differences(claims, found)] == ["b", "c"]
    assert [item.path for item in differences(claims, found, excused={"b"})] == ["c"]


def test_when_a_proof_may_want_something() -> None:
    weaker = unexplained("a.zip", Side.BOTH, "zip", Told("nothing accounts for it"))
    assert may_want(CLAIM, weaker)
    assert may_want(CLAIM, None)
    # A consequence that is not told is wrong whatever else is missing.
    assert not may_want(CLAIM, replace(weaker, consequences=(broken_pin("a", Effect.BREAKS),)))
    assert falls_short(CLAIM, weaker)
    assert falls_short(CLAIM, None)
    assert not falls_short(CLAIM, CLAIM)
    assert not falls_short(weaker, CLAIM)


class Spy:
    """A rule that proves everything, and remembers what it was asked."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked: list[str] = []

    def prove(self, distro: Blob, upstream: Blob, context: Context) -> Proof | None:
        del distro, context
        self.asked.append(upstream.path)
        return Proof(self.name, Standing.EQUIVALENT, told(""))


def test_only_the_rule_that_is_named_is_tried_unless_the_claim_accuses() -> None:
    spies = {name: Spy(name) for name in ("strip", "shebang", "embedded_settings")}
    paths = ("strip.elf", "shebang.sh", "silent", "open", "built", "mode")
    context = contexts.context(dict.fromkeys(paths, b"mine"), dict.fromkeys(paths, b"theirs"))
    claims = [
        explained("strip.elf", "strip", ""),
        explained("shebang.sh", "shebang", ""),
        unexplained("open", Side.BOTH, "text", Told("")),
        explained("built", "witness_build", ""),
        explained("mode", "layout", ""),
    ]
    rule = ClaimedRule(claims, tuple(spies.values()))
    for path in paths:
        rule.prove(Blob(path, context.distro), Blob(path, context.upstream), context)
    # What is said not to pass must be the best that can be said of it.
    assert spies["strip"].asked == ["strip.elf", "open", "mode"]
    assert spies["shebang"].asked == ["shebang.sh"]
    assert spies["embedded_settings"].asked == ["built"]
