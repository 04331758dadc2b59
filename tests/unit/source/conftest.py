"""A made-up release, with what vouches for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.godev_server import GoDev, serve
from support.source_world import SourceWorld


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SourceWorld]:
    with serve(GoDev()) as godev:
        world = SourceWorld(tmp_path, godev)
        for name, value in world.environment.items():
            monkeypatch.setenv(name, value)
        yield world
