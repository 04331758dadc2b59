"""``samego watch``: check what is new upstream and in the distros, and report changes."""

from __future__ import annotations

import argparse
import sys
import time

from samego.cli import output
from samego.cli.options import Subparsers, add_endpoint, add_format
from samego.cli.progress import listen
from samego.cli.settings import settings
from samego.errors import InputError
from samego.model.written import parse_size
from samego.monitor.history import posted, waiting
from samego.monitor.history.rows import moment
from samego.monitor.history.store import History, open_history
from samego.monitor.watch.jobs import JobSettings, Where
from samego.monitor.watch.message import render_json, render_text
from samego.monitor.watch.notify import words
from samego.monitor.watch.pool import PoolLimits
from samego.monitor.watch.watching import Pass, WatchOptions, alone, watch
from samego.report.words import amount

_MOST_JOBS = 64
#: The memory of a run where none is stated: a check of a distro's package takes a third of
#: it, the compiler's own build some GiB.
_CHECK_MEMORY = 1 << 30
_REBUILD_MEMORY = 4 << 30
#: Less than this no check ends well in.
_LEAST_MEMORY = 256 << 20


def configure(subparsers: Subparsers) -> None:
    """Add the parser."""
    parser = subparsers.add_parser(
        "watch",
        help="check what is new upstream and in the distros",
        description="Run one pass: read upstream's lists and the distros' suites, check what is"
        " new, add it to the history, and report what changed. A later pass retries what failed."
        " Exit status: 1 if a result got worse, or upstream changed or withdrew a file; else 2 if"
        " something could not be read, checked or reported; else 0.",
    )
    parser.add_argument(
        "--sweep",
        metavar="WHAT",
        nargs="+",
        default=[],
        help="check or rebuild these instead, new or not: names or files as for 'samego check',"
        " 'all' for all that the suites hold, releases (go1.24.4) or ranges (go1.21..go1.27)."
        " Run it again to continue an interrupted sweep",
    )
    _add_runs(parser)
    parser.add_argument(
        "--notify",
        metavar="COMMAND",
        default="",
        help="run this command for each change, with its JSON on stdin (no shell)",
    )
    add_format(parser)
    parser.add_argument("--retry", action="store_true", help="retry all waiting checks now")
    parser.add_argument(
        "--believe",
        action="store_true",
        help="accept an upstream list even if most of its entries are gone",
    )
    instead = parser.add_argument_group("instead of a pass").add_mutually_exclusive_group()
    instead.add_argument(
        "--waiting", action="store_true", help="only show waiting checks and open changes"
    )
    instead.add_argument(
        "--seen",
        action="store_true",
        help="acknowledge what upstream changed or withdrew until now",
    )
    instead.add_argument(
        "--forget", metavar="NAME", nargs="+", help="drop the waiting checks of these names"
    )
    parser.set_defaults(execute=execute, parser=parser)


def _add_runs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=int,
        default=1,
        help="how many checks run at the same time (default: 1)",
    )
    parser.add_argument(
        "--memory",
        metavar="SIZE",
        help="memory for all checks together, such as 4GiB (default: 1 GiB each, 4 with --rebuild)",
    )
    parser.add_argument(
        "--rebuild",
        action="store_true",
        help="prove executables by a rebuild, as 'samego check --rebuild' does",
    )
    parser.add_argument(
        "--rebuild-releases",
        choices=[where.value for where in Where],
        help="where to rebuild new releases (default: no; with --sweep: here)",
    )
    add_endpoint(parser)


def execute(args: argparse.Namespace) -> int:
    """Do a pass and print its result, or what the options request instead."""
    options = options_from(args)
    with open_history(options.settings.config.history_directory) as history:
        if args.waiting:
            done = _shown(history)
        elif args.seen:
            number = posted.acknowledge(history, moment(time.time()))
            sys.stdout.write(f"{amount(number, 'file')} seen\n")
            return 0
        elif args.forget:
            return _forget(history, args.forget)
        else:
            with alone(history.directory), listen(quiet=args.quiet) as progress:
                done = watch(options, history, progress)
    write = render_json if args.format == "json" else render_text
    output.deliver(write(done), None)
    return done.exit_status


def options_from(args: argparse.Namespace) -> WatchOptions:
    """The options from the command line and the configuration.

    Raises ConfigError, and InputError for what cannot be meant.
    """
    config = settings(args)
    default = Where.HERE if args.sweep else Where.NOWHERE
    where = Where(args.rebuild_releases) if args.rebuild_releases else default
    if args.sweep and where is Where.NOWHERE:
        raise InputError(
            "--sweep needs to know what to do", hint="say --rebuild-releases here or rebuilderd"
        )
    builds = args.rebuild or where is Where.HERE
    return WatchOptions(
        JobSettings(config, args.config, rebuild=args.rebuild),
        _limits(args, config.deadline_watch, builds=builds),
        where=where,
        sweep=tuple(args.sweep),
        notify=words(args.notify) if args.notify else (),
        endpoint=args.endpoint,
        retry=args.retry,
        believe=args.believe,
    )


def _limits(args: argparse.Namespace, patience: float, *, builds: bool) -> PoolLimits:
    if not 1 <= args.jobs <= _MOST_JOBS:
        raise InputError(
            f"--jobs {args.jobs} is not possible", hint=f"write a number from 1 to {_MOST_JOBS}"
        )
    if args.memory is None:
        memory = _REBUILD_MEMORY if builds else _CHECK_MEMORY
        return PoolLimits(args.jobs, memory, patience)
    each = parse_size(args.memory, "--memory") // args.jobs
    if each < _LEAST_MEMORY:
        raise InputError(
            f"--memory {args.memory} leaves {each >> 20} MiB to each of {args.jobs}",
            hint=f"a check needs {_LEAST_MEMORY >> 20} MiB: raise --memory or lower --jobs",
        )
    return PoolLimits(args.jobs, each, patience)


def _shown(history: History) -> Pass:
    return Pass(moment(time.time()), standing=posted.standing(history), waiting=history.waiting())


def _forget(history: History, names: list[str]) -> int:
    with history.transaction():
        rows = [row for row in history.waiting() if row.spec in names]
        missing = sorted(set(names) - {row.spec for row in rows})
        if missing:
            raise InputError(
                f"no check or rebuild named {missing[0]!r} waits",
                hint="see 'samego watch --waiting'",
            )
        for row in rows:
            waiting.drop(history, row)
    sys.stdout.write(f"{amount(len(rows), 'name')} forgotten\n")
    return 0
