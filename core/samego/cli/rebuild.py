"""``samego rebuild RELEASE``: build a release from source here, and compare it with upstream's."""

from __future__ import annotations

import argparse
from pathlib import Path

from samego.check.published import machine_of
from samego.cli import output
from samego.cli.options import Subparsers, add_format
from samego.cli.progress import listen
from samego.cli.recording import record_result
from samego.cli.settings import settings
from samego.errors import InputError
from samego.inputs.rebuild_varied import rebuild_varied
from samego.model.release import Release, Target
from samego.rebuild.published import published
from samego.rebuild.run import ALL, DEFAULT_BOOTSTRAP, RebuildOptions, rebuild
from samego.report.rebuild import render_json, render_text

_MOST_JOBS = 64


def configure(subparsers: Subparsers) -> None:
    """Add the parser."""
    parser = subparsers.add_parser(
        "rebuild",
        help="build a release from source and compare it with upstream's files",
        description="Build a release from its source on this machine, without network, and compare"
        " every file with upstream's. The next run continues an interrupted one. Exit status:"
        " 0 reproduced, 1 differs, 2 could not decide or did not build.",
    )
    parser.add_argument("release", metavar="RELEASE", help="such as go1.24.4")
    parser.add_argument(
        "--target",
        metavar="T",
        action="append",
        default=[],
        help="GOOS-GOARCH, or 'all' (default: this machine's); may be repeated",
    )
    parser.add_argument(
        "--source",
        metavar="FILE|DIR|CHANNEL",
        default="",
        help="a source archive or module zip, a directory that holds it, or a channel",
    )
    parser.add_argument(
        "--bootstrap",
        metavar="B",
        action="append",
        default=[],
        help="the Go that builds it: upstream (default), distro (installed), gccgo, c, a GOROOT"
        " directory, or a distro's packages (debian:trixie/golang-1.24, or files joined by"
        " commas); if repeated, each builds on its own and all results must agree",
    )
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=int,
        default=1,
        help="how many targets are built at the same time (default: 1)",
    )
    parser.add_argument(
        "--vary",
        action="store_true",
        help="vary all that should not matter around the build (docs/inputs.md)",
    )
    add_format(parser)
    parser.add_argument(
        "-o", "--output", metavar="DIR", type=Path, help="copy the built files to this directory"
    )
    parser.set_defaults(execute=execute, parser=parser)


def execute(args: argparse.Namespace) -> int:
    """Rebuild, print the result, and return its exit status."""
    options = options_from(args)
    with listen(quiet=args.quiet) as progress:
        result = (rebuild_varied if args.vary else rebuild)(options, progress)
    as_json = render_json(published(result, machine_of(options.config)))
    output.deliver(as_json if args.format == "json" else render_text(result), None)
    record_result(as_json, options.config)
    return result.verdict.exit_status


def options_from(args: argparse.Namespace) -> RebuildOptions:
    """The options from the command line and the configuration.

    Raises UnknownReleaseError, ConfigError, and InputError for what cannot be meant.
    """
    if not 1 <= args.jobs <= _MOST_JOBS:
        raise InputError(
            f"--jobs {args.jobs} is not possible", hint=f"write a number from 1 to {_MOST_JOBS}"
        )
    if args.output is not None and args.output.exists() and not args.output.is_dir():
        raise InputError(f"{args.output} is not a directory", hint="name a directory for -o")
    return RebuildOptions(
        release=Release.parse(args.release),
        targets=tuple(Target.parse(name) for name in args.target if name != ALL),
        every_target=ALL in args.target,
        source=args.source,
        bootstraps=tuple(dict.fromkeys(args.bootstrap)) or (DEFAULT_BOOTSTRAP,),
        output=args.output,
        jobs=args.jobs,
        config=settings(args),
    )
