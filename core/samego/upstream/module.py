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
    InputError,
    NetworkError,
    NotPostedError,
    UnknownReleaseError,
    VerificationError,
)
from samego.goroot.zip import ZipMember
from samego.progress import Progress, Silent
from samego.release import (
    TOOLCHAIN_MODULE,
    Release,
    Target,
    module_version,
    parse_module_version,
)
from samego.upstream.cache import Cache
from samego.upstream.channel import Listing, Posted, Verification
from samego.upstream.download import Downloaded, download
from samego.upstream.goproxy import GoSettings, Proxy
from samego.upstream.http import Http
from samego.upstream.sumdb.client import Lookup
from samego.upstream.sumdb.dirhash import hash1
from samego.upstream.vouch import UnvouchedError

NAME = "module"
#: The longest module zip that is downloaded: cmd/go's own limit (x/mod/zip, MaxZipFile).
ZIP_LIMIT = 500 << 20
_LIST_LIMIT = 16 << 20
_VERIFIED = "module-verified"
_VERSION = "module-version"
_HOW = "h1 in the checksum database"

#: Gives each member of a zip by its raw name; called with the zip's
#: path and its own sha256, so that an answer can be remembered.
Indexer = Callable[[Path, str], Mapping[str, ZipMember]]

T = TypeVar("T")


class Sums(Protocol):
    """The checksum database (samego.upstream.sumdb.client.SumDatabase)."""

    def lookup(self, module: str, version: str) -> Lookup:
        """What the database says of a module version."""


class ModuleVerifier:
    """Decides whether a zip is the toolchain module's, by the checksum database.

    What was verified once is remembered by the zip's sha256 and needs no network again.
    """

    def __init__(
        self,
        cache: Cache,
        sums: Sums,
        settings: GoSettings,
        index: Indexer,
        *,
        allow_unverified: bool = False,
    ) -> None:
        self._cache = cache
        self._sums = sums
        self._settings = settings
        self._index = index
        self._allow_unverified = allow_unverified

    def verify(self, path: Path, sha256: str, version: str) -> tuple[str, tuple[Verification, ...]]:
        """The h1 of the zip and how it was verified: nothing if the user allows that.

        Raises VerificationError, naming both hashes, when the database gives another h1,
        UnvouchedError when no database may be asked; else what the database's client raises.
        """
        kept = _kept(self._cache.record(_VERIFIED, sha256), version)
        if kept is not None:
            return kept
        if self._not_asked() and self._allow_unverified:
            return "", ()
        lookup = self.stated(version)
        actual = self.h1(path, sha256)
        if actual != lookup.zip_h1:
            raise VerificationError(
                f"the zip of {TOOLCHAIN_MODULE}@{version} has {actual},"
                f" but {lookup.database} says {lookup.zip_h1}",
                hint="do not use the file; tell who serves it",
            )
        verified = vouched(lookup, lookup.zip_h1)
        rows = [[item.how, item.rests_on] for item in verified]
        self._cache.remember(_VERIFIED, sha256, {"version": version, "h1": actual, "by": rows})
        return actual, verified

    def stated(self, version: str) -> Lookup:
        """What the checksum database says of a version.

        Raises UnvouchedError when no database may be asked, NotPostedError when it has no
        such version; else what the database's client raises.
        """
        reason = self._not_asked()
        if reason:
            raise UnvouchedError(
                f"nobody vouches for {TOOLCHAIN_MODULE}@{version}: {reason}",
                hint="let the checksum database be asked, or allow an unverified file",
            )
        return self._sums.lookup(TOOLCHAIN_MODULE, version)

    def h1(self, path: Path, sha256: str) -> str:
        """The ``h1:`` hash of a module zip. Raises InputError when it is damaged."""
        return hash1((name, member.sha256) for name, member in self._index(path, sha256).items())

    def version_of(self, path: Path, sha256: str) -> str:
        """The version that all members of a module zip carry in their names.

        Raises InputError when the file is no zip of the toolchain module.
        """
        versions = {_member_version(name) for name in self._index(path, sha256)}
        if len(versions) != 1 or "" in versions:
            raise InputError(
                f"{path.name} is no zip of {TOOLCHAIN_MODULE}",
                hint="all its members would be named golang.org/toolchain@VERSION/...",
            )
        return versions.pop()

    def _not_asked(self) -> str:
        if self._settings.gosumdb.value == "off":
            return f"GOSUMDB is off ({self._settings.gosumdb.origin})"
        if self._settings.skips_sumdb(TOOLCHAIN_MODULE):
            return f"GONOSUMDB excludes it ({self._settings.gonosumdb.origin})"
        return ""


class ModuleChannel:
    """The module form, through GOPROXY's proxies and go.dev/dl/mod.

    Raises what :class:`~samego.upstream.channel.Channel` says, and VerificationError.
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
        posted = self._from_cache(version) or self._try_each(
            lambda proxy: self._from_proxy(proxy, version)
        )
        url, path, sha256 = posted
        h1, verified = self._verifier.verify(path, sha256, version)
        return Posted(NAME, "module", release, target, url, path, sha256, verified, h1)

    def fetch_source(self, release: Release) -> Posted:
        """Raise NotPostedError: there is no source archive among the modules."""
        raise NotPostedError(
            f"the module form has no source archive of {release}",
            hint="name a channel that has it, or a source package",
        )

    def _from_cache(self, version: str) -> tuple[str, Path, str] | None:
        record = self._cache.record(_VERSION, version) or {}
        sha256, url = record.get("sha256"), record.get("url")
        path = self._cache.get(sha256) if isinstance(sha256, str) else None
        if path is None or not isinstance(sha256, str) or not isinstance(url, str):
            return None
        return url, path, sha256

    def _from_proxy(self, proxy: Proxy, version: str) -> tuple[str, Path, str]:
        url = proxy.join(f"{TOOLCHAIN_MODULE}/@v/{version}.zip")
        self._progress.stage(f"fetching {TOOLCHAIN_MODULE}@{version}")
        file = self._download(url, proxy)
        try:
            _h1, verified = self._verifier.verify(file.path, file.sha256, version)
        except (VerificationError, InputError):
            self._cache.discard(file.sha256)
            if not file.resumed:
                raise
            # Two halves of different files: once more, from the start.
            file = self._download(url, proxy)
            verified = self._verify_or_discard(file, version)
        if verified:
            self._cache.remember(_VERSION, version, {"sha256": file.sha256, "url": url})
        return url, file.path, file.sha256

    def _verify_or_discard(self, file: Downloaded, version: str) -> tuple[Verification, ...]:
        try:
            return self._verifier.verify(file.path, file.sha256, version)[1]
        except (VerificationError, InputError):
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


def vouched(lookup: Lookup, h1: str) -> tuple[Verification, ...]:
    """How a file with this ``h1:`` is verified by what the database said."""
    stated = Verification(_HOW, f"{lookup.database}, record {lookup.record}: {h1}")
    return (stated, *lookup.verifications)


def _kept(
    record: Mapping[str, object] | None, version: str
) -> tuple[str, tuple[Verification, ...]] | None:
    """What a record says of an earlier verification of this version, if it says so."""
    if record is None or record.get("version") != version:
        return None
    h1, rows = record.get("h1"), record.get("by")
    if not isinstance(h1, str) or not isinstance(rows, list) or not rows:
        return None
    try:
        verified = tuple(Verification(str(how), str(rests_on)) for how, rests_on in rows)
    except (TypeError, ValueError):
        return None
    return h1, verified


def _listings(lines: Iterable[str]) -> Iterator[Listing]:
    for line in lines:
        try:
            release, target = parse_module_version(line.strip())
        except UnknownReleaseError:
            continue
        yield Listing(release, target, line.strip())


def _member_version(name: str) -> str:
    module, at, rest = name.partition("@")
    version, slash, _path = rest.partition("/")
    return version if at and slash and module == TOOLCHAIN_MODULE else ""
