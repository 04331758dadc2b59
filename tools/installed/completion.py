"""Completions for bash, zsh and fish, made from the parsers.

shtab writes bash's and zsh's. Its versions before 1.9, Debian 13's among them, know nothing of
fish: that script is written here, so that it is the same everywhere.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import shtab

from installed.commands import Command, explanation, groups, samego, subcommands

#: What stands for a directory in --help.
_DIRECTORY = "DIR"
#: What stands for a file, or for something that a file may be.
_FILES = ("FILE", "WHAT", "REPORT", "ENVELOPE", "INPUT", "SOURCE")
#: fish: complete files, although -f says not to.
_FISH_FILES = "-F"


def completions(top: Callable[[], Command] = samego) -> Iterator[tuple[str, str]]:
    """Each shell's name and its script. ``top`` makes the parsers anew: they are changed here."""
    yield "bash", shtab.complete(_prepared(top()).parser, "bash")
    yield "zsh", shtab.complete(_two_levels(_prepared(top())).parser, "zsh")
    yield "fish", "".join(f"{line}\n" for line in _fish(top()))


def _prepared(top: Command) -> Command:
    """Say on each parser what shtab goes by."""
    for command in _all(top):
        for group in groups(command):
            for action in group.actions:
                kind = _path_kind(action)
                if kind is not None:
                    action.complete = kind  # type: ignore[attr-defined] # shtab looks for it
        # A line of a list, where shtab would take all that --help says.
        command.parser.description = command.summary
    # shtab passes over what --help does not show; samego's own lists its commands in groups.
    for action in subcommands(top):
        action.help = "the command"
    return top


def _two_levels(top: Command) -> Command:
    """Make each third word of commands (``cache builds list``) a mere choice.

    shtab's script for zsh (1.7.1) mixes the commands of several levels up.
    """
    for second in (below for first in top.commands for below in first.commands):
        for action in subcommands(second):
            choice = argparse.Action([], dest="action", choices=tuple(action.choices))
            choice.help = "the action"
            second.parser._actions[second.parser._actions.index(action)] = choice  # noqa: SLF001 - no public way to change a parser
    return top


def _all(command: Command) -> Iterator[Command]:
    yield command
    for below in command.commands:
        yield from _all(below)


def _path_kind(action: argparse.Action) -> Mapping[str, object] | None:
    shown = action.metavar if isinstance(action.metavar, str) else ""
    if action.nargs == 0 or action.choices:
        return None
    if shown == _DIRECTORY:
        return shtab.DIRECTORY
    if action.type is Path or any(name in shown.split("|") for name in _FILES):
        return shtab.FILE
    return None


def _fish(top: Command) -> Iterator[str]:
    """The script for fish (complete(1) of fish): a line for each command and option."""
    yield "# Completions for samego."
    yield "complete -c samego -f"
    for command in _all(top):
        yield from _fish_command(command)


def _fish_command(command: Command) -> Iterator[str]:
    seen = " ".join(command.words[1:])
    names = [below.words[-1] for below in command.commands]
    inside = (
        "; and ".join(f"__fish_seen_subcommand_from {word}" for word in command.words[1:])
        or "__fish_use_subcommand"
    )
    first = inside
    if names and seen:
        first = f"{inside}; and not __fish_seen_subcommand_from {' '.join(names)}"
    for below in command.commands:
        yield _fish_line(first, f"-a {_quoted(below.words[-1])}", below.summary)
    for group in groups(command):
        for action in group.actions:
            yield from _fish_action(command, action, inside)


def _fish_action(command: Command, action: argparse.Action, inside: str) -> Iterator[str]:
    values = _fish_values(action)
    if not action.option_strings:
        if values and action.nargs != 0:
            yield _fish_line(inside, values, "")
        return
    forms = [
        f"-l {option[2:]}" if option.startswith("--") else f"-s {option[1:]}"
        for option in action.option_strings
    ]
    if action.nargs != 0:
        # A value follows; -x is -r without files.
        forms.append("-r" if values == _FISH_FILES else "-x")
    spelled = " ".join([*forms, *([values] if values else [])])
    yield _fish_line(inside, spelled, explanation(command, action))


def _fish_values(action: argparse.Action) -> str:
    if action.choices:
        return f"-a {_quoted(' '.join(map(str, action.choices)))}"
    kind = _path_kind(action)
    if kind is shtab.DIRECTORY:
        return "-a '(__fish_complete_directories)'"
    return _FISH_FILES if kind is shtab.FILE else ""


def _fish_line(condition: str, what: str, explained: str) -> str:
    told = f" -d {_quoted(explained)}" if explained else ""
    return f"complete -c samego -n {_quoted(condition)} {what}{told}"


def _quoted(text: str) -> str:
    """Between single quotes, where fish reads a backslash and a quote behind a backslash only."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
