"""The checksum database's record of a toolchain, rebuilt from its files, and the proof of it.

A record has two lines: the ``h1:`` hashes of the module's zip and of its go.mod. Every toolchain's
go.mod is the same (cmd/distpack/pack.go writes it), so that the files alone give the record.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from samego.formats.archive.dirhash import hash1
from samego.model.release import TOOLCHAIN_MODULE
from samego.upstream.channels.gosettings import GoSetting
from samego.upstream.sumdb.client import Lookup, ways_of
from samego.upstream.sumdb.database import Database, parse_gosumdb
from samego.upstream.sumdb.from_disk import refuse_fork
from samego.upstream.sumdb.proof import LogProof, parse_proof
from samego.upstream.sumdb.signed_head import SignedHead

_GO_MOD = f"module {TOOLCHAIN_MODULE}\n".encode()
#: The hash of the go.mod of every toolchain.
GO_MOD_H1 = hash1([("go.mod", hashlib.sha256(_GO_MOD).hexdigest())])


def toolchain_record(version: str, zip_h1: str) -> bytes:
    """The record of a toolchain whose zip has this ``h1:`` hash, with its last newline."""
    name = f"{TOOLCHAIN_MODULE} {version}"
    return f"{name} {zip_h1}\n{name}/go.mod {GO_MOD_H1}\n".encode()


def proof_text(lookup: Lookup) -> str:
    """The text of the proof that others can verify with the zip alone.

    Empty where the record states more than the zip gives: another go.mod than a toolchain's.
    """
    if lookup.proof is None or lookup.text != toolchain_record(lookup.version, lookup.zip_h1):
        return ""
    return lookup.proof.encode().decode()


@dataclass(frozen=True, slots=True)
class GivenProof:
    """A log proof that came with a file, and the database by whose key it is to be believed.

    It takes the place of asking that database, so no network is needed.
    """

    proof: LogProof
    database: Database

    @classmethod
    def open(cls, data: bytes, gosumdb: GoSetting) -> GivenProof:
        """Read a proof, and see that the database that GOSUMDB names signed its note.

        Raises LogProofError, and ConfigError for a setting that names no database.
        """
        proof, database = parse_proof(data), parse_gosumdb(gosumdb)
        proof.signed_tree([database.verifier])
        return cls(proof, database)

    def refuse_fork(self, below: Path) -> None:
        """Raise SplitViewError where what is kept ``below`` proves that its log is forked."""
        verifier = self.database.verifier
        head = SignedHead.open(self.proof.note, verifier)
        refuse_fork(head, verifier, below / self.database.directory)

    def lookup(self, version: str, zip_h1: str) -> Lookup:
        """What the database says of a toolchain's version, if it says this of its zip.

        Raises LogProofError when the proof does not show that.
        """
        record, database = toolchain_record(version, zip_h1), self.database
        tree = self.proof.check(record, database.verifier)
        return Lookup(
            database.name,
            TOOLCHAIN_MODULE,
            version,
            self.proof.index,
            zip_h1,
            GO_MOD_H1,
            tree.size,
            ways_of(database, self.proof.index, tree),
            record,
            self.proof,
        )
