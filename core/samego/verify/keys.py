"""Which keys of a report a second check repeats, and which it can only take as they come.

Keys are written as ``findings[].proof.digest``: ``[]`` stands for the items of a list. A row
counts for its key and all below it; the longest row counts. A key in no row is not known here,
and then the report does not hold.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator


class Key(enum.Enum):
    """What a second check does about a key."""

    #: Computed again from the files; another value does not hold.
    REPEATED = "repeated"
    #: Follows from other keys, which samego.report.load has computed again.
    DERIVED = "derived"
    #: A phrase: the same version of samego says the same of the same files.
    PHRASE = "phrase"
    #: Choices of the check's author; the verifying user chooses anew.
    CHOSEN = "chosen"
    #: Facts of that run and that machine. Differences from this run are reported.
    TAKEN = "taken"


_ROWS = {
    "schema": Key.DERIVED,
    "verdict": Key.DERIVED,
    "passes": Key.DERIVED,
    "required": Key.CHOSEN,
    "subject": Key.REPEATED,
    # A directory's is its name there. Packages by other names are refused before this.
    "subject.packages[].name": Key.TAKEN,
    # A check may hold a package against another release or target than its own.
    "subject.release": Key.TAKEN,
    "subject.target": Key.TAKEN,
    "upstream": Key.REPEATED,
    "upstream.channel": Key.TAKEN,
    "upstream.url": Key.TAKEN,
    "upstream.verified": Key.TAKEN,
    # Whether a source states a checksum can change; the checksum itself is repeated.
    "upstream.confirmed": Key.TAKEN,
    # Checked by the database's key before anything rests on it.
    "upstream.log_proof": Key.REPEATED,
    "upstream.source.channel": Key.TAKEN,
    "upstream.source.url": Key.TAKEN,
    "upstream.source.verified": Key.TAKEN,
    "counts": Key.DERIVED,
    "counts.identical": Key.REPEATED,
    "findings": Key.REPEATED,
    "findings[].effective": Key.DERIVED,
    "findings[].cause": Key.DERIVED,
    "findings[].causes": Key.PHRASE,
    "findings[].where": Key.DERIVED,
    "findings[].places": Key.PHRASE,
    "findings[].command": Key.TAKEN,
    # Guesses. What came of trying them depends on what was built.
    "findings[].candidates": Key.PHRASE,
    "findings[].candidates[].tried": Key.TAKEN,
    "findings[].proof.cause": Key.DERIVED,
    "findings[].proof.causes": Key.PHRASE,
    "findings[].proof.tools": Key.TAKEN,
    # Where and with what it was made; the other details have what it shows.
    "findings[].proof.details.network": Key.TAKEN,
    "findings[].proof.details.not_replayed": Key.TAKEN,
    "findings[].proof.details.witness": Key.TAKEN,
    # What an earlier version had in words is compared only as far as it is a value now.
    "findings[].consequences[].failure": Key.PHRASE,
    "findings[].consequences[].pinned_by": Key.PHRASE,
    "findings[].consequences[].sentence": Key.PHRASE,
    "findings[].consequences[].command": Key.PHRASE,
    "findings[].consequences[].waived": Key.CHOSEN,
    "consequences": Key.DERIVED,
    "not_compared": Key.REPEATED,
    "not_compared.count": Key.DERIVED,
    "inputs": Key.TAKEN,
    "inputs.origins": Key.TAKEN,
    # Where it came from and how it was verified there; what it declares is repeated.
    "inputs.source": Key.TAKEN,
    "inputs.timestamp": Key.REPEATED,
    "inputs.settings": Key.REPEATED,
    "inputs.patches": Key.REPEATED,
    "patches": Key.DERIVED,
    "notes": Key.TAKEN,
    "tools": Key.TAKEN,
    "timings": Key.TAKEN,
    "samego": Key.TAKEN,
    # The word of whoever keeps the file of waivers.
    "waivers": Key.TAKEN,
    # By which name the files were found, there.
    "asked": Key.TAKEN,
    "reproduction": Key.TAKEN,
}


def kind_of(key: str) -> Key | None:
    """The row of a key: its own, or the nearest one above; None for a key in no row."""
    return next((_ROWS[name] for name in _upwards(key) if name in _ROWS), None)


def row_of(key: str) -> str:
    """The name of that row."""
    return next((name for name in _upwards(key) if name in _ROWS), key)


def _upwards(key: str) -> Iterator[str]:
    """A key and those above it: ``a.b[].c``, ``a.b[]``, ``a.b``, ``a``."""
    while key:
        yield key
        key = key[:-2] if key.endswith("[]") else key.rpartition(".")[0]


def leaves(value: object, key: str = "") -> Iterator[str]:
    """The keys of everything in a JSON value that is no object and no list, and of empty ones."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from leaves(inner, f"{key}.{name}" if key else name)
    elif isinstance(value, list) and value:
        for inner in value:
            yield from leaves(inner, f"{key}[]")
    else:
        yield key


def unequal(claimed: object, found: object, key: str = "") -> Iterator[tuple[str, object, object]]:
    """Where two JSON values are not the same: the key, and both values. 1 is not true."""
    if isinstance(claimed, dict) and isinstance(found, dict):
        for name in sorted({*claimed, *found}):
            inner = f"{key}.{name}" if key else name
            yield from unequal(claimed.get(name), found.get(name), inner)
    elif isinstance(claimed, list) and isinstance(found, list) and len(claimed) == len(found):
        for one, other in zip(claimed, found, strict=True):
            yield from unequal(one, other, f"{key}[]")
    elif type(claimed) is not type(found) or claimed != found:
        yield key, claimed, found
