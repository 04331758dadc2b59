"""``samego arch makepkg``: build a package as the user would, and check it."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from samego.cli import check
from samego.cli.options import Subparsers
from samego.errors import InputError, ToolError

#: The package that Go comes in. makepkg names files PKGNAME-[EPOCH:]PKGVER-PKGREL-ARCH
#: and PKGEXT, and no part but the first may have a dash (PKGBUILD(5)).
_GO_PACKAGE = re.compile(r"go(?:-[^-/]+){3}\.pkg\.tar(?:\.[a-z0-9]+)?", re.ASCII)
_SIGNAL_BASE = 128


def configure(subparsers: Subparsers) -> None:
    """Add the parser."""
    parser = subparsers.add_parser(
        "makepkg",
        help="run makepkg, then check the package that it made",
        description="Run makepkg in this directory, then compare the package go with upstream's."
        " samego's options come first; makepkg's begin with the first word that is none of them,"
        " or after --. makepkg's output goes to stderr. Exit status: makepkg's if it failed, else"
        " that of 'samego check'.",
    )
    check.add_options(parser)
    parser.passed_on, parser.passes_rest = "makepkg_options", True
    parser.set_defaults(execute=execute, parser=parser)


def execute(args: argparse.Namespace) -> int:
    """Build, check, and return makepkg's status when it failed, else the check's."""
    program = _find()
    options: tuple[str, ...] = args.makepkg_options
    started = time.time_ns()
    status = _run([program, *options])
    if status != 0:
        _say(f"makepkg ended with {status}: nothing was checked")
        return status
    packages = [path for path in _packages(program, options) if _is_fresh(path, started)]
    if not packages:
        raise InputError(
            "makepkg has made no package named go: there is nothing to check",
            hint="name finished packages to 'samego check'",
        )
    # There is one: a PKGBUILD may not give two packages the same name.
    args.what, args.installed, args.distro = [str(packages[0])], None, "arch"
    return check.check_one(args)


def _find() -> str:
    program = shutil.which("makepkg")
    if program is None:
        raise ToolError("makepkg is not installed", hint="install makepkg (on Arch: pacman)")
    # Debian's makepkg comes without it, and would end with 'An unknown error has occurred'.
    pacman = os.environ.get("PACMAN") or "pacman"
    if shutil.which(pacman) is None:
        raise ToolError(
            f"makepkg asks {pacman} what is installed, which does not exist",
            hint="install pacman (on Debian: pacman-package-manager)",
        )
    return program


def _run(command: Sequence[str]) -> int:
    """Run makepkg in the foreground: it may ask for things. Its status as a shell gives it."""
    # What samego has to say is stdout's alone.
    with subprocess.Popen(command, stdout=sys.stderr) as process:
        try:
            status = process.wait()
        except BaseException:
            process.terminate()
            raise
    return status if status >= 0 else _SIGNAL_BASE - status


def _packages(program: str, options: Sequence[str]) -> list[Path]:
    """The files of the package go that makepkg says these options make."""
    listed = subprocess.run(
        [program, *options, "--packagelist"],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        errors="surrogateescape",
    )
    if listed.returncode != 0:
        raise ToolError(
            f"makepkg --packagelist ended with {listed.returncode}",
            hint="name the finished packages to 'samego check'",
        )
    paths = [Path(line) for line in listed.stdout.splitlines()]
    return [path for path in paths if _GO_PACKAGE.fullmatch(path.name)]


def _is_fresh(path: Path, started: int) -> bool:
    """Whether the file was written by this run (nanoseconds): an older one may lie there."""
    try:
        return path.stat().st_ctime_ns >= started
    except OSError:
        return False


def _say(line: str) -> None:
    sys.stderr.write(f"samego: {line}\n")
