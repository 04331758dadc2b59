"""Where a package's statements about itself are wrong, or not declared by its distro."""

from __future__ import annotations

from dataclasses import dataclass

from samego.model.value import Cause


@dataclass(frozen=True, slots=True)
class OwnListBroken(Cause):
    """The package contradicts its own list of its files."""

    listed_in: str


@dataclass(frozen=True, slots=True)
class OtherRelease(Cause):
    """The package's metadata names another release than its files, or none (``nameless``).

    ``what`` is the field (such as the package's name), ``text`` its value.
    """

    what: str
    text: str
    release: str
    nameless: bool = False


@dataclass(frozen=True, slots=True)
class BuiltAsOther(Cause):
    """VERSION names one release, and an executable's build information another."""

    release: str
    executable: str
    built: str


@dataclass(frozen=True, slots=True)
class AnyEpoch(Cause):
    """A version has an epoch, which the distro's ``package`` does not have: it counts as newer."""

    version: str
    manager: str
    package: str


@dataclass(frozen=True, slots=True)
class OtherEpoch(Cause):
    """A version has another epoch than the distro's ``package``, which has the ``usual`` one."""

    version: str
    epoch: str
    manager: str
    package: str
    usual: str


@dataclass(frozen=True, slots=True)
class UndeclaredMember(Cause):
    """A package has a member for its manager that the distro's Go package does not have."""

    member: str
    manager: str
    distro: str


@dataclass(frozen=True, slots=True)
class UndeclaredField(Cause):
    """A field has values that the distro's ``package`` does not have.

    ``problem`` says why its recipe could not be read.
    """

    field: str
    values: tuple[str, ...]
    package: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class DeclaredField(Cause):
    """A field has values that the source of the package declares, ``source``."""

    field: str
    values: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class NotDeclaredField(Cause):
    """A field has values that the source of the package does not declare."""

    field: str
    values: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class OtherField(Cause):
    """A field differs from what the tool writes for the package's recipe."""

    field: str
    values: tuple[str, ...]
    written: tuple[str, ...]
    tool: str
    recipe: str


@dataclass(frozen=True, slots=True)
class LackedField(Cause):
    """A field lacks what the distro's has, with the policy's reason."""

    field: str
    distro: str
    reason: str


@dataclass(frozen=True, slots=True)
class RunsScript(Cause):
    """A package manager runs a script of the package."""

    manager: str
    script: str


@dataclass(frozen=True, slots=True)
class UnreadableArchive(Cause):
    """The zip that a directory was unpacked from cannot be read."""

    problem: str


@dataclass(frozen=True, slots=True)
class OtherUnpacked(Cause):
    """A zip does not hold what was unpacked: the first path, and how many more."""

    path: str
    more: int


@dataclass(frozen=True, slots=True)
class OtherHash(Cause):
    """A file states another hash than the zip has."""

    stated: str
    computed: str


@dataclass(frozen=True, slots=True)
class UndeclaredValue(Cause):
    """A field has a value that no policy declares; ``acts`` says who acts on it, and how."""

    field: str
    value: str
    acts: str


@dataclass(frozen=True, slots=True)
class OtherPlatform(Cause):
    """A field names another platform than ``target``, for which the package's tools are built."""

    field: str
    said: str
    target: str
