"""Arch's plugin: what it recognises, and its services. Quick to import."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from samego.distro.finders import Found, System
from samego.distro.interface import Hook, PluginCommand, Request, Shipment
from samego_arch.archive.spelling import BARE_NAME, SCHEME
from samego_arch.integrations.hooks import COMMANDS, HOOKS
from samego_arch.version import SUFFIXES


class ArchDistro:
    """Arch and what is built like it (the core's Distro protocol)."""

    name = "arch"
    commands: tuple[PluginCommand, ...] = COMMANDS
    hooks: tuple[Hook, ...] = HOOKS

    def recognises(self, request: Request) -> bool:
        """Whether all that was named is Arch's.

        Packages by their file names' ends (so that a missing or damaged one gets its own
        error) or by what is inside; ``arch:`` names; a GOROOT or unpacked package where Arch
        puts it; a bare name, to say how it is meant; ``--installed`` where pacman has installed
        something.
        """
        if request.installed:
            installed = importlib.import_module("samego_arch.installed.toolchains")
            return bool(installed.has_database(installed.system_root(request.options)))
        return bool(request.what) and all(_is_ours(what) for what in request.what)

    def open(self, request: Request) -> AbstractContextManager[Shipment]:
        """Open what was named. Raises SamegoError with what to do."""
        # Imported here: the readers take time that --help does not have.
        opening = importlib.import_module("samego_arch.open_forms")
        opened: AbstractContextManager[Shipment] = opening.open_request(request)
        return opened

    def builds(self, what: Sequence[str]) -> Iterable[tuple[str, ...]]:
        """Each alone, as Arch's Go is one package (the core's TellsBuildsApart protocol)."""
        return [(each,) for each in dict.fromkeys(what)]

    def toolchains(self, system: System, request: Request) -> Iterable[Found]:
        """The toolchain that pacman knows on a system (the core's FindsToolchains protocol)."""
        finder = importlib.import_module("samego_arch.installed.finder")
        found: Iterable[Found] = finder.find(system, request)
        return found


def _is_ours(what: str) -> bool:
    if what.startswith(SCHEME) or what.endswith(SUFFIXES):
        return True
    try:
        path = Path(what)
        if what == BARE_NAME and not path.exists():
            return True
        if path.is_file():
            named = importlib.import_module("samego_arch.package.named_inside")
            return bool(named.is_package(path))
        installed = importlib.import_module("samego_arch.installed.toolchains")
        return installed.root_of(path) is not None
    except OSError:
        return False


DISTRO = ArchDistro()
