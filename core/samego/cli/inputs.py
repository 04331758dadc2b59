"""``samego inputs RELEASE``: what decides the bytes of a toolchain, and what does not."""

from __future__ import annotations

import argparse

from samego.check.published import machine_of
from samego.cli import output
from samego.cli.options import Subparsers, add_format, add_output
from samego.cli.progress import listen
from samego.cli.recording import record_result
from samego.cli.settings import settings
from samego.inputs.published import published
from samego.inputs.run import try_inputs
from samego.inputs.variation import variations
from samego.inputs.workshop import InputsOptions
from samego.model.release import Release, Target
from samego.report.inputs import render_json, render_text


def configure(subparsers: Subparsers) -> None:
    """Add the parser."""
    parser = subparsers.add_parser(
        "inputs",
        help="show what decides the bytes of a toolchain, and what does not",
        description="Build a release twice: in plain surroundings, and with everything varied at"
        " once. Both must give upstream's posted bytes; where they do not, find the one thing that"
        " changes them. A variation counts only if a program that the same toolchain built saw"
        " it. Exit status: 0 nothing that was varied is an input, 1 something is, 2 could not"
        " decide.",
    )
    parser.add_argument("release", metavar="RELEASE", help="such as go1.26.10")
    parser.add_argument(
        "--target",
        metavar="T",
        action="append",
        default=[],
        help="GOOS-GOARCH (default: this machine's); may be repeated",
    )
    parser.add_argument(
        "--program",
        metavar="CMD",
        default="",
        help="build this program alone, such as cmd/gofmt, with upstream's posted toolchain:"
        " a minute instead of many",
    )
    parser.add_argument(
        "--source",
        metavar="FILE|DIR|CHANNEL",
        default="",
        help="as for samego rebuild",
    )
    parser.add_argument(
        "--bootstrap",
        metavar="B",
        default="",
        help="what builds the plain build (default: upstream)",
    )
    parser.add_argument(
        "--other-bootstrap",
        metavar="B",
        default="",
        help="what builds the varied build (default: another of upstream's releases)",
    )
    parser.add_argument(
        "--without",
        metavar="NAME",
        action="append",
        default=[],
        help=f"leave a variation out ({', '.join(variations())}); may be repeated",
    )
    parser.add_argument(
        "--inputs",
        action="store_true",
        help="also vary what is an input (settings, VERSION, sources), each alone: it must change"
        " what it should, and nothing else",
    )
    add_format(parser)
    add_output(parser)
    parser.set_defaults(execute=execute, parser=parser)


def execute(args: argparse.Namespace) -> int:
    """Build, print the result, and return its exit status."""
    output.check_destination(args.output)
    options = InputsOptions(
        release=Release.parse(args.release),
        targets=tuple(Target.parse(name) for name in args.target),
        program=args.program,
        source=args.source,
        bootstraps=(args.bootstrap, args.other_bootstrap),
        without=frozenset(args.without),
        inputs=args.inputs,
        config=settings(args),
    )
    with listen(quiet=args.quiet) as progress:
        result = published(try_inputs(options, progress), machine_of(options.config))
    as_json = render_json(result)
    output.deliver(as_json if args.format == "json" else render_text(result), args.output)
    record_result(as_json, options.config)
    return result.verdict.exit_status
