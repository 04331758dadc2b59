r"""Manual pages, made from the parsers: one for samego, and one for each of its commands.

The commands below a command (``samego history import``) are sections of its page, which ``man
samego history`` finds. The markup is that of man(7): every minus is written ``\-``, so that what a
reader copies is what a shell takes.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Iterator

from installed.commands import Command, explanation, groups, pages, spelling, usage

#: What argparse calls the groups that man pages have other names for (man-pages(7)).
_TITLES = {"positional arguments": "arguments", "optional arguments": "options"}
_MANUAL = "samego manual"
#: An option in a usage line, and what stands for a value.
_OPTION = re.compile(r"(?<![\w-])--?[A-Za-z][\w-]*")
_VALUE = re.compile(r"(?<![\w/-])[A-Z][A-Z0-9]*(?![\w-])")


def manual_pages(top: Command, *, version: str, date: int) -> Iterator[tuple[str, str]]:
    """The name and the text of each page; ``date`` in seconds since 1970 stands at its foot."""
    every = tuple(pages(top))
    day = time.strftime("%Y-%m-%d", time.gmtime(date))
    for command in every:
        lines = [
            f'.TH {_escaped(command.page.upper())} 1 {day} "samego {version}" "{_MANUAL}"',
            *_page(command, every),
        ]
        yield f"{command.page}.1", "\n".join(lines) + "\n"


def _page(command: Command, every: tuple[Command, ...]) -> Iterator[str]:
    yield ".SH NAME"
    yield f"{_escaped(command.page)} \\- {_escaped(command.summary.rstrip('.'))}"
    yield ".SH SYNOPSIS"
    yield from _synopsis(command)
    yield ".SH DESCRIPTION"
    yield _text(command.parser.description or command.summary)
    yield from _groups(command, ".SH", {page.words[-1]: page for page in every[1:]})
    own = command.commands if command is not every[0] else ()
    if own:
        yield ".SH COMMANDS"
        for below in own:
            yield from _section(below)
    if command.parser.epilog:
        yield ".SH NOTES"
        yield _text(command.parser.epilog)
    yield ".SH SEE ALSO"
    others = [page for page in every if page is not command]
    yield ",\n".join(f".BR {_escaped(page.page)} (1)" for page in others)


def _section(command: Command) -> Iterator[str]:
    """A command that has no page of its own, and those below it."""
    yield f".SS {_escaped(' '.join(command.words))}"
    yield from _synopsis(command)
    yield ".PP"
    yield _text(
        command.parser.description or f"{command.summary[:1].upper()}{command.summary[1:]}."
    )
    yield from _groups(command, "", {}, common=False)
    for below in command.commands:
        yield from _section(below)


def _synopsis(command: Command) -> Iterator[str]:
    """The usage: what belongs together stays on one line."""
    yield ".nh"
    yield ".ad l"
    words = " ".join(command.words)
    rest = usage(command).removeprefix(words)
    yield f"\\fB{_unbroken(_escaped(words))}\\fR{_styled(_bracketed(rest))}"
    yield ".ad"
    yield ".hy"


def _groups(
    command: Command, macro: str, with_page: dict[str, Command], *, common: bool = True
) -> Iterator[str]:
    for group in groups(command, common=common):
        title = _TITLES.get(group.title, group.title)
        if macro:
            yield f"{macro} {_escaped(title.upper())}"
        for action in group.actions:
            # --help itself needs no line in each section of a page.
            if not common and isinstance(action, argparse._HelpAction):  # noqa: SLF001 - has no public name
                continue
            yield ".TP"
            page = None if action.option_strings else with_page.get(str(action.metavar))
            if page is not None:
                yield f".BR {_escaped(page.page)} (1)"
            else:
                yield _invocation(command, action)
            yield _text(explanation(command, action))


def _invocation(command: Command, action: argparse.Action) -> str:
    options, values = spelling(command, action)
    shown = f"\\fI{_escaped(values)}\\fR" if values else ""
    if not options:
        return shown
    return ", ".join(f"\\fB{_escaped(option)}\\fR" for option in options) + (
        f" {shown}" if shown else ""
    )


def _bracketed(text: str) -> str:
    """The text with each space inside brackets made one that does not break.

    A list of choices may break behind each: some are longer than a line.
    """
    depth = 0
    written = []
    for character in text:
        depth += {"[": 1, "]": -1}.get(character, 0)
        written.append("\0" if character == " " and depth else character)
        if depth and character in ",|":
            written.append("\4")
    return "".join(written)


def _styled(text: str) -> str:
    styled = _VALUE.sub(lambda match: f"\1{match[0]}\2", text)
    styled = _OPTION.sub(lambda match: f"\3{match[0]}\2", styled)
    marks = {"\0": "\\ ", "\1": "\\fI", "\2": "\\fR", "\3": "\\fB", "\4": "\\:"}
    return re.sub("[\0-\4]", lambda match: marks[match[0]], _escaped(styled))


def _unbroken(text: str) -> str:
    return text.replace(" ", "\\ ")


def _text(text: str) -> str:
    """Running text as one input line that no macro begins."""
    line = _escaped(" ".join(text.split()))
    return f"\\&{line}" if line.startswith((".", "'", "\\(aq")) else line


def _escaped(text: str) -> str:
    """Text as groff prints it unchanged (groff_char(7))."""
    for character, written in (
        ("\\", "\\e"), ("-", "\\-"), ("'", "\\(aq"), ("`", "\\(ga"), ("^", "\\(ha"), ("~", "\\(ti"),
    ):  # fmt: skip
        text = text.replace(character, written)
    return text
