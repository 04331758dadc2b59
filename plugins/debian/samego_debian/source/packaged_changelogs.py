"""The changelogs that packages must carry, derived from their source package's.

dh_installchangelogs copies debian/changelog into every package and may leave older entries
out; dh_compress compresses it. Only how much was left out is taken from the packages; every byte
that they keep must be the source package's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from samego.errors import InputError
from samego.model.tree import Kind, Tree
from samego_debian.source import changelog
from samego_debian.source.source_package import SourcePackage
from samego_debian.version import DebianVersion

#: A larger changelog is not read to learn what it keeps; none of Debian's is.
_LARGEST = 1 << 20


def path_of(package: str) -> str:
    """Where a package's changelog lies in the payload."""
    return f"usr/share/doc/{package}/changelog.Debian.gz"


@dataclass(frozen=True, slots=True)
class PackagedChangelogs:
    """Derives the changelogs of the ``packages`` that were built as ``name`` ``version``."""

    source: SourcePackage
    name: str
    version: DebianVersion
    packages: Iterable[str]

    def __call__(self, payload: Tree) -> tuple[Mapping[str, str], frozenset[str]]:
        """The sha256 that each changelog of the payload must have, by path.

        And the paths whose sha256 cannot be computed, because gzip is not installed here.
        """
        expected: dict[str, str] = {}
        undecided: set[str] = set()
        text = self._text()
        for package in self.packages if text is not None else ():
            path = path_of(package)
            entry = payload.get(path)
            if text is None or entry is None or entry.kind is not Kind.FILE:
                continue
            kept = _kept(payload, path, package, text)
            packed = changelog.compress(changelog.packaged_changelog(package, text, kept))
            if packed is None:
                undecided.add(path)
            else:
                expected[path] = hashlib.sha256(packed).hexdigest()
        return expected, frozenset(undecided)

    def _text(self) -> bytes | None:
        """The changelog as it was for the packages' version; None where this one is older.

        A newer source package still has every entry of an older one.
        """
        text = self.source.files["changelog"]
        if self.source.exact(self.name, self.version):
            return text
        top = re.escape(f"{self.name} ({self.version.source}) ".encode())
        found = re.search(rb"^" + top, text, re.MULTILINE)
        return text[found.start() :] if found else None


def _kept(payload: Tree, path: str, package: str, full: bytes) -> int:
    """How much of the changelog a package keeps: all, where its text is not a beginning of it."""
    if payload[path].size > _LARGEST:
        return len(full)
    payload.load([path])
    try:
        text = changelog.unpack(payload.read(path), name=path)
    except InputError:
        return len(full)  # it has no possible length: its digest will differ from any
    kept = changelog.kept_entries(text, package, full)
    return len(full) if kept is None else kept
