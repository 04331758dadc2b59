"""Fixtures for tiny Arch packages and the requests that name them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from samego.distro.interface import Request
from support.arch_packages import ArchMaker
from support.requesting import requester


@pytest.fixture
def maker(tmp_path: Path) -> ArchMaker:
    directory = tmp_path / "packages"
    directory.mkdir()
    return ArchMaker(directory)


@pytest.fixture
def request_for(tmp_path: Path) -> Callable[..., Request]:
    """Requests with directories of their own."""
    return requester(tmp_path)
