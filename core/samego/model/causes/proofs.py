"""Why a file differs, as a rule proved it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from samego.model.value import Cause


class Change(enum.Enum):
    """What happened to a file."""

    PATCHED = "patched"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Stripped(Cause):
    """An executable was stripped of its symbol table.

    Where ``symbols`` is false, only its section headers differ.
    """

    symbols: bool


@dataclass(frozen=True, slots=True)
class OtherSignature(Cause):
    """Only the code signature differs."""


@dataclass(frozen=True, slots=True)
class RewrittenBy(Cause):
    """A packaging tool rewrote the file.

    Where that changed an archive's contents: the members that are gone, new, and changed (and
    ``more``, which are not named), or why they cannot be listed.
    """

    tool: str
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    more: int = 0
    unlisted: str = ""


@dataclass(frozen=True, slots=True)
class EqualContents(Cause):
    """The contents are equal; their container differs."""


@dataclass(frozen=True, slots=True)
class NotReplayed(Cause):
    """The tool that rewrote a file was not replayed: why, or empty without a known date."""

    problem: str = ""


@dataclass(frozen=True, slots=True)
class OtherReplay(Cause):
    """A replay with this tool gave other bytes."""

    tool: str
    version: str


@dataclass(frozen=True, slots=True)
class FirstLineRewritten(Cause):
    """A packaging tool rewrote line 1 to this."""

    line: str
    tool: str


@dataclass(frozen=True, slots=True)
class Patched(Cause):
    """Patches of the distro produce the file.

    ``origins`` is where they came from; ``exact`` that this is the package's own source package.
    """

    change: Change
    patches: tuple[str, ...]
    origins: tuple[str, ...]
    exact: bool = True


@dataclass(frozen=True, slots=True)
class NotPatched(Cause):
    """Patches name the file, and could not be applied."""

    change: Change
    patches: tuple[str, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class Replayed(Cause):
    """The replay of the distro's recipe produces the file, with these patches."""

    change: Change
    by: str
    patches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GeneratedWith(Cause):
    """A generated source has the distro's declared settings: names with values."""

    settings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class EnvironmentSet(Cause):
    """The distro sets these variables in go.env: names with values."""

    variables: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Embeds(Cause):
    """An executable has settings compiled in that the package was built with.

    Pairs of the package that holds them and the settings; empty for the table of C compilers.
    """

    settings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CompiledFrom(Cause):
    """An executable is compiled from packages with changed sources."""

    packages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SettingsNotStated(Cause):
    """An executable has settings compiled in that this package does not state."""


@dataclass(frozen=True, slots=True)
class NotShippedUpstream(Cause):
    """Upstream builds this program but does not ship it."""

    package: str


@dataclass(frozen=True, slots=True)
class Declared(Cause):
    """The distro's policy declares it, with this reason; ``origin`` is a source that gives it."""

    reason: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class PackagingFile(Cause):
    """A file of the distro's packaging that this source gives, and the policy does not name."""

    origin: str


@dataclass(frozen=True, slots=True)
class Rebuilt(Cause):
    """A rebuild from upstream's source on this machine gave the executable.

    ``searched`` are the declared settings that fitted, where the package does not state its own.
    """

    searched: str = ""
