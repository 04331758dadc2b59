"""``samego rebuilderd backend go INPUT``: what a rebuilderd-worker runs for distribution ``go``.

The contract is that of rebuilderd 0.28 (worker/src/rebuild.rs, worker/src/proc.rs): called
with the path of the input, the backend leaves what it built in REBUILDERD_OUTDIR under the
input's name. The worker then compares bytes; the exit status it passes over, and the output
is the build's log. The file that is left there is always one that was built from source:
the input is only hashed, after the build.
"""

from __future__ import annotations

import argparse
import importlib
import os
import time
from importlib.metadata import version
from pathlib import Path

from samego.cli.options import Subparsers
from samego.cli.progress import listen
from samego.cli.rebuilderd_wrap import begin, kept, output_directory, print_result
from samego.cli.settings import settings
from samego.distro.interface import distros
from samego.errors import BuildError, InputError, SamegoError, UnknownReleaseError
from samego.integrations.rebuilderd.packages import DISTRIBUTION
from samego.integrations.rebuilderd.result import BackendResult
from samego.model.release import PostedName, Release, Target, archive_name, parse_module_version
from samego.model.reproduction import Outcome
from samego.rebuild.compare_files import FileResult
from samego.rebuild.compare_members import RebuildOutcome as Compared
from samego.rebuild.results import Rebuild
from samego.rebuild.run import DEFAULT_BOOTSTRAP, RebuildOptions, rebuild
from samego.rebuild.targets import Product
from samego.report.rebuild import render_json, render_text
from samego.report.reports_directory import stem_for
from samego.system import atomic
from samego.system.deadline import deadline
from samego.system.hashing import sha256_file
from samego.system.progress import Progress
from samego.system.terminal import visible
from samego.words import causes

_STATUS = {Outcome.SAME: 0, Outcome.DIFFERENT: 1}
#: The outcomes that compare the rebuilt file with upstream's.
_DECIDED = (Compared.REPRODUCED, Compared.EQUIVALENT, Compared.DIFFERS)


def configure(subparsers: Subparsers) -> None:
    """Add the parser, with a parser for each plugin's backend."""
    parser = subparsers.add_parser(
        "backend",
        help="rebuild a file for rebuilderd-worker",
        description="The programs that rebuilderd-worker runs, one for each distribution.",
    )
    actions: Subparsers = parser.add_subparsers(
        title="distributions", metavar="DISTRIBUTION", dest="distribution", required=True
    )
    for plugin in distros():
        for command in plugin.commands:
            if command.backend:
                importlib.import_module(command.module).configure(actions)
    go = actions.add_parser(
        DISTRIBUTION,
        help="rebuild one of upstream's archives or module zips",
        description="Rebuild the file from source and write it to REBUILDERD_OUTDIR under the same"
        " name. Exit status: 0 the same bytes, 1 other bytes, 2 it could not be built.",
    )
    go.add_argument(
        "input",
        metavar="INPUT",
        type=Path,
        help="such as go1.24.4.linux-amd64.tar.gz, or v0.0.1-go1.24.4.linux-amd64.zip",
    )
    go.add_argument(
        "--source", metavar="FILE|DIR|CHANNEL", default="", help="as for 'samego rebuild'"
    )
    go.add_argument(
        "--bootstrap", metavar="B", action="append", default=[], help="as for 'samego rebuild'"
    )
    go.set_defaults(execute=execute)


def execute(args: argparse.Namespace) -> int:
    """Rebuild the input; 0, 1 or 2 for whether that gave it."""
    input_file: Path = args.input
    marker = begin()
    try:
        release, target = named(input_file)
        directory = output_directory(os.environ)
        config = settings(args)
        options = RebuildOptions(
            release=release,
            targets=(target,),
            source=args.source,
            bootstraps=tuple(dict.fromkeys(args.bootstrap)) or (DEFAULT_BOOTSTRAP,),
            config=config,
        )
        with (
            deadline(config.deadline_backend, "the rebuild"),
            listen(quiet=args.quiet) as progress,
        ):
            lines, found = _rebuilt(input_file, directory, options, progress)
        print_result(lines, found, marker)
    except SamegoError as error:
        failed = isinstance(error, BuildError)
        outcome = Outcome.FAILED if failed else Outcome.NOT_RUN
        failure = BackendResult(
            DISTRIBUTION, input_file.name, outcome, cause=str(error), samego=_version()
        )
        print_result((), failure, marker)
        raise
    return _STATUS.get(found.outcome, 2)


def named(path: Path) -> tuple[Release, Target]:
    """The release and target that a file of this name holds.

    Raises InputError for a name that no archive or module zip has, or no such file.
    """
    name = path.name
    if not path.is_file():
        raise InputError(
            f"there is no file {visible(str(path))}", hint="name the file that upstream posted"
        )
    try:
        if name.startswith("v"):
            return parse_module_version(name.removesuffix(".zip"))
        parts = PostedName.parse(name)
    except UnknownReleaseError as error:
        raise _not_rebuilt(name) from error
    if parts.target is None or name != archive_name(parts.release, parts.target):
        raise _not_rebuilt(name)
    return parts.release, parts.target


def _not_rebuilt(name: str) -> InputError:
    return InputError(
        f"{visible(name)!r} is not one of upstream's archives or module zips",
        hint="such a name is go1.24.4.linux-amd64.tar.gz or v0.0.1-go1.24.4.linux-amd64.zip",
    )


def _rebuilt(
    input_file: Path, directory: Path, options: RebuildOptions, progress: Progress
) -> tuple[tuple[str, ...], BackendResult]:
    """Rebuild, leave the file and keep the report; the result, in lines and as a value."""
    result = rebuild(options, progress)
    stem = stem_for((DISTRIBUTION, input_file.name), time.time())
    report, second = kept(render_json(result), stem, os.environ)
    product = _product(result, input_file.name)
    compared = _compared(result, input_file.name)
    digest = sha256_file(input_file)
    outcome, cause = _judge(result, product, compared, digest)
    if product is not None and outcome in _STATUS:
        atomic.copy(product.path, directory / input_file.name)
    lines = BackendResult(
        DISTRIBUTION,
        input_file.name,
        outcome,
        upstream=compared.outcome.value if compared and compared.outcome in _DECIDED else "",
        cause=cause,
        input_sha256=digest,
        rebuilt_sha256=product.sha256 if product and outcome in _STATUS else "",
        report=report,
        samego=result.version,
    )
    first = f"{input_file.name}: {_WORDS[outcome]}{f' ({cause})' if cause else ''}"
    return (*render_text(result).splitlines(), "", first, second), lines


_WORDS = {
    Outcome.SAME: "rebuilt from source, bit for bit",
    Outcome.DIFFERENT: "DIFFERS from what was built from source",
    Outcome.FAILED: "FAILED TO BUILD",
    Outcome.NOT_RUN: "could not be rebuilt",
}


def _judge(
    result: Rebuild, product: Product | None, compared: FileResult | None, digest: str
) -> tuple[Outcome, str]:
    """What the rebuild showed of the input, and why."""
    if product is None:
        return _not_built(result)
    if result.disagreeing:
        # Which of the two is the source's is unknown: neither may be called reproduced.
        return Outcome.FAILED, f"the bootstraps do not agree on {', '.join(result.disagreeing)}"
    if product.sha256 == digest:
        return Outcome.SAME, ""
    if compared is not None and compared.outcome is Compared.REPRODUCED:
        return Outcome.DIFFERENT, "what was built is what upstream posted: the input is not"
    return Outcome.DIFFERENT, causes.said(compared.cause) if compared else ""


def _not_built(result: Rebuild) -> tuple[Outcome, str]:
    for bootstrap in result.bootstraps:
        steps = [step.error for step in bootstrap.steps]
        errors = [*steps, *(target.error for target in bootstrap.targets)]
        if any(errors):
            return Outcome.FAILED, next(filter(None, errors))
    return Outcome.NOT_RUN, "this file does not follow from the source that was had"


def _product(result: Rebuild, name: str) -> Product | None:
    """The built file of this name; None when a bootstrap did not give it."""
    found = []
    for bootstrap in result.bootstraps:
        files = [target.products.files for target in bootstrap.targets if target.products]
        found.append(next((each[name] for each in files if name in each), None))
    return found[0] if found and all(found) else None


def _compared(result: Rebuild, name: str) -> FileResult | None:
    """How the built file of this name stands to the one that upstream posted."""
    files = [
        file for each in result.bootstraps[:1] for target in each.targets for file in target.files
    ]
    return next((file for file in files if file.name == name), None)


def _version() -> str:
    return version("samego")
