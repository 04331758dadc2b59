"""Opens a toolchain of a system that no package manager knows."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from samego.distro.finders import System
from samego.distro.interface import Request, Shipment
from samego.distro.unpackaged import Unpackaged, without_owners
from samego.errors import InputError
from samego.formats.archive.limits import ArchiveLimits
from samego.formats.tree.directory import read_directory
from samego.formats.tree.matching import copy_files
from samego.formats.tree.root import Root, shown

#: What may lie beside a GOROOT: the archive that it was unpacked from, and some small files.
_BESIDE = ArchiveLimits(entries=20, total_bytes=1 << 30, file_bytes=512 << 20)


@contextmanager
def open_place(
    system: System, goroot: str, beside: Sequence[str], request: Request
) -> Iterator[Shipment]:
    """Open the toolchain whose GOROOT is at this real path.

    ``beside`` are the place's patterns. Raises InputError when it is no toolchain.
    """
    root = _below(system, goroot)
    tree = without_owners(read_directory(root, name=root.name, itself=True))
    directory = Path("/", goroot) if system.own else _copied(system, goroot, beside)
    yield Unpackaged(tree, request, directory)


def _below(system: System, goroot: str) -> Root:
    try:
        return system.root.below(goroot)
    except OSError as error:
        raise InputError(
            f"{shown(system.root, goroot)} cannot be read ({error.strerror})",
            hint="check the path and its permissions",
        ) from error


def _copied(system: System, goroot: str, beside: Sequence[str]) -> Path:
    """A directory that stands for GOROOT, with copies of what lies beside it, and nothing else."""
    copies = system.work / "beside"
    directory = copies / goroot
    directory.mkdir(parents=True, exist_ok=True)
    parent, _, name = goroot.rpartition("/")
    known = {"name": name, "version": name.partition("@")[2]}
    patterns = [
        posixpath.normpath(posixpath.join(parent, _filled(pattern, known))) for pattern in beside
    ]
    copy_files(system.root, patterns, copies, _BESIDE)
    return directory


def _filled(pattern: str, known: dict[str, str]) -> str:
    literal = {key: re.sub(r"([*?\[])", r"[\1]", value) for key, value in known.items()}
    return re.sub(r"\{(\w+)\}", lambda match: literal[match[1]], pattern)
