"""Groups what the user named by toolchain.

A plugin whose object has ``builds`` groups its own packages: those of one build are one toolchain.
Without ``builds``, all that a plugin recognises is one toolchain. What no plugin recognises is a
subject of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, runtime_checkable

from samego.distro.interface import Distro, Request, recognise


@runtime_checkable
class TellsBuildsApart(Protocol):
    """A plugin that can say which files belong together."""

    name: str

    def builds(self, what: Sequence[str]) -> Iterable[tuple[str, ...]]:
        """``what`` in groups of one toolchain each; a directory of packages may become several.

        Each is recognised by this plugin. What cannot be read is a subject of its own: opening it
        reports why.
        """


def toolchains_named(request: Request, plugins: Sequence[Distro]) -> list[tuple[str, ...]]:
    """What was named in groups of one toolchain each, in the order of their first words."""
    by_plugin: dict[str, list[str]] = {}
    groups: list[tuple[str, ...]] = []
    known = {plugin.name: plugin for plugin in plugins}
    for what in request.what:
        plugin = recognise(replace(request, what=(what,)), plugins)
        if plugin is None:
            groups.append((what,))
        else:
            by_plugin.setdefault(plugin.name, []).append(what)
    for name, words in by_plugin.items():
        plugin = known[name]
        found = plugin.builds(words) if isinstance(plugin, TellsBuildsApart) else [tuple(words)]
        groups += found
    return sorted(groups, key=lambda group: min(_place(what, request.what) for what in group))


def _place(what: str, named: Sequence[str]) -> int:
    """Where a word was named, or the directory that a plugin took it from."""
    above = {what, *map(str, Path(what).parents)}
    places = (n for n, each in enumerate(named) if each == what or str(Path(each)) in above)
    return next(places, len(named))
