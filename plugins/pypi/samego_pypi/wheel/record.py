"""RECORD: a wheel's list of its files with their digests (PEP 376, PEP 427).

pip does not compare a wheel with it when it installs, but uninstalls the files that it lists, and
tools that look for changed files read it. A wheel that contradicts its record was changed after it
was built.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import posixpath
import re
from collections.abc import Mapping
from dataclasses import replace

from samego.distro.interface import Claims
from samego.errors import InputError
from samego.model.tree import Entry, Kind, Tree

NAME = "RECORD"
#: Files whose digest a record may leave out: itself, its signatures, what pip compiles.
_UNSIGNED = re.compile(r".*\.dist-info/RECORD(\.jws|\.p7s)?|.*/__pycache__/[^/]+\.pyc", re.DOTALL)
_HASH = re.compile(r"sha256=(?P<digest>[A-Za-z0-9_-]{43})", re.ASCII)
_FIELDS = 3


def listed(data: bytes, *, name: str) -> Mapping[str, Entry]:
    """What a record lists, by path; an entry without a digest has an empty one.

    Raises InputError for what is no record, lists a path twice, or gives another digest than
    sha256.
    """
    found: dict[str, Entry] = {}
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise _damaged(name, f"it is no table ({error})") from error
    for row in rows:
        if len(row) != _FIELDS:
            raise _damaged(name, f"a line has {len(row)} fields")
        path, digest, size = row
        if not path or not path.isprintable():
            raise _damaged(name, f"it lists {path!r}")
        if path in found:
            raise _damaged(name, f"it lists {path!r} twice")
        found[path] = Entry(path, Kind.FILE, None, _size(size, name), _digest(digest, path, name))
    return found


def claims_of(lines: Mapping[str, Entry], payload: Tree) -> Claims:
    """What the record claims of a wheel's files, for comparison.

    Directories are in no record. Of a file without a digest only its existence is claimed.
    Paths that lead out of the wheel's directory are scripts that pip makes elsewhere.
    """
    entries = {path: entry for path, entry in payload.items() if entry.kind is Kind.DIRECTORY}
    for path, line in lines.items():
        if path.startswith("/") or posixpath.normpath(path).startswith("../"):
            continue
        there = payload.get(path)
        if there is None and path.endswith(".pyc") and not line.sha256:
            continue  # bytecode may be removed: Python makes it anew
        if not line.sha256 and there is not None and there.kind is Kind.FILE:
            line = replace(line, size=there.size, sha256=there.sha256)  # noqa: PLW2901 - the same line, filled in
        entries[path] = line
    return Claims(entries, NAME)


def _digest(text: str, path: str, name: str) -> str:
    """A digest in hexadecimal; empty where there need be none."""
    if not text and _UNSIGNED.fullmatch(path):
        return ""
    match = _HASH.fullmatch(text)
    try:
        raw = base64.urlsafe_b64decode(f"{match['digest']}=") if match else b""
    except binascii.Error:
        raw = b""
    # The last letter has two bits to spare: one spelling for one digest.
    if not raw or base64.urlsafe_b64encode(raw).decode().rstrip("=") != text[len("sha256=") :]:
        raise _damaged(name, f"its digest of {path!r} is {text[:60]!r}")
    return raw.hex()


def _size(text: str, name: str) -> int:
    if not re.fullmatch(r"[0-9]{0,12}", text, re.ASCII):
        raise _damaged(name, f"a size is {text[:20]!r}")
    return int(text or 0)


def _damaged(name: str, what: str) -> InputError:
    return InputError(
        f"the RECORD of {name} is not as a wheel has it: {what}",
        hint="get the wheel again from its index",
    )
