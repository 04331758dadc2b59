"""``samego DISTRO ...``: the subcommands that the plugins bring."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from samego.cli.options import Subparsers
from samego.distro.interface import distros


def configure(subparsers: Subparsers, arguments: Sequence[str]) -> None:
    """Add a parser for each plugin with commands; in full for what the arguments name."""
    for plugin in distros():
        if not plugin.commands:
            continue
        parser = subparsers.add_parser(
            plugin.name,
            help=f"what is {plugin.name}'s own: "
            + ", ".join(command.name for command in plugin.commands),
            description=f"Commands for the tools of {plugin.name}.",
        )
        actions: Subparsers = parser.add_subparsers(
            title="commands", metavar="COMMAND", dest="command", required=True
        )
        for command in plugin.commands:
            if plugin.name in arguments and command.name in arguments:
                importlib.import_module(command.module).configure(actions)
            else:
                actions.add_parser(command.name, help=command.summary)
