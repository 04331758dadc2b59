"""How each form of a package is opened: a file, or a directory."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from samego.distro.interface import Request
from samego.distro.redistributor import missing, only_named
from samego.distro.shipment import OpenShipment
from samego_npm.directory import root_of
from samego_npm.package.shipment import open_file, open_unpacked


def open_request(request: Request) -> AbstractContextManager[OpenShipment]:
    """Open what was named, by its form. Raises SamegoError with what to do."""
    path = Path(only_named(request, kind="an npm package"))
    root = root_of(path) if path.is_dir() else None
    if root is not None:
        return open_unpacked(root, request)
    if path.is_file():
        return open_file(path, request)
    raise missing(str(path))
