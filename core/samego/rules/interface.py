"""What a rule is: code that can prove a standing from the bytes of both sides."""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from samego.goroot.tree import Kind, Tree
from samego.policy import Policy
from samego.release import Release, Target


class Standing(enum.Enum):
    """How well a difference is understood, best first (the design's words)."""

    IDENTICAL = "identical"
    EQUIVALENT = "equivalent"
    EXPLAINED = "explained"
    UNPROVEN = "unproven"
    UNEXPLAINED = "unexplained"

    @property
    def rank(self) -> int:
        """0 for identical, growing as the standing gets worse."""
        return list(Standing).index(self)

    @property
    def passes(self) -> bool:
        """Whether a verdict of this standing passes by default."""
        return self.rank <= Standing.EXPLAINED.rank


def worst(standings: Sequence[Standing]) -> Standing:
    """The worst of several standings; identical when there are none."""
    return max(standings, key=lambda standing: standing.rank, default=Standing.IDENTICAL)


@dataclass(frozen=True, slots=True)
class Tool:
    """A third party that took part in a proof."""

    name: str
    version: str


class Blob:
    """One side's file: its path below GOROOT, digest, size and, on demand, its bytes.

    The bytes are kept once they were read, and go with the blob: the memory of a check is
    bounded by the pairs of files that are judged at the same time.
    """

    def __init__(self, path: str, tree: Tree) -> None:
        self.path = path
        self._tree = tree
        self._data: bytes | None = None
        entry = tree[path]
        self.size = entry.size
        self.sha256 = entry.sha256
        self.mode = entry.mode

    def read(self) -> bytes:
        """The bytes, checked against ``sha256``."""
        if self._data is None:
            self._data = self._tree.read(self.path)
        return self._data


@dataclass(frozen=True, slots=True)
class Patch:
    """One patch of a distro: its name in the series, its bytes, and where it was found.

    ``exact`` is False when it comes from another version's source package than the
    one that was checked.
    """

    name: str
    data: bytes
    origin: str
    exact: bool


class Signature(enum.Enum):
    """What is known of the signature on a source package."""

    GOOD = "good"
    #: There is one, and nothing here has its key.
    UNCHECKED = "unchecked"
    NONE = "none"
    #: The signed file itself was not at hand: what states its sha256 vouches for it.
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class DeclaredSource:
    """The source package or recipe that declares the inputs, and who vouches for it.

    ``sha256`` is that of its own file (.dsc, PKGBUILD), empty for a directory. ``key`` is the
    fingerprint or ID of the key that signed it, ``signer`` the key's user where the signature is
    good. ``listed_in`` names what states the sha256, such as the archive's signed lists.
    """

    name: str
    sha256: str = ""
    signature: Signature = Signature.NONE
    key: str = ""
    signer: str = ""
    listed_in: str = ""


@dataclass(frozen=True, slots=True)
class ReplayedSource:
    """Upstream's source as the distro's own tools left it, before the build began.

    ``files`` maps the paths that were changed to the sha256 of what they then hold, None for
    one that is gone. ``by`` names what changed them, as a phrase (``prepare() and build() of
    the PKGBUILD``), ``patches`` the patches it had at hand. Where nothing could be run,
    ``problem`` says why and ``files`` is empty.
    """

    files: Mapping[str, str | None]
    by: str
    patches: tuple[str, ...]
    tool: Tool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the distro declared as inputs of its build, and where each was read.

    ``timestamp`` is the build's SOURCE_DATE_EPOCH in seconds, None when unknown.
    ``settings`` maps environment names (GO386, GOEXPERIMENT, CC_FOR_linux_arm64) to
    values. ``origins`` maps "timestamp", "settings", "patches" to a phrase that says
    where they come from. ``source`` is what declares them, None where nothing was at hand.
    ``replayed`` is the source that the distro's tools made, where they were run on all of it;
    ``replay`` gives, once both trees are known, the context with what running them adds, and
    notes.
    """

    timestamp: int | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    patches: tuple[Patch, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)
    source: DeclaredSource | None = None
    replayed: ReplayedSource | None = None
    replay: Callable[[Context], tuple[Context, tuple[str, ...]]] | None = None


@dataclass(frozen=True)
class Context:
    """What a rule may look at besides the two files.

    ``distro`` and ``upstream`` are the whole goroot trees (for a rule that needs a
    neighbouring file, such as the generator of a generated file).
    """

    release: Release
    target: Target
    policy: Policy
    inputs: Inputs
    distro: Tree
    upstream: Tree

    @functools.cached_property
    def memo(self) -> dict[str, Any]:
        """What was worked out of these trees, by the name of what it is."""
        return {}

    @functools.cached_property
    def differing_files(self) -> tuple[str, ...]:
        """The files that only one tree has or whose bytes differ, sorted."""
        mine = {path for path, entry in self.distro.items() if entry.kind is Kind.FILE}
        theirs = {path for path, entry in self.upstream.items() if entry.kind is Kind.FILE}
        changed = {
            path for path in mine & theirs if self.distro[path].sha256 != self.upstream[path].sha256
        }
        return tuple(sorted((mine ^ theirs) | changed))


@dataclass(frozen=True, slots=True)
class Proof:
    """What a rule found: a standing with everything that somebody needs to repeat it.

    ``cause`` is one phrase for a person ("stripped of its symbol table"). ``digest``
    is the sha256 that the replay produced (equal to the distro's file, or of the
    compared parts where ``details`` says which). ``rests_on`` names other paths whose
    standing this one cannot exceed. ``command`` is for an unproven finding: what would
    prove it.
    """

    rule: str
    standing: Standing
    cause: str
    digest: str = ""
    tools: tuple[Tool, ...] = ()
    details: Mapping[str, str | int | bool] = field(default_factory=dict)
    rests_on: tuple[str, ...] = ()
    command: str = ""


class Rule(Protocol):
    """A rule: pure, total, without network.

    ``prove`` returns None where the rule does not account for the difference; on bad
    bytes it returns None too. It never raises for what is in the files; a missing
    external tool is a ToolError that the rule handles by returning None or a weaker
    proof that says so.
    """

    name: str

    def prove(self, distro: Blob, upstream: Blob, context: Context) -> Proof | None:
        """Prove the difference between two files, or return None."""
