"""The commands of samego as their parsers describe them: what pages and completions tell of.

argparse offers no public way to read a parser; the few private names are used here alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from samego.cli.main import whole_parser
from samego.cli.options import COMMON, Parser


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its words (``samego history import``), its line in lists, and what is below."""

    words: tuple[str, ...]
    summary: str
    parser: Parser
    commands: tuple[Command, ...]

    @property
    def page(self) -> str:
        """The name of its manual page, where it has one of its own."""
        return "-".join(self.words)


@dataclass(frozen=True, slots=True)
class Group:
    """Arguments and options under one title."""

    title: str
    actions: tuple[argparse.Action, ...]


def samego() -> Command:
    """The command ``samego`` with all that are below it, those of the plugins included."""
    parser = whole_parser()
    return Command(("samego",), parser.description or "", parser, _below(("samego",), parser))


def pages(top: Command) -> Iterator[Command]:
    """The commands that have a manual page: samego, and each of its own commands."""
    yield top
    yield from top.commands


def groups(command: Command, *, common: bool = True) -> Iterator[Group]:
    """The groups of a command's --help that list something; without the list of its commands.

    Arguments come first. ``common`` False leaves out the options that every command takes.
    """
    for group in command.parser._action_groups:  # noqa: SLF001 - see the module
        actions = tuple(
            action
            for action in group._group_actions  # noqa: SLF001 - argparse has no public way
            if action.help != argparse.SUPPRESS and not _holds_commands(action)
        )
        if actions and (common or group.title != COMMON):
            yield Group(group.title or "", actions)


def subcommands(command: Command) -> tuple[argparse._SubParsersAction[Parser], ...]:
    """The arguments that name a command below this one: one, or none."""
    return tuple(_subcommands(command.parser))


def spelling(command: Command, action: argparse.Action) -> tuple[tuple[str, ...], str]:
    """The strings of an option (none for an argument), and its values as --help shows them."""
    if not action.option_strings:
        # How often it may stand is in the synopsis.
        return (), str(action.metavar or action.dest)
    default = action.dest.upper()
    values = "" if action.nargs == 0 else _formatter(command)._format_args(action, default)  # noqa: SLF001 - argparse has no public way
    return tuple(action.option_strings), values


def explanation(command: Command, action: argparse.Action) -> str:
    """The help of an option or argument, with its defaults filled in."""
    return _formatter(command)._expand_help(action) if action.help else ""  # noqa: SLF001 - argparse has no public way


def usage(command: Command) -> str:
    """The usage on one line, from the command's own words on."""
    text = " ".join(command.parser.format_usage().split())
    return text.removeprefix("usage: ")


def _formatter(command: Command) -> argparse.HelpFormatter:
    return command.parser._get_formatter()  # noqa: SLF001 - argparse has no public way


def _holds_commands(action: argparse.Action) -> bool:
    return isinstance(action, argparse._SubParsersAction)  # noqa: SLF001 - argparse has no public way


def _below(words: tuple[str, ...], parser: Parser) -> tuple[Command, ...]:
    found = []
    for action in _subcommands(parser):
        summaries = {line.dest: line.help or "" for line in action._choices_actions}  # noqa: SLF001 - argparse has no public way
        for name, below in action.choices.items():
            path = (*words, name)
            found.append(Command(path, summaries.get(name, ""), below, _below(path, below)))
    return tuple(found)


def _subcommands(parser: Parser) -> Iterator[argparse._SubParsersAction[Parser]]:
    for action in parser._actions:  # noqa: SLF001 - argparse has no public way
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - argparse has no public way
            yield action
