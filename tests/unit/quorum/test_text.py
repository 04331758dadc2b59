from __future__ import annotations

import datetime as dt
from dataclasses import replace

from jsonschema import Draft202012Validator

from samego.quorum.as_json import exit_status, to_object
from samego.quorum.count import Quorum, count
from samego.quorum.policy import RebuilderKind
from samego.quorum.text import render
from samego.quorum.voice import Heard, Voice
from samego.report.shipped_schema import shipped_schema
from support.rebuilders import MINE, NOW, OTHER, PACKAGE, one, voice

BUILT = NOW - dt.timedelta(days=2)
NOBODY = Voice(
    replace(one(""), name="b.json", kind=RebuilderKind.ENVELOPE),
    Heard.UNREADABLE,
    reason="b.json is not signed by a key of the policy: it was changed, or is another's",
)
ALL = (
    voice("Alice", Heard.AGREES, sha256=MINE, when=BUILT, signed=True, about="a.deb"),
    voice("Bob", Heard.UNREACHABLE, reason="cannot reach rebuilderd: it is down"),
    voice("Carol", Heard.AGREES),
    voice("Dave", Heard.FAILED, when=BUILT, link="https://dave.example/1"),
    voice("Erin", Heard.SILENT, reason="it has no result"),
    voice("Frank", Heard.AGREES, sha256=MINE, when=BUILT, max_age=dt.timedelta(days=1)),
    voice("Mallory", Heard.DIFFERS, rebuilt=OTHER, sha256=MINE, link="https://m.example/\x1b[1m"),
    voice("Mallory", Heard.AGREES, name="second", sha256=MINE),
    voice("Trent", Heard.AGREES, sha256=OTHER),
    NOBODY,
)


def counted(*voices: Voice) -> Quorum:
    return count(PACKAGE, voices, 2, now=NOW)


def test_contradictions_stand_first_and_each_voice_has_its_place() -> None:
    text = render(counted(*ALL))
    lines = text.splitlines()
    assert lines[0] == (
        "golang-1.24-go 1.24.4-1 amd64: Mallory, Trent contradict; 1 operator agrees (Alice),"
        " 2 must"
    )
    assert [line for line in lines if line.endswith(":")] == [
        "contradicts:",
        "agrees:",
        "agrees, and does not count: the same operator contradicts:",
        "agrees by name, and does not count: another file can carry that name:",
        "failed to build, which says nothing of the file:",
        "silent:",
        "stale:",
        "could not be reached:",
        "could not be read:",
    ]
    assert f"a rebuild gives sha256 {OTHER}" in " ".join(text.split())
    assert f"it vouches for another file of this name, sha256 {OTHER}" in " ".join(text.split())
    assert "Frank: frank (rebuilderd): it agreed; not within 1 day; built 2026-11-26" in text
    assert "\x1b" not in text


def test_each_heading_stands_once() -> None:
    voices = [
        voice(name, Heard.AGREES, sha256=MINE, build=build)
        for name, build in (("A", "x"), ("B", "x"), ("C", "y"))
    ]
    lines = render(counted(*voices)).splitlines()
    assert [line for line in lines if line.endswith(":")] == [
        "agrees:",
        "agrees, and does not count: another operator vouches for the same build or platform:",
    ]


def test_the_headline_says_what_decides() -> None:
    agreed = counted(ALL[0], voice("Bob", Heard.AGREES, sha256=MINE))
    assert render(agreed).splitlines()[0] == (
        "golang-1.24-go 1.24.4-1 amd64: 2 operators agree (Alice, Bob), 2 must, and nobody"
        " contradicts"
    )
    undecided = counted(ALL[1])
    assert render(undecided).splitlines()[0] == (
        "golang-1.24-go 1.24.4-1 amd64: could not decide: 0 operators agree, 2 must"
    )


def test_the_json_is_of_its_schema() -> None:
    quorums = [counted(*ALL), counted(ALL[0], voice("Bob", Heard.AGREES, sha256=MINE))]
    found = to_object(quorums, 2)
    Draft202012Validator(shipped_schema("quorum")).validate(found)
    assert (found["answer"], exit_status(quorums)) == ("contradicted", 1)
    assert exit_status(quorums[1:]) == 0
    assert exit_status([quorums[1], counted()]) == 2
