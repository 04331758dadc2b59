"""A marked block in a file of another program.

The block goes to the end, between two lines of comment. Whatever stands around it stays
byte for byte as it is, and taking the block out gives the file as it was before: where its
last line had no end, the first marker says so.
"""

from __future__ import annotations

from dataclasses import dataclass

_BEGIN = "BEGIN samego hook"
_UNENDED = " (the line above had no end)"


@dataclass(frozen=True, slots=True)
class Marks:
    """The lines around the block of one hook, for a file with this comment sign."""

    comment: str
    name: str

    @property
    def begin(self) -> str:
        """The first marker."""
        return f"{self.comment} {_BEGIN} {self.name}"

    @property
    def end(self) -> str:
        """The last marker."""
        return f"{self.comment} END samego hook {self.name}"


@dataclass(frozen=True, slots=True)
class FoundBlock:
    """A file with a block: what stands around it, as it was before, and its text."""

    others: bytes
    text: bytes


def add(data: bytes, marks: Marks, text: str) -> bytes:
    """The file with the block at its end. It must have none yet."""
    unended = bool(data) and not data.endswith(b"\n")
    lines = (
        ("\n" if unended else "")
        + marks.begin
        + (_UNENDED if unended else "")
        + "\n"
        + text.rstrip("\n")
        + "\n"
        + marks.end
        + "\n"
    )
    return data + lines.encode()


def find(data: bytes, marks: Marks) -> FoundBlock | None:
    """The block of a file, or None where it has none that is whole.

    A begin without an end, or either of them twice, is no block: the file was edited.
    """
    lines = data.splitlines(keepends=True)
    stripped = [line.rstrip(b"\r\n") for line in lines]
    begins = {marks.begin.encode(), (marks.begin + _UNENDED).encode()}
    first = [number for number, line in enumerate(stripped) if line in begins]
    last = [number for number, line in enumerate(stripped) if line == marks.end.encode()]
    if len(first) != 1 or len(last) != 1 or first[0] > last[0]:
        return None
    before, after = lines[: first[0]], lines[last[0] + 1 :]
    if before and stripped[first[0]].endswith(_UNENDED.encode()):
        if not after:
            before[-1] = before[-1].removesuffix(b"\n")
        elif after[0].startswith(f"{marks.comment} {_BEGIN} ".encode()):
            # Another hook's block comes next to that line: its marker is to remember it.
            after[0] = after[0].rstrip(b"\n") + _UNENDED.encode() + b"\n"
    return FoundBlock(b"".join(before + after), b"".join(lines[first[0] + 1 : last[0]]))


def touched(data: bytes, marks: Marks) -> bool:
    """Whether a file has any of the markers."""
    return marks.begin.encode() in data or marks.end.encode() in data
