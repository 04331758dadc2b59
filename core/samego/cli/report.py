"""``samego report REPORT... --to FORMAT``: reports in the formats of trackers and tools."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from samego.cli import dates, output
from samego.cli.options import Subparsers, add_output
from samego.errors import InputError
from samego.model.public_url import check_public
from samego.model.report import Report
from samego.model.survey import Survey
from samego.report import formats, load, load_survey, survey
from samego.report.summary import Summary
from samego.report.trackers import arch, debian, gorebuild, rb_spec, rebuilderd_v0
from samego.report.trackers.build import DatedReport, TrackedBuild, build_of
from samego.report.trackers.issues import Checked, Undecided
from samego.report.trackers.statuses import word
from samego.system.terminal import visible

#: Formats of several reports that say which suite they are of.
_TRACKERS: dict[str, Callable[[Iterable[TrackedBuild]], str]] = {
    "debian": debian.render,
    "debian-tracker": debian.render_tracker,
    "arch": arch.render,
    "rb-spec": rb_spec.render,
}
#: Those of one report in which what was found of several toolchains is written, too.
_OF_SURVEYS: dict[str, Callable[[Survey], str]] = {
    "text": survey.render,
    "json": survey.render_json,
    "markdown": survey.render_markdown,
}
FORMATS = (*formats.FORMATS, *_TRACKERS, rebuilderd_v0.NAME, gorebuild.NAME)


@dataclass(frozen=True, slots=True)
class _File:
    """One REPORT of the command line: its name, its bytes, and when it was written."""

    name: str
    data: bytes
    when: datetime


def configure(subparsers: Subparsers) -> None:
    """Add the parser."""
    parser = subparsers.add_parser(
        "report",
        help="convert reports to the formats of trackers and tools",
        description="Convert reports to another format. The trackers' formats state the result of"
        " rebuilding the packages and take several reports: the newest version of each package"
        " counts. docs/trackers.md defines their terms.",
        common=False,
    )
    parser.add_argument(
        "reports",
        metavar="REPORT",
        nargs="+",
        help="a report written with --format json; - for stdin",
    )
    parser.add_argument(
        "--to",
        "--format",
        dest="to",
        metavar="FORMAT",
        choices=FORMATS,
        required=True,
        help=f"one of {', '.join(FORMATS)}",
    )
    parser.add_argument(
        "--suite",
        metavar="NAME",
        default="",
        help="the suite that the packages are in, such as trixie or extra (for rebuilderd the"
        " component: main, extra); reports do not state it",
    )
    parser.add_argument(
        "--suite-of",
        metavar=("REPORT", "NAME"),
        nargs=2,
        action="append",
        default=[],
        help="the suite of one report; may be repeated for a report that is in several",
    )
    parser.add_argument(
        "--date",
        metavar="WHEN",
        type=dates.parse,
        help="when the reports were made, in UTC: 2026-11-23T17:00:00 or @SECONDS (default: each"
        " file's modification time)",
    )
    parser.add_argument(
        "--url",
        metavar="URL",
        default="",
        help="for rebuilderd-v0: the URL of the directory that holds the packages",
    )
    add_output(parser)
    parser.set_defaults(execute=execute)


def execute(args: argparse.Namespace) -> int:
    """Write the reports; status 0 whatever they say."""
    output.check_destination(args.output)
    files = [_read(name, args.date) for name in args.reports]
    output.deliver(_render(files, args), args.output)
    return 0


def _render(files: Sequence[_File], args: argparse.Namespace) -> str:
    form: str = args.to
    if form == gorebuild.NAME:
        return gorebuild.render([_rebuild(file) for file in files])
    if form in formats.SEVERAL:
        return formats.SEVERAL[form]([part for file in files for part in _parts(file)])
    if form in _OF_SURVEYS and len(files) == 1 and load_survey.is_survey(files[0].data):
        return _OF_SURVEYS[form](load_survey.loads(files[0].data, name=files[0].name))
    for file in files:
        if load_survey.is_survey(file.data):
            raise InputError(
                f"{file.name} is about several toolchains, and {form} about one",
                hint=f"choose {', '.join((*_OF_SURVEYS, *formats.SEVERAL))}",
            )
    reports = [load.loads(file.data, name=file.name) for file in files]
    if form in formats.SINGLE:
        if len(reports) > 1:
            raise InputError(f"{form} takes one report, not {len(reports)}", hint="name one")
        return formats.SINGLE[form](Summary(reports[0]))
    builds = _builds(files, reports, args)
    if form == rebuilderd_v0.NAME:
        return rebuilderd_v0.render(builds, check_public(args.url, "--url"))
    _print_left_out(builds, form)
    return _TRACKERS[form](builds)


def _parts(file: _File) -> Sequence[Checked | Undecided]:
    """What one file is about: one toolchain, or the several of a survey."""
    if load_survey.is_survey(file.data):
        return survey.parts(load_survey.loads(file.data, name=file.name))
    return [Checked(Summary(load.loads(file.data, name=file.name)))]


def _builds(
    files: Sequence[_File], reports: Sequence[Report], args: argparse.Namespace
) -> list[TrackedBuild]:
    """What trackers know of the reports, each in all the suites that the options name for it.

    Raises InputError for a report without a suite, or a suite without a report.
    """
    suites: dict[str, list[str]] = {}
    for name, suite in args.suite_of:
        suites.setdefault(visible(name), []).append(suite)
    unknown = suites.keys() - {file.name for file in files}
    if unknown:
        raise InputError(
            f"--suite-of names {min(unknown)}, which is not among the reports",
            hint="spell it as in the list of reports",
        )
    builds = []
    for file, report in zip(files, reports, strict=True):
        named = suites.get(file.name, [args.suite] if args.suite else [])
        if not named:
            raise InputError(f"no suite is named for {file.name}", hint="name it with --suite")
        builds += [build_of(DatedReport(report, suite, file.when)) for suite in named]
    return builds


def _print_left_out(builds: Sequence[TrackedBuild], form: str) -> None:
    """Print which packages have no row: without a rebuild, or undecided."""
    kind = form.partition("-")[0] if form.startswith(debian.NAME) else form
    for build in builds:
        if not word(kind, build.reproduction):
            why = build.reproduction.outcome.value if build.reproduction else "untested"
            what = visible(f"{build.source} {build.version} {build.suite} {build.architecture}")
            sys.stderr.write(f"samego: no row for {what}: {why.replace('_', ' ')}\n")


def _rebuild(file: _File) -> gorebuild.DatedRebuild:
    return gorebuild.DatedRebuild(gorebuild.read(file.data, name=file.name), file.when)


def _read(name: str, date: datetime | None) -> _File:
    if name == "-":
        now = datetime.now(timezone.utc)
        return _File(name, sys.stdin.buffer.read(load.LIMIT + 1), date or now)
    path = Path(name)
    data = load.read(path)
    written = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)
    return _File(visible(name), data, date or written)
