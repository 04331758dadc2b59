"""Unified diffs taken apart: which file each section changes, and its hunks.

Read as dpkg-source reads them (Dpkg::Source::Patch, analyze): ``---`` and ``+++`` lines,
one leading directory removed (``-p1``), hunks whose line counts must fit. Text between
sections (headers, ``diff --git``, ``index``) is ignored, except for git's renames.
Hostile names are harmless here: a name is only ever compared with the path in question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_NAME = re.compile(rb"(?:---|\+\+\+) ([^\t\r\n]+)")
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_NO_NEWLINE = b"\\ No newline at end of file"
_DEV_NULL = "/dev/null"


class PatchError(ValueError):
    """A patch that is not a well-formed unified diff."""


@dataclass(frozen=True, slots=True)
class Section:
    """The change of one file. ``old`` is empty for a new file, ``new`` for a removed one.

    ``hunks`` are the bytes from the first ``@@`` on; ``renamed`` says that git declared
    the change of name.
    """

    old: str
    new: str
    hunks: bytes
    renamed: bool = False

    @property
    def path(self) -> str:
        """The path that the section leaves behind, or takes away."""
        return self.new or self.old


def sections(data: bytes) -> tuple[Section, ...]:
    """All sections of a patch, in its order. Raises PatchError."""
    # Not splitlines: a carriage return within a line ends none.
    lines = _LINE.findall(data)
    found = []
    at = 0
    renamed = False
    while at < len(lines):
        line = lines[at]
        if line.startswith(b"diff --git "):
            renamed = False
        elif line.startswith(b"rename to "):
            renamed = True
        elif (
            line.startswith(b"--- ")
            and at + 2 < len(lines)
            and lines[at + 1].startswith(b"+++ ")
            and lines[at + 2].startswith(b"@@ ")
        ):
            end = _end_of_hunks(lines, at + 2)
            old, new = _name(line), _name(lines[at + 1])
            found.append(Section(old, new, b"".join(lines[at + 2 : end]), renamed))
            at, renamed = end, False
            continue
        at += 1
    return tuple(found)


def _name(line: bytes) -> str:
    """The file name of a header line below the one directory that ``-p1`` removes."""
    match = _NAME.match(line)
    name = match[1].decode("utf-8", "surrogateescape").rstrip() if match else ""
    if name == _DEV_NULL:
        return ""
    first, slash, rest = name.partition("/")
    if not slash or not rest or first.startswith('"'):
        raise PatchError(f"a file name without a directory: {name!r}")
    return rest


def _end_of_hunks(lines: list[bytes], at: int) -> int:
    """The index after the last hunk that starts at ``at``."""
    if not _HUNK.match(lines[at]):
        raise PatchError("a hunk without line numbers")
    while at < len(lines) and (match := _HUNK.match(lines[at])):
        old = int(match[1]) if match[1] else 1
        new = int(match[2]) if match[2] else 1
        at += 1
        while old > 0 or new > 0:
            mark = lines[at][:1] if at < len(lines) else b""
            if mark not in (b" ", b"-", b"+", b"\n", b"\\"):
                raise PatchError("a hunk is cut off")
            old -= mark in (b" ", b"-", b"\n")
            new -= mark in (b" ", b"+", b"\n")
            at += 1
        if old or new:
            raise PatchError("a hunk's line counts are wrong")
        if at < len(lines) and lines[at].startswith(_NO_NEWLINE[:2]):
            at += 1
    return at
