"""Requests as a plugin gets them, with directories of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from samego.distro.interface import Request


def requester(directory: Path) -> Callable[..., Request]:
    """Makes requests for what is named, with work and cache below this directory."""
    (directory / "work").mkdir()

    def make(*what: object, **others: object) -> Request:
        named = tuple(str(item) for item in what)
        request = Request(named, directory / "work", directory / "cache")
        for name, value in others.items():
            object.__setattr__(request, name, value)
        return request

    return make
