"""Member names of archives: cleaned, or refused."""

from __future__ import annotations

import re
from collections.abc import Mapping

from samego.errors import HostileArchiveError, InputError
from samego.formats.archive.limits import ArchiveLimits
from samego.model.tree import Entry, Kind

#: What makes a path unclean: a NUL, or a part that is empty, ``.`` or ``..``.
LEADS_ELSEWHERE = re.compile(r"\0|//|^/|(?:^|/)\.{1,2}(?:/|\Z)")
#: The same, or a backslash.
_UNCLEAN = re.compile(rf"\\|{LEADS_ELSEWHERE.pattern}")
_HINT = "do not install it; get the file again from its source"


def hostile(name: str, what: str) -> HostileArchiveError:
    """The error for an archive ``name`` that holds ``what``."""
    return HostileArchiveError(f"{name} {what}", hint=_HINT)


def clean_path(raw: str, *, name: str, limits: ArchiveLimits) -> str:
    """A member's path without ``./`` and trailing slash; empty for the root itself.

    Raises HostileArchiveError for a path that is absolute, climbs, has empty parts,
    NUL bytes or backslashes, or is longer than the limit.
    """
    return checked_path(raw, name=name, most=limits.path_bytes, unclean=_UNCLEAN)


def checked_path(raw: str, *, name: str, most: int, unclean: re.Pattern[str]) -> str:
    """A member's path as :func:`clean_path` gives it, of at most so many characters.

    Raises HostileArchiveError for a longer one, and for one in which ``unclean`` is found.
    """
    path = raw
    while path.startswith("./"):
        path = path[2:]
    path = path.rstrip("/") if path != "/" else path
    if path in ("", "."):
        return ""
    if len(path) > most:
        raise hostile(name, f"has a member name of {len(path)} characters")
    if unclean.search(path):
        raise hostile(name, f"has a member named {raw[:80]!r}")
    return path


def check_nesting(entries: Mapping[str, Entry], *, name: str, ordered: bool = False) -> None:
    """Refuse entries that lie below a file or a link of the same archive.

    An unpacker would write them through the link or fail; no packaging tool makes them. With
    ``ordered`` a directory must come before its contents: pacman keeps an existing directory as it
    is and ignores a later header.
    """
    checked: set[str] = set()
    for path in entries:
        if ordered and path in checked:
            raise hostile(name, f"has the directory {path!r} behind what lies in it")
        parent = path.rpartition("/")[0]
        while parent and parent not in checked:
            above = entries.get(parent)
            if above is not None and above.kind is not Kind.DIRECTORY:
                raise hostile(name, f"has {path!r} below {parent!r}, which is a {above.kind.value}")
            checked.add(parent)
            parent = parent.rpartition("/")[0]


def too_large(name: str, what: str) -> InputError:
    """The error for an archive that exceeds a limit."""
    return hostile(name, f"is larger than any Go toolchain ({what})")
