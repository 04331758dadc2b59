"""The form of --help: option forms that are the same in every Python, and commands in groups."""

from __future__ import annotations

import argparse


class Formatter(argparse.HelpFormatter):
    """Writes ``-o, --output FILE``, as argparse does from Python 3.13 on."""

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {value}"


class CommandList:
    """The commands of a parser's --help, below the title of their group, above the options."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._parser = parser
        self._groups: dict[str, argparse._ArgumentGroup] = {}

    def add(self, group: str, name: str, summary: str) -> None:
        """Add a line to a group, which is made when it is first named."""
        if group not in self._groups:
            self._groups[group] = self._parser.add_argument_group(group)
        # Only shown: the subparsers are what parses it.
        line = argparse.Action([], dest=name, metavar=name, help=summary)
        self._groups[group]._group_actions.append(line)  # noqa: SLF001 - no public way to show it

    def put_first(self) -> None:
        """Put the groups of commands before the options."""
        mine = list(self._groups.values())
        others = [group for group in self._parser._action_groups if group not in mine]  # noqa: SLF001 - no public way to order groups
        self._parser._action_groups[:] = [*mine, *others]  # noqa: SLF001 - argparse has no public way to order groups
