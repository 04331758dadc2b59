"""The experiments that a release knows: what GOEXPERIMENT may name.

Source: internal/buildcfg, ParseGOEXPERIMENT, which takes the fields of internal/goexperiment's
Flags in lower case, each also behind "no"; an alias for two of them; and "none". It refuses any
other name, so that no build has one.
"""

from __future__ import annotations

import re

from samego.model.tree import Kind, Tree

FLAGS_FILE = "src/internal/goexperiment/flags.go"

_STRUCT = re.compile(rb"^type Flags struct \{\n(?P<fields>.*?)^\}$", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(rb"^\t([A-Z][A-Za-z0-9]*) +bool$", re.MULTILINE)
_ALIAS = "regabi"
_NONE = "none"
_OFF = "no"
_LARGEST = 1 << 20


def experiments(upstream: Tree) -> frozenset[str]:
    """The names of a release's experiments; empty where its source does not have them."""
    entry = upstream.get(FLAGS_FILE)
    if entry is None or entry.kind is not Kind.FILE or entry.size > _LARGEST:
        return frozenset()
    upstream.load([FLAGS_FILE])
    found = _STRUCT.search(upstream.read(FLAGS_FILE))
    if found is None:
        return frozenset()
    names = (name.decode().lower() for name in _FIELD.findall(found["fields"]))
    return frozenset({*names, _ALIAS})


def unknown(value: str, known: frozenset[str]) -> tuple[str, ...]:
    """The names of a GOEXPERIMENT that no build takes."""
    names = [name for name in value.split(",") if name not in ("", _NONE)]
    return tuple(name for name in names if name.removeprefix(_OFF) not in known)
