"""What the backends for rebuilderd share, and the run of a distro's own backend.

A distro's backend is the script of its rebuilderd-worker. It runs first and as it
is: whatever it leaves in REBUILDERD_OUTDIR stays as it was left, and what is no Go toolchain
is passed over. Only then is it asked what came of a toolchain, and nothing that goes wrong
there can spoil the rebuild.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from samego.check.options import CheckOptions
from samego.check.run import check
from samego.cli.memory import share_one_arena
from samego.cli.options import Parser, Subparsers
from samego.cli.progress import listen
from samego.cli.settings import settings
from samego.errors import ConfigError, InputError, ReportsDirectoryError, SamegoError
from samego.integrations.hooks.run import DEFAULT_SPOOL, SPOOL
from samego.integrations.rebuilderd.result import BackendResult, line, new_marker, opening
from samego.model.reproduction import Outcome, Reproduction, exit_status
from samego.report import json
from samego.report.headline import headline
from samego.report.reports_directory import keep_text, report_name
from samego.report.reproduction import headline as rebuild_headline
from samego.report.reproduction import lines as rebuild_lines
from samego.report.summary import Summary
from samego.reproduce import rebuilder
from samego.system import environment, supervised
from samego.system.deadline import deadline
from samego.system.hashing import sha256_file
from samego.system.progress import Progress
from samego.system.terminal import visible
from samego.system.user_error import as_samego_error

OUTDIR = "REBUILDERD_OUTDIR"


@dataclass(frozen=True, slots=True)
class BackendOutput:
    """What a distro's backend left of a Go toolchain.

    ``shipped`` are the shipped packages, to be compared with upstream's; ``lacking`` names one
    without which that cannot be decided.
    ``first`` is the shipped file that the answer's digests are of, and ``second`` its rebuild.
    """

    reproduction: Reproduction
    shipped: tuple[Path, ...]
    first: Path | None = None
    second: Path | None = None
    lacking: str = ""


#: Says what a backend left in a directory for an input; None when that is no toolchain.
Examine = Callable[[Path, Path], BackendOutput | None]


def output_directory(environ: Mapping[str, str]) -> Path:
    """Where a backend leaves its output. Raises ConfigError when the variable is not set."""
    named = environ.get(OUTDIR, "")
    path = Path(named)
    if not named or not path.is_dir():
        raise ConfigError(
            f"{OUTDIR} is {f'no directory ({visible(named)})' if named else 'not set'}",
            hint="rebuilderd-worker sets it: have it run this, or set it to an empty directory",
        )
    return path.absolute()


def kept(text: str, stem: str, environ: Mapping[str, str]) -> tuple[str, str]:
    """Keep a report; its path (empty when it could not be) and a line that says so."""
    try:
        path = keep_text(text, stem, Path(environ.get(SPOOL, "") or DEFAULT_SPOOL))
    except ReportsDirectoryError as error:
        return "", f"warning: {error}"
    return str(path), f"the report: {path}"


def begin() -> str:
    """Write the line that opens this run in the build's log; the run's marker."""
    marker = new_marker()
    sys.stdout.write(f"{opening(marker)}\n")
    sys.stdout.flush()
    return marker


def print_result(lines: Iterable[str], result: BackendResult, marker: str) -> None:
    """Write what a person reads, then the line that a program reads, to the build's log."""
    text = "".join(f"{visible(each)}".rstrip() + "\n" for each in lines)
    encoding = sys.stdout.encoding or "utf-8"
    # What was printed before may have left a line without its end.
    sys.stdout.write("\n" + text.encode(encoding, "backslashreplace").decode(encoding))
    sys.stdout.write(f"{line(result, marker)}\n")
    sys.stdout.flush()


def add_parser(subparsers: Subparsers, name: str, script: Path, what: str) -> Parser:
    """Add a distro's parser; ``script`` is the backend that its rebuilderd-worker brings."""
    parser = subparsers.add_parser(
        name,
        help=f"run rebuilderd-worker's own backend, then check what it built of {what}",
        description="Run the backend that rebuilderd-worker brings and leave its files as they"
        f" are. Then compare {what} with upstream's; ignore other packages. Exit status: for other"
        " packages the backend's; else 0 reproduced and upstream's, 1 not, 2 not decided.",
    )
    parser.add_argument(
        "input", metavar="INPUT", type=Path, help="the file that rebuilderd-worker passes"
    )
    parser.add_argument(
        "--backend",
        metavar="PROGRAM",
        type=Path,
        default=script,
        help=f"the backend to run (default: {script})",
    )
    return parser


def run(args: argparse.Namespace, distro: str, examine: Examine) -> int:
    """Run the distro's backend, then examine what it left; the exit status."""
    directory = output_directory(os.environ)
    marker = begin()
    # Processes that a build left could still change its output, and print after us.
    with supervised.nothing_left():
        status = rebuilder.run_through((str(args.backend), str(args.input)))
    try:
        share_one_arena()
        config = settings(args)
        with (
            environment.own(),
            deadline(config.deadline_backend, "the check of what was rebuilt"),
            listen(quiet=args.quiet) as progress,
        ):
            progress.stage("comparing the rebuilt packages")
            found = examine(args.input, directory)
            if found is None:
                progress.note(f"{args.input.name} holds no Go toolchain: skipped")
                return status
            return _answer(args, distro, found, progress, marker)
    except Exception as error:  # noqa: BLE001 - the rebuild itself stands, whatever happens here
        cause = str(as_samego_error(error))
        result = BackendResult(
            distro, args.input.name, Outcome.NOT_RUN, cause=cause, samego=version("samego")
        )
        with contextlib.suppress(OSError, ValueError):
            print_result((f"samego: not decided: {cause}",), result, marker)
        return status or 2


def _answer(
    args: argparse.Namespace, distro: str, found: BackendOutput, progress: Progress, marker: str
) -> int:
    """Check the shipped packages against upstream, and print both answers."""
    reproduction = found.reproduction
    result = BackendResult(
        distro,
        args.input.name,
        reproduction.outcome,
        cause=reproduction.reason,
        input_sha256=_digest(found.first),
        rebuilt_sha256=_digest(found.second),
        samego=version("samego"),
    )
    lines = [rebuild_headline(reproduction), *rebuild_lines(reproduction)]
    try:
        if found.lacking:
            raise InputError(
                f"the shipped {found.lacking} is missing",
                hint="register all packages of that build with the daemon, or run 'samego check'",
            )
        options = CheckOptions(
            what=tuple(map(str, found.shipped)),
            # A package may lie in the build's own directory, where the build could also have
            # left a source package that explains its own changes.
            source_places=(args.input.parent,),
            distro=distro,
            config=settings(args),
        )
        report = replace(check(options, progress), reproduction=reproduction)
    except SamegoError as error:
        cause = "; ".join(filter(None, (reproduction.reason, f"upstream: {error.cause}")))
        lines.append(f"Not compared with upstream: {error}")
        print_result(lines, replace(result, cause=cause), marker)
        return exit_status(reproduction, passes=True) or 2
    summary = Summary(report)
    path, second = kept(json.render(summary), report_name(report, time.time()), os.environ)
    from_upstream = summary.verdict.value
    final = replace(result, upstream=from_upstream, report=path)
    print_result((headline(summary), *lines, second), final, marker)
    return exit_status(reproduction, passes=summary.passes)


def _digest(path: Path | None) -> str:
    return sha256_file(path) if path is not None and path.is_file() else ""
