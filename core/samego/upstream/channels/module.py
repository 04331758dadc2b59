"""The channel "module": the toolchain as the go command itself downloads it.

The module golang.org/toolchain comes from the proxies that GOPROXY names, or from
go.dev/dl/mod, which is where golang.org/toolchain's own page sends the go command. What
they serve is believed only when the zip's ``h1:`` hash is the one in the signed checksum
database (samego.upstream.sumdb).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol, TypeVar

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
from samego.formats.archive.dirhash import hash1
from samego.formats.archive.module_names import check_module_names
from samego.formats.archive.zip import ZipMember
from samego.model.release import (
    TOOLCHAIN_MODULE,
    Release,
    Target,
    module_version,
    parse_module_version,
)
from samego.model.verification import Verification
from samego.system.progress import Progress, Silent
from samego.upstream.cache.blobs import Cache
from samego.upstream.channels.goproxy import GoSettings, Proxy
from samego.upstream.channels.interface import Listing, Posted
from samego.upstream.checksums.authorities import UnverifiedError
from samego.upstream.sumdb.client import Lookup
from samego.upstream.transport.download import Downloaded, download
from samego.upstream.transport.http import Http, redacted
from samego.upstream.transport.urls import public_url

NAME = "module"
#: The longest module zip that is downloaded: cmd/go's own limit (x/mod/zip, MaxZipFile).
ZIP_LIMIT = 500 << 20
_LIST_LIMIT = 16 << 20
_VERSION = "module-version"
_HOW = "h1 in the checksum database"

#: Gives each member of a zip by its raw name; called with the zip's path, its own sha256 and
#: the h1 hash that it should have, with which an earlier run's answer can be checked.
Indexer = Callable[[Path, str, str], Mapping[str, ZipMember]]

T = TypeVar("T")


class Sums(Protocol):
    """The checksum database (samego.upstream.sumdb.client.SumDatabase)."""

    def lookup(self, module: str, version: str) -> Lookup:
        """What the database says of a module version."""


class _NoZipError(NetworkError):
    """A server answers with something that is no zip: it was not asked, as far as that goes."""


class ModuleVerifier:
    """Decides whether a zip is the toolchain module's, by the checksum database.

    Every run asks anew. The database's client keeps what it was told with the signatures and
    proofs, which every run checks by the key that holds now: so who vouched for a file under
    another GOSUMDB vouches for nothing later, and no network is needed for what was asked once.
    """

    def __init__(
        self, sums: Sums, settings: GoSettings, index: Indexer, *, allow_unverified: bool = False
    ) -> None:
        self._sums = sums
        self._settings = settings
        self._index = index
        self._allow_unverified = allow_unverified

    def verify(self, path: Path, sha256: str, version: str) -> tuple[str, tuple[Verification, ...]]:
        """The h1 of the zip and how it was verified: nothing if the user allows that.

        Raises ContradictedError, naming both hashes, when the database gives another h1,
        UnvouchedError when no database may be asked, InputError when the file is no zip that
        the go command would unpack; else what the database's client raises.
        """
        if self._not_asked() and self._allow_unverified:
            self._members(path, sha256, version, "")
            return "", ()
        lookup = self.stated(version)
        actual = _h1(self._members(path, sha256, version, lookup.zip_h1))
        if actual != lookup.zip_h1:
            raise ContradictedError(
                f"the zip of {TOOLCHAIN_MODULE}@{version} has {actual},"
                f" but {lookup.database} states {lookup.zip_h1}",
                hint="do not use the file; report it to the server's owner",
            )
        return actual, verifications(lookup, lookup.zip_h1)

    def stated(self, version: str) -> Lookup:
        """The checksum database's record of a version.

        Raises UnvouchedError when no database may be asked, NotPostedError when it has no
        such version; else what the database's client raises.
        """
        reason = self._not_asked()
        if reason:
            raise UnverifiedError(
                f"cannot verify {TOOLCHAIN_MODULE}@{version}: {reason}",
                hint="allow the checksum database (GOSUMDB), or pass --allow-unverified",
            )
        return self._sums.lookup(TOOLCHAIN_MODULE, version)

    def h1(self, path: Path, sha256: str) -> str:
        """The ``h1:`` hash of a module zip. Raises InputError when it is damaged."""
        return _h1(self._index(path, sha256, ""))

    def _members(
        self, path: Path, sha256: str, version: str, expected_h1: str
    ) -> Mapping[str, ZipMember]:
        members = self._index(path, sha256, expected_h1)
        sizes = {name: member.size for name, member in members.items()}
        check_module_names(sizes, f"{TOOLCHAIN_MODULE}@{version}/", name=f"the zip of {version}")
        return members

    def _not_asked(self) -> str:
        if self._settings.gosumdb.value == "off":
            return f"GOSUMDB is off ({self._settings.gosumdb.origin})"
        if self._settings.skips_sumdb(TOOLCHAIN_MODULE):
            return f"GONOSUMDB excludes it ({self._settings.gonosumdb.origin})"
        return ""


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
        posted = self._from_cache(release, target, version)
        return posted or self._try_each(
            lambda proxy: self._from_proxy(proxy, release, target, version)
        )

    def fetch_source(self, release: Release) -> Posted:
        """Raise NotPostedError: there is no source archive among the modules."""
        raise NotPostedError(
            f"the module form has no source archive of {release}",
            hint="name a channel that has it, or a source package",
        )

    def _from_cache(self, release: Release, target: Target, version: str) -> Posted | None:
        """What an earlier run fetched, where it holds by what vouches now."""
        record = self._cache.record(_VERSION, version) or {}
        sha256 = record.get("sha256")
        if not isinstance(sha256, str):
            return None
        try:
            path = self._cache.get(sha256)
            if path is None:
                return None
            h1, verified = self._verifier.verify(path, sha256, version)
        except (CacheError, InputError, ContradictedError):
            # A record or a file that somebody changed here says nothing of what is served.
            self._cache.forget(_VERSION, version)
            return None
        url = self._known_url(record.get("url"), version)
        return Posted(NAME, "module", release, target, url, path, sha256, verified, h1)

    def _known_url(self, url: object, version: str) -> str:
        """Where a file in the cache is posted: a remembered URL only if it is still one to ask."""
        own = self._own.join(f"{TOOLCHAIN_MODULE}/@v/{version}.zip")
        asked = [
            proxy.join(f"{TOOLCHAIN_MODULE}/@v/{version}.zip")
            for proxy in self._settings.proxies.proxies
        ]
        return next((public_url(each) for each in asked if public_url(each) == url), own)

    def _from_proxy(self, proxy: Proxy, release: Release, target: Target, version: str) -> Posted:
        url = proxy.join(f"{TOOLCHAIN_MODULE}/@v/{version}.zip")
        self._progress.stage(f"fetching {TOOLCHAIN_MODULE}@{version}")
        file = self._download(url, proxy)
        try:
            h1, verified = self._verified(file, url, version)
        except (InputError, VerificationError, _NoZipError):
            if not file.resumed:
                raise
            # Two halves of different files: once more, from the start.
            file = self._download(url, proxy)
            h1, verified = self._verified(file, url, version)
        public = public_url(url)
        if verified:
            self._cache.remember(_VERSION, version, {"sha256": file.sha256, "url": public})
        return Posted(NAME, "module", release, target, public, file.path, file.sha256, verified, h1)

    def _verified(
        self, file: Downloaded, url: str, version: str
    ) -> tuple[str, tuple[Verification, ...]]:
        """Verify what was served, and name who served it where it is not what it should be."""
        try:
            return self._verifier.verify(file.path, file.sha256, version)
        except HostileArchiveError as error:
            self._cache.discard(file.sha256)
            raise HostileArchiveError(f"{redacted(url)}: {error.cause}", hint=error.hint) from error
        except InputError as error:
            self._cache.discard(file.sha256)
            raise _NoZipError(
                f"{redacted(url)} answers with something else than the zip ({error.cause})",
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
                # What the proxies that the user chose say is what the user can act on.
                raise error from None


def verifications(lookup: Lookup, h1: str) -> tuple[Verification, ...]:
    """How a file with this ``h1:`` is verified by what the database said."""
    stated = Verification(_HOW, f"{lookup.database}, record {lookup.record}: {h1}")
    return (stated, *lookup.verifications)


def _h1(members: Mapping[str, ZipMember]) -> str:
    return hash1((name, member.sha256) for name, member in members.items())


def _listings(lines: Iterable[str]) -> Iterator[Listing]:
    for line in lines:
        try:
            release, target = parse_module_version(line.strip())
        except UnknownReleaseError:
            continue
        yield Listing(release, target, line.strip())
