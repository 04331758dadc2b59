"""The files of installed packages, under dpkg's settings for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from samego.formats.tree.composed import ComposedSource
from samego.formats.tree.directory import read_directory, read_paths
from samego.formats.tree.goroot import merge
from samego.formats.tree.root import Root, shown
from samego.model.tree import Entry, Tree
from samego_debian.installed.dpkg_settings import (
    DIVERSIONS,
    OVERRIDES,
    Diversion,
    Override,
    diversions,
    filters,
    overrides,
    withheld,
)


@dataclass(frozen=True, slots=True)
class OnDisk:
    """What is on disk of the packages whose lists name ``listed`` (payload paths).

    ``withheld`` are those that were not unpacked. ``moved`` maps a diverted path that no other
    file replaced to where its file is now. ``diverted`` are the new paths of files that another
    file replaced. ``notes`` report all three.
    """

    root: Root
    goroot: str
    listed: frozenset[str]
    withheld: frozenset[str]
    moved: Mapping[str, str]
    diverted: frozenset[str]
    overrides: Mapping[str, Override]
    notes: tuple[str, ...]

    def read(self) -> Tree:
        """Read GOROOT and whatever else the packages have."""
        inside = read_directory(self.root, self.goroot, name=shown(self.root, self.goroot))
        there = (path for path in self.listed if _exists(self.root, path))
        wanted = {*there, *self.diverted, *self.moved.values()}
        others = read_paths(self.root, sorted(wanted - set(inside)), name="installed files")
        tree = merge([inside, others], name="installed files")
        return self._as_installed(tree) if self.moved or self.overrides else tree

    def _as_installed(self, tree: Tree) -> Tree:
        """The tree as dpkg would have unpacked it: no diversions, and rights of the package.

        Rights beyond those of a package's own files stay, and are judged.
        """
        entries: dict[str, Entry] = dict(tree)
        for path, to in self.moved.items():
            entries[path] = replace(entries.pop(to), path=path)
        for path, override in self.overrides.items():
            if (entry := entries.get(path)) is not None and _is_overridden(entry, override):
                entries[path] = replace(entry, mode=None, owner=None)
        source = ComposedSource(lambda path: (tree, self.moved.get(path, path)))
        return Tree(entries, source, name=tree.name, carries_modes=True)


def on_disk(root: Root, goroot: str, listed: Collection[str], packages: Iterable[str]) -> OnDisk:
    """Find what is on disk of packages. Raises InputError for a file that cannot be read."""
    names = set(packages)
    ours = frozenset(listed)
    away = [d for d in diversions(root) if d.path in ours and d.package not in names]
    away = [d for d in away if _exists(root, d.to)]
    moved = {d.path: d.to for d in away if not _exists(root, d.path)}
    missing = [path for path in sorted(ours) if path not in moved and not _exists(root, path)]
    left_out = withheld(missing, filters(root))
    gone = [path for path in missing if path not in left_out.by_path]
    changed = {path: override for path, override in overrides(root).items() if path in ours}
    notes = [*left_out.notes("dpkg"), *(_diversion_note(d, moved) for d in away)]
    if gone:
        notes.append(f"{len(gone)} files of the packages are not on disk, such as /{gone[0]}")
    if changed:
        notes.append(_override_note(changed.values()))
    return OnDisk(
        root,
        goroot,
        ours,
        left_out.paths,
        moved,
        frozenset(d.to for d in away if d.path not in moved),
        changed,
        tuple(notes),
    )


def _diversion_note(diversion: Diversion, moved: Collection[str]) -> str:
    what = f"/{diversion.path} is diverted to /{diversion.to} by {diversion.by} (/{DIVERSIONS})"
    if diversion.path in moved:
        return f"{what}: the package's file is judged where it lies"
    return f"{what}: what took its place is judged, and so is the package's file beside it"


def _override_note(changed: Iterable[Override]) -> str:
    texts = [f"{o.mode:04o} {o.user}:{o.group} /{o.path}" for o in changed]
    more = f" and {len(texts) - 1} more" if len(texts) > 1 else ""
    return (
        f"dpkg-statoverride gives rights ({texts[0]}{more}; /{OVERRIDES}): compared where they are"
        " more than a package's files have, else not"
    )


def _is_overridden(entry: Entry, override: Override) -> bool:
    """Whether an entry has the rights of an override that gives no more than usual."""
    return (
        override.harmless
        and entry.mode == override.mode
        and (entry.owner is None or entry.owner[0] == 0)
    )


def _exists(root: Root, path: str) -> bool:
    return root.lstat(path) is not None
