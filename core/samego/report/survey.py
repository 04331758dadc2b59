"""A survey of several toolchains: one line each, then what does not pass, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from samego.compare.verdict import passes, verdict
from samego.errors import SamegoError
from samego.model.proof import Standing
from samego.model.survey import SCHEMA, Survey, Surveyed, SystemNotes
from samego.report import json as report_json
from samego.report import markdown, text
from samego.report.headline import sentence
from samego.report.summary import Summary
from samego.report.text import Paint
from samego.report.trackers.issues import Checked, Undecided
from samego.report.words import amount, hanging
from samego.system.terminal import visible

#: The verdict of what could not be decided.
ERROR = "error"
#: The widest column of paths or claims; a longer text moves the rest of its own line.
_WIDEST = 80


def exit_status(survey: Survey) -> int:
    """The status of the worst: 2 where one could not be decided, 1 where one does not pass."""
    return max(map(_status, survey.toolchains), default=2)


def headline(survey: Survey) -> str:
    """How many there are, and how they stand, in one line."""
    counted = [sum(_status(each) == status for each in survey.toolchains) for status in range(3)]
    words = ("passes", "does not pass", "could not be decided")
    plural = ("pass", "do not pass", "could not be decided")
    parts = [
        f"{number} {word if number == 1 else words_of_many}"
        for number, word, words_of_many in zip(counted, words, plural, strict=True)
        if number
    ]
    found = amount(sum(bool(each.where) for each in survey.toolchains), "toolchain")
    return visible(f"{found} in {survey.subject}: {', '.join(parts)}")


def render(survey: Survey, *, verbose: bool = False, paint: Paint = text.plain) -> str:
    """The survey as text."""
    blocks = [[headline(survey)], list(_lines(survey, paint)), list(_notes(survey.notes))]
    for each in survey.toolchains:
        if _status(each) or verbose:
            blocks.append(_heading(each, survey))
            if each.report is not None:
                shown = text.render(Summary(each.report), verbose=verbose, paint=paint)
                blocks.append(shown.rstrip("\n").split("\n"))
            elif each.error is not None:
                blocks.append([visible(line) for line in each.error.lines])
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def render_markdown(survey: Survey) -> str:
    """The survey as Markdown: a list, then each report."""
    blocks = [f"**{markdown.escaped(headline(survey))}**"]
    rows = [
        (_place(each, survey), visible(each.claims), _verdict(each)) for each in survey.toolchains
    ]
    blocks.append("\n".join(markdown.table(("where", "what it says it is", "verdict"), rows)))
    for each in survey.toolchains:
        blocks.append(f"# {markdown.escaped(_place(each, survey))}")
        if each.report is not None:
            blocks.append(markdown.render(Summary(each.report)).rstrip("\n"))
        elif each.error is not None:
            blocks.append("  \n".join(markdown.escaped(visible(x)) for x in each.error.lines))
    blocks += [markdown.escaped(line) for line in _notes(survey.notes)]
    return "\n\n".join(blocks) + "\n"


def parts(survey: Survey) -> list[Checked | Undecided]:
    """The toolchains one by one: what a report comes to, or what could not be decided."""
    found: list[Checked | Undecided] = []
    for each in survey.toolchains:
        if each.report is not None:
            found.append(Checked(Summary(each.report), _place(each, survey)))
        elif each.error is not None:
            found.append(Undecided(_place(each, survey), each.error))
    return found


def render_json(survey: Survey) -> str:
    """The survey as JSON (survey.schema.json): each report as ``samego check`` writes it."""
    result = to_object(survey)
    return json.dumps(result, indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def to_object(survey: Survey) -> dict[str, object]:
    """The survey as the JSON object that survey.schema.json describes."""
    return {
        "schema": SCHEMA,
        "subject": survey.subject,
        "verdict": _worst(survey),
        "passes": exit_status(survey) == 0,
        "toolchains": [_object(each) for each in survey.toolchains],
        "not_read": [
            {"system": notes.system, "path": path, "cause": cause}
            for notes in survey.notes
            for path, cause in notes.unread
        ],
        "strays": [
            {"system": notes.system, "path": path}
            for notes in survey.notes
            for path in notes.strays
        ],
        "samego": survey.version,
    }


def _object(each: Surveyed) -> dict[str, object]:
    return {
        "system": each.system,
        "where": each.where,
        "also": list(each.also),
        "found": each.found,
        "claims": each.claims,
        "verdict": ERROR if each.report is None else verdict(each.report).value,
        "passes": each.report is not None and passes(each.report),
        "report": None if each.report is None else report_json.to_object(Summary(each.report)),
        "error": None if each.error is None else _error(each.error),
    }


def _error(error: SamegoError) -> dict[str, object]:
    return {"message": error.message, "hint": error.hint, "tried": list(error.tried)}


def _worst(survey: Survey) -> str:
    standings = [verdict(each.report) for each in survey.toolchains if each.report is not None]
    if len(standings) < len(survey.toolchains) or not standings:
        return ERROR
    return max(standings, key=lambda standing: standing.rank).value


def _status(each: Surveyed) -> int:
    if each.report is None:
        return 2
    return 0 if passes(each.report) else 1


def _lines(survey: Survey, paint: Paint) -> Iterator[str]:
    rows = [(each, _place(each, survey), visible(each.claims)) for each in survey.toolchains]
    places = min(_WIDEST, max((len(place) for _, place, _ in rows), default=0))
    claims = min(_WIDEST, max((len(claim) for _, _, claim in rows), default=0))
    for each, place, claim in rows:
        yield f"  {place:<{places}}  {claim:<{claims}}  {_verdict(each, paint)}"


def _verdict(each: Surveyed, paint: Paint = text.plain) -> str:
    if each.report is not None:
        _before, word, after = sentence(Summary(each.report))
        return paint(word, "pass" if passes(each.report) else word) + after
    cause = visible(each.error.message) if each.error is not None else ""
    return f"{paint('could not decide', Standing.UNEXPLAINED.value)}: {cause}"


def _place(each: Surveyed, survey: Survey) -> str:
    """Where it lies; with the system's name where there are several."""
    several = len({notes.system for notes in survey.notes}) > 1
    where = each.where or f"({each.found})"
    return visible(f"{each.system}: {where}" if several else where)


def _heading(each: Surveyed, survey: Survey) -> list[str]:
    also = f", also {', '.join(map(visible, each.also))}" if each.also else ""
    title = f"{_place(each, survey)} ({visible(each.found)}{also})"
    return [title, "-" * min(len(title), 100)]


def _notes(notes: tuple[SystemNotes, ...]) -> Iterator[str]:
    for system in notes:
        if system.unread:
            text = ", ".join(f"{path} ({cause})" for path, cause in system.unread)
            yield from hanging("Not looked at: ", visible(text))
        for path in system.strays:
            text = f"{path} is a go command in no GOROOT: it was not checked"
            yield from hanging("Note: ", visible(text))
