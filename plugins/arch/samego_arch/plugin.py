"""Arch's plugin: what it recognises, and how each form is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from samego.distro import Command, Hook, Request, Shipment
from samego.errors import InputError
from samego.shipping import OpenShipment
from samego_arch import installed
from samego_arch.hooks import COMMANDS, HOOKS
from samego_arch.served import SCHEME, open_served
from samego_arch.shipment import open_package
from samego_arch.version import SUFFIXES


class ArchDistro:
    """Arch and what is built like it (the core's Distro protocol)."""

    name = "arch"
    commands: tuple[Command, ...] = COMMANDS
    hooks: tuple[Hook, ...] = HOOKS

    def recognises(self, request: Request) -> bool:
        """Whether all that was named is Arch's.

        Packages by their file names' ends (so that a missing or damaged one gets its own
        error); ``arch:`` names; a GOROOT or unpacked package where Arch puts it;
        ``--installed`` where pacman has installed something.
        """
        if request.installed:
            return installed.has_database(installed.system_root(request.options))
        return bool(request.what) and all(_is_ours(what) for what in request.what)

    def open(self, request: Request) -> AbstractContextManager[Shipment]:
        """Open what was named. Raises SamegoError with what to do."""
        return _open(request)


@contextmanager
def _open(request: Request) -> Iterator[OpenShipment]:
    with _opener(request) as shipment:
        yield shipment


def _opener(request: Request) -> AbstractContextManager[OpenShipment]:
    if request.installed:
        return installed.open_installed(installed.system_root(request.options), request)
    if len(request.what) > 1:
        raise InputError(
            "Arch's toolchain is one package, and several were named",
            hint="name one toolchain at a time",
        )
    what = request.what[0]
    if what.startswith(SCHEME):
        return open_served(what, request)
    path = Path(what)
    root = installed.root_of(path)
    if root is not None:
        return installed.open_directory(root, request)
    if not path.is_file():
        raise InputError(f"there is no file {what}", hint="check the name")
    return open_package(path, request)


def _is_ours(what: str) -> bool:
    if what.startswith(SCHEME) or what.endswith(SUFFIXES):
        return True
    try:
        return installed.root_of(Path(what)) is not None
    except OSError:
        return False


DISTRO = ArchDistro()
