"""The toolchains that a package manager has installed: what a plugin fills to tell them.

A plugin whose object has ``toolchains`` takes part in ``samego check --all``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from samego.distro.interface import Distro, Request, Shipment, distros
from samego.formats.archive.limits import ArchiveLimits
from samego.formats.tree.matching import copy_files
from samego.formats.tree.root import Root

#: Bounds on the copy of a package manager's database: a large system's has 300 MB.
DATABASE_LIMITS = ArchiveLimits(
    entries=50_000, total_bytes=1 << 30, file_bytes=64 << 20, path_bytes=1024
)


@dataclass(frozen=True, slots=True)
class System:
    """A machine, or what is laid out like one: a chroot, a container's file system.

    ``own`` is true for this machine: then ``root`` is ``/``. ``variables`` are the known part of
    its environment. ``work`` is a directory that is removed when the run ends. ``name`` is unique
    in a run. ``elsewhere`` are directories outside the usual places that look like a toolchain.
    """

    root: Root
    work: Path
    own: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    name: str = "/"
    elsewhere: tuple[str, ...] = ()

    def database(self, name: str, patterns: Iterable[str]) -> Path | None:
        """The root directory for the distro's own tool, with the files that the patterns match.

        For this machine it is ``/``. From another system the files are copied to ``name`` below
        ``work``, because the tool would follow links there to files of this machine. None where no
        file matches. Raises InputError for a file that cannot be read.
        """
        if self.own:
            return Path("/")
        copy = self.work / name
        return copy if copy_files(self.root, patterns, copy, DATABASE_LIMITS) else None


@dataclass(frozen=True, slots=True)
class Found:
    """A toolchain that a package manager has installed.

    ``goroot`` is its path below the root, ``claims`` says in a few words what its package says
    it is, and ``open`` opens it.
    """

    goroot: str
    claims: str
    open: Callable[[Request], AbstractContextManager[Shipment]]


@runtime_checkable
class FindsToolchains(Protocol):
    """A plugin that can say what is installed on a system."""

    name: str

    def toolchains(self, system: System, request: Request) -> Iterable[Found]:
        """Each toolchain; none where the distro's package manager is not in use.

        ``request.what`` is empty. Raises SamegoError where the package manager's database cannot
        be read.
        """


def finders() -> tuple[FindsToolchains, ...]:
    """The installed plugins that find toolchains. Raises ConfigError (see distros)."""
    plugins: tuple[Distro, ...] = distros()
    return tuple(plugin for plugin in plugins if isinstance(plugin, FindsToolchains))
