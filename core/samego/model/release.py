"""Names of Go releases and targets, their order, and the names of their files.

Sources of the formats: go.dev/dl's index (golang/website, internal/dl), the
module form's names (cmd/go/internal/toolchain/select.go and cmd/distpack/pack.go)
and the order of releases (go/version, internal/gover).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering

from samego.errors import UnknownReleaseError

#: The module path of the toolchain's module form (cmd/go/internal/gover).
TOOLCHAIN_MODULE = "golang.org/toolchain"
_MODULE_VERSION_PREFIX = "v0.0.1-"

_RELEASE = re.compile(
    r"go(?P<major>1)(?:\.(?P<minor>0|[1-9]\d{0,3}))?"
    r"(?:\.(?P<patch>0|[1-9]\d{0,3})|(?P<pre>beta|rc)(?P<number>[1-9]\d{0,2}))?",
    re.ASCII,
)
_TARGET = re.compile(r"(?P<goos>[a-z][a-z0-9]*)-(?P<goarch>[a-z0-9]+)", re.ASCII)
_ARCHIVE = re.compile(
    r"(?P<release>go1[.0-9a-z]*?)\.(?:(?P<source>src)|(?P<target>[a-z0-9]+-[a-z0-9]+))"
    r"\.(?P<suffix>tar\.gz|zip|pkg|msi)",
    re.ASCII,
)
_PRE_RANK = {"beta": 0, "rc": 1}

#: The first minor whose binaries follow from the source.
_REPRODUCIBLE = 21
#: Minimum bootstrap by the first minor that needs it, newest first (go.dev/doc/install/source,
#: src/make.bash of each release).
_BOOTSTRAPS = (
    (26, "go1.24.6"),
    (24, "go1.22.6"),
    (22, "go1.20"),
    (20, "go1.17.13"),
    (5, "go1.4"),
)


@total_ordering
@dataclass(frozen=True, slots=True)
class Release:
    """A Go release: ``go1.24.4``, ``go1.21rc2``, ``go1.20`` (no ``.0`` up to 1.20).

    ``patch`` is 0 for a first release of a minor and for pre-releases; ``pre`` is
    ``"beta"``, ``"rc"`` or empty, with ``number`` its number.
    """

    minor: int
    patch: int = 0
    pre: str = ""
    number: int = 0

    @classmethod
    def parse(cls, text: str) -> Release:
        """Read a release as Go spells it (``go1.24.4``); a missing ``go`` is added.

        Raises UnknownReleaseError for any other spelling, including ``go1.21``
        (posted as go1.21.0) and ``go1.20.0`` (posted as go1.20).
        """
        name = text if text.startswith("go") else f"go{text}"
        match = _RELEASE.fullmatch(name)
        if match is None or match["minor"] is None:
            raise UnknownReleaseError(
                f"{text!r} is not a Go release", hint="write it as go1.24.4, go1.21rc2 or go1.20"
            )
        release = cls(
            int(match["minor"]),
            int(match["patch"] or 0),
            match["pre"] or "",
            int(match["number"] or 0),
        )
        if str(release) != name:
            raise UnknownReleaseError(
                f"{text!r} is not how Go spells this release", hint=f"write {release}"
            )
        return release

    @property
    def line(self) -> str:
        """The minor's name without ``go``: ``1.24``."""
        return f"1.{self.minor}"

    @property
    def reproducible(self) -> bool:
        """Whether upstream's binaries follow from its source (go.dev/blog/rebuild)."""
        return self.minor >= _REPRODUCIBLE

    @property
    def minimum_bootstrap(self) -> Release:
        """The oldest Go that can build this release with make.bash.

        Raises UnknownReleaseError for releases before 1.5, which a C compiler builds.
        """
        for first_minor, name in _BOOTSTRAPS:
            if self.minor >= first_minor:
                # go1.4 has no patch release in the table and go1.20 is spelled without .0.
                return Release.parse(name)
        raise UnknownReleaseError(
            f"{self} is not built by a Go toolchain", hint="use a release from go1.5 on"
        )

    def _key(self) -> tuple[int, int, int, int]:
        if self.pre:
            return (self.minor, -1, _PRE_RANK[self.pre], self.number)
        return (self.minor, self.patch, 0, 0)

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Release):
            return NotImplemented
        return self._key() < other._key()

    def __str__(self) -> str:
        if self.pre:
            return f"go1.{self.minor}{self.pre}{self.number}"
        if self.patch or self.minor >= 21:  # noqa: PLR2004 - go1.21.0 is the first with .0
            return f"go1.{self.minor}.{self.patch}"
        return f"go1.{self.minor}"


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """What a toolchain runs on: ``linux-amd64`` (GOOS-GOARCH)."""

    goos: str
    goarch: str

    @classmethod
    def parse(cls, text: str) -> Target:
        """Read ``GOOS-GOARCH`` or ``GOOS/GOARCH``; ``linux-armv6l`` is ``linux-arm``.

        Raises UnknownReleaseError for any other spelling.
        """
        match = _TARGET.fullmatch(text.replace("/", "-"))
        if match is None:
            raise UnknownReleaseError(
                f"{text!r} is not a Go target", hint="write GOOS-GOARCH, such as linux-amd64"
            )
        goarch = "arm" if match["goarch"] == "armv6l" else match["goarch"]
        return cls(match["goos"], goarch)

    @property
    def posted_arch(self) -> str:
        """The architecture as go.dev/dl's file names spell it (linux/arm is ``armv6l``)."""
        return "armv6l" if (self.goos, self.goarch) == ("linux", "arm") else self.goarch

    @property
    def posted(self) -> str:
        """``GOOS-ARCH`` as go.dev/dl's file names spell it."""
        return f"{self.goos}-{self.posted_arch}"

    @property
    def tool_directory(self) -> str:
        """The target's directory below GOROOT that holds the tools."""
        return f"pkg/tool/{self.goos}_{self.goarch}"

    def __str__(self) -> str:
        return f"{self.goos}-{self.goarch}"


@dataclass(frozen=True, slots=True)
class PostedName:
    """A file name of go.dev/dl taken apart; ``target`` is None for the source archive."""

    release: Release
    target: Target | None
    suffix: str

    @classmethod
    def parse(cls, name: str) -> PostedName:
        """Read ``go1.24.4.linux-amd64.tar.gz`` or ``go1.24.4.src.tar.gz``.

        Raises UnknownReleaseError for a name that go.dev/dl would not give.
        """
        match = _ARCHIVE.fullmatch(name)
        if match is None:
            raise UnknownReleaseError(
                f"{name!r} is not a file name of go.dev/dl",
                hint="such a name is go1.24.4.linux-amd64.tar.gz or go1.24.4.src.tar.gz",
            )
        target = Target.parse(match["target"]) if match["target"] else None
        return cls(Release.parse(match["release"]), target, match["suffix"])

    def __str__(self) -> str:
        middle = self.target.posted if self.target else "src"
        return f"{self.release}.{middle}.{self.suffix}"


def archive_name(release: Release, target: Target) -> str:
    """The binary archive's file name at go.dev/dl: a zip for windows, else tar.gz."""
    return str(PostedName(release, target, "zip" if target.goos == "windows" else "tar.gz"))


def installer_name(release: Release, target: Target) -> str:
    """The installer's file name at go.dev/dl; empty for systems that none is posted for."""
    suffix = {"darwin": "pkg", "windows": "msi"}.get(target.goos)
    return str(PostedName(release, target, suffix)) if suffix else ""


def source_name(release: Release) -> str:
    """The source archive's file name at go.dev/dl."""
    return str(PostedName(release, None, "tar.gz"))


def module_version(release: Release, target: Target) -> str:
    """The module form's version: ``v0.0.1-go1.24.4.linux-amd64`` (linux/arm stays ``arm``)."""
    return f"{_MODULE_VERSION_PREFIX}{release}.{target}"


def parse_module_version(version: str) -> tuple[Release, Target]:
    """Take a module form's version apart.

    Raises UnknownReleaseError for a version that is not the toolchain module's.
    """
    name, dot, target = version.removeprefix(_MODULE_VERSION_PREFIX).rpartition(".")
    if not dot or not version.startswith(_MODULE_VERSION_PREFIX):
        raise UnknownReleaseError(
            f"{version!r} is not a version of {TOOLCHAIN_MODULE}",
            hint="such a version is v0.0.1-go1.24.4.linux-amd64",
        )
    return Release.parse(name), Target.parse(target)
