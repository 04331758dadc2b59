"""A cache, a client without patience, and a go.dev of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from samego.upstream.cache.blobs import Cache
from samego.upstream.transport.http import Http
from support.godev_server import GoDev, serve


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    with Cache(tmp_path / "cache") as cache:
        yield cache


@pytest.fixture
def http() -> Iterator[Http]:
    with Http(retries=0, backoff=0.0, connect_timeout=2.0, read_timeout=0.3) as http:
        yield http


@pytest.fixture
def godev() -> Iterator[GoDev]:
    with serve(GoDev()) as godev:
        yield godev
