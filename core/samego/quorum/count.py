"""Counts what rebuilders say: who contradicts, who agrees, and whether enough do.

* One who says that a rebuild differs contradicts, and so does one who vouches for other bytes under
  the same name. Where only a name is asked about, those who vouch for different bytes of one file
  contradict one another.
* A "no" about other bytes than those that are asked about says nothing of these, unless a rebuild
  gave others still.
* An operator counts once, and not at all where one of its answers contradicts. A build counts once
  too, and so does a platform, however many operators vouch for it.
* Where bytes are asked about, who speaks of the name alone does not count: whatever it rebuilt,
  another file can carry that name.
* An old answer is stale, and so is one that was built in the future. A "no" does not age: the bytes
  that it is about stay the same.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from samego.quorum.question import Question
from samego.quorum.voice import Heard, Voice

#: How far a rebuilder's clock may be ahead.
_AHEAD = dt.timedelta(days=1)
_ORDER = tuple(Heard)


@dataclass(frozen=True, slots=True)
class Counted:
    """A voice, what it comes to, and whether it counts towards the threshold.

    ``by_name`` says that it speaks of a name where bytes are asked about, ``shared`` that its
    build or platform counts for another operator. ``said`` is what a stale answer says.
    """

    voice: Voice
    heard: Heard
    counts: bool = False
    by_name: bool = False
    shared: bool = False
    said: Heard | None = None


@dataclass(frozen=True, slots=True)
class Quorum:
    """What all say of one question, contradictions first."""

    question: Question
    threshold: int
    voices: tuple[Counted, ...]

    @property
    def against(self) -> tuple[str, ...]:
        """The operators that contradict, sorted."""
        return _operators(each for each in self.voices if each.heard is Heard.DIFFERS)

    @property
    def agreeing(self) -> tuple[str, ...]:
        """The operators that agree and count, sorted."""
        return _operators(each for each in self.voices if each.counts)

    @property
    def exit_status(self) -> int:
        """1 where somebody contradicts, 0 where enough agree, else 2: it could not be decided."""
        if self.against:
            return 1
        return 0 if len(self.agreeing) >= self.threshold else 2


def count(
    question: Question,
    voices: Iterable[Voice],
    threshold: int,
    *,
    now: dt.datetime,
    by_name: bool = False,
) -> Quorum:
    """Count the voices on a question; with ``by_name`` what is said of its name counts too."""
    heard = tuple(voices)
    vouched: dict[str, set[str]] = defaultdict(set)
    for each in heard:
        if each.says is Heard.AGREES and each.sha256:
            vouched[_file(each, question)].add(each.sha256)
    judged = [_judge(voice, vouched, question, now=now, by_name=by_name) for voice in heard]
    against = {each.voice.rebuilder.operator for each in judged if each.heard is Heard.DIFFERS}
    settled = (
        replace(each, counts=each.counts and each.voice.rebuilder.operator not in against)
        for each in judged
    )
    apart = _apart(sorted(settled, key=_key))
    return Quorum(question, threshold, tuple(sorted(apart, key=_key)))


def _judge(
    voice: Voice,
    vouched: Mapping[str, set[str]],
    question: Question,
    *,
    now: dt.datetime,
    by_name: bool,
) -> Counted:
    if voice.says is Heard.AGREES and voice.sha256 and not _is_it(voice, vouched, question):
        return Counted(voice, Heard.DIFFERS)
    if _is_of_other_bytes(voice, question):
        about = f"what it says is of another file of this name, sha256 {voice.sha256}"
        return Counted(replace(voice, reason=about), Heard.SILENT)
    if voice.says in (Heard.AGREES, Heard.FAILED) and _is_stale(voice, now):
        return Counted(voice, Heard.STALE, said=voice.says)
    if voice.says is not Heard.AGREES:
        return Counted(voice, voice.says)
    only_name = bool(question.sha256) and not voice.sha256 and not question.posted
    return Counted(voice, Heard.AGREES, counts=by_name or not only_name, by_name=only_name)


def _is_it(voice: Voice, vouched: Mapping[str, set[str]], question: Question) -> bool:
    """Whether the bytes that a voice vouches for are those that are meant."""
    if question.sha256:
        return voice.sha256 == question.sha256
    return len(vouched[_file(voice, question)]) == 1


def _file(voice: Voice, question: Question) -> str:
    """Which of the files of a question a voice is about; empty where the question is about one."""
    several = len(question.files) > 1
    return voice.about.rpartition("/")[2] if several else ""


def _apart(voices: Iterable[Counted]) -> Iterator[Counted]:
    """The same, with each build and each platform counted for one operator only."""
    owners: dict[tuple[str, str], str] = {}
    for each in voices:
        voice, operator = each.voice, each.voice.rebuilder.operator
        marks = [("build", voice.build), ("builder", voice.builder)]
        known = [mark for mark in marks if mark[1]] if each.counts else []
        shared = any(owners.get(mark, operator) != operator for mark in known)
        if not shared:
            owners.update(dict.fromkeys(known, operator))
        yield replace(each, counts=each.counts and not shared, shared=shared)


def _is_of_other_bytes(voice: Voice, question: Question) -> bool:
    """Whether a "no" says of other bytes alone that they are not what they should be."""
    stated = voice.says is Heard.DIFFERS and bool(voice.sha256) and not voice.rebuilt
    return stated and bool(question.sha256) and voice.sha256 != question.sha256


def _is_stale(voice: Voice, now: dt.datetime) -> bool:
    limit = voice.rebuilder.max_age
    if limit is None:
        return False
    return voice.when is None or not now - limit <= voice.when <= now + _AHEAD


def _key(each: Counted) -> tuple[object, ...]:
    """By what it comes to, then by who says it; the order in which all were asked is no reason."""
    voice = each.voice
    who = (voice.rebuilder.operator, voice.rebuilder.name, voice.about)
    return (
        _ORDER.index(each.heard),
        each.by_name,
        not each.counts,
        each.shared,
        *who,
        voice.sha256,
        voice.build,
        voice.builder,
        voice.link,
        voice.reason,
    )


def _operators(voices: Iterable[Counted]) -> tuple[str, ...]:
    return tuple(sorted({each.voice.rebuilder.operator for each in voices}))
