"""``samego check --all``: every toolchain of this machine, of a root, or of a container image."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

from samego.check.every import check_all
from samego.check.image import check_image
from samego.check.options import CheckOptions
from samego.check.run import work_directory
from samego.cli import output
from samego.cli.memory import share_one_arena
from samego.cli.progress import listen
from samego.cli.recording import record
from samego.distro.finders import System
from samego.errors import InputError
from samego.formats.image.image import is_image
from samego.formats.tree.disk_root import DiskRoot
from samego.model.survey import Survey
from samego.report import formats
from samego.report import survey as surveys
from samego.report.summary import Summary

#: What says of one toolchain what it is, by the attribute of the arguments.
_OF_ONE = {
    "what": "WHAT",
    "installed": "--installed",
    "distro": "--distro",
    "release": "--release",
    "target": "--target",
    "upstream": "--upstream",
    "source": "--source",
}


def execute(args: argparse.Namespace, options: CheckOptions) -> int:
    """Check them all, deliver the survey, and return the status of the worst."""
    image = names_an_image(args)
    for name, shown in _OF_ONE.items():
        if image and name in ("what", "target"):
            continue
        # --installed alone is the empty text, which --distro is where it is not given.
        given = getattr(args, name) not in (None, [], "" if name == "distro" else None)
        if given:
            args.parser.error(f"samego looks for the toolchains itself: leave {shown} out")
    refuse_page(args)
    if image and args.root is not None:
        args.parser.error("an image has a root of its own: leave --root out")
    share_one_arena()
    output.check_destination(args.output)
    with work_directory() as work, listen(quiet=args.quiet) as progress:
        if image:
            asked = replace(options, asked=tuple(args.what))
            survey = check_image(Path(args.what[0]), asked, work, progress)
        else:
            subject, system = _system(args.root, work)
            root = ("--root", str(args.root)) if args.root is not None else ()
            asked = replace(options, asked=("--all", *root))
            survey = check_all(subject, (system,), asked, work, progress)
        if args.output is not None:
            progress.note(surveys.headline(survey))
    deliver(survey, args)
    for each in survey.toolchains if args.all and args.root is None else ():
        # The history is about what lies here.
        if each.report is not None:
            record(Summary(each.report), None, options.config)
    return surveys.exit_status(survey)


def names_an_image(args: argparse.Namespace) -> bool:
    """Whether the one thing that is named is a container image."""
    return len(args.what) == 1 and args.installed is None and is_image(Path(args.what[0]))


def refuse_page(args: argparse.Namespace) -> None:
    """End with status 2 where several toolchains are to be on the page of one."""
    if args.format == "html":
        args.parser.error("a page is of one toolchain: choose another --format than html")


def deliver(survey: Survey, args: argparse.Namespace) -> None:
    """Write a survey in the format and to the place that the user named."""
    if args.format == "json":
        result = surveys.render_json(survey)
    elif args.format == "markdown":
        result = surveys.render_markdown(survey)
    elif args.format in formats.SEVERAL:
        result = formats.SEVERAL[args.format](surveys.parts(survey))
    else:
        paint = output.painter(args.output)
        result = surveys.render(survey, verbose=bool(args.verbose), paint=paint)
    output.deliver(result, args.output)


def _system(directory: Path | None, work: Path) -> tuple[str, System]:
    """What to look at, and what it is called. Raises InputError."""
    if directory is None:
        return "this machine", System(_root(Path("/"), "/"), work, own=True, variables=os.environ)
    return str(directory), System(_root(directory, "/"), work)


def _root(directory: Path, name: str) -> DiskRoot:
    try:
        return DiskRoot(directory, name=name)
    except OSError as error:
        raise InputError(
            f"{directory} cannot be used as a root ({error.strerror})",
            hint="name a directory that holds a system, such as a chroot",
        ) from error
