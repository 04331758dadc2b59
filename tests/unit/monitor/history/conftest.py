from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from samego.monitor.history.store import History, open_history


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "history"


@pytest.fixture
def history(directory: Path) -> Iterator[History]:
    with open_history(directory) as open_database:
        yield open_database
