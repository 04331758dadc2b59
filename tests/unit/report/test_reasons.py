"""Why a verdict is what it is, as values and in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from samego.model.causes.differences import BytesOf, OnlyInPackage
from samego.model.finding import Side, unexplained
from samego.model.release import Release
from samego.model.report import Report
from samego.model.value import Told
from samego.report.headline import headline
from samego.report.reasons import Reason, ReasonKind, phrase, reasons
from samego.report.summary import Summary
from support.reports import clean, sid, trixie


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (trixie(), [Reason(ReasonKind.REBUILD, 16)]),
        (sid(), [Reason(ReasonKind.UNEXPLAINED, 1), Reason(ReasonKind.BREAKS, 3)]),
        (clean(), [Reason(ReasonKind.PROVEN, 40)]),
    ],
    ids=["trixie", "sid", "clean"],
)
def test_the_headline_has_the_words_of_each_reason(report: Report, expected: list[Reason]) -> None:
    found = reasons(Summary(report))
    assert list(found) == expected
    assert f"({'; '.join(map(phrase, found))})" in headline(Summary(report))


def test_without_a_difference_the_paths_are_the_reason() -> None:
    same = replace(clean(), findings=(), identical=7, not_compared=())
    assert reasons(Summary(same)) == (Reason(ReasonKind.IDENTICAL, 7),)
    unverified = replace(same, upstream=replace(same.upstream, verified=()))
    assert reasons(Summary(unverified)) == (Reason(ReasonKind.UNVERIFIED),)


def test_of_a_release_that_nobody_can_build_again_binaries_say_nothing() -> None:
    old = Release.parse("go1.19.8")
    report = replace(sid(), subject=replace(sid().subject, release=old))
    first = reasons(Summary(report))[0]
    assert first == Reason(ReasonKind.NOT_REPRODUCIBLE, 16, 1)
    assert (
        "does not pass (upstream's binaries before go1.21 are not reproducible, so 16 built files"
        " say nothing; of sources and layout nothing accounts for 1 path"
        in headline(Summary(report))
    )
    # Where no binary differs, nothing of it is said.
    same = replace(clean(), subject=replace(clean().subject, release=old))
    assert reasons(Summary(same)) == (Reason(ReasonKind.PROVEN, 40),)


def test_against_sources_alone_what_a_build_makes_says_nothing() -> None:
    """Before go1.21, with upstream's source archive as its side: all that it lacks was built."""
    paths = (
        ("bin/go", "elf"),
        ("pkg/linux_arm64/fmt.a", "binary"),
        ("pkg/include/textflag.h", "text"),
        ("src/internal/buildcfg/zbootstrap.go", "text"),
        ("src/cmd/go/internal/cfg/zosarch.go", "text"),
    )
    made = tuple(unexplained(path, Side.DISTRO, kind, Told("x")) for path, kind in paths)
    old = replace(clean().subject, release=Release.parse("go1.19.8"))
    report = replace(clean(), subject=old, findings=made)
    summary = Summary(report)
    assert reasons(summary) == (Reason(ReasonKind.NOT_REPRODUCIBLE, 5, 0),)
    assert "5 built files say nothing; sources and layout are accounted for" in headline(summary)
    assert not summary.passes
    # Another text of the package's own, or one that differs from upstream's, is no such thing.
    odd = unexplained("src/internal/buildcfg/more.go", Side.DISTRO, "text", Told("x"))
    changed = replace(made[3], side=Side.BOTH)
    for findings, number in (((*made, odd), 5), ((*made[:3], changed, made[4]), 4)):
        found = reasons(Summary(replace(report, findings=findings)))
        assert found == (Reason(ReasonKind.NOT_REPRODUCIBLE, number, 1),)


@pytest.mark.parametrize("kind", ReasonKind)
def test_each_kind_has_words_for_one_and_for_many(kind: ReasonKind) -> None:
    one, many = phrase(Reason(kind)), phrase(Reason(kind, 2_000, 3))
    assert one
    assert (one == many) is (kind in {ReasonKind.UNVERIFIED, ReasonKind.UNCONFIRMED})


def test_what_rests_on_one_or_several_is_said_of_it_or_them() -> None:
    kind = ReasonKind.UNEXPLAINED
    assert phrase(Reason(kind, 1, 1)).endswith(", and 1 that rests on it")
    assert phrase(Reason(kind, 2, 5)).endswith(", and 5 that rest on them")


def test_files_of_another_release_are_named_before_the_rest() -> None:
    mixed = [
        unexplained(f"src/{name}.go", Side.DISTRO, "text", BytesOf(release))
        for name, release in (("a", "go1.27.3"), ("b", "go1.24.9"), ("c", "go1.27.3"))
    ]
    plain = unexplained("src/d.go", Side.DISTRO, "text", OnlyInPackage())
    found = reasons(Summary(replace(trixie(), findings=(*mixed[::2], plain))))
    assert found == (
        Reason(ReasonKind.OTHER_RELEASE, 2, release="go1.27.3"),
        Reason(ReasonKind.UNEXPLAINED, 1),
    )
    assert [phrase(each) for each in found] == [
        "2 files of go1.27.3, to the byte",
        "1 path that nothing accounts for",
    ]
    found = reasons(Summary(replace(trixie(), findings=(*mixed, plain))))
    assert [each.release for each in found] == ["go1.27.3", "go1.24.9"]
