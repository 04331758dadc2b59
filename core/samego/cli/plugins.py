"""``samego DISTRO ...``: the subcommands that the plugins bring."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from samego.cli.options import Subparsers
from samego.distro.interface import distros


def configure(subparsers: Subparsers, named: Callable[[str], bool]) -> dict[str, str]:
    """Add a parser for each plugin with commands; in full where both names are ``named``.

    Returns each plugin's line in --help, by the plugin's name.
    """
    lines = {}
    for plugin in distros():
        commands = [command for command in plugin.commands if not command.backend]
        if not commands:
            continue
        names = ", ".join(command.name for command in commands)
        lines[plugin.name] = f"run {plugin.name.capitalize()}'s own tools: {names}"
        parser = subparsers.add_parser(
            plugin.name,
            help=lines[plugin.name],
            description=f"Run the tools of {plugin.name}, then check what they made.",
        )
        actions: Subparsers = parser.add_subparsers(
            title="commands", metavar="COMMAND", dest="command", required=True
        )
        for command in commands:
            if named(plugin.name) and named(command.name):
                importlib.import_module(command.module).configure(actions)
            else:
                actions.add_parser(command.name, help=command.summary)
    return lines
