"""What the distro declared about its build, and what a rule may read."""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from samego.model.memo import Memo
from samego.model.policy import Policy
from samego.model.proof import Tool
from samego.model.release import Release, Target
from samego.model.tree import Kind, Tree


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
    #: The signed file itself was not available; a signed list that states its sha256 verified it.
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class DeclaredSource:
    """The source package or recipe that declares the inputs, and how that was verified.

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
    the PKGBUILD``), ``patches`` the patches that it could read. Where nothing could be run,
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
    where they come from. ``source`` is what declares them, None where nothing was available.
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
    """What a rule may read besides the two files.

    ``distro`` and ``upstream`` are the whole goroot trees (for a rule that needs a
    neighbouring file, such as the generator of a generated file).
    """

    release: Release
    target: Target
    policy: Policy
    inputs: Inputs
    distro: Tree
    upstream: Tree
    #: Results computed from these trees; a context with other trees has none.
    memo: Memo = field(default_factory=Memo, init=False, repr=False, compare=False)

    @functools.cached_property
    def differing_files(self) -> tuple[str, ...]:
        """The files that only one tree has or whose bytes differ, sorted."""
        mine = {path for path, entry in self.distro.items() if entry.kind is Kind.FILE}
        theirs = {path for path, entry in self.upstream.items() if entry.kind is Kind.FILE}
        changed = {
            path for path in mine & theirs if self.distro[path].sha256 != self.upstream[path].sha256
        }
        return tuple(sorted((mine ^ theirs) | changed))
