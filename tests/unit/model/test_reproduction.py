from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from samego.errors import ReportError
from samego.model.proof import Standing, Tool
from samego.model.report import Report
from samego.model.reproduction import (
    Artifact,
    Holder,
    Match,
    MemberDifference,
    Obstacle,
    Outcome,
    Reproduction,
    decide,
    exit_status,
    match_files,
)
from samego.model.tree import Entry, Kind, Tree
from samego.report import html, markdown, text
from samego.report.json import render, to_object
from samego.report.load import loads
from samego.report.reproduction import headline
from samego.report.summary import Summary
from samego.reproduce.compare_packages import compare_members
from support.elf_edit import set_content
from support.elf_files import Program, stripped_file, upstream_file
from support.reports import clean, digest, trixie
from support.words import cause_of, told, where_of

A, B = digest("a"), digest("b")
GO = "golang-1.24-go_1.24.4-1_amd64.deb"


class _Bytes:
    def __init__(self, data: dict[str, bytes]) -> None:
        self._data = data

    def load(self, paths: Iterable[str]) -> None:
        assert set(paths) <= self._data.keys()

    def read(self, path: str) -> bytes:
        return self._data[path]


def tree(**files: bytes | str) -> Tree:
    """A tree of files, or links where the value is text; ``__`` stands for ``/``."""
    entries, data = {}, {}
    for name, value in files.items():
        path = name.replace("__", "/").replace("_dot_", ".")
        if isinstance(value, str):
            entries[path] = Entry(path, Kind.LINK, None, link=value, owner=(0, 0))
            continue
        sha256 = hashlib.sha256(value).hexdigest()
        entries[path] = Entry(path, Kind.FILE, 0o644, len(value), sha256, owner=(0, 0))
        data[path] = value
    return Tree(entries, _Bytes(data), name="made", carries_modes=True)


def compared(shipped: Tree, rebuilt: Tree) -> Artifact:
    return compare_members(Artifact(GO, Match.DIFFERENT, A, B), shipped, rebuilt)


# What is decided from the names and digests of both builds.


@pytest.mark.parametrize(
    ("recorded", "found", "match", "outcome"),
    [
        ({GO: A}, {GO: A}, Match.SAME, Outcome.SAME),
        ({GO: B}, {GO: B}, Match.DIFFERENT, Outcome.DIFFERENT),
        ({}, {}, Match.MISSING, Outcome.DIFFERENT),
        ({}, {GO: A}, Match.MISSING, Outcome.DIFFERENT),
        ({GO: A}, {}, Match.ABSENT, Outcome.INCOMPLETE),
        ({GO: B}, {}, Match.ABSENT, Outcome.INCOMPLETE),
        ({GO: A}, {GO: B}, Match.ALTERED, Outcome.INCOMPLETE),
        ({GO: B}, {GO: A}, Match.ALTERED, Outcome.INCOMPLETE),
    ],
)
def test_each_way_in_which_a_file_can_match(
    recorded: dict[str, str], found: dict[str, str], match: Match, outcome: Outcome
) -> None:
    artifacts = match_files({GO: A}, recorded, found)
    assert [(artifact.name, artifact.match) for artifact in artifacts] == [(GO, match)]
    assert decide(artifacts) is outcome


def test_another_number_of_files_is_a_difference() -> None:
    artifacts = match_files({GO: A}, {GO: A, "more.deb": B}, {GO: A, "more.deb": B})
    assert [artifact.match for artifact in artifacts] == [Match.SAME, Match.ADDED]
    assert decide(artifacts) is Outcome.DIFFERENT


def test_a_difference_counts_before_a_gap() -> None:
    artifacts = match_files({"a": A, "b": A}, {"a": B, "b": A}, {"a": B})
    assert [artifact.match for artifact in artifacts] == [Match.DIFFERENT, Match.ABSENT]
    assert decide(artifacts) is Outcome.DIFFERENT


@pytest.mark.parametrize("obstacle", [each for each in Obstacle if each is not Obstacle.NONE])
def test_every_obstacle_is_of_a_build_that_failed_or_never_began(obstacle: Obstacle) -> None:
    outcome = Reproduction(None, obstacle=obstacle).outcome
    assert outcome in (Outcome.FAILED, Outcome.NOT_RUN)
    assert not outcome.decided


SAME = Reproduction(None, (Artifact(GO, Match.SAME, A, A),))
DIFFERENT = Reproduction(None, (Artifact(GO, Match.DIFFERENT, A, B),))
INCOMPLETE = Reproduction(None, (Artifact(GO, Match.ABSENT, A, A),))
FAILED = Reproduction(None, obstacle=Obstacle.BUILD, reason="the build failed")
NOT_RUN = Reproduction(None, obstacle=Obstacle.ENVIRONMENT, reason="debootsnap failed")


@pytest.mark.parametrize(
    ("reproduction", "passing", "failing"),
    [(SAME, 0, 1), (DIFFERENT, 1, 1), (INCOMPLETE, 2, 1), (FAILED, 2, 1), (NOT_RUN, 2, 1)],
)
def test_how_the_two_answers_combine(
    reproduction: Reproduction, passing: int, failing: int
) -> None:
    assert exit_status(reproduction, passes=True) == passing
    assert exit_status(reproduction, passes=False) == failing


# Where two packages differ.


def test_a_changed_file_is_named_with_its_place() -> None:
    artifact = compared(
        tree(usr__a=b"one\ntwo\n", usr__b=b"x"), tree(usr__a=b"one\nTWO\n", usr__b=b"x")
    )
    [difference] = artifact.differences
    assert (difference.path, difference.holder) == ("usr/a", Holder.BOTH)
    assert difference.standing is artifact.standing is Standing.UNEXPLAINED
    assert "line 2" in where_of(difference)
    assert "upstream" not in where_of(difference)
    assert artifact.identical == 1
    assert artifact.compared


def test_a_diff_is_quoted_as_it_is() -> None:
    artifact = compared(tree(a=b"x\nupstream's\n"), tree(a=b"x\n, upstream has\n"))
    assert "-, upstream has" in where_of(artifact.differences[0])
    assert "+upstream's" in where_of(artifact.differences[0])


def test_members_of_one_side_links_and_modes() -> None:
    shipped, rebuilt = tree(a=b"a", link="to", mode=b"m"), tree(b=b"b", link="away", mode=b"m")
    changed = {**rebuilt, "mode": replace(rebuilt["mode"], mode=0o755)}
    artifact = compared(shipped, rebuilt.with_entries(changed, carries_modes=True))
    told = {item.path: (item.holder, cause_of(item)) for item in artifact.differences}
    assert told == {
        "a": (Holder.SHIPPED, "the rebuilt package lacks it"),
        "b": (Holder.REBUILT, "only the rebuilt package has it"),
        "link": (Holder.BOTH, "leads to to, rebuilt to away"),
        "mode": (Holder.BOTH, "mode 0644, rebuilt 0755"),
    }
    assert artifact.standing is Standing.UNEXPLAINED


def test_another_kind_and_another_owner_are_never_excused() -> None:
    shipped, rebuilt = (
        tree(a=b"a", b="to", z_dot_gz=gzip.compress(b"z", mtime=1)),
        tree(a="to", b="to", z_dot_gz=gzip.compress(b"z", mtime=2)),
    )
    changed = {**rebuilt, "z.gz": replace(rebuilt["z.gz"], owner=(1000, 1000))}
    artifact = compared(shipped, rebuilt.with_entries(changed, carries_modes=True))
    told = {item.path: (item.standing, cause_of(item)) for item in artifact.differences}
    stamps = "the same contents; time stamps, order or headers differ"
    assert told == {
        "a": (Standing.UNEXPLAINED, "a file, rebuilt a link"),
        "z.gz": (
            Standing.UNEXPLAINED,
            f"{stamps}; owner (0, 0), rebuilt (1000, 1000)",
        ),
    }


def test_the_same_program_is_equivalent_and_one_loaded_byte_more_is_not() -> None:
    whole, bare = upstream_file(Program()), stripped_file(Program())
    for shipped, rebuilt in ((bare, whole), (whole, bare)):
        assert compared(tree(bin=shipped), tree(bin=rebuilt)).standing is Standing.EQUIVALENT
    changed = set_content(bare, ".text", 0, b"\x01")
    assert compared(tree(bin=changed), tree(bin=whole)).standing is Standing.UNEXPLAINED


def test_a_time_stamp_is_equivalent_and_other_contents_are_not() -> None:
    def pack(data: bytes, mtime: int) -> bytes:
        return gzip.compress(data, mtime=mtime)

    now = pack(b"text", 5)
    assert compared(tree(a_dot_gz=now), tree(a_dot_gz=pack(b"text", 7))).standing is (
        Standing.EQUIVALENT
    )
    assert compared(tree(a_dot_gz=now), tree(a_dot_gz=pack(b"Text", 7))).standing is (
        Standing.UNEXPLAINED
    )


def test_a_list_of_sums_follows_from_the_files_and_from_nothing_else() -> None:
    one, two = b"0" * 32 + b"  a\n", b"1" * 32 + b"  a\n"
    same = b"2" * 32 + b"  b\n"
    artifact = compared(
        tree(a=b"a", b=b"b", DEBIAN__md5sums=one + same),
        tree(a=b"A", b=b"b", DEBIAN__md5sums=two + same),
    )
    [sums] = [item for item in artifact.differences if item.path == "DEBIAN/md5sums"]
    assert cause_of(sums) == "lists the sums of the files that differ"
    lying = compared(
        tree(a=b"a", b=b"b", DEBIAN__md5sums=one + same),
        tree(a=b"A", b=b"b", DEBIAN__md5sums=two + same.replace(b"2", b"3")),
    )
    [sums] = [item for item in lying.differences if item.path == "DEBIAN/md5sums"]
    assert cause_of(sums) == "the rebuilt file has different contents"


def test_packages_with_the_same_members_differ_in_their_form() -> None:
    artifact = compared(tree(a=b"a"), tree(a=b"a"))
    [difference] = artifact.differences
    assert difference.path == ""
    assert "time stamps" in cause_of(difference)
    assert artifact.standing is Standing.EQUIVALENT


# In a report.

MEMBER = MemberDifference(
    "usr/lib/go-1.24/BUILD",
    Holder.BOTH,
    "text",
    Standing.UNEXPLAINED,
    told("the rebuilt file has different contents"),
    told("line 1\n-1\n+2"),
)
FULL = Reproduction(
    Tool("debrebuild", "2.25.15"),
    (
        Artifact(GO, Match.DIFFERENT, A, B, compared=True, identical=7, differences=(MEMBER,)),
        Artifact("golang-1.24-src_1.24.4-1_all.deb", Match.SAME, A, A),
    ),
    command=("debrebuild", "--builder=dpkg", "x.buildinfo"),
    directory="rebuilt",
)
BROKEN = Reproduction(
    Tool("debrebuild", ""),
    obstacle=Obstacle.BUILD,
    reason="the build failed; it left 0 of 3 files",
    log=("make: *** [binary] Error 2", "\x1b[31mred"),
)


@pytest.mark.parametrize("reproduction", [FULL, BROKEN, SAME, INCOMPLETE, NOT_RUN])
def test_a_report_with_it_comes_back_as_it_was(reproduction: Reproduction) -> None:
    report = replace(trixie(), reproduction=reproduction)
    assert loads(render(Summary(report)).encode(), name="r.json").reproduction == reproduction


def test_an_older_report_has_none() -> None:
    assert "reproduction" not in to_object(Summary(trixie()))
    assert loads(render(Summary(trixie())).encode(), name="r.json").reproduction is None


def _damaged(**changes: object) -> bytes:
    data: Any = to_object(Summary(replace(trixie(), reproduction=FULL)))
    for place, value in changes.items():
        target = data["reproduction"]
        *above, last = place.split("__")
        for step in above:
            target = target[int(step) if step.isdigit() else step]
        target[last] = value
    return json.dumps(data).encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": "same"},
        {"outcome": "perhaps"},
        {"cause": "build"},
        {"artifacts": []},
        {"extra": 1},
        {"artifacts__0__match": "same"},
        {"artifacts__0__rebuilt": A},
        {"artifacts__0__standing": "equivalent"},
        {"artifacts__0__differences": []},
        {"artifacts__1__match": "different"},
        {"artifacts__1__match": "missing"},
        {"artifacts__1__shipped": ""},
        {"artifacts__1__compared": True},
        {"artifacts__1__name": GO},
    ],
)
def test_one_that_contradicts_itself_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ReportError):
        loads(_damaged(**changes), name="r.json")


def test_the_verdict_on_upstream_is_untouched() -> None:
    with_it, without = (
        to_object(Summary(replace(clean(), reproduction=FULL))),
        to_object(Summary(clean())),
    )
    del with_it["reproduction"]
    assert with_it == without


def _in_every_form(report: Report) -> list[str]:
    return [
        text.render(Summary(report)),
        markdown.render(Summary(report)),
        html.render(Summary(report)),
    ]


def test_every_form_tells_what_differs() -> None:
    for shown in _in_every_form(replace(clean(), reproduction=FULL)):
        assert "debrebuild 2.25.15" in shown
        assert "different" in shown
        assert "golang-1.24-go" in shown
        assert "BUILD" in shown


def test_every_form_tells_why_there_is_nothing_and_the_end_of_the_log() -> None:
    for shown in _in_every_form(replace(clean(), reproduction=BROKEN)):
        assert "failed to build" in shown
        assert "Error 2" in shown
        assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("reproduction", "words"),
    [
        (SAME, "Rebuilt: same (1 file, bit for bit)"),
        (DIFFERENT, "Rebuilt: different (of 1 file: 1 file different)"),
        (INCOMPLETE, "Rebuilt: could not decide (of 1 file: 1 file recorded but not there)"),
        (FAILED, "Rebuilt: failed to build (the build failed)"),
        (NOT_RUN, "Rebuilt: could not run (debootsnap failed)"),
    ],
)
def test_each_outcome_in_one_line(reproduction: Reproduction, words: str) -> None:
    assert headline(reproduction) == words


def test_a_long_list_of_members_is_cut_short_and_shown_by_verbose() -> None:
    many = tuple(replace(MEMBER, path=f"usr/{number:02}") for number in range(20))
    artifact = replace(FULL.artifacts[0], differences=many)
    report = replace(clean(), reproduction=replace(FULL, artifacts=(artifact,)))
    assert "usr/19" not in text.render(Summary(report))
    assert "and 14 more" in text.render(Summary(report))
    assert "usr/19" in text.render(Summary(report), verbose=True)


def test_a_file_that_was_not_compared_says_so(tmp_path: Path) -> None:
    shown = text.render(
        Summary(replace(clean(), reproduction=replace(DIFFERENT, directory=str(tmp_path))))
    )
    assert "so members were not compared" in " ".join(shown.split())
    assert tmp_path.name in shown
