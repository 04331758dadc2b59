"""``samego check WHAT...``: compare a distro's Go with upstream's."""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import partial
from pathlib import Path

from samego.check.options import CheckOptions
from samego.check.run import check
from samego.cli import check_all, check_several, checkpoint, output
from samego.cli.memory import share_one_arena
from samego.cli.options import Parser, Subparsers
from samego.cli.progress import listen
from samego.cli.recording import record, record_undecided
from samego.cli.settings import settings, waivers_of
from samego.compare.verdict import BARS, bar_of
from samego.config import CHANNELS, REBUILD_CHANNEL
from samego.model.proof import Standing
from samego.model.release import Release, Target
from samego.reference.job import ReferenceKind
from samego.report.headline import headline
from samego.report.summary import Summary
from samego.upstream.connect import connect

SUMMARY = "compare a distro's Go with upstream's, file by file"


def configure(subparsers: Subparsers) -> None:
    """Add the parser."""
    parser = subparsers.add_parser(
        "check",
        help=SUMMARY,
        description="Compare a distro's Go with upstream's files of the same release and target."
        " Each difference is proven harmless or reported. Exit status: 0 passes, 1 differs,"
        " 2 could not decide.",
    )
    _add_what(parser)
    add_options(parser)
    checkpoint.add_option(parser)
    parser.set_defaults(execute=execute, parser=parser)


def add_options(parser: Parser) -> None:
    """Add what every check against upstream takes, and the options of its report."""
    add_check_options(parser)
    output.add_options(parser)


def add_check_options(parser: Parser) -> None:
    """Add what every check against upstream takes, whatever is checked."""
    _add_upstream(parser)
    parser.bare = {"--rebuild": f"--rebuild={ReferenceKind.QUICK.value}"}
    parser.add_argument(
        "--rebuild",
        metavar="quick|full",
        choices=[kind.value for kind in ReferenceKind],
        help="build upstream's source here with the package's settings to prove its executables:"
        " quick (default) runs 'go install cmd' with upstream's toolchain, full runs make.bash;"
        " where no channel has upstream's file, it is built here first",
    )
    parser.add_argument(
        "--require",
        choices=BARS,
        default=Standing.EXPLAINED.value,
        help="the worst standing that passes (default: explained); unpatched is explained, and no"
        " patch of the distro changes code that runs",
    )
    parser.add_argument(
        "--waive",
        metavar="PATH",
        action="append",
        default=[],
        help="accept what this file breaks; may be repeated",
    )
    parser.add_argument(
        "--waivers",
        metavar="FILE",
        type=Path,
        help="accept what the lines of this file take, each with a reason; every report says so"
        " (docs/waivers.md)",
    )


def execute(args: argparse.Namespace) -> int:
    """Check, deliver the report, and return 0 when it passes, else 1."""
    if args.checkpoint is not None:
        with listen(quiet=args.quiet) as progress, connect(settings(args)) as (upstream, _):
            checkpoint.confirm(args.checkpoint, upstream, progress)
    if args.all or args.root is not None or check_all.names_an_image(args):
        return check_all.execute(args, options_for(args, ()))
    options = replace(options_for(args, tuple(args.what)), distro=args.distro)
    groups = check_several.groups_of(args, options)
    if len(groups) > 1:
        return check_several.execute(args, options, groups)
    return check_one(args)


def check_one(args: argparse.Namespace) -> int:
    """Check what is named as one toolchain, and do the rest as :func:`execute` does."""
    options = options_from(args)
    share_one_arena()
    output.check_destination(args.output)
    with listen(quiet=args.quiet) as progress:
        undecided = partial(record_undecided, options.config)
        summary = Summary(check(options, progress, undecided))
        if args.output is not None:
            progress.note(headline(summary))
    result = output.format_report(
        summary, args.format, verbose=bool(args.verbose), destination=args.output
    )
    output.deliver(result, args.output)
    record(summary, result if args.format == "json" else None, options.config)
    return 0 if summary.passes else 1


def options_from(args: argparse.Namespace) -> CheckOptions:
    """The options of a check from the command line and the configuration.

    Raises ConfigError and UnknownReleaseError; exits with status 2 when nothing is named.
    """
    what = (*args.what, *([args.installed] if args.installed else []))
    if not what and args.installed is None:
        args.parser.error("name what to check, or --installed")
    return replace(
        options_for(args, what), installed=args.installed is not None, distro=args.distro
    )


def options_for(args: argparse.Namespace, what: tuple[str, ...]) -> CheckOptions:
    """The options of a check of ``what`` from those of :func:`add_options`."""
    required, unpatched = bar_of(args.require)
    config = settings(args)
    return CheckOptions(
        what=what,
        release=Release.parse(args.release) if args.release is not None else None,
        target=Target.parse(args.target) if args.target is not None else None,
        upstream=args.upstream,
        source=args.source,
        allow_unverified=args.allow_unverified,
        rebuild=ReferenceKind(args.rebuild) if args.rebuild else None,
        waive=tuple(args.waive),
        waivers=waivers_of(args.waivers, config),
        waivers_file=args.waivers,
        required=required,
        unpatched=unpatched,
        config=config,
    )


def _add_what(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        metavar="WHAT",
        nargs="*",
        help="package files, a .changes or .buildinfo file, a wheel or npm package, a directory of"
        " packages, a GOROOT directory, a container image (an OCI layout or what docker save"
        " wrote), or a name such as debian:trixie/golang-1.24; files of one build are one"
        " toolchain, and several toolchains are checked one after the other",
    )
    parser.add_argument(
        "--installed",
        metavar="NAME",
        nargs="?",
        const="",
        help="check what the package manager installed here, or only this package",
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="check every Go toolchain of this machine: the package manager's, the go command's"
        " module caches, /usr/local/go, ~/sdk, tool caches, the one that PATH leads to",
    )
    parser.add_argument(
        "--root",
        metavar="DIR",
        type=Path,
        help="with --all: check those of the system below this directory (a chroot, say)",
    )
    parser.add_argument(
        "--distro",
        metavar="NAME",
        default="",
        help="treat the input as this distro's package (default: detect)",
    )


def _add_upstream(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--source", metavar="FILE", type=Path, help="the distro's source package, or its patches"
    )
    parser.add_argument(
        "--release",
        metavar="R",
        help="compare with this release (default: the one in the package's VERSION)",
    )
    parser.add_argument(
        "--target",
        metavar="T",
        help="compare with this target, GOOS-GOARCH (default: the package's)",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--channel",
        choices=(*CHANNELS, REBUILD_CHANNEL),
        default="",
        help="ask only this channel (default: each in turn until one has the file)",
    )
    where.add_argument(
        "--upstream", metavar="FILE", type=Path, help="compare with this file of upstream's"
    )
    parser.add_argument(
        "--allow-unverified",
        action="store_true",
        help="accept an upstream file that cannot be verified (verdict: unproven at best)",
    )
