"""What a package says of itself, compared with what its files are."""

from __future__ import annotations

import pytest

from samego.compare.identity import KIND, judge_self_description
from samego.compare.pairing import Pairing
from samego.distro.interface import Remark, SelfDescription, Statement
from samego.model.proof import Standing
from samego.model.release import Release
from support.archives import memory_tree
from support.elf_files import Program, stripped_file
from support.words import cause_of, told, where_of

RELEASE = Release.parse("go1.24.4")


def pairing(mine: bytes, theirs: bytes = b"upstream's") -> Pairing:
    return Pairing(
        memory_tree({"bin/go": mine}), memory_tree({"bin/go": theirs}), ("bin/go",), (), ()
    )


def causes(told: SelfDescription, pair: Pairing | None = None) -> dict[str, str]:
    found = list(judge_self_description(told, pair or pairing(b"no executable")))
    assert {item.kind for item in found} <= {KIND}
    assert all(item.standing is Standing.UNEXPLAINED for item in found)
    return {item.path: cause_of(item) for item in found}


@pytest.mark.parametrize(
    ("statement", "cause"),
    [
        (Statement("/x", "the version", "1.24.4-1", RELEASE), None),
        (Statement("/x", "the name", "golang-1.24-go", line="1.24"), None),
        (
            Statement("/x", "the version", "1.25.9-1", Release.parse("go1.25.9")),
            "the version is 1.25.9-1, its files are go1.24.4",
        ),
        (
            Statement("/x", "the name", "golang-1.25-go", line="1.25"),
            "the name is golang-1.25-go, its files are go1.24.4",
        ),
        (
            Statement("/x", "the version", "2025-1"),
            "the version is 2025-1, which names no release of Go; its files are go1.24.4",
        ),
    ],
)
def test_statements(statement: Statement, cause: str | None) -> None:
    assert causes(SelfDescription(RELEASE, (statement,))) == (
        {} if cause is None else {"/x": cause}
    )
    # Where nothing says what the files are, there is nothing to contradict.
    assert causes(SelfDescription(None, (statement,))) == {}


def test_an_executable_of_another_release() -> None:
    told = SelfDescription(RELEASE)
    own = stripped_file(Program(release="go1.24.4"))
    other = stripped_file(Program(release="go1.23.9"))
    experiment = stripped_file(Program(release="go1.24.4 X:nodwarf5"))
    assert causes(told, pairing(own)) == {}
    assert causes(told, pairing(experiment)) == {}
    assert causes(told, pairing(other)) == {
        "bin/go": "the files say go1.24.4 (VERSION), bin/go says go1.23.9"
    }
    # What is upstream's own file needs no look.
    assert causes(told, pairing(other, other)) == {}


def test_a_remark_becomes_a_finding() -> None:
    remark = Remark(
        "/y", "field", Standing.UNPROVEN, told("Conflicts: a"), told("who acts on it: apt")
    )
    (found,) = judge_self_description(SelfDescription(None, (), (remark,)), pairing(b""))
    assert (found.path, found.kind, found.standing) == ("/y", "field", Standing.UNPROVEN)
    assert (cause_of(found), where_of(found)) == ("Conflicts: a", "who acts on it: apt")
