"""What no unit test waits out: the pauses between one look or request and the next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from samego.monitor.watch import pool
from samego.rebuild import isolation
from samego.system import ending
from samego.upstream.transport.http import Http


@pytest.fixture(autouse=True, scope="session")
def short_pauses() -> Iterator[None]:
    """Ask a server that failed again at once, and look often at what runs beside."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Http.__init__.__kwdefaults__ or {}, "backoff", 0.01)
        patch.setattr(ending, "INTERVAL", 0.01)
        patch.setattr(isolation, "_POLL", 0.005)
        patch.setattr(isolation, "_ROOM_POLL", 0.05)
        patch.setattr(pool, "_INTERVAL", 0.02)
        yield
