"""What a comparison found of a path that no rule accounts for."""

from __future__ import annotations

from dataclasses import dataclass

from samego.model.candidate import SettingKind
from samego.model.value import Cause


@dataclass(frozen=True, slots=True)
class Unaccounted(Cause):
    """No rule explains it."""


@dataclass(frozen=True, slots=True)
class BytesOf(Cause):
    """The file has the very bytes that upstream posted of another release at this path."""

    release: str


@dataclass(frozen=True, slots=True)
class OnlyInPackage(Cause):
    """Only the package has this file."""


@dataclass(frozen=True, slots=True)
class LackedByPackage(Cause):
    """The package does not have this file."""


@dataclass(frozen=True, slots=True)
class EmptyDirectory(Cause):
    """A directory of GOROOT that holds nothing, and that only the package has."""


@dataclass(frozen=True, slots=True)
class EmptyOutside(Cause):
    """An empty directory outside GOROOT that no declared packaging needs."""


@dataclass(frozen=True, slots=True)
class OutsideGoroot(Cause):
    """A file outside GOROOT, in this directory, that is no part of the declared packaging."""

    directory: str


@dataclass(frozen=True, slots=True)
class UndeclaredLink(Cause):
    """A link that the distro's layout does not declare."""


@dataclass(frozen=True, slots=True)
class NotOfSource(Cause):
    """A packaging file is not what this source gives, or the source has none (``absent``)."""

    source: str
    absent: bool = False


@dataclass(frozen=True, slots=True)
class UpstreamsPinBroken(Cause):
    """Upstream's own file does not match its pin."""


@dataclass(frozen=True, slots=True)
class AgainstExecutable(Cause):
    """A changed source belongs to an executable that is upstream's own; no build gives both."""

    executable: str


@dataclass(frozen=True, slots=True)
class NotRebuilt(Cause):
    """A rebuild does not produce this executable."""

    name: str


@dataclass(frozen=True, slots=True)
class SourcesLacking(Cause):
    """Upstream's sources do not give an executable; the package's own are not available.

    ``tried`` are the settings of each build.
    """

    tried: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FollowsWith(Cause):
    """An executable came out when it was rebuilt with settings that nobody declares.

    ``settings`` are their kinds, names and values (:class:`samego.model.candidate.Setting`),
    ``command`` is what built it.
    """

    settings: tuple[tuple[SettingKind, str, str | None], ...]
    command: str


@dataclass(frozen=True, slots=True)
class DoesNotFollow(Cause):
    """A rebuild from the package's own sources gave another executable.

    ``tried`` are the declared settings of each build, empty where the package states them;
    ``command`` built it; ``generated`` are the generated sources that differ from the package's.
    """

    tried: tuple[str, ...]
    command: str
    generated: tuple[str, ...] = ()
