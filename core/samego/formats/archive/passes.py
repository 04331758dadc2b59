"""How often a stream that can only be read from its start is read again.

A caller that knows what it will need says so (``Tree.load``), and one pass serves it. Single
requests would cost a pass each, so from the third pass on everything is kept: the work is bounded
by the size of the archive, whatever is requested and in which order.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

#: Passes that keep only what was asked for; the next one keeps everything.
SPARING = 2


@dataclass(slots=True)
class Passes:
    """Counts the passes over one stream. The lock is held during a pass: others find its result."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    count: int = 0

    def next_is_last(self) -> bool:
        """Count a pass that begins; whether it must keep everything that it reads."""
        self.count += 1
        return self.count > SPARING
