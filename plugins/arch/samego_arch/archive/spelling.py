"""How a name that stands for what a mirror serves begins. Imports nothing that takes time."""

from __future__ import annotations

#: ``arch:extra/go``.
SCHEME = "arch:"
