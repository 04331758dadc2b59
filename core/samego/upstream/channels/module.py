"""The channel "module": the toolchain as the go command itself downloads it.

The module golang.org/toolchain comes from the proxies that GOPROXY names, or from
go.dev/dl/mod, which is where golang.org/toolchain's own page sends the go command. What
they serve is believed only when the zip's ``h1:`` hash is the one in the signed checksum
database (samego.upstream.sumdb).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from samego.config import GODEV_URL
from samego.errors import (
    CacheError,
    ContradictedError,
    HostileArchiveError,
    InputError,
    NetworkError,
    NotPostedError,
    UnknownReleaseError,
    VerificationError,
)
from samego.model.release import (
    TOOLCHAIN_MODULE,
    Release,
    Target,
    module_version,
    parse_module_version,
)
from samego.system.progress import Progress, Silent
from samego.upstream.cache.blobs import Cache
from samego.upstream.channels.goproxy import Proxy
from samego.upstream.channels.gosettings import GoSettings
from samego.upstream.channels.interface import Listing, Posted
from samego.upstream.checksums.module_zip import ModuleVerifier, VerifiedModule
from samego.upstream.transport.download import Downloaded, download
from samego.upstream.transport.http import Http, redacted
from samego.upstream.transport.urls import public_url

NAME = "module"
#: The longest module zip that is downloaded: cmd/go's own limit (x/mod/zip, MaxZipFile).
ZIP_LIMIT = 500 << 20
_LIST_LIMIT = 16 << 20
_VERSION = "module-version"


T = TypeVar("T")


class _NoZipError(NetworkError):
    """A server answers with something other than a zip: as if it had not answered."""


class ModuleChannel:
    """The module form, through GOPROXY's proxies and go.dev/dl/mod.

    Raises what :class:`~samego.upstream.channels.interface.Channel` says, and VerificationError.
    """

    name = NAME

    def __init__(
        self,
        http: Http,
        cache: Cache,
        verifier: ModuleVerifier,
        settings: GoSettings,
        *,
        godev_url: str = GODEV_URL,
        progress: Progress | None = None,
    ) -> None:
        self._http = http
        self._cache = cache
        self._verifier = verifier
        self._settings = settings
        self._own = Proxy(f"{godev_url.rstrip('/')}/mod")
        self._progress = progress or Silent()

    def listing(self) -> Iterable[Listing]:
        """What ``@v/list`` names, newest release first; more may be served than is listed."""

        def ask(proxy: Proxy) -> bytes:
            url = proxy.join(f"{TOOLCHAIN_MODULE}/@v/list")
            return self._http.get_bytes(url, limit=_LIST_LIMIT, allow_http=proxy.allow_http)

        lines = self._try_each(ask).decode("utf-8", "replace").splitlines()
        return sorted(_listings(lines), key=lambda row: (row.release, str(row.target)))[::-1]

    def fetch(self, release: Release, target: Target) -> Posted:
        """The module zip of a release and target."""
        version = module_version(release, target)
        posted = self._from_cache(version)
        return posted or self._try_each(lambda proxy: self._from_proxy(proxy, version))

    def fetch_source(self, release: Release) -> Posted:
        """Raise NotPostedError: there is no source archive among the modules."""
        raise NotPostedError(
            f"the module form has no source archive of {release}",
            hint="name a channel that has it, or a source package",
        )

    def _from_cache(self, version: str) -> Posted | None:
        """A file that an earlier run fetched, verified again by the current settings."""
        record = self._cache.record(_VERSION, version) or {}
        sha256 = record.get("sha256")
        if not isinstance(sha256, str):
            return None
        try:
            path = self._cache.get(sha256)
            if path is None:
                return None
            found = self._verifier.verify(path, sha256, version)
        except (CacheError, InputError, ContradictedError):
            # A record or file that was changed here says nothing about the server.
            self._cache.forget(_VERSION, version)
            return None
        url = self._known_url(record.get("url"), version)
        return _posted(version, url, path, sha256, found)

    def _known_url(self, url: object, version: str) -> str:
        """Where a cached file is posted: the recorded URL, if it is still configured."""
        own = self._own.join(f"{TOOLCHAIN_MODULE}/@v/{version}.zip")
        asked = [
            proxy.join(f"{TOOLCHAIN_MODULE}/@v/{version}.zip")
            for proxy in self._settings.proxies.proxies
        ]
        return next((public_url(each) for each in asked if public_url(each) == url), own)

    def _from_proxy(self, proxy: Proxy, version: str) -> Posted:
        url = proxy.join(f"{TOOLCHAIN_MODULE}/@v/{version}.zip")
        self._progress.stage(f"fetching {TOOLCHAIN_MODULE}@{version}")
        file = self._download(url, proxy)
        try:
            found = self._verified(file, url, version)
        except (InputError, VerificationError, _NoZipError):
            if not file.resumed:
                raise
            # Two halves of different files: download again from the start.
            file = self._download(url, proxy)
            found = self._verified(file, url, version)
        public = public_url(url)
        if found.verified:
            self._cache.remember(_VERSION, version, {"sha256": file.sha256, "url": public})
        return _posted(version, public, file.path, file.sha256, found)

    def _verified(self, file: Downloaded, url: str, version: str) -> VerifiedModule:
        """Verify a served file, and name its server where verification fails."""
        try:
            return self._verifier.verify(file.path, file.sha256, version)
        except HostileArchiveError as error:
            self._cache.discard(file.sha256)
            raise HostileArchiveError(f"{redacted(url)}: {error.cause}", hint=error.hint) from error
        except InputError as error:
            self._cache.discard(file.sha256)
            raise _NoZipError(
                f"{redacted(url)} does not answer with the zip ({error.cause})",
                hint="check the URL, and the proxies between here and that server",
            ) from error
        except ContradictedError as error:
            self._cache.discard(file.sha256)
            raise ContradictedError(f"{redacted(url)}: {error.cause}", hint=error.hint) from error
        except VerificationError:
            self._cache.discard(file.sha256)
            raise

    def _download(self, url: str, proxy: Proxy) -> Downloaded:
        return download(
            self._http,
            url,
            self._cache,
            expected_sha256=None,
            limit=ZIP_LIMIT,
            progress=self._progress.advance,
            allow_http=proxy.allow_http,
        )

    def _try_each(self, ask: Callable[[Proxy], T]) -> T:
        """Ask GOPROXY's proxies, then go.dev's own unless GOPROXY ends with ``off``."""
        proxies = self._settings.proxies
        if not proxies.proxies and proxies.end != "off":
            return ask(self._own)
        try:
            return proxies.try_each(ask)
        except (NetworkError, NotPostedError) as error:
            if proxies.end == "off":
                raise
            try:
                return ask(self._own)
            except (NetworkError, NotPostedError):
                # The user can act on the answers of the configured proxies.
                raise error from None


def _posted(version: str, url: str, path: Path, sha256: str, found: VerifiedModule) -> Posted:
    release, target = parse_module_version(version)
    posted = Posted(NAME, "module", release, target, url, path, sha256, found.verified, found.h1)
    return replace(posted, log_proof=found.log_proof)


def _listings(lines: Iterable[str]) -> Iterator[Listing]:
    for line in lines:
        try:
            release, target = parse_module_version(line.strip())
        except UnknownReleaseError:
            continue
        yield Listing(release, target, line.strip())
