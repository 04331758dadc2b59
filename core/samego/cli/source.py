"""``samego source RELEASE|FILE``: where a release's source came from."""

from __future__ import annotations

import argparse
from pathlib import Path

from samego.cli import output
from samego.cli.options import Subparsers, add_format, add_output
from samego.cli.progress import listen
from samego.cli.recording import record_result
from samego.cli.settings import settings
from samego.errors import InputError, UnknownReleaseError
from samego.model.release import Release
from samego.report.source import render_json
from samego.report.source_text import render_text
from samego.source.run import SourceOptions, trace_source


def configure(subparsers: Subparsers) -> None:
    """Add the parser."""
    parser = subparsers.add_parser(
        "source",
        help="show where the source of a release came from",
        description="Hold the source of a release against what it was made from: the file that"
        " upstream announced, the logged modules of the vendored packages, and a clone of the"
        " repository. Name each file that no one can read, what it can become part of, and what"
        " upstream says of its origin. Exit status: 0 all that could be checked is as stated, 1"
        " something differs, 2 could not decide.",
    )
    parser.add_argument(
        "source",
        metavar="RELEASE|FILE",
        help="such as go1.26.10; or a source archive, a distro's orig tarball or .dsc, a module"
        " zip",
    )
    parser.add_argument(
        "--git",
        metavar="DIR",
        type=Path,
        help="also hold it against the release's tag in this clone; nothing of the clone is run",
    )
    parser.add_argument(
        "--generate",
        action="store_true",
        help="also run the release's own generators that need no network, in the sandbox: they must"
        " give the files that are there",
    )
    add_format(parser)
    add_output(parser)
    parser.set_defaults(execute=execute, parser=parser)


def execute(args: argparse.Namespace) -> int:
    """Look, print the result, and return its exit status."""
    output.check_destination(args.output)
    release, file = _named(args.source)
    config = settings(args)
    options = SourceOptions(release, file, args.git, config, generate=args.generate)
    with listen(quiet=args.quiet) as progress:
        result = trace_source(options, progress)
    as_json = render_json(result)
    text = as_json if args.format == "json" else render_text(result, verbose=bool(args.verbose))
    output.deliver(text, args.output)
    record_result(as_json, config)
    return result.verdict.exit_status


def _named(source: str) -> tuple[Release | None, Path | None]:
    """What was named: a file that exists, or a release."""
    path = Path(source)
    if path.is_file():
        return None, path
    try:
        return Release.parse(source), None
    except UnknownReleaseError as error:
        raise InputError(
            f"{source!r} is no release of Go and no file here",
            hint="write a release as go1.24.4, or check the file's path",
        ) from error
