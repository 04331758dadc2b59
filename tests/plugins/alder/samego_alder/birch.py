"""A second distro, with a mirror: Birch ships Alder's packages below $SAMEGO_BIRCH_MIRROR.

Their names are ``birch:SUITE/go=VERSION``.

A file beside a package, ``go-VERSION.how``, has it opened in some other way: ``hungry N``
takes N MiB first, ``slow N`` so many seconds, and ``broken`` is what it says.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from samego.distro.interface import Hook, PluginCommand, Request
from samego.distro.shipment import OpenShipment
from samego.errors import InputError, NetworkError

from .plugin import Alder

SCHEME = "birch:"


def mirror() -> Path:
    """Where the suites lie. Raises NetworkError when there is nothing."""
    path = Path(os.environ["SAMEGO_BIRCH_MIRROR"])
    if not path.is_dir():
        raise NetworkError("Birch's mirror does not answer", hint="try again")
    return path


class Birch(Alder):
    """The plugin (the core's Distro protocol)."""

    name = "birch"
    commands: tuple[PluginCommand, ...] = ()
    hooks: tuple[Hook, ...] = ()

    def recognises(self, request: Request) -> bool:
        return bool(request.what) and all(name.startswith(SCHEME) for name in request.what)

    @contextmanager
    def open(self, request: Request) -> Iterator[OpenShipment]:
        suite, _, package = request.what[0].removeprefix(SCHEME).partition("/")
        version = package.partition("=")[2]
        path = mirror() / suite / f"go-{version}.alder"
        packed = replace(request, what=(str(path),))
        with _behaving(path.with_suffix(".how")), super().open(packed) as shipment:
            yield shipment


@contextmanager
def _behaving(how: Path) -> Iterator[None]:
    word, _, number = (how.read_text("utf-8") if how.is_file() else "").partition(" ")
    if word == "broken":
        raise InputError("this package is broken", hint="wait for another one")
    if word == "slow":
        time.sleep(float(number))
    held = bytearray(int(number) << 20) if word == "hungry" else b""
    yield
    del held


DISTRO = Birch()
