"""go.dev/dl's index of releases and files: its JSON, read strictly, kept for offline use.

The format is that of golang/website, internal/dl: an array of releases with ``version``,
``stable`` and ``files``; a file has ``filename``, ``os``, ``arch``, ``version``,
``sha256``, ``size`` and ``kind``. The sum is empty for files from before 2016.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from samego.errors import NetworkError, NotPostedError, UnknownReleaseError, VerificationError
from samego.model.release import PostedName
from samego.model.verification import Verification
from samego.upstream.cache.blobs import Cache
from samego.upstream.channels.interface import Listing
from samego.upstream.transport.http import Http, redacted
from samego.upstream.transport.urls import public_url

#: The query below the base URL: every release, not only the supported ones.
QUERY = "/?mode=json&include=all"
#: How long an index is taken from the cache without asking anew, in seconds.
MAX_AGE = 3600.0
#: The longest index that is read, in bytes (the real one has some 3 MB).
LIMIT = 32 << 20
KINDS = frozenset({"archive", "installer", "source"})

_NAME = re.compile(r"go1[-.0-9A-Za-z]{0,120}", re.ASCII)
_SUM = re.compile(r"[0-9a-f]{64}|", re.ASCII)
_RECORD = "index"


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """One file of the index. ``size`` is in bytes; ``sha256`` may be empty."""

    filename: str
    version: str
    kind: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Index:
    """An index: its files by name, newest release first, and where it was read."""

    origin: str
    files: Mapping[str, IndexedFile]

    def listings(self) -> Iterator[Listing]:
        """The archives and sources that samego can name, in the index's order."""
        for file in self.files.values():
            try:
                name = PostedName.parse(file.filename)
            except UnknownReleaseError:
                continue  # names from before 2016, such as go1.4.3.darwin-amd64-osx10.8.pkg
            yield Listing(name.release, name.target, file.filename, file.sha256)


def parse_index(data: bytes, *, origin: str) -> Index:
    """Read an index. Keys that samego does not know are ignored.

    Raises NetworkError when it is not an index (another server answered), VerificationError when
    it contradicts itself.
    """
    try:
        rows = json.loads(data)
        found = [_file(file, release) for release in _list(rows) for file in _files(release)]
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise NetworkError(
            f"{origin} is not go.dev/dl's index of releases",
            hint="check the URL, and the proxies between here and that server",
        ) from error
    files: dict[str, IndexedFile] = {}
    for file in found:
        before = files.setdefault(file.filename, file)
        if before != file:
            raise VerificationError(
                f"{origin} lists {file.filename} twice, with sha256 {before.sha256}"
                f" and {file.sha256}",
                hint="use neither; try another channel",
            )
    return Index(origin, files)


class IndexSource:
    """The index at a base URL, through the cache; an authority for sums.

    Raises NetworkError when the server does not answer and the cache has none, NotPostedError when
    the server refuses it.
    """

    def __init__(
        self,
        http: Http,
        cache: Cache,
        url: str,
        *,
        allow_http: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.url = f"{url}{QUERY}"
        self._http = http
        self._cache = cache
        self._allow_http = allow_http
        self._clock = clock
        self._index: Index | None = None
        self._failure: NetworkError | NotPostedError | None = None
        self._fresh = False

    def index(self, *, fresh: bool = False) -> Index:
        """The index; ``fresh`` asks the server unless this object has already done so.

        When the server does not answer, an older index from the cache is used: the sum of a posted
        file never changes.
        """
        if self._failure is not None:
            raise self._failure
        if self._index is None or (fresh and not self._fresh):
            try:
                self._index = self._load(fresh=fresh)
            except (NetworkError, NotPostedError) as error:
                self._failure = error
                raise
        return self._index

    def sum_of(self, name: str) -> str | None:
        """The sum that the index gives this file name; a new name is asked for anew."""
        files = self.index().files
        if name not in files:
            files = self.index(fresh=True).files
        return files[name].sha256 if name in files else None

    def name_of(self, sha256: str) -> str | None:
        """The name of the file with this sum."""
        return next(
            (file.filename for file in self.index().files.values() if file.sha256 == sha256), None
        )

    def verification(self) -> Verification:
        """Rests on the server and on TLS."""
        return Verification(
            how="sha256 in the release index", rests_on=f"{redacted(self.url)}, as served"
        )

    def _load(self, *, fresh: bool) -> Index:
        kept = self._kept()
        age = self._clock() - kept[0] if kept else MAX_AGE
        if kept and not fresh and 0 <= age < MAX_AGE:
            return kept[1]
        try:
            data = self._http.get_bytes(self.url, limit=LIMIT, allow_http=self._allow_http)
            index = parse_index(data, origin=redacted(self.url))
        except (NetworkError, NotPostedError):
            if kept is None:
                raise
            self._fresh = True
            return kept[1]
        blob = self._cache.store(data)
        self._cache.remember(
            _RECORD, public_url(self.url), {"fetched": self._clock(), "blob": blob.name}
        )
        self._fresh = True
        return index

    def _kept(self) -> tuple[float, Index] | None:
        record = self._cache.record(_RECORD, public_url(self.url))
        if record is None:
            return None
        fetched, blob = record.get("fetched"), record.get("blob")
        path = self._cache.get(blob) if isinstance(blob, str) else None
        if path is None or not isinstance(fetched, (int, float)):
            return None
        return float(fetched), parse_index(path.read_bytes(), origin=redacted(self.url))


def _list(value: Any) -> list[Any]:  # noqa: ANN401 - JSON is anything until it was checked
    if not isinstance(value, list):
        raise TypeError
    return value


def _files(release: Any) -> list[Any]:  # noqa: ANN401 - unchecked JSON
    if not isinstance(release["stable"], bool):
        raise TypeError
    return _list(release["files"])


def _file(row: Any, release: Any) -> IndexedFile:  # noqa: ANN401 - unchecked JSON
    file = IndexedFile(
        filename=row["filename"],
        version=row["version"],
        kind=row["kind"],
        size=row["size"],
        sha256=row["sha256"],
    )
    words = (file.filename, file.version, file.kind, file.sha256, row["os"], row["arch"])
    if not all(isinstance(word, str) for word in words) or file.version != release["version"]:
        raise TypeError
    if type(file.size) is not int or file.size < 0 or file.kind not in KINDS:
        raise ValueError
    if not _NAME.fullmatch(file.filename) or not _SUM.fullmatch(file.sha256):
        raise ValueError
    return file
