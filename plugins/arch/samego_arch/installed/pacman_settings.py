"""pacman's settings for the files of packages (pacman.conf(5)), made by the administrator.

NoExtract: files that are not unpacked, as in Arch's container images. NoUpgrade: files that are
kept, with the package's own beside them as ``.pacnew``. Their patterns are read as libalpm reads
them (_alpm_fnmatch_patterns in lib/libalpm/util.c, pacman 5 to 7).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from samego.distro.withheld import ManagerSetting, Withheld
from samego.formats.tree.directory import read_paths
from samego.formats.tree.root import Root
from samego.model.tree import Entry, Tree
from samego.system.globs import matches
from samego_arch.archive.pacman_conf import PacmanConf

#: The patterns of an option in their order, each with the line that it stands in.
Patterns = Sequence[tuple[str, ManagerSetting]]
_BESIDE = ".pacnew"


def withheld(paths: Iterable[str], configuration: PacmanConf) -> Withheld:
    """Those of the missing ``paths`` that pacman is configured not to unpack."""
    patterns = configuration.patterns("NoExtract")
    found = {path: _matching(path, patterns) for path in paths}
    return Withheld({path: setting for path, setting in found.items() if setting is not None})


@dataclass(frozen=True, slots=True)
class Kept:
    """Files that pacman is configured to keep: ``beside`` are the package's own, by their paths."""

    beside: Mapping[str, str]
    notes: tuple[str, ...]

    def without(self, tree: Tree) -> Tree:
        """The tree without the package's files that pacman put beside those that it kept."""
        entries = {path: entry for path, entry in tree.items() if path not in self.beside}
        return tree.with_entries(entries, carries_modes=True) if self.beside else tree


def kept(root: Root, listed: Mapping[str, Entry], configuration: PacmanConf) -> Kept:
    """What was kept. A ``.pacnew`` counts only where it is the file that pacman's record lists."""
    patterns = configuration.patterns("NoUpgrade")
    found: dict[str, str] = {}
    notes = []
    # Without such settings there is nothing to do.
    for path, entry in listed.items() if patterns else ():
        beside = path + _BESIDE
        setting = _matching(path, patterns)
        if setting is None or not entry.sha256 or root.lstat(beside) is None:
            continue
        found_there = read_paths(root, [beside], name="installed files")[beside]
        if found_there.sha256 != entry.sha256:
            continue
        found[beside] = path
        notes.append(
            f"/{path} is kept from before because of {setting}: it is judged as it is; the"
            f" package's own lies beside it ({_BESIDE})"
        )
    return Kept(found, tuple(notes))


def _matching(path: str, patterns: Patterns) -> ManagerSetting | None:
    """The setting that applies to a path: the last pattern that matches decides; ``!`` negates.

    Directories have a slash at their end where pacman asks.
    """
    for pattern, setting in reversed(patterns):
        plain = pattern[1:] if pattern[:1] in ("!", "\\") else pattern
        if matches(plain, path) or matches(plain, f"{path}/"):
            return None if pattern.startswith("!") else setting
    return None
