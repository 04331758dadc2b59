"""The checksum database's client: looks up a module version, with proofs."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

from samego.errors import ConfigError, NetworkError, NotPostedError, VerificationError
from samego.model.verification import Verification
from samego.upstream.channels.goproxy import Proxy, is_absence
from samego.upstream.channels.gosettings import GoSettings
from samego.upstream.sumdb.database import Database, parse_gosumdb
from samego.upstream.sumdb.disk import read_small, write_small
from samego.upstream.sumdb.encoding import decode64
from samego.upstream.sumdb.fork import Fork, SplitViewError
from samego.upstream.sumdb.heads import HeadStore, TreeHeads
from samego.upstream.sumdb.modpath import escape_path, escape_version
from samego.upstream.sumdb.note import MAX_NOTE, Verifier
from samego.upstream.sumdb.proof import LogProof
from samego.upstream.sumdb.signed_head import SignedHead
from samego.upstream.sumdb.tiles import FULL_SIZE, TileReader
from samego.upstream.sumdb.tlog import (
    HASH_SIZE,
    LogTree,
    ReadNodes,
    check_inclusion,
    inclusion_proof,
    parse_record,
    record_hash,
)
from samego.upstream.transport.http import Http
from samego.upstream.transport.urls import redacted

#: Bytes of a lookup's answer: a record of two lines and a signed note.
MAX_LOOKUP = 1 << 20
_MAX_SUPPORTED = 1 << 16
_MAX_TILE = 2 * FULL_SIZE
_H1 = re.compile(r"h1:([A-Za-z0-9+/]{43}=)")


@dataclass(frozen=True, slots=True)
class Lookup:
    """What the database says of one module version, proven to be in its log.

    ``zip_h1`` and ``mod_h1`` are the ``h1:`` hashes of the module's zip and go.mod;
    ``record`` is the record's number in the log of ``database``, ``tree_size`` the size
    of the signed tree that holds it. ``text`` is the whole record, and ``proof`` what shows to
    others that it is in that tree; None where the answer came without.
    """

    database: str
    module: str
    version: str
    record: int
    zip_h1: str
    mod_h1: str
    tree_size: int
    verifications: tuple[Verification, ...]
    text: bytes = b""
    proof: LogProof | None = None


class SumDatabase:
    """The checksum database that the settings name, remembered below ``cache_dir``.

    It is asked through the first module proxy that offers it, else at its own URL, as the
    go command does; a URL in GOSUMDB comes before both. Raises ConfigError for settings
    that name no database or exclude the module, NetworkError, NotPostedError (the
    database has no such version), VerificationError for anything that does not add up,
    CacheError and DiskFullError.
    """

    def __init__(
        self, http: Http, settings: GoSettings, cache_dir: Path, *, offline: bool = False
    ) -> None:
        self._http = http
        self._settings = settings
        self._cache_dir = cache_dir
        self._offline = offline or http.offline
        self._base: Proxy | None = None

    def lookup(self, module: str, version: str) -> Lookup:
        """What the database says of ``module`` at ``version``, with all proofs checked.

        An earlier answer on disk is checked like a new one, and fetched anew when it does
        not hold. GONOSUMDB is obeyed, though the go command overrides it for toolchains:
        it then is an error, never a pass. Raises InputError for a malformed name.
        """
        name = f"{escape_path(module)}@{escape_version(version)}"
        database = self._database
        if self._settings.skips_sumdb(module):
            setting = self._settings.gonosumdb
            raise ConfigError(
                f"{setting.name} ({setting.origin}) excludes {module} from {database.name}",
                hint=f"set GONOSUMDB so that it leaves {module} out",
            )
        path = self._directory / "lookup" / name
        stored = read_small(path, MAX_LOOKUP)
        if stored is not None:
            try:
                return self._verified(stored, module, version)
            except SplitViewError:
                raise
            except VerificationError as error:
                if self._offline:
                    raise NetworkError(
                        f"the cached records of {database.name} are invalid ({error.cause}), and"
                        " samego is offline",
                        hint="run once without --offline",
                    ) from error
        data = self._fetch_lookup(name)
        try:
            lookup = self._verified(data, module, version)
        except SplitViewError:
            raise
        except VerificationError as error:
            raise VerificationError(
                f"{self._answered(name)} serves {database.name}, but its proof is invalid:"
                f" {error.cause}",
                hint=error.hint,
            ) from error
        write_small(path, data)
        return lookup

    @property
    def verifier(self) -> Verifier:
        """The key that signs the database's tree heads. Raises ConfigError where there is none."""
        return self._database.verifier

    @property
    def remembered(self) -> SignedHead | None:
        """The newest head that was verified here, or None. Raises CacheError."""
        history = self._heads.read()
        return history.head if history is not None else None

    def latest(self) -> SignedHead:
        """The head that the database serves now, once it is proven to be of the known history."""
        data = self._fetch("latest", MAX_NOTE)
        try:
            return self.accept(SignedHead.open(data, self.verifier))
        except SplitViewError:
            raise
        except VerificationError as error:
            raise VerificationError(
                f"{self._answered('latest')} serves {self._database.name}, but its newest tree head"
                f" is invalid: {error.cause}",
                hint=error.hint,
            ) from error

    def accept(self, head: SignedHead) -> SignedHead:
        """The head, once it is proven to be of the known history; it is of it from then on.

        Raises SplitViewError when it is not, and what the class says where that cannot be proven.
        """
        self._heads.accept(head, self._reader)
        return head

    def report(self, fork: Fork) -> NoReturn:
        """Keep the proof of a fork that others found, and raise SplitViewError for it."""
        raise SplitViewError(fork, self.verifier, self._heads.keep(fork))

    @property
    def offline(self) -> bool:
        """Whether only what lies in the cache may be used."""
        return self._offline

    @functools.cached_property
    def _database(self) -> Database:
        return parse_gosumdb(self._settings.gosumdb)

    @property
    def _heads(self) -> HeadStore:
        return HeadStore(self._directory, self.verifier)

    @property
    def _directory(self) -> Path:
        return self._cache_dir / self._database.directory

    def _verified(self, data: bytes, module: str, version: str) -> Lookup:
        """Check an answer: the note's signature, the record's place, the tree's history."""
        database = self._database
        record, text, note = parse_record(data)
        head = SignedHead.open(note, database.verifier)
        read = self._reader(head.tree)
        proof = inclusion_proof(record, head.tree.size, read)
        if not check_inclusion(proof, record, record_hash(text), head.tree):
            raise VerificationError(
                f"{database.name} holds another record {record} than the one that was served for"
                f" {module}@{version}",
                hint="try again through another module proxy, and report the one that gave it",
            )
        zip_h1 = _h1(text, f"{module} {version}")
        mod_h1 = _h1(text, f"{module} {version}/go.mod")
        history = self._heads.accept(head, self._reader)
        ways = ways_of(database, record, head.tree)
        if history:
            ways += (_consistency(history),)
        return Lookup(
            database.name,
            module,
            version,
            record,
            zip_h1,
            mod_h1,
            head.tree.size,
            ways,
            text,
            LogProof(record, tuple(proof), note),
        )

    def _reader(self, tree: LogTree) -> ReadNodes:
        return TileReader(tree, self._fetch_tile, self._directory).read

    def _fetch_lookup(self, name: str) -> bytes:
        try:
            return self._fetch(f"lookup/{name}", MAX_LOOKUP)
        except NotPostedError as error:
            if not is_absence(error):
                raise
            raise NotPostedError(
                f"{self._database.name} has no record of {name} ({error.cause})",
                hint="check that upstream posted this release for this target",
            ) from error

    def _answered(self, name: str) -> str:
        """The URL that was asked, which need not be the database's own."""
        base = self._base.join(f"lookup/{name}") if self._base else self._database.url
        return redacted(base)

    def _fetch_tile(self, path: str) -> bytes:
        return self._fetch(path, _MAX_TILE)

    def _fetch(self, path: str, limit: int) -> bytes:
        if self._offline:
            raise NetworkError(
                f"{path} of {self._database.name} is not in the cache and samego is offline",
                hint="run once without --offline",
            )
        if self._base is None:
            self._base = self._find_base()
        base = self._base
        return self._http.get_bytes(base.join(path), limit=limit, allow_http=base.allow_http)

    def _find_base(self) -> Proxy:
        """The URL to ask: the one given, a proxy's that offers the database, or its own."""
        database = self._database
        own = Proxy(database.url)
        if database.url_given:
            return own
        below = f"sumdb/{quote(database.name)}"

        def offered(proxy: Proxy) -> Proxy:
            url = proxy.join(f"{below}/supported")
            self._http.get_bytes(url, limit=_MAX_SUPPORTED, allow_http=proxy.allow_http)
            return Proxy(proxy.join(below))

        return self._settings.proxies.try_each(offered, otherwise=lambda: own)


def _h1(text: bytes, what: str) -> str:
    """The one hash that a record states for a zip or a go.mod."""
    lines = [line.rpartition(" ") for line in text.decode().splitlines()]
    hashes = [value for name, _, value in lines if name == what and value.startswith("h1:")]
    match = _H1.fullmatch(hashes[0]) if len(hashes) == 1 else None
    raw = decode64(match[1]) if match else None
    if match is None or raw is None or len(raw) != HASH_SIZE:
        raise VerificationError(
            f"the checksum database's record does not state one h1 hash of {what}",
            hint="try again through another module proxy, and report the one that gave it",
        )
    return match[0]


def ways_of(database: Database, record: int, tree: LogTree) -> tuple[Verification, ...]:
    """How a record is verified that an inclusion proof shows to be in a signed tree."""
    rests_on = f"key {database.verifier.short}, chosen by GOSUMDB: {database.origin}"
    return (
        Verification(f"signed tree note of {database.name}", rests_on),
        Verification(
            f"inclusion proof of record {record} in the tree of {tree.size} records",
            "the signed tree note",
        ),
    )


def _consistency(history: TreeHeads) -> Verification:
    return Verification(
        f"consistency with the tree of {history.head.tree.size} records",
        f"tree heads remembered since {history.since}",
    )
