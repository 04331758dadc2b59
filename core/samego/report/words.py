"""Words and spellings that the formatters for people share."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import takewhile

from samego.model.proof import Detail, Standing
from samego.model.report import Report
from samego.system.terminal import visible

#: Columns of a report for a person, and the fewest that its tables take.
_WIDTH = 100
_NARROWEST = 40
_columns: ContextVar[int] = ContextVar("_columns", default=_WIDTH)
#: Columns of the terminal that it goes to, 0 for a pipe or a file.
_terminal: ContextVar[int] = ContextVar("_terminal", default=0)

#: What each standing means, in few words (the design's table).
MEANINGS = {
    Standing.IDENTICAL: "the same bytes on both sides",
    Standing.EQUIVALENT: "a named transformation of upstream's file, replayed here, produces it",
    Standing.EXPLAINED: "a declared input of the distro's build, replayed here, produces it",
    Standing.UNPROVEN: "the cause is known and fits, but was not replayed",
    Standing.UNEXPLAINED: "nothing accounts for it",
}

_PLURALS = {"binary": "binaries", "own patch": "own patches"}


def amount(number: int, noun: str) -> str:
    """A number with its noun: ``1 path``, ``3,424 paths``."""
    return f"{number:,} {noun if number == 1 else _PLURALS.get(noun, noun + 's')}"


@contextmanager
def columns(terminal: int) -> Iterator[None]:
    """Have lines break earlier while the context lasts, where a terminal is narrower."""
    token = _columns.set(min(max(terminal, _NARROWEST), _WIDTH))
    whole = _terminal.set(max(terminal, _NARROWEST))
    try:
        yield
    finally:
        _terminal.reset(whole)
        _columns.reset(token)


def first_lines(text: str) -> list[str]:
    """A line that stays whole for whoever searches in it; on a terminal it breaks at words."""
    terminal = _terminal.get()
    if not terminal:
        return [text]
    return textwrap.wrap(
        text,
        terminal,
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def hanging(first: str, text: str, rest: str | None = None) -> list[str]:
    """Text in lines after ``first``, the further ones after ``rest``; none for an empty text.

    Without ``rest`` they stand below the text's beginning.
    """
    return textwrap.wrap(
        text,
        _columns.get(),
        initial_indent=first,
        subsequent_indent=" " * len(first) if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def detail(value: Detail) -> str:
    """A detail of a proof, as text."""
    if isinstance(value, tuple):
        return ", ".join(value)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def subject_name(report: Report) -> str:
    """What was checked, in few words: ``golang-1.24 1.24.4-1 amd64``."""
    return visible(" ".join(subject_parts(report)))


def subject_parts(report: Report) -> tuple[str, ...]:
    """What was checked: the packages' common name, their versions, and the architectures.

    Those that are "all" are left out. Without packages the distro, and where GOROOT lies.
    """
    packages = report.subject.packages
    if not packages:
        return (report.subject.distro, f"/{report.subject.goroot.lstrip('/')}")
    words = (
        _common([package.name for package in packages]),
        _each([package.version for package in packages]),
        _each([p.architecture for p in packages if p.architecture not in {"all", "any"}]),
    )
    return tuple(word for word in words if word)


def upstream_name(report: Report) -> str:
    """What the package was compared with: ``go1.24.4 linux-amd64``."""
    return f"{report.subject.release} {report.subject.target}"


def _common(names: Sequence[str]) -> str:
    """The parts between dashes that all names begin with, or the first name and a sign."""
    if len(set(names)) == 1:
        return names[0]
    columns = zip(*(name.split("-") for name in names), strict=False)
    common = [column[0] for column in takewhile(lambda column: len(set(column)) == 1, columns)]
    return "-".join(common) or f"{names[0]}+"


def _each(values: Sequence[str]) -> str:
    return "/".join(dict.fromkeys(values))
