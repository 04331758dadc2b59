"""Any module's zip, by path and version, from the proxies that GOPROXY names.

What a proxy serves is believed only when its ``h1:`` hash is the one in the signed checksum
database. Where the database has no record of the version, the hash that the caller states (from
a go.sum) decides instead, and the result says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from samego.errors import (
    CacheError,
    ContradictedError,
    InputError,
    NotPostedError,
    VerificationError,
)
from samego.formats.archive.dirhash import hash1
from samego.formats.archive.module_names import check_module_names
from samego.formats.archive.zip import read_zip
from samego.model.tree import Tree
from samego.upstream.cache.blobs import Cache
from samego.upstream.channels.goproxy import Proxies, Proxy, is_absence
from samego.upstream.checksums.module_zip import Indexer, Sums
from samego.upstream.sumdb.client import Lookup
from samego.upstream.sumdb.modpath import escape_path, escape_version
from samego.upstream.transport.download import Downloaded, download
from samego.upstream.transport.http import Http, redacted

_KIND = "library-module"
#: The longest zip that the go command downloads (x/mod/zip, MaxZipFile), in bytes.
_LIMIT = 500 << 20


class OtherModuleError(VerificationError):
    """A proxy's zip has another hash than the one that go.sum states; the log has no record."""


@dataclass(frozen=True, slots=True)
class ModuleZip:
    """A verified module zip. ``logged`` is the database's record; None where it has none.

    ``tree`` has its files by path below ``MODULE@VERSION/``.
    """

    path: Path
    sha256: str
    h1: str
    logged: Lookup | None
    tree: Tree


class ModuleZips:
    """Module zips, kept in the cache by digest and verified at every use."""

    def __init__(
        self, http: Http, cache: Cache, sums: Sums, proxies: Proxies, index: Indexer
    ) -> None:
        self._http = http
        self._cache = cache
        self._sums = sums
        self._proxies = proxies
        self._index = index

    def logged(self, module: str, version: str) -> Lookup | None:
        """The checksum database's record of a version, or None where it has none.

        Raises what the database's client raises: NetworkError, VerificationError, ConfigError.
        """
        try:
            return self._sums.lookup(module, version)
        except NotPostedError as error:
            if not is_absence(error):
                raise
            return None

    def fetch(self, module: str, version: str, logged: Lookup | None, stated: str) -> ModuleZip:
        """The zip whose hash is the logged one, or ``stated`` where the log has no record.

        Raises ContradictedError for a zip that is not the logged one, OtherModuleError for one
        that is not what ``stated`` says, NotPostedError and NetworkError where no proxy gives
        it, HostileArchiveError for one that the go command would not unpack.
        """
        expected = logged.zip_h1 if logged else stated
        if not expected:
            raise NotPostedError(
                f"neither the checksum database nor go.sum states a hash of {module}@{version}",
                hint="",
            )
        return self._from_cache(module, version, logged, expected) or self._proxies.try_each(
            lambda proxy: self._from_proxy(proxy, module, version, logged, expected)
        )

    def _from_cache(
        self, module: str, version: str, logged: Lookup | None, expected: str
    ) -> ModuleZip | None:
        key = f"{module}@{version}"
        sha256 = (self._cache.record(_KIND, key) or {}).get("sha256")
        if not isinstance(sha256, str):
            return None
        try:
            path = self._cache.get(sha256)
            return self._verified(path, sha256, key, logged, expected) if path else None
        except (CacheError, InputError, VerificationError):
            # A record or file that was changed here says nothing about the server.
            self._cache.forget(_KIND, key)
            return None

    def _from_proxy(
        self, proxy: Proxy, module: str, version: str, logged: Lookup | None, expected: str
    ) -> ModuleZip:
        url = proxy.join(f"{escape_path(module)}/@v/{escape_version(version)}.zip")
        file = self._download(url, proxy)
        key = f"{module}@{version}"
        try:
            found = self._verified(file.path, file.sha256, key, logged, expected)
        except (InputError, VerificationError) as error:
            self._cache.discard(file.sha256)
            raise type(error)(f"{redacted(url)}: {error.cause}", hint=error.hint) from error
        self._cache.remember(_KIND, key, {"sha256": file.sha256})
        return found

    def _download(self, url: str, proxy: Proxy) -> Downloaded:
        return download(
            self._http,
            url,
            self._cache,
            expected_sha256=None,
            limit=_LIMIT,
            allow_http=proxy.allow_http,
        )

    def _verified(
        self, path: Path, sha256: str, key: str, logged: Lookup | None, expected: str
    ) -> ModuleZip:
        members = self._index(path, sha256, expected)
        prefix = f"{key}/"
        sizes = {name: member.size for name, member in members.items()}
        check_module_names(sizes, prefix, name=f"the zip of {key}")
        actual = hash1((name, member.sha256) for name, member in members.items())
        if actual != expected:
            kind = ContradictedError if logged else OtherModuleError
            who = logged.database if logged else "go.sum"
            raise kind(
                f"the zip of {key} has {actual}, but {who} states {expected}",
                hint="do not use the file; report it to the server's owner",
            )
        tree = read_zip(path, members, name=key, strip=prefix)
        return ModuleZip(path, sha256, actual, logged, tree)
