"""What the plugins of registries share: each package is one file with a whole toolchain.

PyPI and npm are such registries. A plugin says how its packages are recognised and read. What they
leave out of upstream's files, and what they add, is data beside the plugin
(samego.distro.package_policy). This module is quick to import, because every command imports it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from samego.distro.interface import Hook, PluginCommand, Request, Shipment
from samego.errors import InputError


@dataclass
class Redistributor:
    """A registry's plugin (the core's Distro and TellsBuildsApart protocols).

    ``forms`` is the module whose ``open_request`` opens a package; it is imported when that is
    called. ``is_file`` and ``is_unpacked`` recognise a package by its content; they may raise
    OSError. ``scheme`` begins the names of packages that the registry's client downloads,
    ``suffix`` ends file names that no other plugin has.
    """

    name: str
    forms: str
    is_file: Callable[[Path], bool]
    is_unpacked: Callable[[Path], bool]
    scheme: str = ""
    suffix: str = ""
    commands: tuple[PluginCommand, ...] = ()
    hooks: tuple[Hook, ...] = ()

    def recognises(self, request: Request) -> bool:
        """Whether all that was named are this registry's packages."""
        named = not request.installed and bool(request.what)
        return named and all(map(self._is_ours, request.what))

    def open(self, request: Request) -> AbstractContextManager[Shipment]:
        """Open what was named. Raises SamegoError with what to do."""
        # Imported here, because the readers would slow down --help.
        opening = importlib.import_module(self.forms)
        opened: AbstractContextManager[Shipment] = opening.open_request(request)
        return opened

    def builds(self, what: Sequence[str]) -> Iterable[tuple[str, ...]]:
        """Each alone, as a package is a whole toolchain."""
        return [(each,) for each in dict.fromkeys(what)]

    def _is_ours(self, what: str) -> bool:
        if self.scheme and what.startswith(self.scheme):
            return True
        if self.suffix and what.endswith(self.suffix):
            return True
        path = Path(what)
        try:
            if path.is_dir():
                return self.is_unpacked(path)
            return path.is_file() and self.is_file(path)
        except OSError:
            return False


def only_named(request: Request, *, kind: str) -> str:
    """The one thing that was named; ``kind`` is what such a package is called ("a wheel").

    Raises InputError for several, and for a source package: it has none.
    """
    if request.source is not None:
        raise InputError(
            f"{kind} has no source package: samego knows what it leaves out and adds",
            hint="leave out --source",
        )
    if len(request.what) > 1:
        raise InputError(
            f"{kind} is a whole toolchain, and several were named", hint="name one at a time"
        )
    return request.what[0]


def missing(what: str) -> InputError:
    """The error that there is no such file."""
    return InputError(f"there is no file {what}", hint="check the name")
