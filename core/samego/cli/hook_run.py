"""``samego hook run``: called by installed hooks, in any environment."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import TextIO

from samego.check.options import CheckOptions
from samego.cli.main import ERROR, exit_status
from samego.cli.memory import share_one_arena
from samego.cli.options import Subparsers
from samego.cli.own_command import shown_command
from samego.cli.settings import settings
from samego.errors import OutOfTimeError, SamegoError
from samego.integrations.hooks.run import enforced, rebuilds, run
from samego.model.secrets import public_text
from samego.system import environment, supervised
from samego.system.progress import Silent
from samego.system.terminal import visible
from samego.system.user_error import as_samego_error

#: The prefix of each line of a hook, which appears within another program's output.
_PREFIX = "samego: "


def add_run(actions: Subparsers) -> None:
    """Add the parser of ``samego hook run``."""
    parser = actions.add_parser(
        "run",
        help="check what was built and keep the report (called by installed hooks)",
        description="Check what was built, write the report to SAMEGO_SPOOL (default:"
        " /var/lib/samego/reports) and print two lines. Exit status: 0. With SAMEGO_ENFORCE set to"
        " identical, equivalent or explained: 1 for a worse result, 2 could not decide. With"
        " SAMEGO_REBUILD=1 a rebuild proves the executables.",
    )
    parser.add_argument("name", metavar="NAME", help="the name of the hook")
    parser.add_argument(
        "what", metavar="WHAT", nargs="*", help="packages or a .changes file, as for 'samego check'"
    )
    parser.add_argument(
        "--installed", metavar="PACKAGE", nargs="?", const="", help="check what is installed here"
    )
    parser.set_defaults(execute=execute_run)


def execute_run(args: argparse.Namespace) -> int:
    """Check what was built. Status 0, or with SAMEGO_ENFORCE what ``samego check`` gives."""
    return exit_status(lambda: _run(args), prefix=_PREFIX)


def _run(args: argparse.Namespace) -> int:
    environment.clean()
    _settle_home()
    _settle_streams()
    required = enforced(os.environ)
    try:
        config = settings(args)
        rebuilds_here = rebuilds(os.environ)
    except SamegoError as error:
        return _not_decided(error, required)
    deadline = config.deadline_rebuild if rebuilds_here else config.deadline_hook
    end = supervised.run(
        lambda: exit_status(lambda: _check(args, required), prefix=_PREFIX), deadline
    )
    if end.late:
        late = OutOfTimeError(
            f"the check took longer than {deadline:g} s and was ended",
            hint="check the network, or raise the limit ([deadline] in the configuration)",
        )
        return _not_decided(late, required)
    if end.status < 0 or end.status > ERROR:
        what = signal.Signals(-end.status).name if end.status < 0 else f"status {end.status}"
        broken = SamegoError(f"the check was ended by {what}", hint="run it again")
        return _not_decided(broken, required)
    return end.status


def _not_decided(error: SamegoError, required: str | None) -> int:
    """Print the error; it fails the build only if SAMEGO_ENFORCE is set."""
    if required is not None:
        raise error
    lines = (f"not decided: {error.message}", *error.lines[1:])
    # The build goes on even if this cannot be printed.
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write("".join(f"{_PREFIX}{visible(public_text(line))}\n" for line in lines))
    _settle_outputs()
    return 0


def _check(args: argparse.Namespace, required: str | None) -> int:
    share_one_arena()
    try:
        program = shown_command()
        outcome = run(args.name, _options(args), os.environ, Silent(), program=program)
        for line in outcome.lines:
            sys.stdout.write(f"{_PREFIX}{visible(line)}\n")
        sys.stdout.flush()
    except Exception as error:
        if required is not None:
            raise
        if os.environ.get("SAMEGO_DEBUG") == "1":
            sys.stderr.write(public_text(traceback.format_exc()))
        return _not_decided(as_samego_error(error), required)
    return 1 if required is not None and outcome.passes is False else 0


def _settle_outputs() -> None:
    """Empty the buffers, which would fail again at exit and end the process."""
    for stream in (sys.stdout, sys.stderr):
        _settle(stream)


def _settle(stream: TextIO) -> None:
    try:
        stream.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def _options(args: argparse.Namespace) -> CheckOptions:
    installed = args.installed is not None
    return CheckOptions(
        what=(*args.what, *([args.installed] if args.installed else [])),
        installed=installed,
        tree=_tree(),
        config=settings(args),
    )


def _tree() -> Path | None:
    """Where the hook runs: the source tree, where the build's tool calls it there."""
    try:
        return Path.cwd()
    except OSError:
        return None  # it is gone


def _settle_streams() -> None:
    """Discard output where the caller closed stdout or stderr."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, io.StringIO())


def _settle_home() -> None:
    """Give a user without a home one that does not exist.

    Without it, ``~`` would be a directory of that name where the build happens to run.
    """
    try:
        known = Path("~").expanduser().is_absolute()
    except RuntimeError:
        known = False
    if not known:
        os.environ["HOME"] = "/nonexistent"
