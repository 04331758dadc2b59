"""Where two texts differ: the lines, and a short unified diff."""

from __future__ import annotations

import difflib

from samego.model.places.files import Lines, Nowhere

_SHOWN = 12
_WIDTH = 160
#: difflib's time grows with the cube of what differs, in the worst case: of each side only so
#: many lines are compared, which is more than is shown.
_DIFFED_LINES = 200


def where(distro: bytes, upstream: bytes) -> Lines | Nowhere:
    """The lines in which two texts differ, if they do. Total."""
    return differing_lines(distro, upstream) or Nowhere()


def differing_lines(distro: bytes, upstream: bytes) -> Lines | None:
    """The lines in which two texts differ, None where they do not. Total.

    Control characters and bytes that are not UTF-8 are escaped, so that a report can be shown on
    a terminal.
    """
    ours, theirs = _lines(distro), _lines(upstream)
    start, our_end, their_end = _middle(ours, theirs)
    if start == our_end and start == their_end:
        return None
    changed, was = our_end - start, their_end - start
    context = 1
    low = max(0, start - context)
    whole = max(changed, was) <= _DIFFED_LINES
    before = _text(theirs[low : min(their_end, start + _DIFFED_LINES) + context])
    after = _text(ours[low : min(our_end, start + _DIFFED_LINES) + context])
    diff = list(difflib.unified_diff(before, after, lineterm="", n=context))[2:]
    shown = [_shift(line, low) if line.startswith("@@") else _show(line) for line in diff[:_SHOWN]]
    hidden = max(0, len(diff) - _SHOWN) if whole else None
    return Lines(start + 1, changed, was, tuple(shown), hidden)


def _lines(data: bytes) -> list[bytes]:
    # A last line without a newline must differ from the same line with one.
    lines = data.split(b"\n")
    if lines[-1]:
        lines[-1] += b"\\ No newline at end of file"
    else:
        lines.pop()
    return lines


def _text(lines: list[bytes]) -> list[str]:
    # What is no UTF-8 is escaped when it is shown: a long line of it would take seconds.
    return [line.decode("utf-8", "surrogateescape") for line in lines]


def _middle(ours: list[bytes], theirs: list[bytes]) -> tuple[int, int, int]:
    """The part between the common start and the common end, as (start, end, end)."""
    shorter = min(len(ours), len(theirs))
    start = 0
    while start < shorter and ours[start] == theirs[start]:
        start += 1
    end = 0
    while end < shorter - start and ours[-1 - end] == theirs[-1 - end]:
        end += 1
    return start, len(ours) - end, len(theirs) - end


def _show(line: str) -> str:
    """A line of the diff, printable and of bounded width."""
    begin = line[: _WIDTH + 1].encode("utf-8", "surrogateescape")
    text = begin.decode("utf-8", "backslashreplace")
    shown = "".join(
        char if char.isprintable() or char == "\t" else char.encode("unicode_escape").decode()
        for char in text[: _WIDTH + 1]
    )
    return f"{shown[:_WIDTH]}..." if len(text) > _WIDTH else shown


def _shift(header: str, lines: int) -> str:
    """A hunk's header with line numbers of the whole file."""
    _, old, new, _ = header.split(" ")
    return f"@@ -{_moved(old[1:], lines)} +{_moved(new[1:], lines)} @@"


def _moved(numbers: str, lines: int) -> str:
    start, comma, size = numbers.partition(",")
    return f"{int(start) + lines}{comma}{size}"
