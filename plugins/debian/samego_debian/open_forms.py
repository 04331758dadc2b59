"""How each form of what Debian ships is opened: files, records, names, what is installed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from samego.distro.interface import Request
from samego.distro.shipment import OpenShipment
from samego.errors import InputError
from samego_debian.archive.by_name import open_served
from samego_debian.archive.spelling import RECORD_SUFFIXES, SCHEME
from samego_debian.installed import toolchains
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
    packages, products = _packages(request)
    with open_debs(packages, request, products=products) as shipment:
        yield shipment


def _packages(request: Request) -> tuple[list[Path], frozenset[str]]:
    """The packages that files and records name, and what else the records' builds made."""
    paths: list[Path] = []
    products: set[str] = set()
    for what in request.what:
        path = Path(what)
        if what.startswith(SCHEME) or path.is_dir():
            _alone(request)
        if not path.is_file():
            raise InputError(f"there is no file {what}", hint="check the name")
        if path.suffix in RECORD_SUFFIXES:
            manifest = read_manifest(path)
            paths.extend(manifest.packages)
            products |= manifest.products
        else:
            paths.append(path)
    return paths, frozenset(products)


def _alone(request: Request) -> None:
    if len(request.what) > 1:
        raise InputError(
            "a debian: name or a directory stands alone", hint="name one toolchain at a time"
        )
