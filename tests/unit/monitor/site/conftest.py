from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from samego.monitor.history.store import History, open_history


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with open_history(tmp_path / "history") as open_output:
        yield open_output
