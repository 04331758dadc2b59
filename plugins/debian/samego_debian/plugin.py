"""Debian's plugin: what it recognises, and how each form is opened."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from samego.distro import Command, Hook, Request, Shipment
from samego.errors import InputError
from samego.shipping import OpenShipment
from samego_debian import installed
from samego_debian.manifest import SUFFIXES, packages_of
from samego_debian.served import open_served
from samego_debian.shipment import open_debs
from samego_debian.store import SCHEME

_AR = b"!<arch>\ndebian-binary"
_GOROOT = re.compile(r"(?:.*/)?usr/lib/go-1\.\d{1,3}/?", re.DOTALL)


class DebianDistro:
    """Debian and what is built like it (the core's Distro protocol)."""

    name = "debian"
    commands: tuple[Command, ...] = ()
    hooks: tuple[Hook, ...] = ()

    def recognises(self, request: Request) -> bool:
        """Whether all that was named is Debian's.

        Packages and records by extension (so that a missing or damaged one gets its own
        error) or by their first bytes; ``debian:`` names; a GOROOT where Debian puts it;
        ``--installed`` where dpkg is.
        """
        if request.installed:
            return shutil.which("dpkg-query") is not None
        return bool(request.what) and all(_is_ours(what) for what in request.what)

    def open(self, request: Request) -> AbstractContextManager[Shipment]:
        """Open what was named. Raises SamegoError with what to do."""
        return _open(request)


@contextmanager
def _open(request: Request) -> Iterator[OpenShipment]:
    if request.installed:
        # dpkg's own variable for a system that lies elsewhere (dpkg(1)).
        root = Path(os.environ.get("DPKG_ROOT") or "/")
        with installed.open_installed(root, request) as shipment:
            yield shipment
        return
    first = request.what[0]
    if first.startswith(SCHEME):
        _alone(request)
        with open_served(first, request) as shipment:
            yield shipment
        return
    place = installed.dpkg_root_of(Path(first))
    if place is not None:
        _alone(request)
        with installed.open_directory(*place, request) as shipment:
            yield shipment
        return
    with open_debs(_packages(request), request) as shipment:
        yield shipment


def _packages(request: Request) -> list[Path]:
    """The packages that files and records name."""
    paths: list[Path] = []
    for what in request.what:
        path = Path(what)
        if what.startswith(SCHEME) or path.is_dir():
            _alone(request)
        if not path.is_file():
            raise InputError(f"there is no file {what}", hint="check the name")
        paths.extend(packages_of(path) if path.suffix in SUFFIXES else [path])
    return paths


def _alone(request: Request) -> None:
    if len(request.what) > 1:
        raise InputError(
            "a debian: name or a directory stands alone", hint="name one toolchain at a time"
        )


def _is_ours(what: str) -> bool:
    if what.startswith(SCHEME):
        return True
    path = Path(what)
    if path.suffix in (".deb", *SUFFIXES):
        return True
    try:
        if path.is_dir():
            return _GOROOT.fullmatch(str(path.resolve())) is not None or any(
                path.glob("usr/lib/go-1.*/VERSION")
            )
        with path.open("rb") as file:
            return file.read(len(_AR)) == _AR
    except OSError:
        return False


DISTRO = DebianDistro()
