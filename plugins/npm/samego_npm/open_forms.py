"""How each form of a package is opened: a file, or a directory."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from samego.distro.interface import Request
from samego.distro.shipment import OpenShipment
from samego.errors import InputError
from samego_npm.directory import root_of
from samego_npm.package.shipment import open_file, open_unpacked


def open_request(request: Request) -> AbstractContextManager[OpenShipment]:
    """Open what was named, by its form. Raises SamegoError with what to do."""
    if len(request.what) > 1:
        raise InputError(
            "a package is a whole toolchain, and several were named", hint="name one at a time"
        )
    path = Path(request.what[0])
    root = root_of(path) if path.is_dir() else None
    if root is not None:
        return open_unpacked(root, request)
    if path.is_file():
        return open_file(path, request)
    raise InputError(f"there is no file {path}", hint="check the name")
