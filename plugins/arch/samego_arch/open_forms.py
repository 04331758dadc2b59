"""How each form of what Arch ships is opened: files, names, directories, what is installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from samego.distro.interface import Request
from samego.distro.shipment import OpenShipment
from samego.errors import InputError
from samego_arch.archive.by_name import open_served
from samego_arch.archive.spelling import BARE_NAME, SCHEME
from samego_arch.installed import toolchains
from samego_arch.package.shipment import open_package


@contextmanager
def open_request(request: Request) -> Iterator[OpenShipment]:
    """Open what was named, by its form. Raises SamegoError with what to do."""
    with _opener(request) as shipment:
        yield shipment


def _opener(request: Request) -> AbstractContextManager[OpenShipment]:
    if request.installed:
        return toolchains.open_installed(toolchains.system_root(request.options), request)
    if len(request.what) > 1:
        raise InputError(
            "Arch's toolchain is one package, and several were named",
            hint="name one toolchain at a time",
        )
    what = request.what[0]
    if what.startswith(SCHEME):
        return open_served(what, request)
    path = Path(what)
    if what == BARE_NAME and not path.exists():
        raise InputError(
            f"{what} does not say which one is meant, and there is no such file",
            hint=f"write --installed {what} for this machine's, or {SCHEME}{what} for the mirror's",
        )
    root = toolchains.root_of(path)
    if root is not None:
        return toolchains.open_directory(root, request)
    if not path.is_file():
        raise InputError(f"there is no file {what}", hint="check the name")
    return open_package(path, request)
