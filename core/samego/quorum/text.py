"""A quorum as text: who contradicts first, then who agrees, and who gave no answer."""

from __future__ import annotations

from collections.abc import Iterator

from samego.quorum.count import Counted, Quorum
from samego.quorum.voice import Heard, Voice
from samego.report.words import amount, first_lines, hanging
from samego.system.terminal import visible

_HEADINGS = {
    Heard.DIFFERS: "contradicts",
    Heard.AGREES: "agrees",
    Heard.FAILED: "failed to build, which says nothing of the file",
    Heard.SILENT: "silent",
    Heard.STALE: "stale",
    Heard.UNREACHABLE: "could not be reached",
    Heard.UNREADABLE: "could not be read",
}
_BY_NAME = "agrees by name, and does not count: another file can carry that name"
_BY_NAME_COUNTS = "agrees by name"
_HIDDEN = "agrees, and does not count: the same operator contradicts"
_SHARED = "agrees, and does not count: another operator vouches for the same build or platform"
_SAID = {Heard.AGREES: "it agreed", Heard.FAILED: "it failed to build"}


def render(quorum: Quorum) -> str:
    """The table of one question."""
    return "".join(f"{line}\n" for line in _lines(quorum))


def _lines(quorum: Quorum) -> Iterator[str]:
    yield from first_lines(visible(_headline(quorum)))
    question = quorum.question
    if question.sha256:
        yield f"  sha256 {question.sha256}"
    heading = ""
    for each in quorum.voices:
        if (own := _heading(each)) != heading:
            yield f"{own}:"
            heading = own
        yield from hanging("  ", visible(_sentence(each, quorum)), "      ")
        if each.voice.link:
            yield f"      {visible(each.voice.link)}"


def _headline(quorum: Quorum) -> str:
    agree = amount(len(quorum.agreeing), "operator")
    agree += " agrees" if len(quorum.agreeing) == 1 else " agree"
    if quorum.agreeing:
        agree += f" ({', '.join(quorum.agreeing)})"
    title = quorum.question.title
    if quorum.against:
        verb = "contradicts" if len(quorum.against) == 1 else "contradict"
        return f"{title}: {', '.join(quorum.against)} {verb}; {agree}, {quorum.threshold} must"
    if quorum.exit_status == 0:
        return f"{title}: {agree}, {quorum.threshold} must, and nobody contradicts"
    return f"{title}: could not decide: {agree}, {quorum.threshold} must"


def _heading(each: Counted) -> str:
    if each.heard is not Heard.AGREES:
        return _HEADINGS[each.heard]
    if each.by_name:
        return _BY_NAME_COUNTS if each.counts else _BY_NAME
    if each.counts:
        return _HEADINGS[Heard.AGREES]
    return _SHARED if each.shared else _HIDDEN


def _sentence(each: Counted, quorum: Quorum) -> str:
    voice = each.voice
    rebuilder = voice.rebuilder
    who = f"{rebuilder.operator}: {rebuilder.name}" if rebuilder.operator else rebuilder.name
    if rebuilder.operator == rebuilder.name:
        who = rebuilder.name
    facts = [fact for fact in (*_facts(each, quorum), voice.reason) if fact]
    if voice.when is not None:
        verb = "tried" if Heard.FAILED in (each.heard, each.said) else "built"
        facts.append(f"{verb} {voice.when:%Y-%m-%d}")
    return f"{who} ({rebuilder.kind.value}): {'; '.join(facts)}" if facts else who


def _facts(each: Counted, quorum: Quorum) -> Iterator[str]:
    voice, asked = each.voice, quorum.question
    # Which of several files it is, and who spells it otherwise.
    known = (asked.title, *(asked.files if len(asked.files) == 1 else ()))
    about = voice.about if voice.about not in known else ""
    if each.heard is Heard.DIFFERS:
        yield from _against(voice, about)
    elif each.heard is Heard.AGREES:
        yield about
        if voice.sha256:
            yield "these bytes" if asked.sha256 else f"sha256 {voice.sha256}"
        if voice.signed:
            yield "signed"
    elif each.said is not None:
        yield about
        yield _SAID[each.said]
        yield _too_old(voice)
    else:
        yield about


def _too_old(voice: Voice) -> str:
    """Why an answer is stale."""
    age = voice.rebuilder.max_age
    if voice.when is None or age is None:
        return "it does not say when"
    hours = int(age.total_seconds()) // 3600
    limit = amount(age.days, "day") if hours % 24 == 0 else amount(hours, "hour")
    return f"not within {limit}"


def _against(voice: Voice, about: str) -> Iterator[str]:
    """Which digests contradict, where they are known."""
    yield about
    if voice.says is Heard.AGREES:
        yield f"it vouches for another file of this name, sha256 {voice.sha256}"
    elif voice.rebuilt:
        posted = f", and sha256 {voice.sha256} was posted" if voice.sha256 else ""
        yield f"a rebuild gives sha256 {voice.rebuilt}{posted}"
    else:
        yield "a rebuild gives other bytes"
