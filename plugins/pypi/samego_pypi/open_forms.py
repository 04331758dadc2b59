"""How each form of a wheel is opened: a file, a name of the index, a directory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from samego.distro.interface import Request
from samego.distro.redistributor import missing, only_named
from samego.distro.shipment import OpenShipment
from samego_pypi.by_name import download
from samego_pypi.directory import root_of
from samego_pypi.scheme import SCHEME
from samego_pypi.wheel.shipment import open_file, open_unpacked


@contextmanager
def open_request(request: Request) -> Iterator[OpenShipment]:
    """Open what was named, by its form. Raises SamegoError with what to do."""
    what = only_named(request, kind="a wheel")
    if what.startswith(SCHEME):
        yield open_file(download(what.removeprefix(SCHEME), request), request)
        return
    path = Path(what)
    place = root_of(path) if path.is_dir() else None
    if place is not None:
        yield open_unpacked(place, request)
    elif path.is_file():
        yield open_file(path, request)
    else:
        raise missing(what)
