"""Which posted file a local file is, by its bytes and not by its name."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from samego.errors import ContradictedError, InputError, UnknownReleaseError
from samego.model.release import TOOLCHAIN_MODULE, PostedName, Release, Target, parse_module_version
from samego.model.verification import Verification
from samego.system.hashing import sha256_file
from samego.upstream.channels.interface import Posted
from samego.upstream.checksums.authorities import (
    Authority,
    UnverifiedError,
    expected_sum,
    recognised,
)
from samego.upstream.checksums.module_zip import ModuleVerifier

#: What a report calls the channel of a file that the user named.
NAME = "file"


def sha256_of(path: Path) -> str:
    """The sha256 of a file, lower-case hex. Raises InputError when it cannot be read."""
    try:
        return sha256_file(path)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror})", hint="name a file that go.dev/dl posts"
        ) from error


def identify(
    path: Path,
    authorities: Iterable[Authority],
    verifier: ModuleVerifier,
    *,
    allow_unverified: bool = False,
    channel: str = NAME,
) -> Posted:
    """Find out which posted file this is, and verify it.

    With ``allow_unverified`` an unknown file is identified by its name. Raises
    ContradictedError when an authority states another sum for it, VerificationError when
    authorities contradict each other, UnverifiedError
    when no authority knows it, InputError for a file that is not an archive of go.dev/dl.
    """
    known = tuple(authorities)
    sha256 = sha256_of(path)
    opinion = recognised(sha256, known)
    if opinion.name:
        return _posted(path, sha256, opinion.name, opinion.verified, channel)
    if zipfile.is_zipfile(path):
        version = module_version_in(path)
        if version:
            found = verifier.verify(path, sha256, version)
            release, target = parse_module_version(version)
            url, ways, h1 = path.absolute().as_uri(), found.verified, found.h1
            posted = Posted(channel, "module", release, target, url, path, sha256, ways, h1)
            return replace(posted, log_proof=found.log_proof)
    stated = expected_sum(path.name, known)
    if stated.sha256:
        raise ContradictedError(
            f"{path.name} has sha256 {sha256}, but {stated.verified[0].rests_on} states"
            f" {stated.sha256} for that name",
            hint="do not use the file; download it again",
        )
    if not allow_unverified:
        raise UnverifiedError(
            f"cannot verify {path.name}: its sha256 {sha256} is in no known checksum source",
            hint="name a file as go.dev/dl posts it, or pass --allow-unverified",
            tried=tuple(error.cause for error in stated.unasked),
        )
    return _posted(path, sha256, path.name, (), channel)


def module_version_in(path: Path) -> str:
    """The version that a zip says it is of; empty for a zip of another module or of none.

    Whether all of it is of that version is the verifier's to find out.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            first = next(iter(archive.namelist()), "")
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise InputError(
            f"{path.name} is a damaged zip ({error})", hint="fetch it again"
        ) from error
    module, at, rest = first.partition("@")
    version, slash, _path = rest.partition("/")
    return version if at and slash and module == TOOLCHAIN_MODULE else ""


def check_is(posted: Posted, release: Release, target: Target | None) -> None:
    """Raise InputError unless a file is of this release, and of this target if it has one."""
    if posted.release != release or (posted.target is not None and posted.target != target):
        what = f"{posted.release} {posted.target or 'source'}"
        raise InputError(
            f"{posted.path.name} is {what}, not {release} {target or 'source'}",
            hint="name the file of the release and target under check",
        )


def _posted(
    path: Path, sha256: str, name: str, verified: tuple[Verification, ...], channel: str
) -> Posted:
    try:
        parts = PostedName.parse(name)
    except UnknownReleaseError as error:
        raise InputError(
            f"cannot identify {path.name}: its name and its sha256 are unknown",
            hint="rename it as go.dev/dl names it, such as go1.24.4.linux-amd64.tar.gz",
        ) from error
    if parts.suffix not in {"tar.gz", "zip"}:
        raise InputError(
            f"{name} is an installer, which holds more than the toolchain",
            hint="take the tar.gz or zip of the same release and target",
        )
    form = "archive" if parts.target else "source"
    url = path.absolute().as_uri()
    return Posted(channel, form, parts.release, parts.target, url, path, sha256, verified)
