"""What a plugin finds installed: every toolchain of its package manager's on a machine.

A plugin whose object has ``toolchains`` takes part in ``samego check --all``; the core asks each
one, and needs no change for another distro.
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

#: What a package manager's database may have that is copied: a large system's has 300 MB.
DATABASE_LIMITS = ArchiveLimits(
    entries=50_000, total_bytes=1 << 30, file_bytes=64 << 20, path_bytes=1024
)


@dataclass(frozen=True, slots=True)
class System:
    """A machine, or what is laid out like one: a chroot, a container's file system.

    ``own`` says that it is this machine, whose paths are the root's. ``variables`` are its
    environment's, as far as they are known. ``work`` is a directory that is removed when the run
    ends. ``name`` is unique in a run. ``elsewhere`` are directories that look like a toolchain,
    wherever they lie.
    """

    root: Root
    work: Path
    own: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    name: str = "/"
    elsewhere: tuple[str, ...] = ()

    def database(self, name: str, patterns: Iterable[str]) -> Path | None:
        """Where the distro's own tool can read a database that these patterns match.

        On this machine that is ``/``. Of another system the files are copied: a tool would
        follow links there to wherever they lead on this machine. None where there are none.
        Raises InputError for what cannot be read.
        """
        if self.own:
            return Path("/")
        copy = self.work / name
        return copy if copy_files(self.root, patterns, copy, DATABASE_LIMITS) else None


@dataclass(frozen=True, slots=True)
class Found:
    """A toolchain of a package manager's. ``goroot`` is its path below the root.

    ``claims`` is what it states to be, in a few words.
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

        ``request`` names nothing. Raises SamegoError where that cannot be found out.
        """


def finders() -> tuple[FindsToolchains, ...]:
    """The installed plugins that find toolchains. Raises ConfigError (see distros)."""
    plugins: tuple[Distro, ...] = distros()
    return tuple(plugin for plugin in plugins if isinstance(plugin, FindsToolchains))
