"""The ``h1:`` hash of a set of files (golang.org/x/mod/sumdb/dirhash, Hash1)."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

from samego.errors import InputError

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


def hash1(entries: Iterable[tuple[str, str]]) -> str:
    """The ``h1:`` hash of files given as (name, SHA-256 in hex).

    The names are those in the module zip: ``MODULE@VERSION/PATH``. Raises InputError for a name
    that the format cannot carry (one with a newline, or not Unicode) and for a malformed digest.
    """
    lines = []
    for name, digest in entries:
        if "\n" in name or not _SHA256.fullmatch(digest):
            raise InputError(
                f"{name!r} cannot take part in a module hash", hint="check where the files are from"
            )
        try:
            lines.append((name.encode(), digest))
        except UnicodeEncodeError as error:
            raise InputError(
                f"{name!r} is not Unicode", hint="check where the files are from"
            ) from error
    total = hashlib.sha256()
    for encoded, digest in sorted(lines):
        total.update(b"%s  %s\n" % (digest.encode(), encoded))
    return f"h1:{base64.b64encode(total.digest()).decode()}"
