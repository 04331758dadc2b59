"""What is said of a broken pin: what fails because of it, and the command that shows it.

Commands call the go that the package itself has, and nothing of another one's settings reaches
it: whoever pastes them may have any Go on the PATH. Names come from the package or from a
stranger's report, so that each is quoted.
"""

from __future__ import annotations

import functools
import posixpath
import shlex
from dataclasses import dataclass

from samego.model.failures import (
    FipsBuild,
    NoPin,
    SentFile,
    SnapshotScript,
    ToldFailure,
    UncheckedSum,
)
from samego.model.finding import MISSING, Consequence, Side
from samego.model.value import Failure

#: Other settings than the toolchain's own: another GOROOT, a toolchain to switch to, go env -w.
_ITS_OWN = "GOENV=off GOROOT= GOTOOLCHAIN=local"

#: The smallest program, as a word for printf.
_PROGRAM = r"'package main\nfunc main() {}\n'"


@dataclass(frozen=True, slots=True)
class _Broken:
    """Where a broken pin is. ``goroot`` is absolute, or empty: then the PATH's go says."""

    goroot: str
    pinned_in: str

    @property
    def go(self) -> str:
        """The toolchain's go command, with nothing but its own settings."""
        return f"{_ITS_OWN} {self.quoted('bin/go') if self.goroot else 'go'}"

    def quoted(self, path: str) -> str:
        """A path below GOROOT as a word of a command line."""
        if not self.goroot:
            return f'"$(go env GOROOT)"/{shlex.quote(path)}'
        return shlex.quote(posixpath.join(self.goroot, path))


def sentence(consequence: Consequence) -> str:
    """One sentence for a bug report: which pin does not hold, and what follows."""
    if isinstance(consequence.failure, ToldFailure):
        return consequence.failure.sentence
    if isinstance(consequence.failure, NoPin):
        return f"{consequence.pinned_in} has a line that pins nothing: {consequence.failure.line}."
    upstreams = consequence.side is Side.UPSTREAM
    subject = f"upstream's {consequence.path}" if upstreams else consequence.path
    kind = "h1 hash" if consequence.pinned.startswith("h1:") else "SHA-256"
    missing = consequence.actual == MISSING
    has = f"{subject} is missing" if missing else f"{subject} has {kind} {consequence.actual}"
    whose = "upstream's " if consequence.pinned_by is not consequence.side else ""
    pins = f"{whose}{consequence.pinned_in} pins {consequence.pinned}"
    return f"{has}, but {pins}: {_follows(consequence.failure)}."


def command(consequence: Consequence, goroot: str) -> str:
    """The command that shows it; empty where none is known.

    ``goroot`` is where the toolchain lies, absolute, or empty: then it is the one on the PATH.
    """
    return _command(consequence.failure, _Broken(goroot, consequence.pinned_in))


@functools.singledispatch
def broken(failure: Failure) -> str:
    """What fails, as what a user would type; empty where only a sentence is known.

    Raises NotImplementedError for a kind without words.
    """
    raise NotImplementedError(failure.kind)


@functools.singledispatch
def _follows(failure: Failure) -> str:
    raise NotImplementedError(failure.kind)


@functools.singledispatch
def _command(failure: Failure, _where: _Broken) -> str:
    raise NotImplementedError(failure.kind)


@broken.register
def _(failure: FipsBuild) -> str:
    return f"GOFIPS140={shlex.quote(failure.snapshot)} go build"


@_follows.register
def _(failure: FipsBuild) -> str:
    return (
        f"building with GOFIPS140={failure.snapshot} fails, because cmd/go checks {failure.zip}"
        " against that file before it unpacks it"
    )


@_command.register
def _(failure: FipsBuild, where: _Broken) -> str:
    # A module cache of its own: a snapshot that is unpacked already is not checked again.
    return (
        f'cd "$(mktemp -d)" && printf {_PROGRAM} >main.go &&'
        f' GOMODCACHE="$PWD/mod" GOFLAGS=-modcacherw'
        f" GOFIPS140={shlex.quote(failure.snapshot)}"
        f" {where.go} build main.go"
    )


@broken.register
def _(failure: UncheckedSum) -> str:
    return f"go test {shlex.quote(failure.package)}"


@_follows.register
def _(failure: UncheckedSum) -> str:
    return (
        "cmd/go of this release does not check it, but that file says that the zip files must not"
        f" change, and 'go test {failure.package}' fails"
    )


@_command.register
def _(failure: UncheckedSum, where: _Broken) -> str:
    directory, name = posixpath.split(where.pinned_in)
    return (
        f"cd {where.quoted(directory)} && grep -F {shlex.quote(failure.zip)} {shlex.quote(name)} &&"
        f" sha256sum {shlex.quote(failure.zip)}"
    )


@broken.register
def _(failure: SentFile) -> str:
    return f"go test {shlex.quote(failure.package)}"


@_follows.register
def _(failure: SentFile) -> str:
    return (
        f"'go test {failure.package}' fails, because its tests send this file and check what"
        " arrives"
    )


@_command.register
def _(failure: SentFile, where: _Broken) -> str:
    return f"{where.go} test -run {shlex.quote(failure.test)} {shlex.quote(failure.package)}"


@broken.register
def _(failure: SnapshotScript) -> str:
    return f"go test {shlex.quote(failure.package)}"


@_follows.register
def _(failure: SnapshotScript) -> str:
    return (
        f"'go test {failure.package}' fails, because the script {failure.script} expects other"
        " contents of this snapshot"
    )


@_command.register
def _(failure: SnapshotScript, where: _Broken) -> str:
    script = shlex.quote(f"Script/{failure.script}")
    return f"{where.go} test -run {script} {shlex.quote(failure.package)}"


@broken.register
def _(_failure: NoPin) -> str:
    return ""


@_command.register
def _(_failure: NoPin, where: _Broken) -> str:
    return f"cat {where.quoted(where.pinned_in)}"


@broken.register
def _(_failure: ToldFailure) -> str:
    return ""


@_command.register
def _(_failure: ToldFailure, _where: _Broken) -> str:
    # It came as it stands, maybe from a stranger: nothing says what it would run.
    return ""
