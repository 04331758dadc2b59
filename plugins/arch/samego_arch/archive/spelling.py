"""How a name that stands for what a mirror serves begins. Imports nothing that takes time."""

from __future__ import annotations

#: ``arch:go``, ``arch:extra/go``.
SCHEME = "arch:"
#: A name alone, as pacman knows the package.
BARE_NAME = "go"
