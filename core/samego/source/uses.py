"""What an opaque file can become part of: a program, the toolchain, or a test alone.

Source: go/build (matchFile and goodOSArchFile; directories that begin with ``_`` or ``.`` and
those named testdata hold no packages), and cmd/go for ``.syso`` files and ``//go:embed``. What
none of these nor opaque.toml accounts for is of unknown use.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from samego.source.policy import table
from samego.source.result import Use

_SYSO = ".syso"
_SOURCE = "src/"


class Used(NamedTuple):
    """A use, and for what is linked or embedded the package and what decides it."""

    use: Use
    package: str = ""
    constraint: str = ""


def use_of(path: str, embedding: Mapping[str, str]) -> Used:
    """What the file at ``path`` can become part of.

    ``embedding`` has the directory of the package that embeds a path.
    """
    for row in table("opaque")["use"]:
        if fnmatchcase(path, row["path"]):
            return Used(Use(row["use"]), "", row["constraint"])
    if path in embedding:
        return Used(Use.EMBEDDED, embedding[path].removeprefix(_SOURCE))
    directory = posixpath.dirname(path)
    if is_test_data(path):
        return Used(Use.TEST_DATA)
    if path.startswith(_SOURCE) and path.endswith(_SYSO):
        return Used(Use.LINKED, directory.removeprefix(_SOURCE), _linked_when(path))
    return Used(Use.UNKNOWN)


def is_test_data(path: str) -> bool:
    """Whether a path lies where no package's sources do, or where tests of the compiler do."""
    parts = path.split("/")[:-1]
    return parts[:1] == ["test"] or any(
        part == "testdata" or part.startswith(("_", ".")) for part in parts
    )


def _linked_when(path: str) -> str:
    """What a build must be for to link the file: by its directory, then by its name."""
    wanted = [
        row["constraint"]
        for row in table("opaque")["linked"]
        if path.startswith(f"{row['directory']}/")
    ]
    words = posixpath.basename(path).removesuffix(_SYSO).split("_")
    goos, goarch = table("opaque")["goos"], table("opaque")["goarch"]
    if len(words) > 2 and words[-2] in goos and words[-1] in goarch:  # noqa: PLR2004 - NAME_GOOS_GOARCH
        wanted.append(f"{words[-2]}-{words[-1]}")
    elif len(words) > 1 and (words[-1] in goos or words[-1] in goarch):
        wanted.append(words[-1])
    return ", ".join(wanted)
