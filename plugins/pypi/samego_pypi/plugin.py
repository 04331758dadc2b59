"""Python's package index and what pip unpacks: what the plugin recognises. Quick to import."""

from __future__ import annotations

import zipfile
from pathlib import Path

from samego.distro.redistributor import Redistributor
from samego_pypi.directory import RECORD_GLOB, root_of
from samego_pypi.scheme import SCHEME

_ZIP = b"PK\x03\x04"


def _is_wheel(path: Path) -> bool:
    """Whether a file is a wheel under another name: a zip with a ``.dist-info`` directory."""
    with path.open("rb") as file:
        if file.read(len(_ZIP)) != _ZIP:
            return False
    try:
        with zipfile.ZipFile(path) as archive:
            return any(Path(name).match(RECORD_GLOB) for name in archive.namelist())
    except (zipfile.BadZipFile, ValueError):
        return False


DISTRO = Redistributor(
    "pypi",
    "samego_pypi.open_forms",
    is_file=_is_wheel,
    is_unpacked=lambda path: root_of(path) is not None,
    scheme=SCHEME,
    suffix=".whl",
)
