"""What a check was asked for: from where, and what of it the user replaced.

The history counts only what somebody ships; this is how it tells that from an experiment.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class From(enum.Enum):
    """Where the files of a check came from."""

    #: A distro's archive, which its signed index vouches for.
    SUITE = "suite"
    #: The system at hand, as its package manager installed it.
    INSTALLED = "installed"
    #: Package files that the user named.
    FILES = "files"
    #: A directory or archive that no package manager knows.
    DIRECTORY = "directory"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a check was asked for. ``instead`` are options that overruled the package's word.

    They are named as on the command line, without dashes: ``release``, ``target``.
    """

    source: From
    instead: tuple[str, ...] = ()
