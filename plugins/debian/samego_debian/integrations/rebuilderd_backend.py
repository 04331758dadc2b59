"""``samego rebuilderd backend debian``: Debian's backend of rebuilderd, and what samego adds.

rebuilderd-worker calls it with the .buildinfo; the packages that the daemon knows of that
build lie beside it. The backend of Debian's package rebuilderd-worker (0.28) runs debrebuild
into REBUILDERD_OUTDIR. What it left there of a golang-1.N build is then judged from the
files, as ``samego debian debrebuild`` does, and the shipped packages are compared with
upstream's.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from samego.cli import rebuilderd_wrap
from samego.cli.options import Subparsers
from samego.cli.rebuilderd_wrap import BackendOutput
from samego.reproduce import rebuilder
from samego.system.hashing import sha256_file
from samego_debian.integrations.rebuilt import judge, shipped_files, toolchain_names
from samego_debian.source.buildinfo import BuildRecord, read_record

NAME = "debian"
#: The backend of Debian's rebuilderd-worker.
BACKEND = Path("/usr/libexec/rebuilderd/rebuilder-debian.sh")
_SOURCE = "golang-1."
_EXECUTABLES = "-go_"


def configure(subparsers: Subparsers) -> None:
    """Add the parser."""
    parser = rebuilderd_wrap.add_parser(subparsers, NAME, BACKEND, "a golang-1.N")
    parser.set_defaults(execute=execute)


def execute(args: argparse.Namespace) -> int:
    """Run Debian's backend, then examine its output."""
    return rebuilderd_wrap.run(args, "debian", examine)


def examine(buildinfo: Path, directory: Path) -> BackendOutput | None:
    """Say what the backend left of a toolchain; None for other packages.

    Raises SamegoError when that cannot be decided.
    """
    # By its name first: records of other packages do not concern samego.
    if not buildinfo.name.startswith(_SOURCE):
        return None
    record = read_record(buildinfo)
    names = toolchain_names(record)
    if not names:
        return None
    files = shipped_files(record, [buildinfo.parent])
    reproduction = judge(record, files, directory)
    shipped = {name: path for name, path in files.items() if name in names}
    shipped = {**_same_as_shipped(record, names, directory), **shipped}
    first = next((path for name, path in shipped.items() if _EXECUTABLES in name), None)
    return BackendOutput(
        reproduction,
        tuple(shipped[name] for name in names if name in shipped),
        first,
        directory / first.name if first else None,
        lacking=next((name for name in names if name not in shipped), ""),
    )


def _same_as_shipped(record: BuildRecord, names: list[str], directory: Path) -> dict[str, Path]:
    """The rebuilt packages that have the digest of the shipped ones: they are the shipped ones.

    The daemon gives a worker the packages of one architecture, and upstream's files are spread
    over those of two.
    """
    found = rebuilder.files_in(directory)
    return {
        name: found[name]
        for name in names
        if name in found and sha256_file(found[name]) == record.files[name].sha256
    }
