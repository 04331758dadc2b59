"""Whether all that a package says of itself is of one release, and what else it brings.

A package's name, its version, the place of GOROOT, VERSION and the executables each say which
Go it is. Package managers upgrade by the version, and people go by the name: an old Go with
known holes that calls itself a new one is no lesser lie than a changed file.
"""

from __future__ import annotations

from collections.abc import Iterator

from samego.compare.pairing import Pairing
from samego.distro.interface import SelfDescription, Statement
from samego.formats.executable.buildinfo import read_build_info
from samego.formats.executable.elf import parse
from samego.formats.executable.elf_values import ElfError
from samego.model.finding import Finding, Side, unexplained
from samego.model.release import Release
from samego.model.tree import Kind

#: The kind of a finding about a contradiction.
KIND = "identity"
_COMMAND = "bin/go"


def judge_told(told: SelfDescription, pairing: Pairing) -> Iterator[Finding]:
    """A finding for each contradiction, and for each remark of the distro's plugin."""
    if told.release is not None:
        for statement in told.statements:
            if (cause := _contradicts(statement, told.release)) is not None:
                yield unexplained(statement.path, Side.DISTRO, KIND, cause)
        built = _built_as(pairing)
        if built and built != str(told.release):
            cause = f"the files say {told.release} (VERSION), {_COMMAND} says {built}"
            yield unexplained(_COMMAND, Side.DISTRO, KIND, cause)
    for remark in told.remarks:
        yield Finding(
            remark.path,
            remark.standing,
            Side.DISTRO,
            remark.kind,
            rule=remark.proof.rule if remark.proof else "",
            cause=remark.cause,
            proof=remark.proof,
            where=remark.where,
        )


def _contradicts(statement: Statement, release: Release) -> str | None:
    """What a statement says against the release of the files; None where it agrees."""
    said = f"{statement.what} is {statement.text}"
    if statement.release is not None:
        return None if statement.release == release else f"{said}, its files are {release}"
    if statement.line:
        return None if statement.line == release.line else f"{said}, its files are {release}"
    return f"{said}, which names no release of Go; its files are {release}"


def _built_as(pairing: Pairing) -> str:
    """The release that bin/go was built as; empty where it does not tell.

    One that is upstream's own needs no look: its bytes are vouched for.
    """
    mine, theirs = pairing.distro.get(_COMMAND), pairing.upstream.get(_COMMAND)
    if mine is None or mine.kind is not Kind.FILE or (theirs and theirs.sha256 == mine.sha256):
        return ""
    try:
        info = read_build_info(parse(pairing.distro.read(_COMMAND)))
    except ElfError:
        return ""  # it is no executable of Go: its own finding says so
    return info.release if info is not None else ""
