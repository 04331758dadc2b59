"""A publisher, two states of some pages, and each kind of server in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.cli import Samego
from support.publish_servers import NETWORK, Server
from support.publishing import NEW, OLD, write_pages


@pytest.fixture
def samego(tmp_path: Path) -> Samego:
    return Samego(tmp_path, {"SSH_AUTH_SOCK": None, "http_proxy": None, "HTTP_PROXY": None})


@pytest.fixture
def sources(tmp_path: Path) -> tuple[Path, Path]:
    return write_pages(tmp_path / "pages1", OLD), write_pages(tmp_path / "pages2", NEW)


@pytest.fixture(params=NETWORK)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    with NETWORK[request.param](tmp_path / "server") as running:
        yield running
