"""A mirror of Arch: a package's file, fetched and verified.

The repository's database names the file and its sha256; the file's detached signature
must be good and by a key of Arch's. Both must hold: Arch does not sign its databases. A
version that the repository no longer has comes from an archive of packages, where the
configuration names one; it is then verified by its signature alone.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from samego.distro.interface import Request
from samego.errors import ConfigError, InputError, NetworkError, NotPostedError, VerificationError
from samego.upstream.cache.blobs import Cache
from samego.upstream.checksums.gpg import verify_signature
from samego.upstream.transport.download import download
from samego.upstream.transport.http import Http, redacted
from samego_arch.archive.keyring import find_keyring
from samego_arch.archive.pacman_conf import PacmanConf
from samego_arch.archive.sync_database import Listed, find_package
from samego_arch.version import SUFFIXES, FileName

#: How long a database counts as current, in seconds.
DATABASE_SECONDS = 3600
_DATABASE_BYTES = 256 << 20
_PACKAGE_BYTES = 1 << 30
_SIGNATURE_BYTES = 64 << 10
#: How many of the configured servers are asked.
_SERVERS = 3
_URL = re.compile(r"(?:https?|file)://\S+", re.ASCII)
#: Records of the cache: which digest a URL gave, and when.
_RECORD = "arch-url"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A verified package: its bytes in the cache, its file name, and how it was verified."""

    path: Path
    file: FileName
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mirror:
    """Where a repository is served, and the archive of older versions (empty: none)."""

    servers: tuple[str, ...]
    archive: str


def find_mirror(
    options: Mapping[str, object], root: Path, repository: str, architecture: str
) -> Mirror:
    """The mirror to use: the configuration's, else pacman's. Raises ConfigError without one."""
    named = _url(options, "mirror")
    if named:
        text = named if "$repo" in named else f"{named}/$repo/os/$arch"
        servers: tuple[str, ...] = (
            text.replace("$repo", repository).replace("$arch", architecture),
        )
    else:
        servers = PacmanConf(root).servers(repository, architecture)
    if not servers:
        raise ConfigError(
            f"pacman is not configured for the repository {repository} here",
            hint="set mirror in the table [arch] of samego's configuration",
        )
    return Mirror(servers[:_SERVERS], _url(options, "archive"))


def _url(options: Mapping[str, object], name: str) -> str:
    value = options.get(name, "")
    if not isinstance(value, str) or (value and not _URL.fullmatch(value)):
        raise ConfigError(
            f"{name} in the table [arch] is {redacted(str(value))!r}",
            hint="write a URL such as https://...",
        )
    return value.rstrip("/")


class Store:
    """A mirror's files in the cache. Keep the cache open while the files are in use."""

    def __init__(self, mirror: Mirror, root: Path, request: Request, cache: Cache) -> None:
        self._mirror = mirror
        self._root = root
        self._request = request
        self._cache = cache

    def fetch(self, repository: str, name: str, version: str, architecture: str) -> Fetched:
        """A package in its newest version, or the one named.

        Raises InputError for a package or version that is not served, VerificationError for a
        wrong digest or signature, NetworkError when no server answers.
        """
        with Http(offline=self._request.offline) as http:
            server, listed = self._find(http, repository, name)
            if listed is not None and version in ("", listed.file.version):
                return self._verified(http, server, listed.file, listed)
            if version and self._mirror.archive:
                return self._archived(http, FileName(name, version, architecture, ""))
        have = f"it has {listed.file.version}" if listed else "it has no such package"
        older = "" if self._mirror.archive else "; for others set archive in the table [arch]"
        raise InputError(
            f"{repository} has no {name} {version}".rstrip(),
            hint=f"{have}{older if version else ''}",
        )

    def newest(self, repository: str, name: str) -> Listed | None:
        """What a repository lists of a package; None where it has none of that name.

        Raises InputError for a database that cannot be read, NetworkError when no server
        answers.
        """
        with Http(offline=self._request.offline) as http:
            return self._find(http, repository, name)[1]

    def _find(self, http: Http, repository: str, name: str) -> tuple[str, Listed | None]:
        """The first server that answers, and what its database says."""
        failed: NetworkError | NotPostedError | None = None
        for server in self._mirror.servers:
            try:
                path = self._database(http, f"{server}/{repository}.db")
            except (NetworkError, NotPostedError) as error:
                failed = failed or error
                continue
            return server, find_package(path, name, repository=repository)
        raise failed or NetworkError("no server is configured", hint="set mirror")

    def _database(self, http: Http, url: str) -> Path:
        known, age = self._known(url)
        if known and (self._request.offline or 0 <= age < DATABASE_SECONDS):
            return known
        self._request.say(f"asking {redacted(url)}")
        return self._download(http, url, limit=_DATABASE_BYTES)

    def _verified(self, http: Http, server: str, file: FileName, listed: Listed | None) -> Fetched:
        """The file with both its digest, where a database gives one, and its signature."""
        url = f"{server}/{quote(str(file), safe=':+~')}"
        if listed is not None:
            path = self._listed(http, url, listed)
        else:
            path = self._recorded(http, url, limit=_PACKAGE_BYTES)
        try:
            signature = self._recorded(http, f"{url}.sig", limit=_SIGNATURE_BYTES)
        except NotPostedError as error:
            raise VerificationError(
                f"{file} has no signature beside it ({redacted(url)}.sig)",
                hint="use another mirror: Arch signs all of its packages",
            ) from error
        keyring = find_keyring(self._request.options, self._root, self._request.work)
        # A link with the file's name, which messages then give in place of the cache's path.
        shown, beside = self._request.work / str(file), self._request.work / f"{file}.sig"
        for link, target in ((shown, path), (beside, signature)):
            link.unlink(missing_ok=True)
            link.symlink_to(target)
        made = verify_signature(
            beside, shown, keyring.path, fingerprint=None, revoked=keyring.revoked
        )
        notes = [f"{file} is from {redacted(server)}, verified: {made.how} ({made.rests_on})"]
        if listed is None:
            notes.append(f"{file} is from an archive: no database states its digest")
        return Fetched(shown, file, tuple(notes))

    def _listed(self, http: Http, url: str, listed: Listed) -> Path:
        if self._cache.get(listed.sha256) is None:
            self._request.say(f"downloading {listed.file} ({listed.size / 1e6:.0f} MB)")
        limit = min(listed.size, _PACKAGE_BYTES)
        got = download(
            http, url, self._cache, expected_sha256=listed.sha256, limit=limit, allow_http=True
        )
        return got.path

    def _archived(self, http: Http, wanted: FileName) -> Fetched:
        """A version from the archive: /NAME's first letter/NAME/FILE, zstd or (to 2019) xz."""
        place = f"{self._mirror.archive}/{wanted.name[0]}/{wanted.name}"
        missing: NotPostedError | None = None
        for suffix in (SUFFIXES[0], SUFFIXES[2]):
            file = FileName(wanted.name, wanted.version, wanted.architecture, suffix)
            try:
                return self._verified(http, place, file, None)
            except NotPostedError as error:
                missing = error
        raise InputError(
            f"the archive has no {wanted.name} {wanted.version} for {wanted.architecture}",
            hint="check the version, with its epoch (2:1.24.9-1)",
        ) from missing

    def _recorded(self, http: Http, url: str, *, limit: int) -> Path:
        """A file that never changes at its URL: from the cache, else downloaded."""
        known, _age = self._known(url)
        return known or self._download(http, url, limit=limit)

    def _known(self, url: str) -> tuple[Path | None, float]:
        """The file that a URL gave before, if the cache still has it, and its age in seconds."""
        record = self._cache.record(_RECORD, url) or {}
        sha256, fetched = record.get("sha256"), record.get("fetched")
        if not isinstance(sha256, str) or not isinstance(fetched, int | float):
            return None, 0.0
        return self._cache.get(sha256), time.time() - fetched

    def _download(self, http: Http, url: str, *, limit: int) -> Path:
        got = download(http, url, self._cache, expected_sha256=None, limit=limit, allow_http=True)
        self._cache.remember(_RECORD, url, {"sha256": got.sha256, "fetched": time.time()})
        return got.path
