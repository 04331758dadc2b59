"""The VERSION file of a GOROOT: which release a toolchain says it is.

Its first line is what cmd/dist compiles into the executables (cmd/dist/build.go,
findgoversion), and the go command reads a release from that as
cmd/go/internal/gover.FromToolchain does: after ``go``, up to a space, a tab or a hyphen. What
follows is a vendor's or an experiment's suffix: ``go1.26.10-bigcorp``,
``go1.26.10 X:nodwarf5``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from samego.errors import UnknownReleaseError
from samego.model.release import Release

NAME = "VERSION"
#: The longest VERSION file that is read; upstream's has 35 bytes.
MAX_SIZE = 4096
_SHOWN = 80
_SUFFIX = re.compile(r"[ \t-]")


@dataclass(frozen=True, slots=True)
class StatedVersion:
    """The first line of a VERSION file; ``suffix`` is what follows the release."""

    text: str
    release: Release
    suffix: str


def read_version(data: bytes, *, name: str) -> StatedVersion:
    """What a VERSION file says; ``name`` is the toolchain's in messages.

    Raises UnknownReleaseError where the go command would read no release that was posted: a
    development version, a path, nothing at all.
    """
    text = data[:MAX_SIZE].split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    place = match.start() if (match := _SUFFIX.search(text)) else len(text)
    release = _release(text[:place])
    if release is None or "/" in text or "\\" in text:
        content = f"says {text[:_SHOWN]!r}" if text else "is empty"
        raise UnknownReleaseError(
            f"the VERSION file of {name} {content}, which names no release of Go",
            hint="name upstream's release with --release",
        )
    return StatedVersion(text, release, text[place:])


def _release(text: str) -> Release | None:
    if not text.startswith("go"):
        return None
    try:
        return Release.parse(text)
    except UnknownReleaseError:
        return None
