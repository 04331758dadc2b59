"""What the commands that run a distro's rebuilder share: options, one report, one status.

Two questions are asked of the same packages and answered side by side: whether they are
upstream's Go (as ``samego check`` asks), and whether a rebuild gives them. The first comes
first: a rebuild takes long, and what cannot be decided about upstream ends the run.
"""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from samego.check.run import check
from samego.cli import check as checking
from samego.cli import output
from samego.cli.memory import share_one_arena
from samego.cli.options import Parser
from samego.cli.progress import listen
from samego.cli.recording import record
from samego.errors import InputError, VerificationError
from samego.model.report import Report
from samego.model.reproduction import Reproduction, exit_status
from samego.report.headline import headline
from samego.report.reproduction import headline as rebuild_headline
from samego.report.summary import Summary
from samego.reproduce import rebuilder
from samego.system.progress import Progress
from samego.system.terminal import visible

EXIT_STATUS = (
    " Exit status: 0 the rebuild made the same packages, and they pass against upstream; 1 it made"
    " others, or they do not pass; 2 could not decide."
)


@dataclass(frozen=True, slots=True)
class Shipped:
    """The packages that were shipped: files of ``distro``, and what their digests must be."""

    distro: str
    digests: Mapping[Path, str]


def add_options(parser: Parser, tool: str) -> None:
    """Add what both commands take; the words after ``--`` are the tool's."""
    parser.passed_on = "tool_options"
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--keep",
        metavar="DIR",
        type=Path,
        help=f"a new or empty directory for {tool}'s packages and log (default: NAME.rebuilt)",
    )
    where.add_argument(
        "--rebuilt",
        metavar="DIR",
        type=Path,
        help=f"run nothing; compare the packages that {tool} wrote to this directory",
    )
    checking.add_options(parser)


def refuse_options(args: argparse.Namespace, reserved: tuple[str, ...], instead: str) -> None:
    """Refuse the tool's options that say where it writes, and any where it is not run.

    ``reserved`` are the beginnings of such words. Raises InputError.
    """
    words: tuple[str, ...] = args.tool_options
    if words and args.rebuilt is not None:
        raise InputError(
            f"{visible(words[0])} has no effect: with --rebuilt no rebuilder runs",
            hint="leave out one of the two",
        )
    for word in words:
        if word.startswith(reserved):
            raise InputError(f"{visible(word)} is set by samego", hint=instead)


@contextmanager
def workplace(args: argparse.Namespace, name: str) -> Iterator[Path]:
    """The directory for what a rebuild writes, absolute; nothing of it stays if none began."""
    directory = rebuilder.prepare(args.keep or Path(f"{name}.rebuilt"))
    try:
        yield directory
    finally:
        with contextlib.suppress(OSError):
            directory.rmdir()  # only an empty one


def answer(
    args: argparse.Namespace, shipped: Shipped, reproduce: Callable[[Progress], Reproduction]
) -> int:
    """Check the packages against upstream, rebuild them, deliver the report; the exit status.

    Raises VerificationError when a package is not what its digest says.
    """
    what = tuple(map(str, shipped.digests))
    options = replace(checking.options_for(args, what), distro=shipped.distro)
    share_one_arena()
    output.check_destination(args.output)
    with listen(quiet=args.quiet) as progress:
        report = check(options, progress)
        _same_packages(report, shipped)
        began = time.monotonic()
        reproduction = reproduce(progress)
        timings = {**report.timings, "reproducing": time.monotonic() - began}
        summary = Summary(replace(report, reproduction=reproduction, timings=timings))
        if args.output is not None:
            progress.note(headline(summary))
            progress.note(rebuild_headline(reproduction))
    result = output.format_report(
        summary, args.format, verbose=bool(args.verbose), destination=args.output
    )
    output.deliver(result, args.output)
    record(summary, None, options.config)
    return exit_status(reproduction, passes=summary.passes)


def _same_packages(report: Report, shipped: Shipped) -> None:
    """The compared files must be those that were checked: a file may have changed meanwhile."""
    for package in report.subject.packages:
        if package.path is None or shipped.digests.get(package.path) != package.sha256:
            raise VerificationError(
                f"{package.path or package.name} differs from its recorded checksum",
                hint="it was changed while it was read: get it again",
            )
