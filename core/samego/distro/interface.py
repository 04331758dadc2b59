"""The interface that a distro's plugin fills, and how plugins are found.

A plugin is an object registered under the entry point group ``samego.distros``. The
core never imports one by name: a third distro needs no change here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, cast

from samego.distro.plugins import load, registered
from samego.model.inputs import Inputs
from samego.model.policy import Policy
from samego.model.proof import Proof, Standing
from samego.model.release import Release, Target
from samego.model.subject import Subject
from samego.model.tree import Entry, Tree
from samego.model.value import Cause, Place

GROUP = "samego.distros"


@dataclass(frozen=True, slots=True)
class Request:
    """How to open what the user named.

    ``work`` is a directory that is removed when the run ends; ``cache`` one that stays.
    ``source`` is the source package or patch directory that the user named; without one,
    ``source_places`` are searched, or where these are None, the directories of the packages.
    ``tree`` is the source tree in which a build's hook runs. ``release`` and ``target`` are set
    where the user states them, for a toolchain that does not state them itself. ``say`` takes one
    line of progress. ``options`` is the plugin's own table of the configuration file.
    """

    what: tuple[str, ...]
    work: Path
    cache: Path
    offline: bool = False
    installed: bool = False
    source: Path | None = None
    source_places: tuple[Path, ...] | None = None
    tree: Path | None = None
    release: Release | None = None
    target: Target | None = None
    say: Callable[[str], None] = lambda _line: None
    options: Mapping[str, object] = field(default_factory=dict)

    def places(self, beside: Iterable[Path]) -> tuple[Path, ...]:
        """The directories to search for a source package; ``beside`` are those of the packages."""
        return tuple(dict.fromkeys(beside)) if self.source_places is None else self.source_places


@dataclass(frozen=True, slots=True)
class Packaging:
    """The files of the distro's own packaging besides GOROOT, for comparison.

    ``expected`` maps payload paths (no leading slash) to the sha256 that the source
    package says they must have (copyright, the changelog's content); ``undecided`` are those
    whose bytes it cannot give. ``exact`` is False where another version's source package was
    used: then a match is a proof, and a mismatch means nothing. ``derive`` adds to both once the
    payload is read, for files whose form the build chose.
    """

    expected: Mapping[str, str]
    origin: str
    exact: bool = True
    undecided: frozenset[str] = frozenset()
    derive: Callable[[Tree], tuple[Mapping[str, str], frozenset[str]]] | None = None

    def settled(self, payload: Tree) -> Packaging:
        """The same with what ``derive`` adds for this payload."""
        if self.derive is None:
            return self
        expected, undecided = self.derive(payload)
        return replace(
            self,
            expected={**self.expected, **expected},
            undecided=self.undecided | undecided,
            derive=None,
        )


@dataclass(frozen=True, slots=True)
class Claims:
    """What a package says of its own files, such as Arch's .MTREE.

    ``entries`` are by payload path; a mode or owner of None is not claimed. ``origin``
    names the list in messages. Every difference from the payload is a finding.
    """

    entries: Mapping[str, Entry]
    origin: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A package's statement about the release that it contains.

    ``path`` is the finding's path, ``what`` names the statement in a sentence ("the package's
    version"), and ``text`` is its content. That names a ``release``, or only a ``line``
    (``1.24``), or neither.
    """

    path: str
    what: str
    text: str
    release: Release | None = None
    line: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding about a part of a package that has no counterpart upstream, and that tools act on.

    ``path``, ``kind``, ``causes``, ``where`` and ``standing`` are the finding's; ``proof`` is its
    proof, where something was replayed.
    """

    path: str
    kind: str
    standing: Standing
    causes: tuple[Cause, ...]
    where: tuple[Place, ...] = ()
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class SelfDescription:
    """What a package says of itself. ``release`` is what its VERSION file names."""

    release: Release | None = None
    statements: tuple[Statement, ...] = ()
    remarks: tuple[Remark, ...] = ()


class Shipment(Protocol):
    """What the distro shipped, opened: identity first, contents on demand."""

    subject: Subject
    policy: Policy
    inputs: Inputs
    #: One line each, for the report: what is missing, and what was used in its place.
    notes: tuple[str, ...]
    #: A source archive of the release that the distro carries (Debian's orig), if available.
    source_archive: Path | None
    #: What the source package says of files outside GOROOT; None without one.
    packaging: Packaging | None
    #: What the package says of its own files; None where it has no list with digests.
    claims: Claims | None
    #: What the package says of itself, beside its files.
    self_description: SelfDescription
    #: Payload paths that are missing because the package manager is configured not to unpack them.
    withheld: frozenset[str]

    def read(self, known: Container[str]) -> Tree:
        """Read the payload in one pass; paths as installed, without a leading slash.

        ``known`` holds the sha256 digests that upstream has: the bytes of a file whose
        digest is in it need not be kept in the spool.
        """


@dataclass(frozen=True, slots=True)
class PluginCommand:
    """A subcommand of a plugin, called as ``samego DISTRO NAME``.

    A rebuilderd ``backend`` is called as ``samego rebuilderd backend NAME`` instead.
    ``module`` is imported when the command is run; it has ``configure(subparsers)``, as the
    core's subcommands have (:mod:`samego.cli.options`).
    """

    name: str
    summary: str
    module: str
    backend: bool = False


@dataclass(frozen=True, slots=True)
class HookFile:
    """One file that a hook puts on a system.

    ``path`` is absolute there; ``text`` is all of it. With a ``comment`` sign (``#``) the
    file is shared with others, and ``text`` is a block in it between two marker lines.
    ``exclusive`` is a regular expression for a setting that may stand only once: where it matches
    a line outside the block, the hook must not override that line.
    """

    path: str
    text: str
    mode: int = 0o644
    comment: str = ""
    exclusive: str = ""


@dataclass(frozen=True, slots=True)
class Hook:
    """A place where a distro's own tools call samego.

    ``files`` takes the command line that starts samego there (shell-quoted), and gives the files
    to install. ``caller`` names the tool that calls the hook. ``waivers`` is the path of the file
    of waivers in the source tree, for a hook that runs in one. It is empty for all other hooks:
    a package must not bring waivers for itself.
    """

    name: str
    caller: str
    summary: str
    files: Callable[[str], tuple[HookFile, ...]]
    waivers: str = ""


class Distro(Protocol):
    """A distro's plugin. ``commands`` and ``hooks`` are empty where it has none."""

    name: str
    commands: tuple[PluginCommand, ...]
    hooks: tuple[Hook, ...]

    def recognises(self, request: Request) -> bool:
        """Whether all of ``request.what`` is this distro's (by name, extension and magic)."""

    def open(self, request: Request) -> AbstractContextManager[Shipment]:
        """Open what the user named. Raises SamegoError with what to do."""


@functools.cache
def distros() -> tuple[Distro, ...]:
    """All installed plugins, by name. Raises ConfigError for one that cannot be loaded."""
    return tuple(cast("Distro", load(point)) for point in registered(GROUP).values())


def recognise(request: Request, plugins: Sequence[Distro]) -> Distro | None:
    """The plugin that recognises what the user named, or None."""
    return next((plugin for plugin in plugins if plugin.recognises(request)), None)
