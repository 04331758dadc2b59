"""Fixtures for tiny Debian packages and the requests that name them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from samego.distro.interface import Request
from support.debian_packages import DebMaker


@pytest.fixture
def maker(tmp_path: Path) -> DebMaker:
    directory = tmp_path / "packages"
    directory.mkdir()
    return DebMaker(directory)


@pytest.fixture
def request_for(tmp_path: Path) -> Callable[..., Request]:
    """Requests with directories of their own."""
    (tmp_path / "work").mkdir()

    def make(*what: object, **others: object) -> Request:
        named = tuple(str(item) for item in what)
        request = Request(named, tmp_path / "work", tmp_path / "cache")
        for name, value in others.items():
            object.__setattr__(request, name, value)
        return request

    return make
