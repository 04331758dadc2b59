"""The rule ``witness_build``: upstream's source, built with the package's settings, is it.

Claim: an executable built here from upstream's source with the package's own settings and
patches in place loads the same bytes as the distro's, build ID included. What the proof
says of the program is therefore what those sources say: it rests on the findings of every
settings file and source that was put in place, and can be no better than they are.

Limits: those of ``elf_stripped`` for what is not loaded, and the toolchain that built the
witness is upstream's posted one, which the report names.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, replace

from samego.rules.base import Proof, Standing, Tool
from samego.rules.elf_stripped import prove_stripped

NAME = "witness_build"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a witness was built with, for the proof."""

    key: str
    tool: Tool
    environment: str
    network: str


def prove_witnessed(
    path: str, distro: bytes, witness: bytes, rests_on: Sequence[str], evidence: Evidence
) -> Proof | None:
    """Prove that the distro's executable is the witness's, stripped or as it was built."""
    proof = prove_stripped(distro, witness, posixpath.basename(path))
    if proof is None:
        return None
    return replace(
        proof,
        rule=NAME,
        standing=Standing.EXPLAINED,
        cause="rebuilt here from upstream's source with the package's settings and patches",
        tools=(evidence.tool,),
        details={
            **proof.details,
            "witness": evidence.key,
            "environment": evidence.environment,
            "network": evidence.network,
        },
        rests_on=tuple(sorted(rests_on)),
    )
