from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from samego.formats.archive.index import IndexCache
from samego.formats.archive.spool import Spool
from samego.upstream.open_tree import Opener


@pytest.fixture
def opener(tmp_path: Path) -> Iterator[Opener]:
    spool = Spool()
    yield Opener(IndexCache(tmp_path / "index"), spool)
    spool.close()
