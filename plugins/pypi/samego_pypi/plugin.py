"""The plugin: what it recognises, and its services. Quick to import."""

from __future__ import annotations

import importlib
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from samego.distro.interface import Hook, PluginCommand, Request, Shipment
from samego_pypi.directory import RECORD_GLOB, root_of
from samego_pypi.scheme import SCHEME

_SUFFIX = ".whl"
_ZIP = b"PK\x03\x04"


class PyPI:
    """Python's package index and what pip unpacks from it (the core's Distro protocol)."""

    name = "pypi"
    commands: tuple[PluginCommand, ...] = ()
    hooks: tuple[Hook, ...] = ()

    def recognises(self, request: Request) -> bool:
        """Whether a wheel was named, as a file or unpacked, or a name of the index."""
        return (
            not request.installed
            and bool(request.what)
            and all(_is_ours(what) for what in request.what)
        )

    def open(self, request: Request) -> AbstractContextManager[Shipment]:
        """Open what was named. Raises SamegoError with what to do."""
        # Imported here: the readers take time that --help does not have.
        opening = importlib.import_module("samego_pypi.open_forms")
        opened: AbstractContextManager[Shipment] = opening.open_request(request)
        return opened

    def builds(self, what: Sequence[str]) -> Iterable[tuple[str, ...]]:
        """Each alone, as a wheel is a whole toolchain (the core's TellsBuildsApart protocol)."""
        return [(each,) for each in dict.fromkeys(what)]


def _is_ours(what: str) -> bool:
    if what.startswith(SCHEME) or what.endswith(_SUFFIX):
        return True
    path = Path(what)
    try:
        return root_of(path) is not None if path.is_dir() else _is_wheel(path)
    except OSError:
        return False


def _is_wheel(path: Path) -> bool:
    """Whether a file is a wheel under another name: a zip with a ``.dist-info`` directory."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        if file.read(len(_ZIP)) != _ZIP:
            return False
    try:
        with zipfile.ZipFile(path) as archive:
            return any(Path(name).match(RECORD_GLOB) for name in archive.namelist())
    except (zipfile.BadZipFile, ValueError):
        return False


DISTRO = PyPI()
