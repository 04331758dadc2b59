"""What a quorum comes to, whatever rebuilders say and in whichever order they are asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from samego.quorum.count import count
from samego.quorum.question import Question
from samego.quorum.voice import Heard, Voice
from support.rebuilders import ARCHIVE, MINE, NOW, OTHER, PACKAGE, RELEASE, ZIP, voice

_TIMES = st.sampled_from([None, NOW, NOW - dt.timedelta(days=9), NOW + dt.timedelta(days=9)])
_VOICES = st.builds(
    voice,
    st.sampled_from("ABC"),
    st.sampled_from([each for each in Heard if each is not Heard.STALE]),
    name=st.sampled_from(["one", "two"]),
    about=st.sampled_from(["", ARCHIVE, ZIP]),
    sha256=st.sampled_from(["", MINE, OTHER]),
    build=st.sampled_from(["", "x", "y"]),
    builder=st.sampled_from(["", "p", "q"]),
    when=_TIMES,
    max_age=st.sampled_from([None, dt.timedelta(days=1)]),
)
_QUESTIONS = st.sampled_from(
    [PACKAGE, replace(PACKAGE, sha256=""), replace(PACKAGE, posted=True), RELEASE]
)


@given(st.data(), st.lists(_VOICES, max_size=6), _QUESTIONS, st.integers(1, 4), st.booleans())
def test_a_pass_is_what_it_says(
    data: st.DataObject,
    voices: list[Voice],
    question: Question,
    threshold: int,
    by_name: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    quorum = count(question, voices, threshold, now=NOW, by_name=by_name)
    counted = [each for each in quorum.voices if each.counts]
    assert {each.heard for each in counted} <= {Heard.AGREES}
    assert not {each.voice.rebuilder.operator for each in counted} & set(quorum.against)
    for mark in ("build", "builder"):
        owners = {(getattr(each.voice, mark), each.voice.rebuilder.operator) for each in counted}
        named = [name for name, _ in owners if name]
        assert len(named) == len(set(named))
    if quorum.exit_status == 0:
        assert len({each.voice.rebuilder.operator for each in counted}) >= threshold
        assert not [each for each in quorum.voices if each.heard is Heard.DIFFERS]
        vouched = {each.voice.sha256 for each in counted} - {""}
        if question.sha256:
            assert vouched <= {MINE}
    # Each voice has its place, and the order in which they were asked is no reason.
    assert len(quorum.voices) == len(voices)
    again = count(question, data.draw(st.permutations(voices)), threshold, now=NOW, by_name=by_name)
    assert (again.exit_status, again.agreeing, again.against) == (
        quorum.exit_status,
        quorum.agreeing,
        quorum.against,
    )


@given(st.lists(_VOICES, max_size=5), _VOICES, _QUESTIONS)
def test_a_further_no_never_helps(voices: list[Voice], more: Voice, question: Question) -> None:
    no = replace(more, says=Heard.DIFFERS, sha256="")
    quorum = count(question, [*voices, no], 1, now=NOW)
    assert quorum.exit_status == 1
