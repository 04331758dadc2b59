"""The names that a module zip may hold: what the go command refuses to unpack is refused.

Source: golang.org/x/mod/zip (checkZip and Unzip, whose limits are these) and
golang.org/x/mod/module (CheckFilePath), which cmd/go uses from go1.21 to go1.27.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from samego.errors import HostileArchiveError
from samego.formats.archive.paths import hostile

#: Bytes of all files together, of the go.mod and of the LICENSE in the module's root.
MAX_TOTAL, MAX_GO_MOD, MAX_LICENSE = 500 << 20, 16 << 20, 16 << 20

_PUNCTUATION = frozenset("!#$%&()+,-.=@[]^_{}~ ")
#: Names that Windows gives to devices, whatever follows the first dot.
_DEVICES = frozenset(
    (
        "con",
        "prn",
        "aux",
        "nul",
        *(f"{name}{digit}" for name in ("com", "lpt") for digit in range(1, 10)),
    )
)


def check_module_names(sizes: Mapping[str, int], prefix: str, *, name: str) -> None:
    """Refuse a module zip that the go command would not unpack.

    ``sizes`` are the members' sizes in bytes by their raw names, ``prefix`` is
    ``MODULE@VERSION/``. Raises HostileArchiveError.
    """
    folded: dict[str, tuple[str, bool]] = {}
    if sum(sizes.values()) > MAX_TOTAL:
        raise hostile(name, f"unpacks to more than the {MAX_TOTAL} bytes that a module may have")
    for raw, size in sizes.items():
        if not raw.startswith(prefix):
            raise hostile(name, f"has {raw[:80]!r} outside {prefix}")
        path = raw[len(prefix) :]
        if not path:
            continue
        directory = path.endswith("/")
        if directory:
            path = path[:-1]
            if size:
                raise hostile(name, f"has the directory {path[:80]!r} with {size} bytes in it")
        _check_path(path, directory=directory, name=name)
        _check_collisions(folded, path, directory=directory, name=name)
        _check_special(path, size, directory=directory, name=name)


def _check_path(path: str, *, directory: bool, name: str) -> None:
    if posixpath.normpath(path) != path or path.startswith(("/", "..")):
        raise hostile(name, f"has a member named {path[:80]!r}")
    if directory:
        return
    for element in path.split("/"):
        stem = element.partition(".")[0].lower()
        if element.strip(".") == "" or element.endswith(".") or stem in _DEVICES:
            raise _refused(name, path)
        if not element.isascii():
            if not all(
                char in _PUNCTUATION or char.isalpha() or _is_digit(char) for char in element
            ):
                raise _refused(name, path)
        elif not element.isalnum() and not all(
            char in _PUNCTUATION or char.isalnum() for char in element
        ):
            raise _refused(name, path)


def _is_digit(char: str) -> bool:
    return char.isascii() and char.isdigit()


def _check_collisions(
    folded: dict[str, tuple[str, bool]], path: str, *, directory: bool, name: str
) -> None:
    """No two names that differ in case alone, and no name both a file's and a directory's."""
    while path:
        key = path.casefold()
        other = folded.get(key)
        if other == (path, True) and directory:
            return
        if other is not None:
            raise hostile(
                name, f"has {path[:80]!r} beside {other[0][:80]!r}: one file for some systems"
            )
        folded[key] = (path, directory)
        path, directory = posixpath.dirname(path), True


def _check_special(path: str, size: int, *, directory: bool, name: str) -> None:
    base = posixpath.basename(path)
    if base.lower() == "go.mod" and not directory:
        if path != "go.mod":
            raise hostile(name, f"has {path[:80]!r}, which would be another module")
        if size > MAX_GO_MOD:
            raise hostile(name, f"has a go.mod of {size} bytes")
    if path == "LICENSE" and size > MAX_LICENSE:
        raise hostile(name, f"has a LICENSE of {size} bytes")


def _refused(name: str, path: str) -> HostileArchiveError:
    return hostile(name, f"has {path[:80]!r}, a name that the go command refuses to unpack")
