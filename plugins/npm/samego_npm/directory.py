"""A package that is unpacked: by npm into node_modules, or by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

MANIFEST = "package.json"
_MODULES = "node_modules"
#: The directory that a package is packed as.
_PACKED = "package"
#: How deep in a package GOROOT is looked for (bin/go, vendor/go, dist/linux/go).
_DEPTH = 3


def root_of(directory: Path) -> Path | None:
    """The unpacked package, where ``directory`` is one or the GOROOT of one; else None.

    A directory is a package where npm would look for one: below node_modules, or named as the
    package was packed. Anything else with a package.json may be a user's own project.
    """
    directory = directory.resolve()
    for candidate in (directory, *list(directory.parents)[:_DEPTH]):
        if not (candidate / MANIFEST).is_file():
            continue
        if candidate != directory and not _is_goroot(directory):
            return None
        placed = candidate.name == _PACKED or _MODULES in candidate.parts
        return candidate if placed and any(_goroots(candidate, _DEPTH)) else None
    return None


def _goroots(directory: Path, depth: int) -> Iterator[Path]:
    if _is_goroot(directory):
        yield directory
    elif depth:
        for path in directory.iterdir():
            if path.is_dir() and not path.is_symlink() and path.name != _MODULES:
                yield from _goroots(path, depth - 1)


def _is_goroot(path: Path) -> bool:
    return (path / "VERSION").is_file() and (path / "pkg/tool").is_dir()
