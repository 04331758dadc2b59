"""``samego cache inputs``: list and remove the builds that ``samego inputs`` made."""

from __future__ import annotations

import argparse
import sys

from samego.cli.options import Subparsers
from samego.cli.settings import settings
from samego.errors import InputError
from samego.inputs.kept import KeptBuild, kept
from samego.system.disk import remove, size_of
from samego.system.terminal import readable, visible


def configure(subparsers: Subparsers) -> None:
    """Add the subcommand's parser."""
    parser = subparsers.add_parser(
        "inputs",
        help="list and remove the builds of 'inputs' and 'rebuild --vary'",
        description="Manage the builds of 'samego inputs' and 'samego rebuild --vary'."
        " Default: list them.",
    )
    parser.set_defaults(execute=_list)
    actions: Subparsers = parser.add_subparsers(title="actions", metavar="ACTION", dest="inputs")
    actions.add_parser("list", help="list the builds: key, what was built, size")
    removing = actions.add_parser("remove", help="remove a build")
    removing.add_argument(
        "key", metavar="KEY", nargs="+", help="the key of a build, the start of it, or 'all'"
    )
    removing.set_defaults(execute=_remove)


def _list(args: argparse.Namespace) -> int:
    for each in kept(settings(args).cache_directory):
        what = each.what or "damaged"
        sys.stdout.write(f"{visible(f'{each.key}  {what}')}  {readable(size_of(each.directory))}\n")
    return 0


def _remove(args: argparse.Namespace) -> int:
    known = tuple(kept(settings(args).cache_directory))
    chosen = known if args.key == ["all"] else [_one(known, key) for key in args.key]
    for each in dict.fromkeys(chosen):
        size = readable(size_of(each.directory))
        remove(each.directory)
        sys.stdout.write(f"removed {visible(each.key)} ({size})\n")
    return 0


def _one(known: tuple[KeptBuild, ...], key: str) -> KeptBuild:
    found = [each for each in known if each.key.startswith(key)]
    if not key or len(found) != 1:
        raise InputError(
            f"{key!r} names {len(found) or 'no'} builds",
            hint="see 'samego cache inputs', and write more of the key",
        )
    return found[0]
