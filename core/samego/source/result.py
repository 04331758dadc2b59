"""What is known of where a release's source came from."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from samego.model.release import Release
from samego.model.verification import Verification


class SourceVerdict(enum.Enum):
    """The answer of a whole run, best first."""

    AS_STATED = "as_stated"
    UNDECIDED = "undecided"
    DIFFERS = "differs"

    @property
    def exit_status(self) -> int:
        """0: all that could be checked is as stated. 1: something differs. 2: undecided."""
        return {SourceVerdict.AS_STATED: 0, SourceVerdict.DIFFERS: 1}.get(self, 2)


class What(enum.Enum):
    """How a path differs from what it is held against."""

    CONTENT = "content"
    MISSING = "missing"
    EXTRA = "extra"
    MODE = "mode"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class Difference:
    """One path, as upstream spells it, and how it differs."""

    path: str
    what: What


@dataclass(frozen=True, slots=True)
class HeldAgainst:
    """Upstream's verified file that a source was held against."""

    name: str
    channel: str
    form: str
    sha256: str
    verified: tuple[Verification, ...]


class NotChecked(enum.Enum):
    """Why something was not held against what it should be."""

    #: Nobody who was asked has it, or gives it.
    NOT_SERVED = "not_served"
    #: Somebody could not be asked.
    UNREACHED = "unreached"
    #: The log has no record of the version, and the proxy's zip is not the one of go.sum.
    OTHER_ZIP = "other_zip"
    #: Neither the log nor go.sum states a hash.
    NO_HASH = "no_hash"


class Packed(enum.Enum):
    """What a source file is to the one that upstream announced."""

    POSTED = "posted"
    SAME_FILES = "same_files"
    DIFFERS = "differs"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Packing:
    """Whether a file is what upstream posted.

    ``name`` is what upstream calls it, where it is a posted file; ``upstream`` what it was held
    against file by file, where it is not. ``not_compared`` are files that upstream's form leaves
    out. ``unchecked`` says why nothing was decided.
    """

    outcome: Packed
    name: str = ""
    verified: tuple[Verification, ...] = ()
    upstream: HeldAgainst | None = None
    identical: int = 0
    not_compared: int = 0
    differences: tuple[Difference, ...] = ()
    unchecked: NotChecked | None = None


class RestsOn(enum.Enum):
    """What vouches for a module's zip."""

    LOG = "log"
    GO_SUM = "go.sum"


class Unmet(enum.Enum):
    """A statement of modules.txt, go.mod or go.sum that another contradicts."""

    NOT_REQUIRED = "not_required"
    NOT_LISTED = "not_listed"
    VERSION = "version"
    REPLACED = "replaced"
    GO_VERSION = "go_version"
    GO_SUM = "go_sum"
    NO_MODULE = "no_module"
    NO_PACKAGE = "no_package"
    UNLISTED_PACKAGE = "unlisted_package"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two statements that do not agree: ``about`` is a module, package or path."""

    kind: Unmet
    about: str
    stated: str = ""
    found: str = ""


#: What another run, or somebody else, can decide: no answer, so that nothing is known.
UNDECIDED = (NotChecked.UNREACHED, NotChecked.OTHER_ZIP)


@dataclass(frozen=True, slots=True)
class VendoredModule:
    """One module of a vendor directory, held against its zip.

    ``unchecked`` says why it was not, where it was not. ``files`` and ``identical`` are numbers
    of files; ``record`` is the log's.
    """

    path: str
    version: str
    packages: int
    files: int
    rests_on: RestsOn | None = None
    h1: str = ""
    record: int | None = None
    identical: int = 0
    differences: tuple[Difference, ...] = ()
    unchecked: NotChecked | None = None

    @property
    def checked(self) -> bool:
        """Whether its files were held against its zip."""
        return self.rests_on is not None


@dataclass(frozen=True, slots=True)
class VendorDirectory:
    """A vendor directory: its modules, and what of its statements does not agree."""

    path: str
    modules: tuple[VendoredModule, ...]
    contradictions: tuple[Disagreement, ...]


class Use(enum.Enum):
    """What an opaque file can become part of."""

    LINKED = "linked"
    EMBEDDED = "embedded"
    BUILD = "build"
    RUN_TIME = "run_time"
    TEST_DATA = "test_data"
    NO_BUILD = "no_build"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Origin:
    """What upstream says of where a file came from: ``text`` stands in ``path``."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class OpaqueFile:
    """A file that no one can read as text.

    ``nul`` says that it has NUL bytes. ``form`` says what it is by its content. ``package`` and
    ``constraint`` say which programs a linked or embedded one gets into; ``pinned`` that a
    checksum in the source (``pin``) is its own.
    """

    path: str
    size: int
    sha256: str
    nul: bool
    form: str
    use: Use
    package: str = ""
    constraint: str = ""
    origins: tuple[Origin, ...] = ()
    pin: str = ""
    pinned: bool | None = None


class InGit(enum.Enum):
    """Whether a tag of a clone gives the same files."""

    SAME_FILES = "same_files"
    DIFFERS = "differs"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class GitTag:
    """A tag of a local clone, by git's own object names, and the files below it.

    ``added`` are files that the archive has and git need not, ``left_out`` those of git that the
    archive leaves out. ``modes`` counts files whose permission the archive sets by their names.
    ``signature`` is its kind, which is not checked.
    """

    tag: str
    outcome: InGit
    object_format: str = ""
    tag_object: str = ""
    commit: str = ""
    tree: str = ""
    signature: str = ""
    identical: int = 0
    modes: int = 0
    not_compared: int = 0
    added: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Generated:
    """What one of the release's generators gave: ``files`` were compared with the source's."""

    name: str
    files: int = 0
    differences: tuple[Difference, ...] = ()
    reason: str = ""
    seconds: float = 0.0

    @property
    def decided(self) -> bool:
        """Whether the generator ran."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class SourceResult:
    """A whole run. ``complete`` says that the form has all of the source archive's files."""

    release: Release
    file: str
    sha256: str
    size: int
    form: str
    complete: bool
    packing: Packing
    vendored: tuple[VendorDirectory, ...]
    opaque: tuple[OpaqueFile, ...]
    git: GitTag | None
    generated: tuple[Generated, ...]
    seconds: float
    version: str

    @property
    def verdict(self) -> SourceVerdict:
        """The worst of all that was looked at."""
        if any(self._differing()):
            return SourceVerdict.DIFFERS
        return SourceVerdict.UNDECIDED if any(self._undecided()) else SourceVerdict.AS_STATED

    def _differing(self) -> Iterator[bool]:
        yield self.packing.outcome is Packed.DIFFERS
        for directory in self.vendored:
            yield bool(directory.contradictions)
            yield from (bool(module.differences) for module in directory.modules)
        yield from (each.pinned is False for each in self.opaque)
        yield self.git is not None and self.git.outcome is InGit.DIFFERS
        yield from (bool(each.differences) for each in self.generated)

    def _undecided(self) -> Iterator[bool]:
        modules = [module for directory in self.vendored for module in directory.modules]
        yield self.packing.outcome is Packed.UNDECIDED
        yield not any(module.checked for module in modules)
        yield from (module.unchecked in UNDECIDED for module in modules)
        yield self.git is not None and self.git.outcome is InGit.UNDECIDED
        yield from (not each.decided for each in self.generated)
