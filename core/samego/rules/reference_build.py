"""The rule ``witness_build``: upstream's source, built with the package's settings, is it.

Claim: an executable built here from upstream's source with the package's own settings and
patches in place loads the same bytes as the distro's, build ID included. What the proof
says of the program is therefore what those sources say: it rests on the findings of every
settings file and source that was put in place, and can be no better than they are.

Limits: those of ``elf_stripped`` for what is not loaded. The toolchain that built the
reference build is upstream's posted one, which the report names.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, replace

from samego.formats.executable.go_executable import read_go_executable
from samego.model.causes.proofs import Rebuilt
from samego.model.proof import Proof, Standing, Tool
from samego.rules.elf_stripped import prove_stripped

NAME = "witness_build"


@dataclass(frozen=True, slots=True)
class BuildEvidence:
    """What a reference build was built with, for the proof.

    ``kind`` and ``command`` say how it was built; ``searched`` names the declared settings
    that fitted, where this package does not state its own.
    """

    key: str
    tool: Tool
    kind: str
    command: str
    environment: str
    network: str
    searched: str = ""


def prove_by_reference_build(
    path: str, distro: bytes, reference: bytes, rests_on: Sequence[str], evidence: BuildEvidence
) -> Proof | None:
    """Prove that the distro's executable is the reference build's, stripped or as it was built."""
    proof = prove_stripped(distro, reference, posixpath.basename(path))
    if proof is None and distro == reference:
        proof = Proof(NAME, Standing.EXPLAINED, (), hashlib.sha256(distro).hexdigest())
    if proof is None:
        return None
    searched = {"searched_settings": evidence.searched} if evidence.searched else {}
    return replace(
        proof,
        rule=NAME,
        standing=Standing.EXPLAINED,
        causes=(Rebuilt(evidence.searched),),
        tools=(evidence.tool,),
        details={
            **proof.details,
            **searched,
            "witness": evidence.key,
            "witness_kind": evidence.kind,
            "built_by": evidence.command,
            "environment": evidence.environment,
            "network": evidence.network,
        },
        rests_on=tuple(sorted(rests_on)),
    )


def differing_build(distro: bytes, reference: bytes) -> tuple[tuple[str, str, str], ...]:
    """The settings that two executables say they were built with, where they differ.

    Each with the distro's value and the reference build's.
    """
    ours, theirs = read_go_executable(distro), read_go_executable(reference)
    if ours is None or theirs is None:
        return ()
    mine = {**ours.info.settings, "GOEXPERIMENT": ours.info.experiments}
    other = {**theirs.info.settings, "GOEXPERIMENT": theirs.info.experiments}
    return tuple(
        (key, mine.get(key, ""), other.get(key, ""))
        for key in sorted({*mine, *other})
        if mine.get(key, "") != other.get(key, "")
    )
