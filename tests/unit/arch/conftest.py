"""Fixtures for tiny Arch packages and the requests that name them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from samego.distro.interface import Request
from support.arch_packages import ArchMaker


@pytest.fixture
def maker(tmp_path: Path) -> ArchMaker:
    directory = tmp_path / "packages"
    directory.mkdir()
    return ArchMaker(directory)


@pytest.fixture
def request_for(tmp_path: Path) -> Callable[..., Request]:
    """Requests with directories of their own."""
    (tmp_path / "work").mkdir()

    def make(*what: object, installed: bool = False, **others: object) -> Request:
        named = tuple(str(item) for item in what)
        request = Request(named, tmp_path / "work", tmp_path / "cache", installed=installed)
        for name, value in others.items():
            object.__setattr__(request, name, value)
        return request

    return make
