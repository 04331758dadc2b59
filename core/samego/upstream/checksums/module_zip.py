"""Whether a zip is the toolchain module's: its ``h1:`` hash against the checksum database.

The hash is over every member's name and bytes (golang.org/x/mod/sumdb/dirhash, Hash1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from samego.errors import ContradictedError
from samego.formats.archive.dirhash import hash1
from samego.formats.archive.module_names import check_module_names
from samego.formats.archive.zip import ZipMember
from samego.model.release import TOOLCHAIN_MODULE
from samego.model.verification import Verification
from samego.upstream.channels.gosettings import GoSettings
from samego.upstream.checksums.authorities import UnverifiedError
from samego.upstream.checksums.log_record import GivenProof, proof_text
from samego.upstream.sumdb.client import Lookup

_HOW = "h1 in the checksum database"
#: Gives each member of a zip by its raw name; called with the zip's path, its own sha256 and
#: the h1 hash that it should have, with which an earlier run's answer can be checked.
Indexer = Callable[[Path, str, str], Mapping[str, ZipMember]]


class Sums(Protocol):
    """The checksum database (samego.upstream.sumdb.client.SumDatabase)."""

    def lookup(self, module: str, version: str) -> Lookup:
        """What the database says of a module version."""


@dataclass(frozen=True, slots=True)
class VerifiedModule:
    """A module zip's ``h1:`` hash and how it was verified; both empty where it was not.

    ``log_proof`` is the text of what shows it to others, or empty
    (samego.upstream.sumdb.proof).
    """

    h1: str = ""
    verified: tuple[Verification, ...] = ()
    log_proof: str = ""


class ModuleVerifier:
    """Decides whether a zip is the toolchain module's, by the checksum database.

    Every run asks anew. The database's client keeps its answers with the signatures and
    proofs, which every run checks by the key that holds now: so an answer under another
    GOSUMDB counts for nothing later, and no network is needed for what was asked once.
    A ``given`` proof stands for the database's answer: then nobody is asked at all.
    """

    def __init__(
        self,
        sums: Sums,
        settings: GoSettings,
        index: Indexer,
        *,
        allow_unverified: bool = False,
        given: GivenProof | None = None,
    ) -> None:
        self._sums = sums
        self._settings = settings
        self._index = index
        self._allow_unverified = allow_unverified
        self._given = given

    def verify(self, path: Path, sha256: str, version: str) -> VerifiedModule:
        """The h1 of the zip and how it was verified: nothing if the user allows that.

        Raises ContradictedError, naming both hashes, when the database gives another h1,
        LogProofError when the given proof is not of this zip, UnverifiedError when no database
        may be asked, InputError when the file is no zip that the go command would unpack; else
        what the database's client raises.
        """
        if self._given is not None:
            return self.verify_h1(_h1(self._members(path, sha256, version, "")), version)
        if self._not_asked() and self._allow_unverified:
            self._members(path, sha256, version, "")
            return VerifiedModule()
        lookup = self.stated(version)
        return _verified(_h1(self._members(path, sha256, version, lookup.zip_h1)), lookup)

    def verify_h1(self, actual: str, version: str) -> VerifiedModule:
        """How files are verified that are, or would make, a zip with this ``h1:`` hash.

        Raises what :meth:`verify` raises.
        """
        given = self._given
        return _verified(actual, given.lookup(version, actual) if given else self.stated(version))

    def stated(self, version: str) -> Lookup:
        """The checksum database's record of a version.

        Raises UnverifiedError when no database may be asked, NotPostedError when it has no
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


def verifications(lookup: Lookup, h1: str) -> tuple[Verification, ...]:
    """How a file with this ``h1:`` is verified by the answer of the database."""
    stated = Verification(_HOW, f"{lookup.database}, record {lookup.record}: {h1}")
    return (stated, *lookup.verifications)


def _verified(actual: str, lookup: Lookup) -> VerifiedModule:
    if actual != lookup.zip_h1:
        raise ContradictedError(
            f"the zip of {TOOLCHAIN_MODULE}@{lookup.version} has {actual},"
            f" but {lookup.database} states {lookup.zip_h1}",
            hint="do not use the file; report it to the server's owner",
        )
    ways = verifications(lookup, lookup.zip_h1)
    return VerifiedModule(lookup.zip_h1, ways, proof_text(lookup))


def _h1(members: Mapping[str, ZipMember]) -> str:
    return hash1((name, member.sha256) for name, member in members.items())
