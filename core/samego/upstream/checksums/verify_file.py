"""The answer to: is this file what go.dev posted, and who says so?"""

from __future__ import annotations

import enum
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from samego.errors import ContradictedError, NetworkError, NotPostedError, VerificationError
from samego.model.release import TOOLCHAIN_MODULE
from samego.model.verification import Verification
from samego.system.there import is_file
from samego.upstream.channels.godev import Signatures
from samego.upstream.checksums.authorities import Authority, expected_sum, recognised
from samego.upstream.checksums.gpg import verify_signature
from samego.upstream.checksums.identify import module_version_in, sha256_of
from samego.upstream.checksums.module_zip import ModuleVerifier


class Decision(enum.Enum):
    """The answer about a file."""

    POSTED = "posted"
    CONTRADICTED = "contradicted"
    UNDECIDED = "undecided"

    @property
    def exit_status(self) -> int:
        """0: it is the posted file. 1: it is not. 2: could not decide."""
        return {Decision.POSTED: 0, Decision.CONTRADICTED: 1, Decision.UNDECIDED: 2}[self]


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """What is known of one file.

    ``name`` is what upstream calls it, or empty. ``verified`` says how it was verified;
    ``reasons`` says what speaks against it, or why nothing could be decided.
    """

    path: Path
    sha256: str
    decision: Decision
    name: str = ""
    verified: tuple[Verification, ...] = ()
    reasons: tuple[str, ...] = ()


def verify_file(
    path: Path,
    authorities: Iterable[Authority],
    verifier: ModuleVerifier,
    *,
    signatures: Signatures | None = None,
) -> FileAnswer:
    """Ask everybody who may know about a file: sums, the checksum database, its signature.

    Raises InputError when the file cannot be read and ToolError when a signature is to be
    checked without gpgv. ``NAME.asc`` beside the file is checked if there is a keyring; one that
    does not hold leaves the file undecided, for either of the two may be what was changed.
    """
    known = tuple(authorities)
    sha256 = sha256_of(path)
    gathered = _Gathered()
    gathered.ask(lambda: _by_sum(path, sha256, known, gathered))
    if not gathered.name and zipfile.is_zipfile(path):
        gathered.ask(lambda: _by_module(path, sha256, verifier, gathered))
    signature, doubted = path.with_name(f"{path.name}.asc"), False
    if signatures is not None and is_file(signature):
        before = len(gathered.verified)
        gathered.ask(lambda: _by_signature(path, signature, signatures, gathered))
        doubted = len(gathered.verified) == before
    if gathered.against:
        decision, reasons = Decision.CONTRADICTED, gathered.against
    elif gathered.verified and not doubted:
        decision, reasons = Decision.POSTED, []
    else:
        decision, reasons = (
            Decision.UNDECIDED,
            gathered.unasked or ["its sha256 is in no known checksum source"],
        )
    return FileAnswer(
        path, sha256, decision, gathered.name, tuple(gathered.verified), tuple(reasons)
    )


class _Gathered:
    """The answers so far."""

    def __init__(self) -> None:
        self.name = ""
        self.verified: list[Verification] = []
        self.against: list[str] = []
        self.unasked: list[str] = []

    def ask(self, question: Callable[[], None]) -> None:
        """Ask one source; note what contradicts the file, and what gave no answer."""
        try:
            question()
        except ContradictedError as error:
            self.against.append(error.cause)
        except (VerificationError, NetworkError, NotPostedError) as error:
            # A source that contradicts itself, or whose proof does not hold, has given no answer.
            self.unasked.append(error.cause)


def _by_sum(
    path: Path, sha256: str, authorities: tuple[Authority, ...], gathered: _Gathered
) -> None:
    opinion = recognised(sha256, authorities)
    gathered.name = opinion.name
    gathered.verified += opinion.verified
    gathered.unasked += [error.cause for error in opinion.unasked]
    if opinion.name == path.name:
        return
    stated = expected_sum(path.name, authorities)
    if stated.sha256:
        what = f"; it is {opinion.name}" if opinion.name else ""
        raise ContradictedError(
            f"{path.name} has sha256 {sha256}, but {stated.verified[0].rests_on} states"
            f" {stated.sha256} for that name{what}",
            hint="do not use the file",
        )


def _by_module(path: Path, sha256: str, verifier: ModuleVerifier, gathered: _Gathered) -> None:
    version = module_version_in(path)
    if not version:
        return
    gathered.verified += verifier.verify(path, sha256, version).verified
    gathered.name = f"{TOOLCHAIN_MODULE}@{version}"
    if path.name.startswith("v0.0.1-go") and path.name != f"{version}.zip":
        raise ContradictedError(
            f"{path.name} is not what its name states, but {version}", hint="do not use the file"
        )


def _by_signature(path: Path, signature: Path, signatures: Signatures, gathered: _Gathered) -> None:
    gathered.verified.append(
        verify_signature(signature, path, signatures.keyring, fingerprint=signatures.fingerprint)
    )
