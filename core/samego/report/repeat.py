"""The command that repeats a proof: with the tool itself where it is that simple."""

from __future__ import annotations

import posixpath
import shlex

from samego.model.finding import Finding
from samego.model.proof import Proof
from samego.model.report import Report
from samego.rules import nondeterminism_stripped, reference_build


def repeat(finding: Finding, report: Report) -> str:
    """A shell command that repeats a finding's proof, or shows that it differs.

    What it names (the report as ``report.json``, the packages, upstream's file) is to be
    put where it is run.
    """
    proof = finding.proof
    if proof is not None and proof.rule == nondeterminism_stripped.NAME:
        return _strip_nondeterminism(finding, proof)
    rebuild = " --rebuild" if finding.rule == reference_build.NAME else ""
    return verify_command(report, rebuild)


def verify_command(report: Report, options: str = "") -> str:
    """The command that replays the whole report."""
    names = [package.name for package in report.subject.packages if package.sha256]
    files = " ".join(shlex.quote(f"{name}_FILE") if _odd(name) else f"{name}*" for name in names)
    return f"samego verify{options} report.json {files or 'DIRECTORY'}"


def _strip_nondeterminism(finding: Finding, proof: Proof) -> str:
    kind = shlex.quote(str(proof.details.get("handler", "")))
    when = shlex.quote(str(proof.details.get("canonical_time", "")))
    path = shlex.quote(f"go/{finding.path}")
    name = shlex.quote(posixpath.basename(finding.path))
    return (
        f"cp {path} . && strip-nondeterminism --type {kind} --timestamp {when} {name}"
        f" && sha256sum {name}  # {proof.digest}"
    )


def _odd(name: str) -> bool:
    return shlex.quote(name) != name
