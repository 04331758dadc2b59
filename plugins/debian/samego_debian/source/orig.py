"""The orig tarball of a source package: upstream's source, as Debian has it."""

from __future__ import annotations

from pathlib import Path

from samego.errors import InputError
from samego_debian.source.source_package import open_source


def orig_of(path: Path) -> Path:
    """The orig tarball that a .dsc lists, with the digest that it states.

    Raises InputError where the .dsc cannot be read or the tarball does not lie beside it,
    VerificationError where that is another file.
    """
    orig = open_source(path).orig
    if orig is None:
        raise InputError(
            f"{path.name} lists an orig tarball that is not beside it",
            hint="get the source package with all its files ('apt-get source --download-only')",
        )
    return orig
