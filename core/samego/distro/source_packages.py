"""Source packages of distros: what a plugin fills to say which file of one is upstream's source.

A plugin whose object has ``source_in`` takes part in ``samego source``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, runtime_checkable

from samego.distro.interface import distros


@runtime_checkable
class HasSourcePackages(Protocol):
    """A plugin that knows the files of its distro's source packages."""

    def source_in(self, path: Path) -> Path | None:
        """The archive of upstream's source that a source package names; None for another file.

        Raises InputError where the package is damaged or lacks that archive, VerificationError
        where the archive is not the one that it names.
        """


def source_named_by(path: Path) -> Path | None:
    """The source archive that a file names, where it is a source package of some distro.

    Raises what ``source_in`` raises, and ConfigError (see distros).
    """
    for plugin in distros():
        if isinstance(plugin, HasSourcePackages) and (found := plugin.source_in(path)):
            return found
    return None
