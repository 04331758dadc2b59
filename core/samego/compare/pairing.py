"""Pairing two trees: which paths both have, and which only one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from samego.formats.tree.composed import ComposedSource
from samego.formats.tree.goroot import GorootView
from samego.model.paired_trees import pair_paths
from samego.model.policy import Policy
from samego.model.tree import Entry, Kind, Tree


@dataclass(frozen=True, slots=True)
class Pairing:
    """The paths of a comparison, sorted.

    ``distro`` is the distro's tree with moved files under upstream's names; ``moved``
    maps such a name to the payload path it came from.
    """

    distro: Tree
    upstream: Tree
    both: tuple[str, ...]
    distro_only: tuple[str, ...]
    upstream_only: tuple[str, ...]
    moved: Mapping[str, str] = field(default_factory=dict)


def pair(view: GorootView, payload: Tree, upstream: Tree, policy: Policy) -> Pairing:
    """Pair the files of the distro's GOROOT with upstream's."""
    moved = {
        rule.path: rule.to
        for rule in policy.layout_rules("moved")
        if rule.path not in view.tree and rule.to in payload and payload[rule.to].kind is Kind.FILE
    }
    distro = _with_moved(view.tree, payload, moved)
    paths = pair_paths(distro, upstream, (Kind.FILE,))
    return Pairing(distro, upstream, paths.both, paths.first_only, paths.second_only, moved)


def _with_moved(tree: Tree, payload: Tree, moved: Mapping[str, str]) -> Tree:
    if not moved:
        return tree
    entries: dict[str, Entry] = dict(tree)
    for path, real in moved.items():
        entries[path] = replace(payload[real], path=path)
    located = ComposedSource(lambda path: (payload, moved[path]) if path in moved else (tree, path))
    return Tree(entries, located, name=tree.name, carries_modes=tree.carries_modes)
