"""A process with its descendants, and their memory, from Linux's /proc."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

_PROC = Path("/proc")
_KIB = 1024


def family(pid: int) -> list[int]:
    """A process and all its descendants that exist now, parents first."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    for name in os.listdir(_PROC):  # noqa: PTH208 - some hundred names, five times a second
        if name.isdigit() and (parent := _parent(int(name))) is not None:
            children[parent].append(int(name))
    found = [pid]
    for each in found:
        found.extend(children[each])
    return found


def memory_of(pids: list[int]) -> int:
    """The private memory of these processes, in bytes.

    Pages that a process and its copy still share count for both (RssAnon, proc(5)); those
    of files on a disk count for neither.
    """
    return sum(_anonymous(pid) for pid in pids)


def _parent(pid: int) -> int | None:
    """Field 4 of /proc/PID/stat; field 2 is a name in brackets that may hold anything."""
    try:
        text = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    return int(text.rpartition(b")")[2].split()[1])


def _anonymous(pid: int) -> int:
    try:
        text = (_PROC / str(pid) / "status").read_text("utf-8", "replace")
    except OSError:
        return 0
    rows = dict(line.split(":", 1) for line in text.splitlines() if line.startswith("Rss"))
    return sum(int(rows.get(key, "0").split()[0]) for key in ("RssAnon", "RssShmem")) * _KIB
