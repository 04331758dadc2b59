"""Arch's plugin: what it recognises, and how each form is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from samego.distro import Command, Hook, Request, Shipment
from samego.errors import InputError
from samego.shipping import OpenShipment
from samego_arch.hooks import COMMANDS, HOOKS
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
        error).
        """
        return bool(request.what) and all(_is_ours(what) for what in request.what)

    def open(self, request: Request) -> AbstractContextManager[Shipment]:
        """Open what was named. Raises SamegoError with what to do."""
        return _open(request)


@contextmanager
def _open(request: Request) -> Iterator[OpenShipment]:
    if len(request.what) > 1:
        raise InputError(
            "Arch's toolchain is one package: several were named",
            hint="name one toolchain at a time",
        )
    path = Path(request.what[0])
    if not path.is_file():
        raise InputError(f"there is no file {path}", hint="check the name")
    with open_package(path, request) as shipment:
        yield shipment


def _is_ours(what: str) -> bool:
    return what.endswith(SUFFIXES)


DISTRO = ArchDistro()
