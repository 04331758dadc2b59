"""The payload of one or several packages, and GOROOT inside it.

A distro may spread GOROOT over several packages and directories and tie them with
links. :func:`goroot_view` walks GOROOT in the payload as a program would that runs
there: links are followed, but never out of the payload.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from samego.errors import InputError
from samego.formats.archive.limits import DEFAULT_LIMITS, ArchiveLimits
from samego.formats.archive.paths import hostile, too_large
from samego.formats.tree.children import Children
from samego.formats.tree.composed import ComposedSource
from samego.model.tree import Entry, Kind, Tree

_ORDINARY_MODE = 0o755


@dataclass(frozen=True, slots=True)
class GorootView:
    """GOROOT inside a payload.

    ``tree`` maps paths below GOROOT to files and directories, with links followed; a file
    that is reached by a link of its own keeps the link's target in ``link``. ``links`` are
    the links below GOROOT that lead to directories or nowhere; ``dangling`` those of them
    (as paths below GOROOT) whose target is not in the payload. ``outside`` holds the
    payload's entries that are neither part of GOROOT nor a directory above it.
    ``names`` gives the path below GOROOT of each payload path that the walk visited. The
    directories above GOROOT and above a link's target have none.
    """

    tree: Tree
    links: Mapping[str, Entry]
    dangling: tuple[str, ...]
    outside: Mapping[str, Entry]
    names: Mapping[str, str] = field(default_factory=dict)


def merge(trees: Sequence[Tree], *, name: str) -> Tree:
    """Several packages' trees as one. The same directory may be in more than one.

    Where packages differ about a directory, the more unusual entry counts: which one an installer
    follows depends on the order of unpacking.

    Raises InputError when two packages have the same file: they do not belong together.
    """
    entries: dict[str, Entry] = {}
    owner: dict[str, Tree] = {}
    for tree in trees:
        for path, entry in tree.items():
            before = entries.get(path)
            if before is not None and (before.kind, entry.kind) != (
                Kind.DIRECTORY,
                Kind.DIRECTORY,
            ):
                raise InputError(
                    f"{path} is in both {owner[path].name} and {tree.name}",
                    hint="give the packages of one build",
                )
            if before is None or not _is_ordinary(entry):
                entries[path] = entry
                owner[path] = tree
    carries = all(tree.carries_modes for tree in trees)
    source = ComposedSource(lambda path: (owner[path], path))
    return Tree(entries, source, name=name, carries_modes=carries)


def _is_ordinary(directory: Entry) -> bool:
    """Whether a directory is as nearly every package has it: root's, 0755, nothing else."""
    return (
        directory.mode == _ORDINARY_MODE and not directory.xattrs and not any(directory.owner or ())
    )


def goroot_view(
    payload: Tree,
    goroot: str,
    limits: ArchiveLimits = DEFAULT_LIMITS,
    *,
    assumed: Mapping[str, str] | None = None,
) -> GorootView:
    """Walk GOROOT (``usr/lib/go-1.24``; ``""`` for the payload's root) in a payload.

    ``assumed`` are links below GOROOT, by path, that packages outside this payload
    contain: the walk follows them where the payload has nothing in their place, and reports none.

    Raises InputError when there is no such directory, HostileArchiveError for links that
    loop or lead out of the payload.
    """
    links = _assumed_links(payload, goroot, assumed or {})
    whole = payload
    if links:
        whole = payload.with_entries({**payload, **links}, carries_modes=payload.carries_modes)
    walk = _Walk(whole, limits)
    root = walk.resolve(goroot) if goroot else ""
    if root is None or (root and not walk.is_directory(root)):
        raise InputError(
            f"{payload.name} has no directory {goroot}",
            hint="give the package that holds the Go toolchain",
        )
    walk.directory(root, "", ())
    above = {goroot} if goroot else set()
    parent = goroot
    while parent := parent.rpartition("/")[0]:
        above.add(parent)
    outside = {
        path: entry
        for path, entry in payload.items()
        if path not in walk.visited and path not in above and not walk.leads_to_visited(path)
    }
    tree = Tree(
        walk.entries,
        ComposedSource(lambda path: (payload, walk.real[path])),
        name=payload.name,
        carries_modes=payload.carries_modes,
    )
    others = {path: link for path, link in walk.links.items() if _below(goroot, path) not in links}
    return GorootView(tree, others, tuple(walk.dangling), outside, walk.names)


def _assumed_links(payload: Tree, goroot: str, assumed: Mapping[str, str]) -> dict[str, Entry]:
    """The links, by payload path, in whose place the payload has nothing."""
    if not assumed:
        return {}
    taken = set(payload)
    for path in payload:
        above = path.rpartition("/")[0]
        while above and above not in taken:
            taken.add(above)
            above = above.rpartition("/")[0]
    places = {_below(goroot, path): target for path, target in assumed.items()}
    return {
        place: Entry(place, Kind.LINK, None, link=target)
        for place, target in places.items()
        if place not in taken
    }


def _below(goroot: str, path: str) -> str:
    return f"{goroot}/{path}" if goroot else path


class _Walk:
    """The state of one walk through GOROOT."""

    def __init__(self, payload: Tree, limits: ArchiveLimits) -> None:
        self.payload = payload
        self.limits = limits
        self.entries: dict[str, Entry] = {}
        self.real: dict[str, str] = {}
        self.links: dict[str, Entry] = {}
        self.dangling: list[str] = []
        self.names: dict[str, str] = {}
        self.visited: set[str] = set()
        self._children = Children(payload)
        self._parents_of_visited: set[str] | None = None

    def is_directory(self, path: str) -> bool:
        entry = self.payload.get(path)
        return path in self._children if entry is None else entry.kind is Kind.DIRECTORY

    def resolve(self, path: str) -> str | None:
        """The real path behind ``path``, or None when a part is not in the payload."""
        parts = path.split("/")[::-1]
        real: list[str] = []
        links = 0
        while parts:
            part = parts.pop()
            if part == "..":
                if not real:
                    raise hostile(self.payload.name, f"has a link out of the package ({path!r})")
                real.pop()
                continue
            if part in ("", "."):
                continue
            here = "/".join([*real, part])
            entry = self.payload.get(here)
            if entry is not None and entry.kind is Kind.LINK:
                links += 1
                if links > self.limits.link_depth:
                    raise hostile(self.payload.name, f"has a link that loops at {here!r}")
                self.visited.add(here)
                if entry.link.startswith("/"):
                    real.clear()
                parts.extend(entry.link.split("/")[::-1])
                continue
            if entry is None and here not in self._children:
                return None
            real.append(part)
        return "/".join(real)

    def directory(self, real: str, below: str, chain: tuple[str, ...]) -> None:
        """Take the directory ``real`` as GOROOT's ``below``."""
        if real in chain:
            raise hostile(self.payload.name, f"has a link that loops at {below!r}")
        chain = (*chain, real)
        self.visited.add(real)
        for base in sorted(self._children.of(real)):
            child = posixpath.join(real, base)
            path = posixpath.join(below, base)
            if len(self.entries) > self.limits.entries:
                raise too_large(self.payload.name, f"over {self.limits.entries} files by links")
            self.visited.add(child)
            self.names.setdefault(child, path)
            entry = self.payload.get(child)
            if entry is not None and entry.kind is Kind.FILE:
                self._file(path, child, entry)
            elif entry is not None and entry.kind is Kind.LINK:
                self._link(path, child, entry, chain)
            else:
                if entry is not None:
                    self._file(path, child, entry)
                self.directory(child, path, chain)

    def _file(self, path: str, real: str, entry: Entry, link: str = "") -> None:
        # dataclasses.replace takes five times as long, and this runs for every file.
        self.entries[path] = Entry(
            path,
            entry.kind,
            entry.mode,
            entry.size,
            entry.sha256,
            link,
            entry.owner,
            entry.xattrs,
        )
        self.real[path] = real

    def _link(self, path: str, child: str, entry: Entry, chain: tuple[str, ...]) -> None:
        target = self.resolve(child)
        if target is None:
            self.links[path] = replace(entry, path=path)
            self.dangling.append(path)
        elif self.is_directory(target):
            self.links[path] = replace(entry, path=path)
            self.directory(target, path, chain)
        else:
            self.visited.add(target)
            self._file(path, target, self.payload[target], link=entry.link)

    def leads_to_visited(self, path: str) -> bool:
        """Whether this is a directory above GOROOT or above a link's target."""
        if self._parents_of_visited is None:
            self._parents_of_visited = set()
            for visited in self.visited:
                parent = visited.rpartition("/")[0]
                while parent and parent not in self._parents_of_visited:
                    self._parents_of_visited.add(parent)
                    parent = parent.rpartition("/")[0]
        return path in self._parents_of_visited
