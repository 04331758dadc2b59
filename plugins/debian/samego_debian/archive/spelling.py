"""The names of what Debian ships: enough to recognise it without reading it.

This module imports nothing that takes time.
"""

from __future__ import annotations

import re

#: Before a name that stands for what a mirror serves: ``debian:trixie/golang-1.24``.
SCHEME = "debian:"
PACKAGE_SUFFIX = ".deb"
#: Upload and build records, which name packages beside them.
RECORD_SUFFIXES = (".changes", ".buildinfo")
SOURCE_SUFFIX = ".dsc"
#: A toolchain as people call it, which says not where it is.
BARE_NAME = re.compile(r"golang-1\.\d{1,3}(?:-(?:go|src|doc))?", re.ASCII)
