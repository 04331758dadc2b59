"""``samego debian preflight``: what a maintainer asks before an upload, on one page.

Three are asked: the check against upstream's files, made here; a rebuilderd, whether a rebuild
gives the packages; debaudit, whether the orig archive is upstream's.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version

from samego.check.open_shipment import request_for
from samego.check.options import CheckOptions
from samego.check.run import check, work_directory
from samego.cli import check as checking
from samego.cli import output
from samego.cli.memory import share_one_arena
from samego.cli.options import Subparsers, add_format, add_output
from samego.cli.progress import listen
from samego.cli.recording import record
from samego.errors import InputError, SamegoError
from samego.model.proof import Standing
from samego.model.report import Report
from samego.model.subject import Subject
from samego.report.headline import headline
from samego.report.own_patches import source_of
from samego.report.summary import Summary
from samego.report.words import amount, hanging
from samego.system.progress import Progress
from samego.system.terminal import visible
from samego_debian.archive.spelling import SCHEME
from samego_debian.integrations.services import (
    DEBAUDIT,
    PLACE,
    REBUILDERD,
    Answer,
    Answered,
    Uploaded,
    ask_debaudit,
    ask_rebuilderd,
)
from samego_debian.open_forms import open_request
from samego_debian.version import DebianVersion

NAME = "preflight"
SUMMARY = "say what blocks an upload: the own check, rebuilderd's verdict, debaudit's"
SCHEMA = "samego.preflight/1"
_PACKAGE = re.compile(r"golang-1\.\d{1,3}", re.ASCII)
_ALL = "all"
#: The columns of a page: what an answer means, and who gave it.
_OUTCOME, _WHO = 9, 10


@dataclass(frozen=True, slots=True)
class ServicePage:
    """All answers on one package; the exit status is that of the worst."""

    about: Uploaded
    answers: tuple[Answer, ...]

    @property
    def architecture(self) -> str:
        """Debian's name of it; ``all`` where no package depends on one."""
        names = [package.architecture for package in self.about.packages]
        return next((name for name in names if name != _ALL), _ALL)

    @property
    def status(self) -> int:
        """0: all pass. 1: one blocks. 2: none blocks, and not all is known."""
        found = {answer.outcome for answer in self.answers}
        if Answered.BLOCKS in found:
            return 1
        return 2 if Answered.NOT_KNOWN in found else 0


def configure(subparsers: Subparsers) -> None:
    """Add the parser."""
    parser = subparsers.add_parser(
        NAME,
        help=SUMMARY,
        description="Put together what is asked before an upload of a golang-1.N: the check against"
        " upstream's files, a rebuilderd's verdict, debaudit's check of the orig archive. Exit"
        " status: 0 all pass, 1 something blocks, 2 nothing blocks, but not all is known.",
    )
    parser.add_argument("package", metavar="golang-1.N", help="the source package")
    parser.add_argument(
        "what",
        metavar="FILE",
        nargs="*",
        help="its packages, or a .changes that names them (default: the archive's)",
    )
    parser.add_argument(
        "--suite", metavar="SUITE", default="sid", help="without files: of this suite (sid)"
    )
    parser.add_argument(
        "--architecture", metavar="ARCH", default="", help="without files: of this one (this one's)"
    )
    parser.add_argument(
        "--rebuilderd",
        metavar="URL",
        default=REBUILDERD,
        help=f"ask this rebuilderd; {PLACE} stands for the architecture ({REBUILDERD})",
    )
    parser.add_argument(
        "--debaudit", metavar="URL", default=DEBAUDIT, help=f"debaudit's results.json ({DEBAUDIT})"
    )
    checking.add_check_options(parser)
    add_format(parser)
    add_output(parser)
    parser.set_defaults(execute=execute)


def execute(args: argparse.Namespace) -> int:
    """Ask all three, print the page, and return 0, 1 or 2."""
    options = replace(checking.options_for(args, _what(args)), distro="debian")
    share_one_arena()
    output.check_destination(args.output)
    offline = options.config.offline
    with listen(quiet=args.quiet) as progress:
        subject = _subject(options, progress)
        about = _about(args.package, subject)
        report, own = _own(options, progress)
        about = replace(about, dsc=_dsc(about, report))
        progress.stage("asking rebuilderd")
        rebuilt = ask_rebuilderd(about, args.rebuilderd, offline=offline)
        progress.stage("asking debaudit")
        audited = ask_debaudit(about, args.debaudit, offline=offline)
    page = ServicePage(about, (own, rebuilt, audited))
    output.deliver(_json(page) if args.format == "json" else _text(page), args.output)
    if report is not None:
        record(Summary(report), None, options.config)
    return page.status


def _what(args: argparse.Namespace) -> tuple[str, ...]:
    """What to check: the files, or the archive's packages. Raises InputError."""
    if not _PACKAGE.fullmatch(args.package):
        raise InputError(
            f"{args.package!r} is no source package of Go", hint="name one such as golang-1.24"
        )
    if args.what:
        return tuple(args.what)
    architecture = f":{args.architecture}" if args.architecture else ""
    return (f"{SCHEME}{args.suite}/{args.package}{architecture}",)


def _subject(options: CheckOptions, progress: Progress) -> Subject:
    """What the packages are. Raises SamegoError where they are no toolchain."""
    progress.stage("opening")
    with work_directory() as work:
        request = request_for(options, work, progress)
        request = replace(request, options=options.config.plugins.get("debian", {}))
        with open_request(request) as shipment:
            return shipment.subject


def _about(source: str, subject: Subject) -> Uploaded:
    first = subject.packages[0]
    if not any(package.name.startswith(f"{source}-") for package in subject.packages):
        raise InputError(
            f"{first.name} is not of {source}", hint="name the source package of these files"
        )
    return Uploaded(source, DebianVersion(first.version).source, subject.packages)


def _dsc(about: Uploaded, report: Report | None) -> str:
    """The sha256 of the very .dsc, where the check had it; empty where not."""
    source = source_of(report) if report is not None else None
    if source is None or source.name != f"{about.source}_{about.version}.dsc":
        return ""
    return source.sha256


def _own(options: CheckOptions, progress: Progress) -> tuple[Report | None, Answer]:
    """The check that is made here. What only lacks a proof does not block: it is not known."""
    who, named = "own check", shlex.join(options.what)
    try:
        report = check(options, progress)
    except SamegoError as error:
        return None, Answer(who, Answered.NOT_KNOWN, error.message, hint=error.hint)
    summary = Summary(report)
    text = headline(summary)
    if summary.passes:
        return report, Answer(who, Answered.PASSES, text)
    if summary.verdict is Standing.UNPROVEN and not summary.breaking:
        hint = f"samego check --rebuild {named}"
        return report, Answer(who, Answered.NOT_KNOWN, text, hint=hint)
    return report, Answer(who, Answered.BLOCKS, text, hint=f"samego check {named}")


def _text(page: ServicePage) -> str:
    return "".join(f"{line}\n" for line in _lines(page))


def _lines(page: ServicePage) -> Iterator[str]:
    about = page.about
    yield visible(f"{about.source} {about.version} {page.architecture}: {_sum(page.answers)}")
    yield ""
    for answer in page.answers:
        label = f"{answer.outcome.value:<{_OUTCOME}}  {answer.who:<{_WHO}}  "
        where = f" ({answer.url})" if answer.url else ""
        yield from hanging(label, visible(f"{answer.text}{where}"))
        yield from hanging(" " * len(label), visible(f"-> {answer.hint}" if answer.hint else ""))


def _sum(answers: Sequence[Answer]) -> str:
    """How many block and how many are not known, in a few words."""
    blocking = sum(each.outcome is Answered.BLOCKS for each in answers)
    unknown = sum(each.outcome is Answered.NOT_KNOWN for each in answers)
    parts = [f"{amount(blocking, 'answer')} {'blocks' if blocking == 1 else 'block'} it"]
    if not blocking:
        parts = ["nothing blocks it"]
    if unknown:
        parts.append(f"{unknown} of {len(answers)} {'is' if unknown == 1 else 'are'} not known")
    return ", ".join(parts)


def _json(page: ServicePage) -> str:
    result = {
        "schema": SCHEMA,
        "package": page.about.source,
        "version": page.about.version,
        "architecture": page.architecture,
        "blocks": {0: False, 1: True}.get(page.status),
        "answers": [
            {
                "who": each.who,
                "outcome": each.outcome.value,
                "text": each.text,
                "url": each.url,
                "hint": each.hint,
            }
            for each in page.answers
        ],
        "samego": version("samego"),
    }
    return json.dumps(result, indent=2) + "\n"
