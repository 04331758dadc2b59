"""``samego check WHAT...``: compare a distro's Go with upstream's."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from samego.check.run import CheckOptions, check
from samego.cli import output
from samego.cli.memory import share_one_arena
from samego.cli.options import Parser, Subparsers
from samego.cli.progress import listen
from samego.cli.recording import record
from samego.cli.settings import settings
from samego.compare.verdict import BARS, bar_of, passes
from samego.config import CHANNELS, REBUILD_CHANNEL
from samego.model.proof import Standing
from samego.model.release import Release, Target
from samego.reference.job import ReferenceKind
from samego.report import json
from samego.report.summary import headline

SUMMARY = "compare a distro's Go with upstream's, and prove differences"


def configure(subparsers: Subparsers) -> None:
    """Add the parser."""
    parser = subparsers.add_parser(
        "check",
        help=SUMMARY,
        description="Compare a distro's Go with what upstream posted for that release and target,"
        " path by path, and prove each difference or name it. Exit status: 0 passes, 1 differs,"
        " 2 could not decide.",
    )
    _add_what(parser)
    add_options(parser)
    parser.set_defaults(execute=execute, parser=parser)


def add_options(parser: Parser) -> None:
    """Add what every check against upstream takes, whatever is checked."""
    _add_upstream(parser)
    parser.bare = {"--rebuild": f"--rebuild={ReferenceKind.QUICK.value}"}
    parser.add_argument(
        "--rebuild",
        metavar="quick|full",
        choices=[kind.value for kind in ReferenceKind],
        help="build upstream's source here with the package's settings, to prove its executables:"
        " quick (the default) is 'go install cmd' by upstream's toolchain, full is make.bash",
    )
    parser.add_argument(
        "--require",
        choices=BARS,
        default=Standing.EXPLAINED.value,
        help="the worst standing that passes (explained); unpatched: explained, and no own patch of"
        " the distro reaches what runs",
    )
    parser.add_argument(
        "--waive",
        metavar="PATH",
        action="append",
        default=[],
        help="accept what breaks because of this file; may be repeated",
    )
    output.add_options(parser)


def execute(args: argparse.Namespace) -> int:
    """Check, deliver the report, and return 0 when it passes, else 1."""
    options = options_from(args)
    share_one_arena()
    output.check_destination(args.output)
    with listen(quiet=args.quiet) as progress:
        report = check(options, progress)
        if args.output is not None:
            progress.note(headline(report))
    result = output.format_report(
        report, args.format, verbose=bool(args.verbose), destination=args.output
    )
    output.deliver(result, args.output)
    record(result if args.format == "json" else json.render(report), options.config)
    return 0 if passes(report) else 1


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
    return CheckOptions(
        what=what,
        release=Release.parse(args.release) if args.release is not None else None,
        target=Target.parse(args.target) if args.target is not None else None,
        upstream=args.upstream,
        source=args.source,
        allow_unverified=args.allow_unverified,
        rebuild=ReferenceKind(args.rebuild) if args.rebuild else None,
        waive=tuple(args.waive),
        required=required,
        unpatched=unpatched,
        config=settings(args),
    )


def _add_what(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        metavar="WHAT",
        nargs="*",
        help="package files, a .changes or .buildinfo, a directory (an unpacked or installed"
        " GOROOT), or a name such as debian:trixie/golang-1.24",
    )
    parser.add_argument(
        "--installed",
        metavar="NAME",
        nargs="?",
        const="",
        help="what the package manager says is installed here, or that package of it",
    )
    parser.add_argument(
        "--distro", metavar="NAME", default="", help="read it as this distro's (recognised)"
    )


def _add_upstream(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--source", metavar="FILE", type=Path, help="the distro's source package or patches"
    )
    parser.add_argument(
        "--release", metavar="R", help="compare with this release (what VERSION says)"
    )
    parser.add_argument(
        "--target", metavar="T", help="compare with this target, GOOS-GOARCH (the package's)"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--channel",
        choices=(*CHANNELS, REBUILD_CHANNEL),
        default="",
        help="ask only this channel (each until one has it)",
    )
    where.add_argument(
        "--upstream", metavar="FILE", type=Path, help="compare with this file that upstream posted"
    )
    parser.add_argument(
        "--allow-unverified",
        action="store_true",
        help="compare even where nothing vouches for upstream's file: unproven at best",
    )
