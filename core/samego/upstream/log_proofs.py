"""Log proofs of toolchains: made for others, and files verified by them without a network.

Which format that is: samego.upstream.sumdb.proof. What a file's own bytes have to do with the
log's record: samego.upstream.checksums.log_record and archive_form.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from samego.errors import ContradictedError, InputError, VerificationError
from samego.model.release import (
    TOOLCHAIN_MODULE,
    Release,
    Target,
    module_version,
)
from samego.model.verification import Verification
from samego.upstream.channels.interface import Posted
from samego.upstream.checksums.archive_form import ModuleForm, module_form
from samego.upstream.checksums.authorities import AnnouncedSums, Authority
from samego.upstream.checksums.identify import identify, module_version_in
from samego.upstream.checksums.log_record import proof_text
from samego.upstream.checksums.module_zip import ModuleVerifier, VerifiedModule
from samego.upstream.checksums.verify_file import Decision, FileAnswer, verify_file
from samego.upstream.open_tree import Opener


@dataclass(frozen=True, slots=True)
class Proven:
    """The text of a log proof, and of which module it is.

    ``verified`` says what the proof shows. ``form`` says how much of an archive it covers; it is
    None for a module zip, which is covered whole.
    """

    module: str
    text: str
    verified: tuple[Verification, ...]
    form: ModuleForm | None = None


def prove_release(release: Release, target: Target, verifier: ModuleVerifier) -> Proven:
    """The proof of a toolchain by its name. Raises what the checksum database's client raises."""
    version = module_version(release, target)
    lookup = verifier.stated(version)
    found = VerifiedModule(lookup.zip_h1, lookup.verifications, proof_text(lookup))
    return _proven(version, found, None)


def prove_file(
    path: Path, authorities: Iterable[Authority], verifier: ModuleVerifier, opener: Opener
) -> Proven:
    """The proof of a module zip, or of an archive of go.dev/dl.

    Raises InputError for a file of another kind, and what identify and ModuleVerifier raise.
    """
    posted = identify(path, authorities, verifier, allow_unverified=True)
    if posted.form == "module" and posted.target is not None:
        found = VerifiedModule(posted.expected_h1, posted.verified, posted.log_proof)
        return _proven(module_version(posted.release, posted.target), found, None)
    version, form = _archive(posted, opener)
    try:
        return _proven(version, verifier.verify_h1(form.h1, version), form)
    except ContradictedError as error:
        raise ContradictedError(
            f"the files of {path.name} are not those of the record: {error.message}",
            hint=error.hint,
        ) from error


def verify_by_proof(path: Path, verifier: ModuleVerifier, opener: Opener) -> FileAnswer:
    """Whether a file is what was posted, by a log proof and the announced sums alone.

    ``verifier`` has the proof. A go.dev archive is covered in part: by the proof alone it stays
    undecided. Raises InputError for a file that is neither a module zip nor such an archive.
    """
    answer = verify_file(path, (AnnouncedSums(),), verifier)
    if zipfile.is_zipfile(path) and module_version_in(path):
        return answer
    if answer.decision is Decision.CONTRADICTED:
        return answer
    posted = identify(path, (AnnouncedSums(),), verifier, allow_unverified=True)
    version, form = _archive(posted, opener)
    try:
        ways = verifier.verify_h1(form.h1, version).verified
    except VerificationError as error:
        return replace(answer, decision=Decision.UNDECIDED, reasons=(error.cause,))
    verified = (*answer.verified, Verification("log proof", form.whole), *ways)
    if answer.decision is Decision.POSTED:
        return replace(answer, verified=verified)
    reason = f"the log proof covers {form.whole}; {answer.reasons[0]}"
    return replace(answer, verified=verified, reasons=(reason,))


def _archive(posted: Posted, opener: Opener) -> tuple[str, ModuleForm]:
    """The module version that an archive would be, and the zip that it would make."""
    if posted.form != "archive" or posted.target is None:
        raise InputError(
            f"{posted.path.name} has no record in the checksum database: it has those of"
            " toolchains alone",
            hint="name a zip of golang.org/toolchain, or an archive with go.dev's binaries",
        )
    version = module_version(posted.release, posted.target)
    return version, module_form(opener.open(posted), version)


def _proven(version: str, found: VerifiedModule, form: ModuleForm | None) -> Proven:
    module = f"{TOOLCHAIN_MODULE}@{version}"
    if not found.log_proof:
        raise VerificationError(
            f"the checksum database's record of {module} has another go.mod than a toolchain's, so"
            " that its files do not give the record",
            hint="check GOSUMDB: it names the database",
        )
    return Proven(module, found.log_proof, found.verified, form)
