from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from samego.quorum.count import Quorum, count
from samego.quorum.question import Question
from samego.quorum.voice import Heard, Voice
from support.rebuilders import ARCHIVE, MINE, NOW, OTHER, PACKAGE, RELEASE, ZIP, voice

NAMED = replace(PACKAGE, sha256="")
GOOD, BAD = Heard.AGREES, Heard.DIFFERS


def counted(*voices: Voice, about: Question = PACKAGE, by_name: bool = False) -> Quorum:
    return count(about, voices, 2, now=NOW, by_name=by_name)


def test_two_operators_are_enough_and_one_is_not() -> None:
    both = counted(voice("A", GOOD, sha256=MINE), voice("B", GOOD, sha256=MINE))
    assert (both.exit_status, both.agreeing, both.against) == (0, ("A", "B"), ())
    one = counted(voice("A", GOOD, sha256=MINE), voice("A", GOOD, sha256=MINE, name="second"))
    assert (one.exit_status, one.agreeing) == (2, ("A",))


def test_a_no_stands_however_many_agree() -> None:
    quorum = counted(voice("A", GOOD, sha256=MINE), voice("B", GOOD, sha256=MINE), voice("C", BAD))
    assert (quorum.exit_status, quorum.against, quorum.agreeing) == (1, ("C",), ("A", "B"))
    assert quorum.voices[0].voice.rebuilder.operator == "C"


@pytest.mark.parametrize(
    "says", [Heard.FAILED, Heard.SILENT, Heard.UNREACHABLE, Heard.UNREADABLE, Heard.STALE]
)
def test_no_answer_is_neither_yes_nor_no(says: Heard) -> None:
    quorum = counted(voice("A", GOOD, sha256=MINE), voice("B", says))
    assert (quorum.exit_status, quorum.agreeing, quorum.against) == (2, ("A",), ())


def test_an_operator_that_contradicts_itself_does_not_agree() -> None:
    quorum = counted(
        voice("A", GOOD, sha256=MINE), voice("B", GOOD, sha256=MINE), voice("B", BAD, name="b2")
    )
    assert (quorum.exit_status, quorum.agreeing, quorum.against) == (1, ("A",), ("B",))


def test_who_speaks_of_a_name_does_not_speak_of_these_bytes() -> None:
    voices = (voice("A", GOOD), voice("B", GOOD))
    assert counted(*voices).exit_status == 2
    assert all(each.by_name and not each.counts for each in counted(*voices).voices)
    assert counted(*voices, by_name=True).exit_status == 0
    assert counted(*voices, about=NAMED).exit_status == 0
    # Others recorded that these bytes were posted under the name.
    assert counted(*voices, about=replace(PACKAGE, posted=True)).exit_status == 0
    # A "no" about the name is a "no" all the same.
    assert counted(voice("C", BAD)).exit_status == 1


def test_who_vouches_for_other_bytes_of_the_name_contradicts() -> None:
    quorum = counted(
        voice("A", GOOD, sha256=MINE), voice("B", GOOD, sha256=OTHER), voice("C", GOOD, sha256=MINE)
    )
    assert (quorum.exit_status, quorum.against, quorum.agreeing) == (1, ("B",), ("A", "C"))
    by_name = counted(voice("B", GOOD, sha256=OTHER), by_name=True)
    assert by_name.exit_status == 1


def test_by_name_alone_different_bytes_contradict_one_another() -> None:
    voices = (voice("A", GOOD, sha256=MINE), voice("B", GOOD, sha256=OTHER), voice("C", GOOD))
    quorum = counted(*voices, about=NAMED)
    assert (quorum.exit_status, quorum.against, quorum.agreeing) == (1, ("A", "B"), ("C",))
    same = counted(*voices[::2], about=NAMED)
    assert (same.exit_status, same.agreeing) == (0, ("A", "C"))


def test_the_archive_and_the_module_are_two_files() -> None:
    archive = voice("A", GOOD, sha256=MINE, about=ARCHIVE)
    module = voice("B", GOOD, sha256=OTHER, about=ZIP)
    both = counted(archive, module, about=RELEASE)
    assert (both.exit_status, both.agreeing) == (0, ("A", "B"))
    other = voice("C", GOOD, sha256=OTHER, about=f"dl/{ARCHIVE}")
    assert counted(archive, module, other, about=RELEASE).against == ("A", "C")


@pytest.mark.parametrize("mark", ["build", "builder"])
def test_a_build_counts_once_whoever_vouches_for_it(mark: str) -> None:
    voices = [voice(name, GOOD, sha256=MINE, **{mark: "x"}) for name in "ABC"]
    quorum = counted(*voices)
    assert (quorum.exit_status, quorum.agreeing) == (2, ("A",))
    assert [each.shared for each in quorum.voices] == [False, True, True]
    assert counted(*voices, voice("D", GOOD, sha256=MINE, **{mark: "y"})).exit_status == 0
    # One operator may state its build twice.
    again = counted(voices[0], voice("A", GOOD, sha256=MINE, name="a2", **{mark: "x"}))
    assert [each.counts for each in again.voices] == [True, True]


@pytest.mark.parametrize(
    ("when", "heard"),
    [
        (NOW - dt.timedelta(days=29), GOOD),
        (NOW - dt.timedelta(days=31), Heard.STALE),
        (NOW + dt.timedelta(hours=1), GOOD),
        (NOW + dt.timedelta(days=2), Heard.STALE),
        (None, Heard.STALE),
    ],
)
def test_an_answer_ages(when: dt.datetime | None, heard: Heard) -> None:
    age = dt.timedelta(days=30)
    [each] = counted(voice("A", GOOD, sha256=MINE, when=when, max_age=age)).voices
    assert (each.heard, each.counts) == (heard, heard is GOOD)
    [failed] = counted(voice("A", Heard.FAILED, when=when, max_age=age)).voices
    assert (failed.heard is Heard.STALE) is (heard is Heard.STALE)


def test_a_no_does_not_age() -> None:
    old = {"when": NOW - dt.timedelta(days=900), "max_age": dt.timedelta(days=1)}
    assert counted(voice("A", BAD, **old)).exit_status == 1
    assert counted(voice("A", GOOD, sha256=OTHER, **old)).exit_status == 1


def test_nothing_at_all_decides_nothing() -> None:
    assert counted().exit_status == 2


def test_the_files_of_a_release_are_not_one_file() -> None:
    voices = [
        voice(operator, GOOD, about=about, sha256=sha256)
        for operator in "AB"
        for about, sha256 in ((ARCHIVE, MINE), (ZIP, OTHER))
    ]
    assert counted(*voices, about=RELEASE).exit_status == 0
    other = voice("C", GOOD, about=f"bin/{ZIP}", sha256=MINE)
    lying = counted(*voices, other, about=RELEASE)
    assert (lying.exit_status, lying.against) == (1, ("A", "B", "C"))


def test_a_no_about_other_bytes_is_no_no_about_these() -> None:
    good = [voice("A", GOOD, sha256=MINE), voice("B", GOOD, sha256=MINE)]
    quorum = counted(*good, voice("C", BAD, sha256=OTHER))
    assert (quorum.exit_status, quorum.agreeing, quorum.against) == (0, ("A", "B"), ())
    assert OTHER in quorum.voices[-1].voice.reason
    assert quorum.voices[-1].heard is Heard.SILENT
    # A rebuild gave others still; it speaks of these bytes; and of a name it says so.
    for said, about in (
        (voice("C", BAD, sha256=OTHER, rebuilt="c" * 64), PACKAGE),
        (voice("C", BAD, sha256=MINE), PACKAGE),
        (voice("C", BAD, sha256=OTHER), NAMED),
    ):
        assert counted(*good, said, about=about).exit_status == 1
