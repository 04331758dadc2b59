"""The plugin: what it recognises, and its services. Quick to import."""

from __future__ import annotations

import gzip
import importlib
import zlib
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from samego.distro.interface import Hook, PluginCommand, Request, Shipment
from samego_npm.directory import root_of

_GZIP = b"\x1f\x8b"
_FIRST = b"package/"


class Npm:
    """The npm registry and what npm unpacks from it (the core's Distro protocol)."""

    name = "npm"
    commands: tuple[PluginCommand, ...] = ()
    hooks: tuple[Hook, ...] = ()

    def recognises(self, request: Request) -> bool:
        """Whether a package was named, as a file or unpacked."""
        return (
            not request.installed
            and bool(request.what)
            and all(_is_ours(Path(what)) for what in request.what)
        )

    def open(self, request: Request) -> AbstractContextManager[Shipment]:
        """Open what was named. Raises SamegoError with what to do."""
        # Imported here: the readers take time that --help does not have.
        opening = importlib.import_module("samego_npm.open_forms")
        opened: AbstractContextManager[Shipment] = opening.open_request(request)
        return opened

    def builds(self, what: Sequence[str]) -> Iterable[tuple[str, ...]]:
        """Each alone, as a package is a whole toolchain (the core's TellsBuildsApart protocol)."""
        return [(each,) for each in dict.fromkeys(what)]


def _is_ours(path: Path) -> bool:
    try:
        return root_of(path) is not None if path.is_dir() else _is_package(path)
    except OSError:
        return False


def _is_package(path: Path) -> bool:
    """Whether a file is a package: a compressed tar whose first member lies in ``package/``."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        if file.read(len(_GZIP)) != _GZIP:
            return False
    try:
        with gzip.open(path) as stream:
            return stream.read(len(_FIRST)) == _FIRST
    except (EOFError, zlib.error, OSError):
        return False


DISTRO = Npm()
