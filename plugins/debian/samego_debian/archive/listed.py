"""What a mirror lists of one toolchain: packages and files, stored and sealed beside the lists."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from samego.errors import InputError
from samego.system import atomic
from samego.system.seal import Seal
from samego_debian.version import DebianVersion

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ORIG = re.compile(r"\.orig\.tar\.(?:gz|xz|bz2)\Z")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+~_-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file that the mirror's lists name."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A binary package that the lists name; ``source`` is its source package's version."""

    package: str
    version: str
    source: str
    file: ListedFile


@dataclass
class SuiteAnswer:
    """What a mirror says of one toolchain; ``not_served`` are digests that answered 404."""

    packages: list[Listed] = field(default_factory=list)
    sources: dict[str, list[ListedFile]] = field(default_factory=dict)
    not_served: list[str] = field(default_factory=list)


def read_package(row: Mapping[str, str]) -> Listed:
    """A paragraph of a Packages file."""
    version = row["Version"]
    source = row.get("Source", "").partition(" ")[2].strip("() ")
    name = row["Filename"].rpartition("/")[2]
    return Listed(
        row["Package"],
        version,
        source or DebianVersion(version).source,
        listed_file(name, row["SHA256"], row["Size"]),
    )


def listed_file(name: str, sha256: str, size: str | int) -> ListedFile:
    """A file of a list. Raises InputError for a name that the cache cannot use."""
    if not _FILE.fullmatch(name) or not _SHA256.fullmatch(sha256):
        raise InputError(f"the mirror lists a file {name[:80]!r}", hint="use another mirror")
    return ListedFile(name, sha256, int(size))


def is_orig(name: str) -> bool:
    """Whether a source package's file is upstream's archive (and not its signature)."""
    return _ORIG.search(name) is not None


def is_packaging(name: str) -> bool:
    """Whether a source package's file holds debian/."""
    return ".debian.tar." in name


def load_answer(path: Path, question: bytes) -> SuiteAnswer | None:
    """The answer that :func:`keep_answer` wrote for this question, else None.

    An answer that another user wrote, or that was changed since, does not count.
    """
    try:
        seal, _, body = path.read_bytes().partition(b"\n")
        if not Seal().holds(seal.decode("ascii", "replace"), question + body):
            return None
        data = json.loads(body)
        return SuiteAnswer(
            [Listed(**{**row, "file": listed_file(**row["file"])}) for row in data["packages"]],
            {v: [listed_file(**file) for file in files] for v, files in data["sources"].items()},
            list(data["not_served"]),
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None


def keep_answer(path: Path, question: bytes, answer: SuiteAnswer) -> None:
    """Write an answer, sealed together with its question. Raises OSError."""
    data: dict[str, Any] = asdict(answer)
    body = json.dumps(data).encode()
    sealed = Seal().of(question + body).encode() + b"\n" + body
    atomic.write(path, sealed, mode=atomic.PRIVATE)
