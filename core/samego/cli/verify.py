"""``samego verify REPORT FILE...``: replay what a report claims of these files."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from samego.cli import output
from samego.cli.memory import share_one_arena
from samego.cli.options import Subparsers, add_format, add_output
from samego.cli.progress import listen
from samego.cli.settings import settings, waivers_of
from samego.compare.verdict import BARS
from samego.model.proof import Standing
from samego.report import load
from samego.report.headline import headline
from samego.report.summary import Summary
from samego.report.words import amount, hanging
from samego.system.terminal import visible
from samego.verify.coverage import described
from samego.verify.run import Verified, VerifyOptions, verify

#: The schema of --format json.
SCHEMA = "samego.verify/1"
_SHOWN = 6
_ANSWERS = {
    0: "what the report says of these files holds",
    1: "the report does not hold",
    2: "nothing contradicts the report, but not all of it could be repeated",
}


def configure(subparsers: Subparsers) -> None:
    """Add the parser."""
    parser = subparsers.add_parser(
        "verify",
        help="replay every proof of a report",
        description="Replay every proof of a report on the packages and upstream's files."
        " Upstream's files are taken from FILE by their sha256, or downloaded. What files cannot"
        " prove of the report is listed. Exit status: 0 the report holds, 1 it does not, 2 could"
        " not decide.",
    )
    parser.add_argument(
        "report", metavar="REPORT", type=Path, help="a report written with --format json"
    )
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        type=Path,
        help="the packages or the directory that were checked; upstream's files, if you have them",
    )
    parser.add_argument(
        "--installed",
        action="store_true",
        help="verify a report on what is installed here",
    )
    parser.add_argument(
        "--source",
        metavar="FILE",
        type=Path,
        help="the distro's source package, if the check used one",
    )
    reference = parser.add_mutually_exclusive_group()
    reference.add_argument(
        "--rebuild", action="store_true", help="repeat the report's reference build here"
    )
    reference.add_argument(
        "--reference",
        metavar="DIR",
        type=Path,
        help="use this reference build (default: the one that the report names, from the cache)",
    )
    parser.add_argument(
        "--require",
        choices=BARS,
        default=Standing.EXPLAINED.value,
        help="the worst standing that passes, as for 'samego check' (default: explained)",
    )
    parser.add_argument(
        "--waive",
        metavar="PATH",
        action="append",
        default=[],
        help="accept what this file breaks, as the report does; may be repeated",
    )
    parser.add_argument(
        "--waivers",
        metavar="FILE",
        type=Path,
        help="accept what the lines of this file take, where the report takes it as well",
    )
    add_format(parser)
    add_output(parser)
    parser.set_defaults(execute=execute, parser=parser)


def execute(args: argparse.Namespace) -> int:
    """Verify, say what came of it, and return 0, 1 or 2."""
    if not args.files and not args.installed:
        args.parser.error("name the files that the report is on, or --installed")
    output.check_destination(args.output)
    config = settings(args)
    report = load.load(args.report, exact=True)
    share_one_arena()
    options = VerifyOptions(
        report,
        tuple(args.files),
        installed=args.installed,
        source=args.source,
        rebuild=args.rebuild,
        reference=args.reference,
        required=args.require,
        waive=tuple(args.waive),
        waivers=waivers_of(args.waivers, config),
        config=config,
    )
    with listen(quiet=args.quiet) as progress:
        result = verify(options, progress)
    if args.format == "json":
        answer = json.dumps(as_data(result), indent=2) + "\n"
    else:
        about = f"It says: {headline(Summary(report))}"
        answer = "".join(f"{line}\n" for line in (*_lines(result), *hanging("", about)))
    output.deliver(answer, args.output)
    return result.exit_status


def as_data(result: Verified) -> dict[str, object]:
    """The answer as what JSON can say; ``holds`` is null where it could not be decided."""
    return {
        "schema": SCHEMA,
        "holds": {0: True, 1: False}.get(result.exit_status),
        "held": result.held,
        "broken": [{"path": item.path, "why": item.why} for item in result.broken],
        "not_repeated": [
            {
                "paths": list(item.paths),
                "what": item.what,
                "needs": item.needs,
                "decides": item.decides,
            }
            for item in result.unrepeated
        ],
        "repeated": list(result.repeated),
        "taken_from_report": [
            {"key": item.key, "paths": list(item.paths)} for item in result.taken
        ],
        "notes": list(result.notes),
    }


def _lines(result: Verified) -> Iterator[str]:
    answer = _ANSWERS[result.exit_status]
    if result.broken:
        first, *rest = result.broken
        where = f"{first.path}: " if first.path else ""
        yield from hanging("", visible(f"{answer}: {where}{first.why}"), "  ")
        if rest:
            others = "; ".join(item.path or item.why for item in rest[:_SHOWN])
            more = f" and {len(rest) - _SHOWN:,} more" if len(rest) > _SHOWN else ""
            yield from hanging("also: ", visible(f"{others}{more}"))
        return
    yield f"{answer}: {amount(result.held, 'difference')} replayed"
    if result.taken:
        yield from hanging(
            "taken from the report, not repeated: ", ", ".join(described(result.taken))
        )
    for item in result.unrepeated:
        paths = ", ".join(item.paths[:_SHOWN])
        more = f" and {len(item.paths) - _SHOWN:,} more" if len(item.paths) > _SHOWN else ""
        about = f" ({paths}{more})" if paths else ""
        yield from hanging("not repeated: ", visible(f"{item.what}{about}; needs {item.needs}"))
    for note in result.notes:
        yield from hanging("note: ", visible(note))
