"""What the user asked for: where the files came from, and what options replaced.

The history counts only what a distro ships; this value tells that from an experiment.
"""

from __future__ import annotations

import enum
import shlex
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


#: How a command begins that a report has, and the options that may stand in it: none of them
#: writes a file or runs a program.
_CHECK = ["samego", "check"]
_OPTIONS = frozenset(
    {
        *("--all", "--distro", "--installed", "--rebuild", "--release", "--require", "--root"),
        *("--source", "--target", "--upstream", "--waive", "--waivers"),
    }
)


def is_written_by_check(command: str) -> bool:
    """Whether a command is one that a check writes into its report.

    It is there to be copied to a shell, and a report may be a stranger's: nothing but words of
    ``samego check`` may stand in it, and of its options only those that ask for something.
    """
    try:
        words = shlex.split(command)
    except ValueError:
        return False
    options = {word.partition("=")[0] for word in words if word.startswith("-")}
    return words[:2] == _CHECK and options <= _OPTIONS and shlex.join(words) == command
