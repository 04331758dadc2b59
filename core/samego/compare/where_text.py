"""Where two texts differ: the lines, and a short unified diff."""

from __future__ import annotations

import difflib

_SHOWN = 12
_WIDTH = 160
#: difflib's time grows with the square of what differs; beyond this only lines are named.
_DIFFED_LINES = 2000


def where(distro: bytes, upstream: bytes) -> str:
    """The first differing line and a unified diff of at most twelve lines. Total.

    Control characters and bytes that are not UTF-8 are escaped, so that a report can be
    shown on a terminal.
    """
    ours, theirs = _lines(distro), _lines(upstream)
    start, our_end, their_end = _middle(ours, theirs)
    if start == our_end and start == their_end:
        return "no difference"
    changed, was = our_end - start, their_end - start
    head = f"from line {start + 1} on: {_count(changed)}, where upstream has {_count(was)}"
    if changed + was > _DIFFED_LINES:
        return head
    context = 1
    low = max(0, start - context)
    diff = list(
        difflib.unified_diff(
            theirs[low : their_end + context], ours[low : our_end + context], lineterm="", n=context
        )
    )[2:]
    shown = [_shift(line, low) if line.startswith("@@") else _show(line) for line in diff[:_SHOWN]]
    if len(diff) > _SHOWN:
        shown.append(f"... {len(diff) - _SHOWN} more lines")
    return "\n".join([head, *shown])


def _lines(data: bytes) -> list[str]:
    # A last line without a newline must differ from the same line with one.
    lines = data.decode("utf-8", "backslashreplace").split("\n")
    if lines[-1]:
        lines[-1] += "\\ No newline at end of file"
    else:
        lines.pop()
    return lines


def _middle(ours: list[str], theirs: list[str]) -> tuple[int, int, int]:
    """The part between the common start and the common end, as (start, end, end)."""
    shorter = min(len(ours), len(theirs))
    start = 0
    while start < shorter and ours[start] == theirs[start]:
        start += 1
    end = 0
    while end < shorter - start and ours[-1 - end] == theirs[-1 - end]:
        end += 1
    return start, len(ours) - end, len(theirs) - end


def _count(lines: int) -> str:
    return "1 line" if lines == 1 else f"{lines} lines" if lines else "nothing"


def _show(line: str) -> str:
    """A line of the diff, printable and of bounded width."""
    shown = "".join(
        char if char.isprintable() or char == "\t" else char.encode("unicode_escape").decode()
        for char in line[: _WIDTH + 1]
    )
    return f"{shown[:_WIDTH]}..." if len(line) > _WIDTH else shown


def _shift(header: str, lines: int) -> str:
    """A hunk's header with line numbers of the whole file."""
    _, old, new, _ = header.split(" ")
    return f"@@ -{_moved(old[1:], lines)} +{_moved(new[1:], lines)} @@"


def _moved(numbers: str, lines: int) -> str:
    start, comma, size = numbers.partition(",")
    return f"{int(start) + lines}{comma}{size}"
