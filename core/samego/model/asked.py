"""What the user asked for: where the files came from, and what options replaced.

The history counts only what a distro ships; this value tells that from an experiment.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class From(enum.Enum):
    """Where the files of a check came from."""

    #: A distro's archive: its signed index verified the files.
    SUITE = "suite"
    #: This system's installed packages.
    INSTALLED = "installed"
    #: Package files that the user named.
    FILES = "files"
    #: A directory or archive that no package manager knows.
    DIRECTORY = "directory"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user asked for. ``instead`` are options that replace what the package states.

    They are named as on the command line, without dashes: ``release``, ``target``. ``command`` is
    the command that asks it again, in which files are named as seen from their own directory; empty
    in reports that do not have it.
    """

    source: From
    instead: tuple[str, ...] = ()
    command: str = ""
