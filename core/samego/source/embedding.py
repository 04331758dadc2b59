"""What a ``//go:embed`` pattern takes in.

Source: cmd/go/internal/load/pkg.go (resolveEmbed): a pattern is a glob, relative to its
package's directory; a directory stands for all files below it but those whose names begin with
``.`` or ``_``, unless ``all:`` stands before the pattern.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator


def embedded(directory: str, patterns: Iterable[str], paths: Iterable[str]) -> Iterator[str]:
    """The paths that the patterns of a package in ``directory`` take in."""
    prefix = f"{directory}/" if directory else ""
    below = [path[len(prefix) :] for path in paths if path.startswith(prefix)]
    for raw in patterns:
        everything = raw.startswith("all:")
        pattern = raw.removeprefix("all:").rstrip("/")
        for path in below:
            if _takes(pattern, path, everything=everything):
                yield f"{prefix}{path}"


def _takes(pattern: str, path: str, *, everything: bool) -> bool:
    if pattern == ".":
        return everything or not _hidden(path.split("/"))
    wanted, parts = pattern.split("/"), path.split("/")
    if len(parts) < len(wanted):
        return False
    if not all(fnmatch.fnmatchcase(part, glob) for part, glob in zip(parts, wanted, strict=False)):
        return False
    return everything or not _hidden(parts[len(wanted) :])


def _hidden(parts: Iterable[str]) -> bool:
    return any(part.startswith((".", "_")) for part in parts)
