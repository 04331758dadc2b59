"""Downloads into the cache: resumed, hashed while they stream, safe for parallel runs.

What has arrived lies in ``partial/URLHASH.part`` with ``URLHASH.part.json`` beside it,
which names the public form of the URL and the length that the server announced. A later run
goes on from there. Whether the pieces fit is decided by the digest of the whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from samego.errors import DiskFullError, NetworkError, VerificationError
from samego.system import atomic
from samego.upstream.cache.blobs import Cache
from samego.upstream.cache.locked_files import held
from samego.upstream.cache.records import disk_errors
from samego.upstream.transport.http import Http, Response, redacted
from samego.upstream.transport.responses import TooSlowError
from samego.upstream.transport.urls import public_url

#: Called with the bytes that are here and the length of the whole, if the server gave it.
Progress = Callable[[int, "int | None"], None]

#: How often a connection that broke off is taken up again within one call.
RESUMPTIONS = 4
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file in the cache. ``resumed`` says that it was joined from several answers."""

    path: Path
    sha256: str
    size: int
    resumed: bool = False


def download(
    http: Http,
    url: str,
    cache: Cache,
    *,
    expected_sha256: str | None,
    limit: int,
    progress: Progress | None = None,
    allow_http: bool = False,
) -> Downloaded:
    """Fetch a URL into the cache; with an expected digest, from the cache if it is there.

    ``limit`` bounds the length in bytes. Raises VerificationError, naming both digests,
    when the bytes are not the expected ones (after one more try from the start, when the
    first was resumed); NetworkError and NotPostedError as :class:`Http` does. What has
    arrived before a NetworkError is kept for the next run.
    """
    with cache.lock(public_url(url)):
        # Asked under the lock: another process may just have fetched it.
        known = cache.get(expected_sha256) if expected_sha256 else None
        if known is not None and expected_sha256:
            return Downloaded(known, expected_sha256, known.stat().st_size)
        transfer = _Transfer(http, url, cache, limit, progress, allow_http=allow_http)
        size, sha256 = transfer.run()
        if expected_sha256 and sha256 != expected_sha256 and transfer.resumed:
            transfer.discard()
            transfer.resumed = False
            size, sha256 = transfer.run()
        if expected_sha256 and sha256 != expected_sha256:
            transfer.discard()
            raise VerificationError(
                f"{redacted(url)} has sha256 {sha256}, expected {expected_sha256}",
                hint="do not use the file; try another channel, report it to the server's owner",
            )
        path = cache.adopt(transfer.part, sha256)
        transfer.note.unlink(missing_ok=True)
        return Downloaded(path, sha256, size, transfer.resumed)


class _Transfer:
    """One URL's way into its partial file; the caller holds the URL's lock."""

    def __init__(
        self,
        http: Http,
        url: str,
        cache: Cache,
        limit: int,
        progress: Progress | None,
        *,
        allow_http: bool,
    ) -> None:
        self._http = http
        self._url = url
        self._root = cache.root
        self._limit = limit
        self._progress = progress or (lambda _done, _total: None)
        self._allow_http = allow_http
        # Where it comes from, without what lets one in: whether it is whole its digest decides.
        self._source = public_url(url)
        name = hashlib.sha256(self._source.encode()).hexdigest()
        self.part = cache.directory("partial") / f"{name}.part"
        self.note = self.part.with_name(f"{name}.part.json")
        self.resumed = False

    def run(self) -> tuple[int, str]:
        """Fetch what is missing; the size and digest of the whole."""
        with self._open() as file:
            digest = hashlib.sha256()
            done = self._take_up(file, digest)
            broken = 0
            while True:
                before = done
                try:
                    with self._http.stream(
                        self._url, start=done, allow_http=self._allow_http
                    ) as response:
                        done, digest = self._begin(file, digest, done, response)
                        for chunk in response.chunks:
                            done = self._append(file, digest, done, chunk, response.total)
                    return done, digest.hexdigest()
                except TooSlowError:
                    raise
                except NetworkError:
                    broken += 1
                    with disk_errors(self._root):
                        done = file.seek(0, 2)
                    # No new bytes: another request at once would not help.
                    if done == before or broken > RESUMPTIONS:
                        raise

    def discard(self) -> None:
        """Remove what has arrived."""
        with disk_errors(self._root):
            self.part.unlink(missing_ok=True)
            self.note.unlink(missing_ok=True)

    @contextmanager
    def _open(self) -> Iterator[BinaryIO]:
        with disk_errors(self._root), ExitStack() as stack:
            # Eviction stays away from what is held (samego.upstream.cache.blobs).
            stack.enter_context(held(self.part, self._root))
            file = self.part.open("a+b", buffering=0)
            stack.enter_context(file)
            opened = stack.pop_all()
        with opened:
            try:
                yield file
            except (DiskFullError, VerificationError):
                self.discard()
                raise
            except BaseException:
                # No run would resume an empty file.
                if file.seek(0, 2) == 0:
                    self.discard()
                raise

    def _take_up(self, file: BinaryIO, digest: hashlib._Hash) -> int:
        """Hash what an earlier run left, or drop it when it is not this URL's."""
        with disk_errors(self._root):
            if self._noted_url() != self._source:
                file.truncate(0)
            file.seek(0)
            done = 0
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                done += len(chunk)
        return done

    def _begin(
        self, file: BinaryIO, digest: hashlib._Hash, done: int, response: Response
    ) -> tuple[int, hashlib._Hash]:
        """Set out from where the answer starts; refuse one that is too long."""
        if response.total is not None and response.total > self._limit:
            raise self._too_long()
        if response.resumed and self._noted_total() not in (None, response.total):
            with disk_errors(self._root):
                file.truncate(0)
            raise NetworkError(
                f"{redacted(self._url)} changed its length since the download began",
                hint="try again: it starts anew",
            )
        with disk_errors(self._root):
            note = {"url": self._source, "total": response.total}
            atomic.write(self.note, json.dumps(note).encode(), mode=atomic.PRIVATE)
            if response.resumed:
                self.resumed = True
                return done, digest
            file.truncate(0)
        return 0, hashlib.sha256()

    def _append(
        self, file: BinaryIO, digest: hashlib._Hash, done: int, chunk: bytes, total: int | None
    ) -> int:
        if done + len(chunk) > self._limit:
            raise self._too_long()
        with disk_errors(self._root):
            view = memoryview(chunk)
            while view:
                view = view[file.write(view) :]
        digest.update(chunk)
        self._progress(done + len(chunk), total)
        return done + len(chunk)

    def _noted(self) -> dict[str, object]:
        try:
            note = json.loads(self.note.read_bytes())
        except (OSError, ValueError):
            return {}
        return note if isinstance(note, dict) else {}

    def _noted_url(self) -> object:
        return self._noted().get("url")

    def _noted_total(self) -> object:
        return self._noted().get("total")

    def _too_long(self) -> VerificationError:
        return VerificationError(
            f"{redacted(self._url)} is longer than {self._limit} bytes, the limit",
            hint="check that the URL is the right one, or try another channel",
        )
