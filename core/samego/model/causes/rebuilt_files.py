"""Why a file that was rebuilt of upstream's is the posted one, is not, or could not be compared."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from samego.model.value import Cause


class SameBy(enum.Enum):
    """What is the same as the posted file's."""

    SHA256 = "sha256"
    H1 = "h1"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class SameFile(Cause):
    """The rebuilt file is the posted one: by what is stated of it."""

    by: SameBy


@dataclass(frozen=True, slots=True)
class SameMembers(Cause):
    """Every member is the posted one's; nobody states a sum of the whole."""


@dataclass(frozen=True, slots=True)
class OtherZip(Cause):
    """Every member is the posted one's; the zip around them is not."""


@dataclass(frozen=True, slots=True)
class OtherArchive(Cause):
    """All files, so many, are the posted ones; the archive around them is not."""

    files: int


@dataclass(frozen=True, slots=True)
class EqualFiles(Cause):
    """The files are the posted ones, ``unsigned`` of them but for upstream's code signature.

    With ``installed`` the posted file installs them.
    """

    equal: int
    unsigned: int
    installed: bool


@dataclass(frozen=True, slots=True)
class OtherFiles(Cause):
    """There are differences in so many members, and none in the others."""

    differences: int
    equal: int


@dataclass(frozen=True, slots=True)
class OtherH1(Cause):
    """Its h1 is not the one that the checksum database states."""


@dataclass(frozen=True, slots=True)
class NobodyLists(Cause):
    """No checksum source lists such a file."""


@dataclass(frozen=True, slots=True)
class NobodyAnswers(Cause):
    """The checksum sources could not be asked: for the sum, or whether it was ``posted`` at all."""

    posted: bool
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NobodyStates(Cause):
    """The checksum database's answer could not be had: its error's message."""

    problem: str


@dataclass(frozen=True, slots=True)
class PartsLacking(Cause):
    """What was rebuilt is the module form, which lacks some of what the posted file installs."""


@dataclass(frozen=True, slots=True)
class ToolLacking(Cause):
    """A program that takes the posted file apart is missing: the error's message and hint."""

    problem: str
    hint: str


@dataclass(frozen=True, slots=True)
class PostedLacking(Cause):
    """The posted file could not be had: the error's message."""

    problem: str


@dataclass(frozen=True, slots=True)
class OtherSum(Cause):
    """Another sum than the posted file's, which could not be had to be compared.

    Where upstream's executables are ``signed``, that is to be expected.
    """

    signed: bool
    problem: str
