"""Why a verdict is what it is, as values and in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from samego.model.causes.differences import BytesOf, OnlyInPackage
from samego.model.finding import Side, unexplained
from samego.model.release import Release
from samego.model.report import Report
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
        "does not pass (upstream's binaries before go1.21 are not reproducible, so 16 binaries say"
        " nothing; of sources and layout nothing accounts for 1 path" in headline(Summary(report))
    )
    # Where no binary differs, nothing of it is said.
    same = replace(clean(), subject=replace(clean().subject, release=old))
    assert reasons(Summary(same)) == (Reason(ReasonKind.PROVEN, 40),)


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
