"""Fixtures for tiny Debian packages and the requests that name them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from samego.distro.interface import Request
from support.debian_packages import DebMaker
from support.requesting import requester


@pytest.fixture
def maker(tmp_path: Path) -> DebMaker:
    directory = tmp_path / "packages"
    directory.mkdir()
    return DebMaker(directory)


@pytest.fixture
def request_for(tmp_path: Path) -> Callable[..., Request]:
    """Requests with directories of their own."""
    return requester(tmp_path)
