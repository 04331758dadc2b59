"""Debian versions, and the Go release in a version.

The release that is checked comes from the package's VERSION file. What is derived here
serves messages, and finding the source package that fits.
"""

from __future__ import annotations

import re
from functools import total_ordering

from debian.debian_support import NativeVersion

from samego.errors import InputError
from samego.model.release import Release

#: Policy 5.6.12: an upstream version begins with a digit. python-debian accepts more.
_ALLOWED = re.compile(r"(?:\d+:)?\d[A-Za-z0-9.+~:-]*", re.ASCII)
#: Added by a binary-only rebuild: the source stays as it is (dev-ref 5.10.2.1).
_BINARY_REBUILD = re.compile(r"\+b[1-9]\d*\Z", re.ASCII)
#: Go's release inside a Debian upstream version: 1.24.4, 1.21~rc2.
_UPSTREAM = re.compile(
    r"1\.(?P<minor>\d{1,4})(?:\.(?P<patch>\d{1,4})|~(?P<pre>beta|rc)(?P<number>\d{1,3}))?",
    re.ASCII,
)
#: Marks that a packager appends to the upstream version without changing the release.
_REPACKED = re.compile(r"\+(?:dfsg|ds|repack)[.\d]*\Z", re.ASCII)


@total_ordering
class DebianVersion:
    """A version such as ``1.24.4-1``, ``1.22.12-3~bpo12+1`` or ``2:1.15+dfsg-1+b2``.

    Ordered as dpkg orders versions (Debian Policy, section 5.6.12).
    """

    __slots__ = ("_order", "_upstream", "text")

    def __init__(self, text: str) -> None:
        """Take a version apart. Raises InputError for what Policy does not allow."""
        problem = InputError(f"{text!r} is not a Debian version", hint="such a version is 1.24.4-1")
        if not _ALLOWED.fullmatch(text):
            raise problem
        try:
            # NativeVersion: the same answers whether or not python3-apt is there.
            self._order = NativeVersion(text)
        except ValueError as error:
            raise problem from error
        self.text = text
        self._upstream: str = self._order.upstream_version or ""

    @property
    def source(self) -> str:
        """The source package's version: without the ``+bN`` of a binary-only rebuild."""
        return _BINARY_REBUILD.sub("", self.text)

    @property
    def upstream(self) -> str:
        """The upstream part: without epoch and Debian revision."""
        return self._upstream

    @property
    def release(self) -> Release | None:
        """The Go release that this version names, or None (snapshots, other schemes)."""
        upstream = self._upstream
        if not self._order.debian_revision:  # a native version carries +bN there
            upstream = _BINARY_REBUILD.sub("", upstream)
        upstream = upstream.rpartition("+really")[2]
        match = _UPSTREAM.fullmatch(_REPACKED.sub("", upstream))
        if match is None:
            return None
        return Release(
            int(match["minor"]),
            int(match["patch"] or 0),
            match["pre"] or "",
            int(match["number"] or 0),
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DebianVersion) and bool(self._order == other._order)

    def __lt__(self, other: DebianVersion) -> bool:
        return bool(self._order < other._order)

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"DebianVersion({self.text!r})"

    def __str__(self) -> str:
        return self.text


def nearest(wanted: DebianVersion, candidates: list[DebianVersion]) -> list[DebianVersion]:
    """Candidates in the order in which they are tried for ``wanted``.

    First older versions, from the newest down, then newer ones, from the oldest up: files are
    rarely removed from the packaging, so an older version's are likely to be in ``wanted`` too.
    """
    older = sorted((v for v in candidates if v <= wanted), reverse=True)
    newer = sorted(v for v in candidates if v > wanted)
    return older + newer
