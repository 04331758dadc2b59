"""``samego arch repro``: rebuild a package with archlinux-repro, and judge both.

repro(8) downloads what a package's .BUILDINFO lists, builds it again in a container, moves
what makepkg made to its output directory and compares bytes. Its exit status is 1 for a
package that differs and for every failure alike; what it left shows which. Its
messages are those of archlinux-repro 20250126-2 and makepkg 7.
"""

from __future__ import annotations

import argparse
import functools
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from samego.cli import reproduce
from samego.cli.options import Subparsers
from samego.errors import InputError, SamegoError
from samego.formats.archive.compression import open_decompressed
from samego.formats.archive.limits import DEFAULT_LIMITS
from samego.formats.archive.spool import Spool
from samego.formats.archive.tar.reader import read_tar
from samego.model.causes.rebuilds import UnreadablePackage
from samego.model.proof import Standing, Tool
from samego.model.reproduction import (
    Artifact,
    Holder,
    Match,
    MemberDifference,
    Obstacle,
    Reproduction,
    match_files,
)
from samego.model.tree import Tree
from samego.reproduce import rebuilder
from samego.reproduce.compare_packages import compare_members
from samego.system.hashing import sha256_file
from samego.system.progress import Progress
from samego_arch.package.named_inside import named_inside

TOOL = "repro"
#: The program's names: upstream's, and the one that distros other than Arch may give it.
PROGRAMS = ("repro", "archlinux-repro")
#: The file with its output, beside the packages that it built.
LOG = "repro.log"
#: makepkg says so before it calls the first function of a PKGBUILD (package_NAME() in a
#: split one). "Starting build..." is repro's own, and comes before the container is set up.
_BEGUN = (b"==> Starting prepare()", b"==> Starting build()", b"==> Starting package")
#: What repro and makepkg put before the reason of a failure.
_ERRORS = ("==> ERROR: ", "ERROR: ")
_HELPERS = ("command not found", "buildinfo: not found")


def configure(subparsers: Subparsers) -> None:
    """Add the parser."""
    parser = subparsers.add_parser(
        TOOL,
        help="rebuild a package with archlinux-repro and compare it with the shipped one",
        description="Rebuild a package with archlinux-repro. Compare the rebuilt package with the"
        " shipped one, and the shipped one with upstream's. Words after -- are repro's options,"
        " such as -n." + reproduce.EXIT_STATUS,
    )
    parser.add_argument("package", metavar="PACKAGE", type=Path, help="the shipped package")
    reproduce.add_options(parser, TOOL)
    parser.set_defaults(execute=execute, parser=parser)


def execute(args: argparse.Namespace) -> int:
    """Run repro or examine its output; deliver one report; the exit status."""
    reproduce.refuse_options(args, ("-o",), "name the directory with --keep")
    package: Path = args.package
    if not package.is_file():
        raise InputError(f"there is no file {package}", hint="name the package that was shipped")
    shipped = reproduce.Shipped("arch", {package: sha256_file(package)})
    if args.rebuilt is not None:
        return reproduce.answer(args, shipped, functools.partial(_examine, package, args.rebuilt))
    with reproduce.workplace(args, package.name) as directory:
        run = functools.partial(_run, package, directory, args.tool_options)
        return reproduce.answer(args, shipped, run)


def rebuilt_as(package: Path, directory: Path) -> Path | None:
    """The rebuilt package: the file of that name, else the one that holds that package.

    The shipped one may have been stored under another spelling of its name, and makepkg here may
    compress in another way. None where there is none, or several and none has the name. Raises
    InputError when the directory cannot be read.
    """
    found = rebuilder.files_in(directory)
    if package.name in found:
        return found[package.name]
    wanted = named_inside(package)
    if wanted is None:
        return None
    same = [path for path in found.values() if named_inside(path) == wanted]
    return same[0] if len(same) == 1 else None


def judge(package: Path, directory: Path) -> Reproduction:
    """Say what a rebuild left in a directory, from the files alone.

    Raises InputError when the directory is the shipped package's own or cannot be read.
    """
    found = rebuilt_as(package, directory)
    if found is None:
        reason = f"the rebuild left no {package.name}"
        return Reproduction(None, obstacle=Obstacle.NO_PACKAGES, reason=reason)
    if package.samefile(found):
        raise InputError(
            f"{found} is the shipped file itself, not a rebuilt one",
            hint="name the directory that repro wrote to",
        )
    digests = {package.name: sha256_file(found)}
    # There is no record beside what is there: makepkg's lies in the package.
    [artifact] = match_files({package.name: sha256_file(package)}, digests, digests)
    if artifact.match is Match.DIFFERENT:
        artifact = _compared(artifact, package, found)
    return Reproduction(None, (artifact,))


def _examine(package: Path, directory: Path, progress: Progress) -> Reproduction:
    progress.stage("comparing the rebuilt package")
    return replace(judge(package, directory), directory=str(directory))


def _run(
    package: Path, directory: Path, options: Sequence[str], progress: Progress
) -> Reproduction:
    """Run repro, and say what came of it."""
    program = next((name for name in PROGRAMS if shutil.which(name)), "")
    if not program:
        reason = "archlinux-repro is not installed"
        return Reproduction(Tool(TOOL, ""), obstacle=Obstacle.TOOL_MISSING, reason=reason)
    tool = Tool(TOOL, _version(program))
    log = directory / LOG
    command = (program, *options, "-o", str(directory), "--", str(package.resolve()))
    about = Reproduction(tool, command=command, directory=str(directory))
    progress.stage(f"running {program} (its output is in {log})")
    try:
        rebuilder.run(command, log)
    except SamegoError as error:
        return replace(about, obstacle=Obstacle.TOOL_MISSING, reason=str(error))
    progress.stage("comparing the rebuilt package")
    found = judge(package, directory)
    if found.artifacts:
        return replace(about, artifacts=found.artifacts)
    lines = rebuilder.tail(log)
    obstacle = _obstacle(lines, begun=rebuilder.has_line([log], _BEGUN))
    return replace(about, obstacle=obstacle, reason=_reason(lines, found.reason), log=lines)


def _obstacle(lines: Sequence[str], *, begun: bool) -> Obstacle:
    if begun:
        return Obstacle.BUILD
    if any(phrase in line for phrase in _HELPERS for line in lines):
        return Obstacle.HELPER_MISSING
    return Obstacle.ENVIRONMENT


def _reason(lines: Sequence[str], otherwise: str) -> str:
    """The last error of repro or makepkg, else the last line of all."""
    for line in reversed(lines):
        if line.startswith(_ERRORS):
            return line.strip()
    return lines[-1].strip() if lines else otherwise


def _version(program: str) -> str:
    """What ``repro -V`` says: "repro VERSION". It may say nothing."""
    done = subprocess.run(
        [program, "-V"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    name, _, version = done.stdout.strip().partition(" ")
    return version if name == "repro" and done.returncode == 0 else ""


def _compared(artifact: Artifact, shipped: Path, rebuilt: Path) -> Artifact:
    with closing(Spool()) as spool:
        try:
            return compare_members(
                artifact, _read(shipped, "shipped", spool), _read(rebuilt, "rebuilt", spool)
            )
        except InputError as error:
            unread = MemberDifference(
                "",
                Holder.BOTH,
                "package",
                Standing.UNEXPLAINED,
                (UnreadablePackage(error.message),),
            )
            return replace(artifact, compared=True, differences=(unread,))


def _read(path: Path, label: str, spool: Spool) -> Tree:
    """Everything in a package, with its metadata; the label keeps two of one name apart."""
    name = f"the {label} {path.name}"

    def stream() -> BinaryIO:
        return open_decompressed(path.open("rb"), name=name, limits=DEFAULT_LIMITS)

    return read_tar(stream, name=name, spool=spool)
