"""The channel "go.dev/dl": upstream's own archives, verified by its index.

The sum of an archive comes from the index and must agree with the announced one. When
the index is not available, the announced sum alone counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from samego.config import GODEV_URL
from samego.errors import NotPostedError
from samego.model.release import Release, Target, archive_name, installer_name, source_name
from samego.model.verification import Verification
from samego.system.progress import Progress, Silent
from samego.upstream.cache.blobs import Cache
from samego.upstream.channels.interface import Listing, Posted
from samego.upstream.channels.release_index import IndexSource
from samego.upstream.checksums.authorities import (
    AnnouncedSums,
    Authority,
    UnverifiedError,
    expected_sum,
)
from samego.upstream.checksums.gpg import FINGERPRINT, verify_signature
from samego.upstream.transport.download import download
from samego.upstream.transport.http import Http, redacted
from samego.upstream.transport.urls import public_url

NAME = "go.dev/dl"
#: The longest archive that is downloaded, in bytes (the largest real one has 200 MB).
ARCHIVE_LIMIT = 2 << 30
_SIGNATURE_LIMIT = 64 << 10
_SIGNATURE_RECORD = "signature"


@dataclass(frozen=True, slots=True)
class Signatures:
    """With which keyring to check ``NAME.asc``, and which key must have signed."""

    keyring: Path
    fingerprint: str = FINGERPRINT


class GoDevChannel:
    """go.dev/dl, or a server that speaks the same.

    ``announced`` may be replaced for a server that posts other files than go.dev.
    Raises what :class:`~samego.upstream.channels.interface.Channel` says, and VerificationError.
    """

    name = NAME

    def __init__(
        self,
        http: Http,
        cache: Cache,
        *,
        url: str = GODEV_URL,
        signatures: Signatures | None = None,
        progress: Progress | None = None,
        announced: Authority | None = None,
    ) -> None:
        self._http = http
        self._cache = cache
        self._url = url.rstrip("/")
        # A configured http URL is deliberate; the default is https.
        self._allow_http = self._url.startswith("http://")
        self._signatures = signatures
        self._progress = progress or Silent()
        self._announced = announced or AnnouncedSums()
        self.index = IndexSource(http, cache, self._url, allow_http=self._allow_http)

    def listing(self) -> Iterable[Listing]:
        """What the index lists, newest release first."""
        return tuple(self.index.index().listings())

    def fetch(self, release: Release, target: Target) -> Posted:
        """The binary archive of a release and target."""
        return self._fetch(archive_name(release, target), "archive", release, target)

    def fetch_source(self, release: Release) -> Posted:
        """The source archive of a release."""
        return self._fetch(source_name(release), "source", release, None)

    def fetch_installer(self, release: Release, target: Target) -> Posted:
        """The .pkg or .msi of a release and target."""
        name = installer_name(release, target)
        if not name:
            raise NotPostedError(f"no installer is posted for {target}", hint="take the archive")
        return self._fetch(name, "installer", release, target)

    def _fetch(self, name: str, form: str, release: Release, target: Target | None) -> Posted:
        opinion = expected_sum(name, (self.index, self._announced))
        if not opinion.unasked and name not in self.index.index().files:
            raise NotPostedError(
                f"{redacted(self.index.url)} does not list {name}",
                hint="check the release and target with 'samego upstream list'",
            )
        if not opinion.sha256:
            if opinion.unasked:
                raise opinion.unasked[0]
            raise UnverifiedError(
                f"cannot verify {name}: no source states its sha256", hint="use go1.5 or newer"
            )
        url = f"{self._url}/{name}"
        self._progress.stage(f"fetching {name}")
        file = download(
            self._http,
            url,
            self._cache,
            expected_sha256=opinion.sha256,
            limit=ARCHIVE_LIMIT,
            progress=self._progress.advance,
            allow_http=self._allow_http,
        )
        verified = (*opinion.verified, *self._check_signature(url, file.path))
        public = public_url(url)
        return Posted(NAME, form, release, target, public, file.path, file.sha256, verified)

    def _check_signature(self, url: str, path: Path) -> tuple[Verification, ...]:
        if self._signatures is None:
            return ()
        kept = self._cache.record(_SIGNATURE_RECORD, public_url(url))
        if kept is None:
            data = self._http.get_bytes(
                f"{url}.asc", limit=_SIGNATURE_LIMIT, allow_http=self._allow_http
            )
            kept = {"asc": data.decode("ascii", "replace")}
        with self._cache.scratch() as signature:
            signature.write_text(str(kept.get("asc")), encoding="utf-8")
            verification = verify_signature(
                signature,
                path,
                self._signatures.keyring,
                fingerprint=self._signatures.fingerprint,
                names=(redacted(f"{url}.asc"), redacted(url)),
            )
        self._cache.remember(_SIGNATURE_RECORD, public_url(url), kept)
        return (verification,)
