"""Ends a request to a server that sends too slowly.

A timeout for each read bounds only the wait for the next byte: a server that sends one byte every
few seconds never runs into it. So a thread beside each request checks the clock, and shuts the
connection down (shutdown(2)) when its time is over, which wakes its reader. A request may take
``grace`` seconds, plus the time that the received bytes take at ``rate`` bytes a second. That is a
deadline for an answer of bounded length and a minimum rate (like curl's --speed-limit and
--speed-time).
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

import requests.adapters
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from samego.system import ending

#: Bytes a second: an eighth of what the slowest DSL line gives.
RATE = 8 << 10
_current = threading.local()


class Watchdog:
    """Watches the requests that this thread makes while the context lasts.

    ``bites`` is empty, ``slow`` or ``ended``: why the connection was shut down.
    """

    def __init__(self, grace: float, rate: int = RATE) -> None:
        self.bites = ""
        self.received = 0
        self._grace = grace
        self._rate = rate
        self._began = time.monotonic()
        self._has_ended = ending.watched()
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._thread = threading.Thread(target=self._watch, daemon=True, name="watchdog")
        self._before: Watchdog | None = None

    def __enter__(self) -> Watchdog:  # noqa: PYI034 - Self needs Python 3.11
        self._thread.start()
        self._before = getattr(_current, "watchdog", None)
        _current.watchdog = self
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _current.watchdog = self._before
        self._done.set()
        self._thread.join()
        with self._lock:
            for each in self._sockets:
                each.close()
            self._sockets.clear()

    @property
    def seconds(self) -> float:
        """How long the request has taken so far."""
        return time.monotonic() - self._began

    def counted(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The chunks; each one extends the deadline.

        Raises ConnectionAbortedError where the watchdog shut the connection down: an answer
        without a stated length would look complete.
        """
        for chunk in chunks:
            self.received += len(chunk)
            yield chunk
        if self.bites:
            raise ConnectionAbortedError

    def watch(self, connection: socket.socket) -> None:
        """Shut this connection down when the time is over."""
        # A duplicate: the connection's own descriptor may be closed while an answer is read.
        copy = connection.dup()
        with self._lock:
            self._sockets.append(copy)
        if self.bites:
            _shut_down(copy)

    def _watch(self) -> None:
        while not self._done.wait(ending.INTERVAL):
            if self._has_ended():
                self.bites = "ended"
            elif self.seconds > self._grace + self.received / self._rate:
                self.bites = "slow"
            else:
                continue
            with self._lock:
                for each in self._sockets:
                    _shut_down(each)
            # watch() shuts down a connection that is made later.
            return


def _shut_down(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def adapter(**options: Any) -> requests.adapters.HTTPAdapter:  # noqa: ANN401 - requests' own options
    """The adapter for a session of requests whose connections are watched."""
    return _Adapter(**options)


class _Watched(HTTPConnection):
    """A connection that shows its socket to the watchdog of each request."""

    _own: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        # TLS takes the descriptor over, and a later request may use the connection again.
        self._own = made.dup()
        self._show()
        return made

    def putrequest(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - http.client's own
        self._show()
        super().putrequest(*args, **options)

    def close(self) -> None:
        own, self._own = self._own, None
        if own is not None:
            own.close()
        super().close()

    def _show(self) -> None:
        watchdog: Watchdog | None = getattr(_current, "watchdog", None)
        if watchdog is not None and self._own is not None:
            watchdog.watch(self._own)


class _WatchedTls(_Watched, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


_POOLS: dict[str, Callable[..., object]] = {"http": _Pool, "https": _TlsPool}


class _Adapter(requests.adapters.HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - requests' own
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:  # noqa: ANN401 - requests' own
        manager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):  # whose connections are of another class
            manager.pool_classes_by_scheme = _POOLS
        return manager
