"""``samego history``: results over time, and what changed."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from samego.cli import dates, output
from samego.cli.history_actions import add_actions
from samego.cli.options import Parser, Subparsers, add_format
from samego.cli.settings import settings
from samego.errors import InputError, ReportError
from samego.model.proof import Standing
from samego.model.report import Report
from samego.monitor.history import text
from samego.monitor.history.changes import changes, first_bad
from samego.monitor.history.contradictions import contradictions
from samego.monitor.history.forgetting import forgotten
from samego.monitor.history.inputs import inputs_runs, newest_of_each
from samego.monitor.history.objects import to_object
from samego.monitor.history.order import natural
from samego.monitor.history.rebuilds import newest, results_of
from samego.monitor.history.record import Run
from samego.monitor.history.rows import RunFilter
from samego.monitor.history.source import newest_of_each_source, source_runs
from samego.monitor.history.store import History, open_history
from samego.monitor.history.summing import counted, evidence_of_run, left_out, version_of
from samego.monitor.history.table import Row, table_lines, table_rows
from samego.monitor.history.undecided import undecided_runs
from samego.report.load import loads
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
    add_format(parser)
    parser.set_defaults(execute=execute)
    add_actions(parser)


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
            _everything(history, wanted, args)
        else:
            _overview(history, wanted, args)
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


def _everything(history: History, wanted: RunFilter, args: argparse.Namespace) -> None:
    """All runs, newest first, also those that do not count, and what was removed."""
    everything = replace(wanted, others=True)
    only_packages = _of_packages(wanted)
    runs = list(history.runs(everything))[::-1]
    rebuilds = [] if only_packages else history.rebuilds(everything)[::-1]
    left = _left_out(history, runs, wanted)
    open_ones = undecided_runs(history, wanted)
    gone = [] if only_packages else forgotten(history)
    tried = [] if only_packages else list(inputs_runs(history, wanted))[::-1]
    sources = [] if only_packages else list(source_runs(history, wanted))[::-1]
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
