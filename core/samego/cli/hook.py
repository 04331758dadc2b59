"""``samego hook``: run samego from the distro's build tools."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from samego.cli.hook_run import add_run
from samego.cli.options import Subparsers
from samego.cli.own_command import own_command
from samego.integrations.hooks.install import install, remove, status
from samego.integrations.hooks.place import SystemPlace
from samego.integrations.hooks.registry import find, hooks
from samego.system.terminal import visible

SUMMARY = "run samego from the distro's build tools"


def configure(subparsers: Subparsers) -> None:
    """Add the subcommand's parser."""
    parser = subparsers.add_parser(
        "hook",
        help=SUMMARY,
        description="Install hooks in the tools that build and install packages. A hook checks what"
        " was built and keeps the report. By default it never fails the build.",
    )
    actions: Subparsers = parser.add_subparsers(
        title="actions", metavar="ACTION", dest="action", required=True
    )
    listing = actions.add_parser("list", help="list the hooks and show which are installed")
    _add_root(listing)
    listing.set_defaults(execute=execute_list)
    show = actions.add_parser("show", help="show every file that a hook installs")
    show.add_argument("name", metavar="NAME", help="a hook")
    _add_root(show)
    show.set_defaults(execute=execute_show)
    put = actions.add_parser("install", help="install a hook")
    put.add_argument("name", metavar="NAME", help="a hook")
    _add_root(put)
    put.set_defaults(execute=execute_install)
    away = actions.add_parser("remove", help="remove exactly what a hook installed")
    away.add_argument("name", metavar="NAME", help="a hook")
    _add_root(away)
    away.set_defaults(execute=execute_remove)
    add_run(actions)


def _add_root(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--root",
        metavar="DIR",
        type=Path,
        default=Path("/"),
        help="the root of another system, such as a chroot (default: /)",
    )


def execute_list(args: argparse.Namespace) -> int:
    """Print a line for each hook."""
    for registered in hooks():
        hook = registered.hook
        state = status(hook.name, args.root).state.value
        sys.stdout.write(f"{hook.name:<18} {state:<18} {registered.distro}: {hook.summary}\n")
    return 0


def execute_show(args: argparse.Namespace) -> int:
    """Print what a hook installs, and how it stands here."""
    registered = find(args.name)
    hook = registered.hook
    found = status(hook.name, args.root)
    sys.stdout.write(
        f"{hook.name}: {hook.summary}\n"
        f"called by {hook.caller} ({registered.distro}); {found.state.value}\n"
    )
    states = dict(found.files)
    for file in hook.files(own_command(args.root)):
        what = "a block in" if file.comment else "the file"
        state = f", {states[file.path].value}" if file.path in states else ""
        sys.stdout.write(f"\n{what} {file.path} (mode {file.mode:04o}{state}):\n")
        sys.stdout.writelines(f"    {line}".rstrip() + "\n" for line in file.text.splitlines())
    return 0


def execute_install(args: argparse.Namespace) -> int:
    """Install a hook and name what was written."""
    hook = find(args.name).hook
    command = own_command(args.root)
    written = install(hook, command, args.root)
    if not written:
        sys.stdout.write(f"{hook.name} is already installed\n")
    for path in written:
        sys.stdout.write(f"wrote {visible(path)}\n")
    words = shlex.split(command)
    program = Path(words[-1] if words[-1].startswith("/") else words[0])
    if not SystemPlace(args.root, str(program)).path.is_file():
        sys.stderr.write(
            f"samego: warning: there is no {program} in {visible(str(args.root))}, which the"
            " hook calls\n"
        )
    return 0


def execute_remove(args: argparse.Namespace) -> int:
    """Remove a hook and name what changed."""
    for path in remove(args.name, args.root):
        sys.stdout.write(f"removed the hook from {visible(path)}\n")
    return 0
