"""``samego history``: results over time, and what changed."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from samego.cli import dates, output
from samego.cli.options import Parser, Subparsers
from samego.cli.settings import settings
from samego.errors import InputError, ReportError
from samego.integrations.hooks.run import DEFAULT_SPOOL, SPOOL
from samego.model.proof import Standing
from samego.model.report import Report
from samego.monitor.history import text
from samego.monitor.history.changes import changes, first_bad
from samego.monitor.history.contradictions import contradictions
from samego.monitor.history.forgetting import forget, forgotten
from samego.monitor.history.importing import import_reports, user_numbers
from samego.monitor.history.inputs import inputs_runs, newest_of_each
from samego.monitor.history.objects import to_object
from samego.monitor.history.order import natural
from samego.monitor.history.rebuilds import newest, results_of
from samego.monitor.history.record import Run
from samego.monitor.history.rows import RunFilter, moment
from samego.monitor.history.source import newest_of_each_source, source_runs
from samego.monitor.history.store import History, open_history
from samego.monitor.history.summing import counted, evidence_of_run, left_out, version_of
from samego.monitor.history.table import Row, table_lines, table_rows
from samego.monitor.history.undecided import undecided_runs
from samego.report.load import loads
from samego.report.words import amount
from samego.system.terminal import visible

_BARS = (Standing.IDENTICAL, Standing.EQUIVALENT, Standing.EXPLAINED, Standing.UNPROVEN)


def configure(subparsers: Subparsers) -> None:
    """Add the parser."""
    parser = subparsers.add_parser(
        "history",
        help="show results over time and what changed",
        description="Show the result for each package's newest version. 'samego check' and 'samego"
        " rebuild' add their results; 'import' adds those of hooks, rebuilders and other machines."
        " Exit status: 0; 1 if --first-bad finds a bad version.",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--all",
        action="store_true",
        help="show every run, newest first, also those that do not count",
    )
    which.add_argument(
        "--changes", action="store_true", help="show what got better or worse, and since when"
    )
    which.add_argument(
        "--first-bad",
        metavar="PACKAGE",
        help="show the version since which this package does not pass",
    )
    which.add_argument(
        "--table",
        action="store_true",
        help="show each version on each architecture as a table in Markdown: verdict, seconds, and"
        " what is left",
    )
    _add_filters(parser)
    parser.add_argument(
        "--require",
        choices=[standing.value for standing in _BARS],
        default=Standing.EXPLAINED.value,
        help="the worst standing that passes for --first-bad (default: explained)",
    )
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="output format (default: text)"
    )
    parser.set_defaults(execute=execute)
    _add_actions(parser)


def _add_filters(parser: Parser) -> None:
    parser.add_argument("--distro", metavar="NAME", default="", help="only this distro")
    parser.add_argument("--package", metavar="NAME", default="", help="only this source package")
    parser.add_argument("--architecture", metavar="NAME", default="", help="only this architecture")
    parser.add_argument("--release", metavar="R", default="", help="only this Go release")
    parser.add_argument(
        "--since",
        metavar="WHEN",
        type=dates.parse,
        help="only since then (2026-11-23, or @SECONDS)",
    )


def _add_actions(parser: Parser) -> None:
    actions: Subparsers = parser.add_subparsers(title="actions", metavar="ACTION")
    bring = actions.add_parser(
        "import",
        help="add reports; one that is known is added once",
        description="Add JSON reports of checks, rebuilds, inputs and sources. Any other file is"
        " named and skipped; the exit status is then 2.",
    )
    bring.add_argument(
        "path",
        metavar="PATH",
        nargs="*",
        type=Path,
        help=f"files, or directories of files (default: ${SPOOL}, else {DEFAULT_SPOOL})",
    )
    bring.add_argument(
        "--suite", metavar="NAME", default="", help="the distro's suite that these packages are in"
    )
    bring.set_defaults(execute=execute_import)
    show = actions.add_parser("show", help="print a stored report, byte for byte")
    show.add_argument("digest", metavar="DIGEST", help="the start of its digest, as --all shows it")
    show.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="write to this file instead of stdout"
    )
    show.set_defaults(execute=execute_show)
    drop = actions.add_parser(
        "forget",
        help="remove a run; the reason is kept",
        description="Remove a check's run and its report. The same report cannot be imported again;"
        " --all lists what was removed, and why.",
    )
    drop.add_argument("digest", metavar="DIGEST", help="the start of its digest, as --all shows it")
    drop.add_argument("--reason", metavar="TEXT", required=True, help="why; it is kept")
    drop.set_defaults(execute=execute_forget)


def execute(args: argparse.Namespace) -> int:
    """Print what was asked for."""
    wanted = RunFilter(
        distro=args.distro,
        package=args.first_bad or args.package,
        architecture=args.architecture,
        release=args.release,
        # A change is of two runs, of which the first may be older.
        since=None if args.changes else args.since,
    )
    with open_history(settings(args).history_directory) as history:
        if args.first_bad:
            return _first_bad(history, wanted, args)
        if args.changes:
            found = [
                change
                for change in changes(counted(history, wanted))
                if args.since is None or change.since >= args.since
            ]
            _deliver(args, found, text.change_lines(found))
        elif args.table:
            runs = counted(history, wanted)
            open_ones = undecided_runs(history, wanted)
            rows = table_rows(runs, open_ones, lambda run: _report(history, run))
            shown = [row if isinstance(row, Row) else {"undecided": row} for row in rows]
            _deliver(args, shown, table_lines(rows))
        elif args.all:
            everything = replace(wanted, others=True)
            runs = list(history.runs(everything))[::-1]
            rebuilds = [] if _of_packages(wanted) else history.rebuilds(everything)[::-1]
            left = _left_out(history, runs, wanted)
            open_ones = undecided_runs(history, wanted)
            gone = [] if _of_packages(wanted) else forgotten(history)
            tried = [] if _of_packages(wanted) else list(inputs_runs(history, wanted))[::-1]
            sources = [] if _of_packages(wanted) else list(source_runs(history, wanted))[::-1]
            data = {
                "runs": runs,
                "rebuilds": rebuilds,
                "inputs": tried,
                "sources": sources,
                "undecided": open_ones,
                "not_counted": left,
                "forgotten": gone,
            }
            parts = [item for rebuild in rebuilds for item in results_of(rebuild)]
            lines = [*text.run_lines(runs, left), *text.rebuild_lines(parts)]
            lines += [
                *text.inputs_lines(tried),
                *text.source_lines(sources),
                *text.undecided_lines(open_ones),
            ]
            _deliver(args, data, [*lines, *text.forgotten_lines(gone)])
        else:
            _overview(history, wanted, args)
    return 0


def execute_import(args: argparse.Namespace) -> int:
    """Import, and print how many were new."""
    paths = args.path or [Path(os.environ.get(SPOOL, "") or DEFAULT_SPOOL)]
    config = settings(args)
    with open_history(config.history_directory) as history:
        owners = tuple(user_numbers(config.history_owners))
        result = import_reports(history, paths, args.suite, owners=owners)
    output.deliver(f"{amount(result.new, 'report')} imported, {result.known:,} known\n", None)
    if result.others:
        who = ", ".join(f"{count:,} of {owner}" for owner, count in result.others.items())
        sys.stderr.write(f"samego: not counted, because other users own the files: {who}\n")
    if result.refused:
        rest = len(result.refused) - 1
        more = f" (and {rest:,} more)" if rest else ""
        raise InputError(
            f"skipped: {result.refused[0]}{more}", hint="correct the file or leave it out"
        )
    return 0


def execute_forget(args: argparse.Namespace) -> int:
    """Remove a run, and say what it was."""
    with open_history(settings(args).history_directory) as history:
        run = forget(history, args.digest, args.reason, moment(time.time()))
    name = visible(f"{run.package} {run.version} {run.architecture}")
    output.deliver(f"removed: {name}, {run.verdict.value}, report {run.digest[:12]}\n", None)
    return 0


def execute_show(args: argparse.Namespace) -> int:
    """Write a report's bytes."""
    output.check_destination(args.output)
    with open_history(settings(args).history_directory) as history:
        data = history.report(history.find(args.digest))
    output.deliver(data.decode(), args.output)
    return 0


def _overview(history: History, wanted: RunFilter, args: argparse.Namespace) -> None:
    everything = list(history.runs(replace(wanted, others=True)))
    runs = counted(history, wanted)
    left = len([run for run in everything if not run.owner]) - len(runs)
    disputed = contradictions(everything, partial(evidence_of_run, history))
    found = newest([] if _of_packages(wanted) else history.rebuilds(wanted))
    found.sort(key=lambda item: (natural(item.run.release), item.target, item.bootstrap))
    rebuilds = list({item.run.digest: item.run for item in found}.values())
    tried = [] if _of_packages(wanted) else newest_of_each(inputs_runs(history, wanted))
    sources = [] if _of_packages(wanted) else newest_of_each_source(source_runs(history, wanted))
    waiting = history.waiting()
    open_ones = [
        each
        for each in undecided_runs(history, wanted)
        if each.seconds is not None  # the others wait, which is said of them
    ]
    current = text.newest_versions(runs)
    data = {
        "contradictions": disputed,
        "runs": current,
        "rebuilds": rebuilds,
        "inputs": tried,
        "sources": sources,
        "undecided": open_ones,
        "waiting": waiting,
        "others": [run for run in everything if run.owner],
        "not_counted": left,
    }
    lines = [
        *text.contradiction_lines(disputed),
        *text.run_lines(current),
        *text.rebuild_lines(found),
        *text.inputs_lines(tried),
        *text.source_lines(sources),
        *text.undecided_lines(open_ones),
        *text.waiting_lines(waiting),
        *text.others_lines(everything),
        *text.left_lines(left),
    ]
    if not lines:
        lines = [f"no such result in {visible(str(history.directory))}"]
    _deliver(args, data, lines)


def _left_out(history: History, runs: Iterable[Run], wanted: RunFilter) -> dict[str, str]:
    """Why runs do not count, by digest."""
    known = {run.digest for run in counted(history, wanted)}
    versions = {version_of(run) for run in runs if run.digest not in known}
    reasons = (left_out(history, version) for version in versions)
    return {digest: why for found in reasons for digest, why in found.items()}


def _report(history: History, run: Run) -> Report | None:
    """A run's report; None for one that this samego cannot read."""
    digest = run.shown or run.digest
    try:
        return loads(history.report(digest), name=f"report {digest}")
    except ReportError:
        return None


def _first_bad(history: History, wanted: RunFilter, args: argparse.Namespace) -> int:
    runs = counted(history, wanted)
    if not runs:
        raise InputError(
            f"the history has no run of {visible(args.first_bad)} that counts",
            hint="name a source package, as 'samego history' lists them",
        )
    falls = first_bad(runs, Standing(args.require))
    lines = text.fall_lines(falls) or [f"no newest version of {visible(args.first_bad)} is bad"]
    _deliver(args, falls, lines)
    return 1 if falls else 0


def _of_packages(wanted: RunFilter) -> bool:
    """Whether the filter is for what only packages have."""
    return bool(wanted.distro or wanted.package or wanted.architecture)


def _deliver(args: argparse.Namespace, data: object, lines: Iterable[str]) -> None:
    if args.format == "json":
        output.deliver(json.dumps(to_object(data), indent=2) + "\n", None)
    else:
        output.deliver("".join(f"{line.rstrip()}\n" for line in lines), None)
