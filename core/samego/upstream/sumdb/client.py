"""The checksum database's client: what it says of a module version, with proofs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from samego.upstream.channel import Verification
from samego.upstream.goproxy import GoSettings
from samego.upstream.http import Http


@dataclass(frozen=True, slots=True)
class Lookup:
    """What the database says of one module version, proven to be in its log.

    ``zip_h1`` and ``mod_h1`` are the ``h1:`` hashes of the module's zip and go.mod;
    ``record`` is the record's number in the log of ``database``, ``tree_size`` the size
    of the signed tree that holds it.
    """

    database: str
    module: str
    version: str
    record: int
    zip_h1: str
    mod_h1: str
    tree_size: int
    verifications: tuple[Verification, ...]


class SumDatabase:
    """The checksum database that the settings name, remembered below ``cache_dir``.

    Raises ConfigError for settings that name no database or exclude the module,
    NetworkError, NotPostedError (the database has no such version), VerificationError
    for anything that does not add up, CacheError and DiskFullError.
    """

    def __init__(
        self, http: Http, settings: GoSettings, cache_dir: Path, *, offline: bool = False
    ) -> None:
        raise NotImplementedError

    def lookup(self, module: str, version: str) -> Lookup:
        """What the database says of ``module`` at ``version``, with all proofs checked."""
        raise NotImplementedError
