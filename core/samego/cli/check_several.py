"""``samego check`` of several toolchains that were named, with one summary."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from samego.check.options import CheckOptions
from samego.check.run import work_directory
from samego.check.several import check_several, groups_named
from samego.cli import check_all, output
from samego.cli.memory import share_one_arena
from samego.cli.progress import listen
from samego.cli.recording import record, record_undecided
from samego.report import survey as surveys
from samego.report.summary import Summary
from samego.system.progress import Silent

#: What says of one toolchain what it is, by the attribute of the arguments.
_OF_ONE = {
    "release": "--release",
    "target": "--target",
    "upstream": "--upstream",
    "source": "--source",
}


def groups_of(args: argparse.Namespace, options: CheckOptions) -> list[tuple[str, ...]]:
    """What was named in groups of one toolchain each. Raises InputError and ConfigError."""
    if args.installed is not None or not args.what:
        return []
    if len(args.what) == 1 and not Path(args.what[0]).is_dir():
        return [tuple(args.what)]
    # Who says what one toolchain is names one: opening it reports what is not of it.
    if Path(args.what[0]).is_file() and _of_one(args):
        return [tuple(args.what)]
    with work_directory() as work:
        return groups_named(options, work, Silent())


def _of_one(args: argparse.Namespace) -> list[str]:
    """The options that were given and are about one toolchain."""
    return [shown for name, shown in _OF_ONE.items() if getattr(args, name) is not None]


def execute(args: argparse.Namespace, options: CheckOptions, groups: list[tuple[str, ...]]) -> int:
    """Check them all, deliver the survey, and return the status of the worst."""
    for shown in _of_one(args):
        args.parser.error(
            f"{len(groups)} toolchains are named, and {shown} is about one: name one with it"
        )
    check_all.refuse_page(args)
    share_one_arena()
    output.check_destination(args.output)
    with work_directory() as work, listen(quiet=args.quiet) as progress:
        survey = check_several(
            groups, options, work, progress, partial(record_undecided, options.config)
        )
        if args.output is not None:
            progress.note(surveys.headline(survey))
    check_all.deliver(survey, args)
    for each in survey.toolchains:
        if each.report is not None:
            record(Summary(each.report), None, options.config)
    return surveys.exit_status(survey)
