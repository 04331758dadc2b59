r"""``.MTREE``: the package's own list of its files, with a sha256 for each.

The format is mtree(5) as bsdtar writes it for makepkg, compressed with gzip: ``/set``
lines with defaults, then a line for each path. A byte that is no printable ASCII stands as
a backslash and three octal digits. What makepkg does not write is refused.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

from samego.formats.archive.compression import DECODE_ERRORS
from samego.formats.archive.limits import DEFAULT_LIMITS, ArchiveLimits
from samego.formats.archive.one_stream import Compression, open_one_stream
from samego.formats.archive.paths import clean_path, hostile
from samego.model.tree import Entry, Kind
from samego_arch.package.metadata import damaged

NAME = ".MTREE"
_BACKSLASH = b"\\"
_LIMITS = ArchiveLimits(total_bytes=64 << 20)
_WORD = re.compile(rb"(?P<key>[a-z0-9]+)=(?P<value>\S+)")
_ESCAPE = re.compile(rb"\\([0-3][0-7]{2})?")
_KINDS = {"file": Kind.FILE, "dir": Kind.DIRECTORY, "link": Kind.LINK}
#: The keywords that a line may have, and what their values look like.
KEYWORDS: Mapping[str, str] = {
    "type": r"[a-z]+",
    "uid": r"\d{1,10}",
    "gid": r"\d{1,10}",
    "mode": r"[0-7]{1,4}",
    "time": r"\d{1,12}(\.\d{1,9})?",
    "size": r"\d{1,15}",
    "link": r"(?s:.+)",
    "md5digest": r"[0-9a-f]{32}",  # until makepkg 6.0.2
    "sha256digest": r"[0-9a-f]{64}",
}
_FORMS = {key: re.compile(form, re.ASCII) for key, form in KEYWORDS.items()}
_CONTENT = frozenset({"size", "sha256digest", "md5digest"})
_EVERY = frozenset({"type", "mode", "uid", "gid"})
#: The fields that a line must have, and those that it may not.
_NEEDED = {
    Kind.FILE: _EVERY | {"size", "sha256digest"},
    Kind.DIRECTORY: _EVERY,
    Kind.LINK: _EVERY | {"link"},
}
_UNFIT = {
    Kind.FILE: frozenset({"link"}),
    Kind.DIRECTORY: _CONTENT | {"link"},
    Kind.LINK: _CONTENT,
}


def parse_mtree(
    data: bytes, *, name: str, limits: ArchiveLimits = DEFAULT_LIMITS
) -> dict[str, Entry]:
    """The entries that a .MTREE lists, by payload path.

    Raises InputError for one that is not as makepkg writes it, HostileArchiveError for
    paths that climb or occur twice, and for bombs.
    """
    what = f"{name}'s {NAME}"
    lines = _unpacked(data, what).split(b"\n")
    if lines[0] != b"#mtree" or lines[-1]:
        raise damaged(what, "it is truncated at its start or end")
    defaults: dict[str, str] = {}
    entries: dict[str, Entry] = {}
    for number, line in enumerate(lines[1:-1], 2):
        first, _, rest = line.partition(b" ")
        values = _words(rest, what, number)
        if first == b"/set":
            defaults.update(values)
        elif first == b"/unset" or not first.startswith(b"./"):
            raise damaged(what, f"line {number} is {line[:80]!r}")
        else:
            path = clean_path(_unescaped(first, what, number), name=what, limits=limits)
            if path in entries:
                raise hostile(what, f"lists {path!r} twice")
            if len(entries) >= limits.entries:
                raise hostile(what, f"lists over {limits.entries} files")
            if path:
                entries[path] = _entry(path, {**defaults, **values}, what, number)
    return entries


def _unpacked(data: bytes, what: str) -> bytes:
    try:
        packed = io.BytesIO(data)
        with open_one_stream(packed, Compression.GZIP, name=what, limits=_LIMITS) as stream:
            return stream.read()
    except DECODE_ERRORS as error:
        raise damaged(what, f"it does not unpack ({error})") from error


def _words(rest: bytes, what: str, number: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in rest.split(b" ") if rest else []:
        match = _WORD.fullmatch(word)
        key = match["key"].decode() if match else ""
        value = _unescaped(match["value"], what, number) if match else ""
        if key in found or key not in _FORMS or not _FORMS[key].fullmatch(value):
            raise damaged(what, f"line {number} has {word[:80]!r}")
        found[key] = value
    return found


def _unescaped(raw: bytes, what: str, number: int) -> str:
    def replaced(match: re.Match[bytes]) -> bytes:
        if match[1] is None:
            raise damaged(what, f"line {number} has a lone backslash")
        return bytes([int(match[1], 8)])

    plain = _ESCAPE.sub(replaced, raw) if _BACKSLASH in raw else raw
    return plain.decode("utf-8", "surrogateescape")


def _entry(path: str, values: Mapping[str, str], what: str, number: int) -> Entry:
    kind = _KINDS.get(values.get("type", ""))
    lacking = sorted((_NEEDED[kind] if kind else _EVERY) - values.keys())
    if kind is None or lacking:
        lacks = f"no {lacking[0]}" if lacking else f"the type {values['type']!r}"
        raise damaged(what, f"line {number} has {lacks}")
    if foreign := sorted(_UNFIT[kind] & values.keys()):
        raise damaged(what, f"line {number} has {foreign[0]} for a {kind.value}")
    is_file = kind is Kind.FILE
    return Entry(
        path,
        kind,
        None if kind is Kind.LINK else int(values["mode"], 8),
        int(values["size"]) if is_file else 0,
        values["sha256digest"] if is_file else "",
        values["link"] if kind is Kind.LINK else "",
        (int(values["uid"]), int(values["gid"])),
    )
