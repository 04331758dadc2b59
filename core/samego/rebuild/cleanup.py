"""What rebuilds leave in the cache, kept within bounds.

Finished hosts, products and unpacked bootstraps let a later run go on where this one ended.
Each kind is bounded by itself; what was used last stays longest, and nothing that was used
within the last hour goes. What killed runs left (scratch directories, logs) goes as well.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from samego.rebuild.workspace import remove_abandoned
from samego.system.disk import LIMIT, remove, trim

#: What is kept below the directory, and how deep the items of each kind lie.
KINDS = {"hosts": 1, "bootstraps": 1, "posted": 1, "products": 2}
#: Seconds after which the log of a build that failed, or was killed, has no reader any more.
LOG_AGE = 7 * 24 * 3600.0
_DAY = 24 * 3600.0


def tidy(directory: Path, limit: int = LIMIT, kinds: Mapping[str, int] = KINDS) -> int:
    """Bring what builds left within ``limit`` bytes a kind; returns the bytes freed."""
    remove_abandoned(directory)
    for log in directory.glob("*.log"):
        _remove_older(log, LOG_AGE)
    for unfinished in directory.glob("*/.new-*"):  # of a killed unpack
        _remove_older(unfinished, _DAY)
    freed = sum(trim(directory / kind, limit, depth=depth) for kind, depth in kinds.items())
    for products in directory.glob("products/*"):
        with suppress(OSError):  # of a host that still has some
            products.rmdir()
    return freed


def _remove_older(item: Path, age: float) -> None:
    with suppress(OSError):
        if time.time() - item.stat().st_mtime > age:
            remove(item)
