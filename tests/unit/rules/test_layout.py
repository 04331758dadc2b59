"""A declared layout accounts for exactly what it declares: each case changes one thing of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from samego.model.policy import LayoutRule, Policy
from samego.model.proof import Proof, Standing
from samego.model.tree import Entry, Kind
from samego.rules.layout import (
    judge_added_file,
    judge_left_out,
    judge_link,
    judge_mode,
    judge_moved,
    judge_packaging,
)
from support.words import cause_of

DIGEST = "0" * 64
POLICY = Policy(
    "d",
    "usr/lib/go",
    (
        LayoutRule("left_out", "test/**", "", "tests", "here"),
        LayoutRule("added", "extra/*.txt", "", "a note", "here", digests=(DIGEST,)),
        LayoutRule("link", "src", "../../share/go/src", "shared", "here"),
        LayoutRule("moved", "LICENSE", "usr/share/doc/go/LICENSE", "documentation", "here"),
        LayoutRule("mode", "bin/*", "0755", "executable", "here"),
        LayoutRule("packaging", "usr/share/doc/go/copyright", "", "the licence", "here"),
    ),
)


def added(path: str = "extra/a.txt", sha256: str = DIGEST) -> Proof | None:
    return judge_added_file(Entry(path, Kind.FILE, 0o644, 1, sha256), POLICY)


def link(path: str = "src", target: str = "../../share/go/src") -> Proof | None:
    return judge_link(Entry(path, Kind.LINK, None, link=target), POLICY)


CASES: list[tuple[Callable[[], Proof | None], bool]] = [
    (lambda: judge_left_out("test/a/b.go", POLICY), True),
    (lambda: judge_left_out("tests/a.go", POLICY), False),
    (added, True),
    (lambda: added("extra/b/a.txt"), False),
    (lambda: added(sha256="1" * 64), False),
    (link, True),
    (lambda: link("pkg"), False),
    (lambda: link(target="../../share/go/srd"), False),
    (lambda: judge_moved("LICENSE", "usr/share/doc/go/LICENSE", POLICY), True),
    (lambda: judge_moved("LICENSE", "usr/share/doc/go/LICENCE", POLICY), False),
    (lambda: judge_moved("PATENTS", "usr/share/doc/go/LICENSE", POLICY), False),
    (lambda: judge_mode("bin/go", 0o755, 0o644, POLICY), True),
    (lambda: judge_mode("bin/go", 0o775, 0o644, POLICY), False),
    (lambda: judge_mode("pkg/go", 0o755, 0o644, POLICY), False),
]


@pytest.mark.parametrize(("judge", "declared"), CASES, ids=map(str, range(len(CASES))))
def test_what_is_declared_and_nothing_beside_it(
    judge: Callable[[], Proof | None], *, declared: bool
) -> None:
    proof = judge()
    assert (proof is not None) == declared
    if proof is not None:
        assert (proof.rule, proof.standing) == ("layout", Standing.EXPLAINED)
        assert proof.details["declared_in"] == "here"


def test_the_packaging_has_the_policys_reason_where_that_gives_one() -> None:
    causes = []
    for name in ("copyright", "README"):
        path = f"usr/share/doc/go/{name}"
        entry = Entry(path, Kind.FILE, 0o644, 1, DIGEST)
        proof = judge_packaging(path, entry, DIGEST, "its source", POLICY)
        assert (proof.digest, proof.details["origin"]) == (DIGEST, "its source")
        causes.append(cause_of(proof))
    assert "the licence" in causes[0]
    assert "the licence" not in causes[1]
