"""Proving what is unproven: a witness is built, and each executable is held against it."""

from __future__ import annotations

import platform
import posixpath
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from samego.compare.finding import Finding
from samego.compare.where import where_differs
from samego.errors import NotPostedError
from samego.progress import Progress
from samego.rebuild.witness import Host, Witness, changed_compilers, get_witness
from samego.release import Target
from samego.rules import added_tool, embedded_settings
from samego.rules.base import Context, Standing
from samego.rules.witness_build import Evidence, prove_witnessed

#: The rules whose findings a rebuild decides.
DECIDED = (embedded_settings.NAME, added_tool.NAME)
#: GOARCH by what the kernel calls the machine (uname -m).
_MACHINES = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "i686": "386",
    "armv7l": "arm",
    "ppc64le": "ppc64le",
    "riscv64": "riscv64",
    "s390x": "s390x",
    "loongarch64": "loong64",
}


def host_target() -> Target:
    """The target that this machine runs.

    Raises NotPostedError for a machine that upstream posts no toolchain for.
    """
    machine = platform.machine()
    if platform.system() != "Linux" or machine not in _MACHINES:
        raise NotPostedError(
            f"upstream's toolchain for this machine ({platform.system()} {machine}) is not known",
            hint="run --rebuild on another machine: the result does not depend on it",
        )
    return Target("linux", _MACHINES[machine])


def needs_witness(findings: Iterable[Finding]) -> bool:
    """Whether there is anything that a rebuild would decide."""
    return any(_is_open(finding) for finding in findings)


def prove_by_witness(
    findings: Iterable[Finding],
    context: Context,
    host: Host,
    directory: Path,
    progress: Progress,
) -> tuple[Finding, ...]:
    """Decide the executables among ``findings`` by a witness built below ``directory``.

    Each comes out explained, or unexplained when the package's own sources and settings do
    not give it. Raises BuildError when the witness cannot be built.
    """
    findings = tuple(findings)
    witness = get_witness(context, host, directory, progress)
    open_paths = [finding.path for finding in findings if _is_open(finding)]
    context.distro.load(open_paths)
    return tuple(
        _decide(finding, context, witness) if _is_open(finding) else finding for finding in findings
    )


def _is_open(finding: Finding) -> bool:
    return finding.standing is Standing.UNPROVEN and finding.rule in DECIDED


def _decide(finding: Finding, context: Context, witness: Witness) -> Finding:
    built = witness.executable(finding.path)
    if built is None:
        name = posixpath.basename(finding.path)
        return replace(finding, cause=f"{finding.cause}; the rebuild gives no {name}", command="")
    distro = context.distro.read(finding.path)
    environment = " ".join(f"{key}={value}" for key, value in sorted(witness.environment.items()))
    evidence = Evidence(witness.key, witness.tool, environment, witness.network)
    rests_on = {*finding.rests_on, *changed_compilers(context)}
    proof = prove_witnessed(finding.path, distro, built, sorted(rests_on), evidence)
    if proof is None:
        return replace(
            finding,
            standing=Standing.UNEXPLAINED,
            rule="",
            cause="does not follow from the package's own sources and settings: "
            "rebuilt here, it comes out different",
            proof=None,
            where=where_differs(distro, built),
            command="",
        )
    return replace(
        finding,
        standing=proof.standing,
        rule=proof.rule,
        cause=proof.cause,
        proof=proof,
        rests_on=proof.rests_on,
        where="",
        command="",
    )
