"""What was named, in groups of one toolchain each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from samego.distro.interface import Hook, PluginCommand, Request, Shipment
from samego.distro.several import toolchains_named


class Together:
    """A plugin that says nothing of builds."""

    commands: tuple[PluginCommand, ...] = ()
    hooks: tuple[Hook, ...] = ()

    def __init__(self, name: str) -> None:
        self.name = name

    def recognises(self, request: Request) -> bool:
        return all(what.endswith(self.name) for what in request.what)

    def open(self, request: Request) -> AbstractContextManager[Shipment]:
        raise NotImplementedError


class Apart(Together):
    """One for which each is a build of its own, and ``two`` two of them."""

    def builds(self, what: Sequence[str]) -> Iterable[tuple[str, ...]]:
        for each in what:
            yield from [(f"{each}/1",), (f"{each}/2",)] if each.startswith("two") else [(each,)]


def named(*what: str) -> list[tuple[str, ...]]:
    request = Request(what, Path("work"), Path("cache"))
    return toolchains_named(request, [Together(".one"), Apart(".each")])


def test_a_plugin_says_what_belongs_together() -> None:
    assert named("a.each", "b.each") == [("a.each",), ("b.each",)]
    assert named("a.one", "b.one") == [("a.one", "b.one")]


def test_groups_stand_in_the_order_in_which_they_were_named() -> None:
    assert named("dir", "b.each", "a.one", "other", "c.one", "a.each") == [
        ("dir",),
        ("b.each",),
        ("a.one", "c.one"),
        ("other",),
        ("a.each",),
    ]


def test_what_stands_for_several_is_several() -> None:
    assert named("two.each", "a.one") == [("two.each/1",), ("two.each/2",), ("a.one",)]
