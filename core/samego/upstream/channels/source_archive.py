"""The source archive of a release: what the module form leaves out is compared with it.

A distro often has exactly that file: Debian's golang-1.24 orig tarball is go1.24.4.src.tar.gz.
Only its sha256 decides; a repacked tarball is another file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from samego.errors import NetworkError, NotPostedError
from samego.model.release import Release, source_name
from samego.upstream.channels.interface import Channel, Posted
from samego.upstream.checksums.authorities import Authority, UnverifiedError, expected_sum
from samego.upstream.checksums.identify import sha256_of

#: What a report calls the channel of a source archive that the distro carries.
NAME = "the distro's source package"


@dataclass(frozen=True, slots=True)
class SourceSearch:
    """The archive or None, and one line for each candidate that was rejected."""

    posted: Posted | None
    notes: tuple[str, ...]


def source_archive(
    release: Release,
    channels: Iterable[Channel],
    candidates: Iterable[Path],
    authorities: Sequence[Authority],
) -> SourceSearch:
    """Find a release's source archive among the given files, then in the channels.

    A candidate counts only when its sha256 is the one that the authorities give for the
    source archive. Raises VerificationError when authorities disagree or a channel serves
    wrong bytes, InputError when a candidate cannot be read.
    """
    notes: list[str] = []
    files = [path for path in candidates if path.is_file()]
    opinion = expected_sum(source_name(release), authorities if files else ())
    for path in files:
        if not opinion.sha256:
            notes.append(f"cannot verify {path.name}: no checksum source states its sum")
        elif sha256_of(path) != opinion.sha256:
            notes.append(f"{path.name} is not {opinion.name}: its sha256 differs")
        else:
            url = path.absolute().as_uri()
            posted = Posted(
                NAME, "source", release, None, url, path, opinion.sha256, opinion.verified
            )
            return SourceSearch(posted, tuple(notes))
    for channel in channels:
        given = _attempt(channel, release)
        if isinstance(given, Posted):
            return SourceSearch(given, tuple(notes))
        notes.append(f"{channel.name}: {given.cause}")
    return SourceSearch(None, tuple(notes))


def _attempt(
    channel: Channel, release: Release
) -> Posted | NetworkError | NotPostedError | UnverifiedError:
    try:
        return channel.fetch_source(release)
    except (NetworkError, NotPostedError, UnverifiedError) as error:
        return error
