"""Arch's package versions, the Go release in a version, and package file names.

Formats: PKGBUILD(5) (pkgver, pkgrel, epoch) and makepkg(8) (file names). The order is
libalpm's (vercmp(8)).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering
from urllib.parse import unquote

from samego.errors import InputError, UnknownReleaseError
from samego.model.release import Release
from samego_arch.package.alpm import compare_versions

# pkgver may hold no colon, slash, hyphen or white space (PKGBUILD(5)).
_VERSION = re.compile(
    r"(?:(?P<epoch>\d+):)?(?P<pkgver>[A-Za-z0-9._+~]+)-(?P<pkgrel>\d+(?:\.\d+)?)", re.ASCII
)
#: A pkgver that is a Go release: 1.24.9, 1.25rc1.
_RELEASE = re.compile(r"1\.\d{1,3}(?:\.\d{1,3}|(?:beta|rc)\d{1,3})?", re.ASCII)
_FILE = re.compile(
    r"(?P<name>[A-Za-z0-9@._+][A-Za-z0-9@._+-]*?)-(?P<version>(?:\d+:)?[A-Za-z0-9._+~]+-"
    r"\d+(?:\.\d+)?)-(?P<arch>[a-z0-9_]+)(?P<suffix>\.pkg\.tar(?:\.(?:zst|gz|xz))?)",
    re.ASCII,
)
#: How a package's file name ends.
SUFFIXES = (".pkg.tar.zst", ".pkg.tar.gz", ".pkg.tar.xz", ".pkg.tar")


@total_ordering
class ArchVersion:
    """A full version such as ``2:1.24.9-1``, ordered as libalpm orders versions."""

    __slots__ = ("epoch", "pkgrel", "pkgver", "text")

    def __init__(self, text: str) -> None:
        """Take a version apart. Raises InputError for what makepkg does not allow."""
        match = _VERSION.fullmatch(text)
        if match is None:
            raise InputError(
                f"{text[:80]!r} is not a version of an Arch package",
                hint="such a version is 2:1.24.9-1",
            )
        self.text = text
        self.epoch = int(match["epoch"] or 0)
        self.pkgver = match["pkgver"]
        self.pkgrel = match["pkgrel"]

    @property
    def release(self) -> Release | None:
        """The Go release that this version names, or None (snapshots, other schemes)."""
        if not _RELEASE.fullmatch(self.pkgver):
            return None
        try:
            return Release.parse(f"go{self.pkgver}")
        except UnknownReleaseError:
            return None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ArchVersion) and compare_versions(self.text, other.text) == 0

    def __lt__(self, other: ArchVersion) -> bool:
        return compare_versions(self.text, other.text) < 0

    def __hash__(self) -> int:
        # Equal versions can be spelled differently (1.0 and 1.00), but have one epoch.
        return hash(self.epoch)

    def __repr__(self) -> str:
        return f"ArchVersion({self.text!r})"

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class FileName:
    """A package's file name taken apart."""

    name: str
    version: str
    architecture: str
    suffix: str

    @classmethod
    def parse(cls, text: str) -> FileName | None:
        """Read ``go-2:1.27.0-1-x86_64.pkg.tar.zst``, the colon also as ``%3A``; else None."""
        match = _FILE.fullmatch(unquote(text) if "%" in text else text)
        if match is None:
            return None
        return cls(match["name"], match["version"], match["arch"], match["suffix"])

    def __str__(self) -> str:
        return f"{self.name}-{self.version}-{self.architecture}{self.suffix}"
