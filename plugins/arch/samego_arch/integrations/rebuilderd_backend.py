"""``samego rebuilderd backend arch``: Arch's backend of rebuilderd, and what samego adds.

rebuilderd-worker calls it with the package. rebuilderd's own backend (0.28) runs
archlinux-repro into REBUILDERD_OUTDIR. What it left there of the package ``go`` is then
judged from the files, as ``samego arch repro`` does, and the shipped package is compared
with upstream's.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from samego.cli import rebuilderd_wrap
from samego.cli.options import Subparsers
from samego.cli.rebuilderd_wrap import BackendOutput
from samego_arch.integrations.repro import judge, rebuilt_as
from samego_arch.package.named_inside import named_inside
from samego_arch.package.package_file import PACKAGE
from samego_arch.version import FileName

NAME = "arch"
#: rebuilderd-worker's own backend.
BACKEND = Path("/usr/libexec/rebuilderd/rebuilder-archlinux.sh")


def configure(subparsers: Subparsers) -> None:
    """Add the parser."""
    parser = rebuilderd_wrap.add_parser(subparsers, NAME, BACKEND, "the package go")
    parser.set_defaults(execute=execute)


def execute(args: argparse.Namespace) -> int:
    """Run Arch's backend, then examine its output."""
    return rebuilderd_wrap.run(args, "arch", examine)


def examine(package: Path, directory: Path) -> BackendOutput | None:
    """Say what the backend left of the package ``go``; None for other packages.

    Raises SamegoError when that cannot be decided.
    """
    name = FileName.parse(package.name) or named_inside(package)
    if name is None or name.name != PACKAGE:
        return None
    reproduction = judge(package, directory)
    rebuilt = rebuilt_as(package, directory) or directory / package.name
    return BackendOutput(reproduction, (package,), package, rebuilt)
