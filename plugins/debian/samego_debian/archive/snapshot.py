"""Source packages from snapshot.debian.org, which keeps every version that Debian ever had.

Its machine-readable interface (https://salsa.debian.org/snapshot-team/snapshot/-/blob/master/API)
names files by SHA-1: ``mr/package/NAME/VERSION/srcfiles`` lists those of a source package,
``mr/file/SHA1/info`` says what one is called, ``file/SHA1`` gives it. SHA-1 and the server prove
nothing: the signature of the .dsc by one of Debian's developers does, and the sha256 of each file
that it lists.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from debian.deb822 import Dsc

from samego.distro.interface import Request
from samego.errors import (
    CacheError,
    ConfigError,
    InputError,
    NetworkError,
    NotPostedError,
    VerificationError,
)
from samego.model.inputs import Signature
from samego.model.public_url import redacted
from samego.system.temporary import temporary_directory
from samego.upstream.transport.http import Http
from samego_debian.source.signature import KEYRINGS, signed_by, signed_text
from samego_debian.version import DebianVersion

#: Where Debian runs it.
URL = "https://snapshot.debian.org"
_SHA1 = re.compile(r"[0-9a-f]{40}", re.ASCII)
#: A list of files or a .dsc, and debian/ of a golang-1.N (120 KiB), in bytes.
_SMALL, _LARGE = 1 << 20, 32 << 20
_PACKAGING = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+~_-]*\.debian\.tar\.(?:gz|xz|zst)", re.ASCII)
_NAME = re.compile(r"[a-z0-9][a-z0-9.+-]+", re.ASCII)
#: The most files that a source package may have.
_MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class SnapshotArchive:
    """A snapshot service, and whose signatures count. ``url`` is empty where none is asked."""

    url: str
    keyrings: Sequence[Path]
    request: Request

    @classmethod
    def of(cls, request: Request) -> SnapshotArchive:
        """The one that the configuration names (``snapshot``, ``developers``), else Debian's.

        Raises ConfigError for values of other types.
        """
        options = request.options
        url, keyring = options.get("snapshot"), options.get("developers")
        for key, value in (("snapshot", url), ("developers", keyring)):
            if not isinstance(value, str | None):
                raise ConfigError(
                    f"{key} in the table [debian] must be one line of text", hint="correct it"
                )
        keyrings = [Path(str(keyring))] if keyring else KEYRINGS
        return cls(URL if url is None else str(url).rstrip("/"), keyrings, request)

    def fetch(self, name: str, version: DebianVersion) -> Path | None:
        """The .dsc of a source package in a directory that has debian/ beside it, both verified.

        None where the service has none, or may not be asked. Raises NetworkError when it does not
        answer, VerificationError for a bad signature or one that cannot be verified here.
        """
        stem = f"{name}_{version.source.rpartition(':')[2]}"
        kept = self.request.cache / "debian/source" / stem
        may_ask = not self.request.offline and self.url and _NAME.fullmatch(name)
        if (kept / f"{stem}.dsc").is_file():
            try:
                self._verified(kept / f"{stem}.dsc", name, version)
            except VerificationError:
                if not may_ask:
                    raise
                shutil.rmtree(kept)  # it was verified by other keys: it is downloaded again
            else:
                return kept / f"{stem}.dsc"
        if not may_ask:
            return None
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            with temporary_directory(kept.parent, prefix=".new-") as directory:
                if not self._download(directory, stem, name, version):
                    return None
                if not kept.exists():
                    directory.rename(kept)
                    directory.mkdir()  # the context removes it
        except OSError as error:
            raise CacheError(
                f"{kept.parent} cannot be written ({error.strerror})",
                hint="choose another cache directory",
            ) from error
        return kept / f"{stem}.dsc"

    def _download(self, directory: Path, stem: str, name: str, version: DebianVersion) -> bool:
        """Download the .dsc, then what it lists of debian/; whether the service has it."""
        self.request.say(f"asking {redacted(self.url)} for the source package of {name} {version}")
        with Http(retries=1) as http:
            digest = self._sha1_of(http, f"{stem}.dsc", name, version)
            if digest is None:
                return False
            dsc = directory / f"{stem}.dsc"
            dsc.write_bytes(self._file(http, digest, _SMALL))
            fields = self._verified(dsc, name, version)
            file, sha1 = _packaging(fields, dsc.name)
            data = self._file(http, sha1, _LARGE)
            (directory / file["name"]).write_bytes(data)
            if hashlib.sha256(data).hexdigest() != file["sha256"]:
                raise VerificationError(
                    f"{redacted(self.url)} gave another {file['name']} than {dsc.name} lists"
                    " (sha256)",
                    hint="use another service (snapshot in the table [debian])",
                )
        return True

    def _sha1_of(self, http: Http, wanted: str, name: str, version: DebianVersion) -> str | None:
        """The SHA-1 by which the service names a file of a source package; None without one."""
        place = f"mr/package/{quote(name, safe='')}/{quote(version.source, safe='')}/srcfiles"
        try:
            answer = self._ask(http, f"{place}?fileinfo=1")
        except NotPostedError:
            return None
        known = answer.get("fileinfo")
        listed = [row.get("hash") for row in _rows(answer.get("result"))][:_MOST_FILES]
        for digest in listed:
            if not isinstance(digest, str) or not _SHA1.fullmatch(digest):
                raise self._nonsense(place)
            rows = known.get(digest) if isinstance(known, dict) else None
            if rows is None:
                # An older service has no fileinfo in this answer: each name is asked for.
                rows = self._ask(http, f"mr/file/{digest}/info").get("result")
            if any(row.get("name") == wanted for row in _rows(rows)):
                return digest
        return None

    def _ask(self, http: Http, place: str) -> Mapping[str, Any]:
        data = self._get(http, place, _SMALL)
        try:
            answer = json.loads(data)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise self._nonsense(place)
        return answer

    def _file(self, http: Http, sha1: str, limit: int) -> bytes:
        """A file by its SHA-1, which only shows that the transfer was complete."""
        data = self._get(http, f"file/{sha1}", limit)
        if hashlib.sha1(data, usedforsecurity=False).hexdigest() != sha1:
            raise VerificationError(
                f"{redacted(self.url)}/file/{sha1} gave a file with another SHA-1",
                hint="try again, or use another service (snapshot in the table [debian])",
            )
        return data

    def _get(self, http: Http, place: str, limit: int) -> bytes:
        by_user = bool(self.request.options.get("snapshot"))
        return http.get_bytes(f"{self.url}/{place}", limit=limit, allow_http=by_user)

    def _verified(self, dsc: Path, name: str, version: DebianVersion) -> Dsc:
        """The fields of a .dsc that a developer signed, and that is of this very version."""
        declared = signed_by(dsc, self.keyrings)
        if declared.signature is not Signature.GOOD:
            raise VerificationError(
                f"the signature of {dsc.name} cannot be checked here (key"
                f" {declared.key or 'unknown'}): install gpgv and debian-keyring",
                hint="or name the keys with developers in the table [debian]",
            )
        fields = Dsc(signed_text(dsc.read_bytes(), name=dsc.name))
        stated = (str(fields.get("Source", "")), str(fields.get("Version", "")))
        if stated != (name, version.source):
            raise VerificationError(
                f"{dsc.name} is signed, and names {' '.join(stated)}",
                hint="use another service (snapshot in the table [debian])",
            )
        return fields

    def _nonsense(self, place: str) -> NetworkError:
        return NetworkError(
            f"{redacted(self.url)}/{place} gave no answer of a snapshot service",
            hint="check snapshot in the table [debian]",
        )


def _rows(value: object) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _packaging(fields: Dsc, name: str) -> tuple[Mapping[str, str], str]:
    """The row of debian/ in a .dsc (name and sha256), and its SHA-1."""
    by_sha1 = {str(row["name"]): str(row["sha1"]) for row in fields.get("Checksums-Sha1", [])}
    for row in fields.get("Checksums-Sha256", []):
        file = str(row["name"])
        if _PACKAGING.fullmatch(file) and _SHA1.fullmatch(by_sha1.get(file, "")):
            return {"name": file, "sha256": str(row["sha256"])}, by_sha1[file]
    raise InputError(
        f"{name} lists no .debian.tar file",
        hint="samego reads source packages of format 3.0 (quilt)",
    )
