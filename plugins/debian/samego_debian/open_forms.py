"""How each form of what Debian ships is opened: files, records, names, what is installed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from samego.distro.interface import Request
from samego.distro.shipment import OpenShipment
from samego.errors import InputError, NoToolchainError
from samego_debian.archive.by_name import open_served
from samego_debian.archive.spelling import (
    BARE_NAME,
    PACKAGE_SUFFIX,
    RECORD_SUFFIXES,
    SCHEME,
    SOURCE_SUFFIX,
)
from samego_debian.installed import toolchains
from samego_debian.package.deb import Deb
from samego_debian.package.identity import TOOLCHAIN_PACKAGE
from samego_debian.package.manifest import read_manifest
from samego_debian.package.shipment import open_debs


@contextmanager
def open_request(request: Request) -> Iterator[OpenShipment]:
    """Open what was named, by its form. Raises SamegoError with what to do."""
    if request.installed:
        # dpkg's own variable for a system that lies elsewhere (dpkg(1)).
        root = Path(os.environ.get("DPKG_ROOT") or "/")
        with toolchains.open_installed(root, request) as shipment:
            yield shipment
        return
    first = request.what[0]
    if first.startswith(SCHEME):
        _alone(request)
        with open_served(first, request) as shipment:
            yield shipment
        return
    place = toolchains.dpkg_root_of(Path(first))
    if place is not None:
        _alone(request)
        with toolchains.open_directory(*place, request) as shipment:
            yield shipment
        return
    named = _named(request)
    if named.source is not None and request.source is None:
        request = replace(request, source=named.source)
    with open_debs(named.packages, request, products=named.products) as shipment:
        yield shipment


@dataclass
class _Named:
    """What files, records and directories name: packages, a source package, a build's products."""

    packages: list[Path] = field(default_factory=list)
    products: frozenset[str] = frozenset()
    source: Path | None = None


def _named(request: Request) -> _Named:
    """The packages that are named, each once: a record and its packages are the same."""
    named = _Named()
    for what in request.what:
        path = Path(what)
        if what.startswith(SCHEME):
            _alone(request)
        if path.is_dir():
            named.packages += _in_directory(path, request)
        elif BARE_NAME.fullmatch(what) and not path.exists():
            raise _without_place(what)
        elif not path.is_file():
            raise InputError(f"there is no file {what}", hint="check the name")
        elif path.suffix in RECORD_SUFFIXES:
            manifest = read_manifest(path)
            named.packages += manifest.packages
            named.products |= manifest.products
        elif path.suffix == SOURCE_SUFFIX:
            named.source = path
        else:
            named.packages.append(path)
    if not named.packages and named.source is not None:
        raise InputError(
            f"{named.source.name} is a source package, which is not compared with upstream's files",
            hint="give the packages that were built from it as well",
        )
    named.packages = list({path.resolve(): path for path in named.packages}.values())
    return named


def _in_directory(directory: Path, request: Request) -> list[Path]:
    """The toolchain's packages in a directory."""
    found = []
    for path in sorted(directory.glob(f"*{PACKAGE_SUFFIX}")):
        with contextlib.closing(Deb(path)) as deb:
            if TOOLCHAIN_PACKAGE.fullmatch(deb.package):
                found.append(path)
    if not found:
        _alone(request)
        raise NoToolchainError(
            f"{directory} has no package of a Go toolchain",
            hint="give the packages, or a directory with a GOROOT",
        )
    return found


def _without_place(name: str) -> InputError:
    line = name.split("-")[1]
    return InputError(
        f"{name} does not say which one is meant, and there is no such file",
        hint=f"write --installed golang-{line} for this machine's,"
        f" or debian:SUITE/golang-{line} for the mirror's",
    )


def _alone(request: Request) -> None:
    if len(request.what) > 1:
        raise InputError(
            "a debian: name or a directory cannot be combined with others",
            hint="name one toolchain at a time",
        )
