"""Where two executables differ."""

from __future__ import annotations

from dataclasses import dataclass

from samego.model.value import Place


@dataclass(frozen=True, slots=True)
class BuiltWith(Place):
    """Build settings that differ, as the executables state them: name, distro's, upstream's."""

    settings: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Address(Place):
    """The first address at which a section's bytes differ, and the function at that address."""

    section: str
    address: int
    function: str = ""


@dataclass(frozen=True, slots=True)
class SectionSize(Place):
    """A section has another size, in bytes."""

    section: str
    distro: int
    upstream: int


@dataclass(frozen=True, slots=True)
class SectionAddress(Place):
    """A section is at another address."""

    section: str
    distro: int
    upstream: int


@dataclass(frozen=True, slots=True)
class SectionHeader(Place):
    """A section's header differs in something else."""

    section: str


@dataclass(frozen=True, slots=True)
class SectionsDiffer(Place):
    """So many of the loaded sections differ."""

    differing: int
    loaded: int


@dataclass(frozen=True, slots=True)
class OnlyDistroHas(Place):
    """Sections that only the distro's file has."""

    sections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnlyUpstreamHas(Place):
    """Sections that only upstream's file has."""

    sections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Start(Place):
    """The program starts at another address."""

    distro: int
    upstream: int


@dataclass(frozen=True, slots=True)
class ElfHeader(Place):
    """The ELF header differs."""


@dataclass(frozen=True, slots=True)
class Segments(Place):
    """The files have different numbers of segments."""

    distro: int
    upstream: int


@dataclass(frozen=True, slots=True)
class ProgramHeader(Place):
    """This program header differs, counted from 0."""

    number: int


@dataclass(frozen=True, slots=True)
class HiddenBytes(Place):
    """The distro's file holds bytes outside every part of an ELF file: what was found."""

    found: str


@dataclass(frozen=True, slots=True)
class NotLoaded(Place):
    """All that is loaded is equal; the first byte of the files that differs."""

    at: int


@dataclass(frozen=True, slots=True)
class Entitlements(Place):
    """What the distro's code signature asks the system for."""

    wanted: str


@dataclass(frozen=True, slots=True)
class UnreadableSignature(Place):
    """A file's code signature cannot be read; ``upstreams`` says that it is upstream's file."""

    upstreams: bool
    problem: str
