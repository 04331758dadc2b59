"""Whether a package's own statements name one release, and what else it contains.

A package's name, its version, the place of GOROOT, VERSION and the executables each say which
Go it is. Package managers upgrade by the version, and people read the name: an old Go with
known holes that calls itself a new one is no lesser lie than a changed file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from samego.compare.pairing import Pairing
from samego.distro.interface import SelfDescription, Statement
from samego.formats.executable.buildinfo import read_build_info
from samego.formats.executable.elf import parse
from samego.formats.executable.elf_values import ElfError
from samego.model.causes.packages import BuiltAsOther, OtherRelease
from samego.model.finding import Finding, Side, unexplained
from samego.model.release import Release
from samego.model.tree import Kind

#: The kind of a finding about a contradiction.
KIND = "identity"
_COMMAND = "bin/go"


def judge_self_description(own: SelfDescription, pairing: Pairing) -> Iterator[Finding]:
    """A finding for each contradiction, and for each remark of the distro's plugin."""
    if own.release is not None:
        for statement in own.statements:
            if (other := _contradicts(statement, own.release)) is not None:
                yield unexplained(statement.path, Side.DISTRO, KIND, other)
        built = _built_as(pairing)
        if built and built != str(own.release):
            cause = BuiltAsOther(str(own.release), _COMMAND, built)
            yield unexplained(_COMMAND, Side.DISTRO, KIND, cause)
    for remark in own.remarks:
        yield Finding(
            remark.path,
            remark.standing,
            Side.DISTRO,
            remark.kind,
            rule=remark.proof.rule if remark.proof else "",
            causes=remark.causes,
            proof=remark.proof,
            where=remark.where,
        )


def _contradicts(statement: Statement, release: Release) -> OtherRelease | None:
    """What a statement says against the release of the files; None where it agrees."""
    other = OtherRelease(statement.what, statement.text, str(release))
    if statement.release is not None:
        return None if statement.release == release else other
    if statement.line:
        return None if statement.line == release.line else other
    return replace(other, nameless=True)


def _built_as(pairing: Pairing) -> str:
    """The release that bin/go was built as; empty where that is not recorded.

    Upstream's own file is not read: its bytes are verified already.
    """
    mine, theirs = pairing.distro.get(_COMMAND), pairing.upstream.get(_COMMAND)
    if mine is None or mine.kind is not Kind.FILE or (theirs and theirs.sha256 == mine.sha256):
        return ""
    try:
        info = read_build_info(parse(pairing.distro.read(_COMMAND)))
    except ElfError:
        return ""  # it is no executable of Go: its own finding says so
    return info.release if info is not None else ""
