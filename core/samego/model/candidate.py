"""What may have made an executable another: guesses, which prove nothing.

A candidate is a setting of the build that would leave the traces which were found. It never
changes a standing: only a build with it, whose bytes are compared, says anything.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class SettingKind(enum.Enum):
    """Where a setting is given."""

    #: A variable that make.bash and the go command read.
    ENVIRONMENT = "environment"
    #: A flag of the go command, named with its dash.
    FLAG = "flag"
    #: A flag of the linker, within -ldflags.
    LINKER = "linker"
    #: The path at which GOROOT lies while it is built.
    GOROOT = "goroot"
    #: The first line of the file VERSION.
    VERSION = "version"
    #: Done after the build, or around it: no setting of Go's.
    OUTSIDE = "outside"


class Strength(enum.Enum):
    """How an executable speaks for a candidate, strongest first."""

    #: It says so itself, in its build information.
    STATED = "stated"
    #: Its structure shows it.
    SEEN = "seen"
    #: Nothing speaks against it.
    FITS = "fits"

    @property
    def rank(self) -> int:
        """0 is the strongest."""
        return list(Strength).index(self)


class Tried(enum.Enum):
    """What came of building with a candidate."""

    NO = "not tried"
    #: The build with it, and with the others that are marked so, has the executable's bytes.
    GIVES = "gives it"
    #: It was among the settings of builds, and none of them has.
    OTHER = "gives another"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its value, None where it is left out. An empty value is a flag that has none."""

    kind: SettingKind
    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Trace:
    """Something that a setting leaves behind, by name, with both executables' values.

    ``key:GOAMD64`` is a key of the build information, ``section:.symtab`` a section (``present``
    or empty); the names are those of :mod:`samego.leaks.traces`.
    """

    name: str
    distro: str
    upstream: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A setting that would leave the traces that were found.

    ``name`` is the signature's. ``settings`` is what to set instead of what upstream's build
    has; an unknown value is ``?``. ``replayable`` says that ``check --rebuild`` can build with
    them.
    """

    name: str
    strength: Strength
    settings: tuple[Setting, ...]
    traces: tuple[Trace, ...]
    replayable: bool
    tried: Tried = Tried.NO
