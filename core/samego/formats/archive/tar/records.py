"""Pax records: the ``LENGTH KEY=VALUE`` lines of an extended header.

The format is that of IEEE Std 1003.1, pax, "pax Extended Header". The keys of extended
attributes are star's and libarchive's (libarchive-formats(5)).
"""

from __future__ import annotations

import base64
import re
from typing import Any

from samego.formats.archive.tar.header import TarError, Values

Records = list[tuple[bytes, bytes]]

_SCHILY, _LIBARCHIVE = b"SCHILY.xattr.", b"LIBARCHIVE.xattr."
#: The characters of an attribute's name. libarchive writes others in two ways.
_XATTR_NAME = re.compile(rb"[A-Za-z0-9_.:-]+")
_TIME = re.compile(rb"(-?[0-9]{1,12})(?:\.([0-9]{0,8}[1-9]))?")
_NUMBER = re.compile(rb"0|[1-9][0-9]{0,17}")
_BINARY = b"BINARY"
#: The digits of a record's length, a blank and some of the key.
_LENGTH = 8


def parse_records(data: bytes) -> Records:
    """The records of an extended header, in their order.

    Raises TarError for an invalid record, and for a key that occurs twice.
    """
    records: Records = []
    at = 0
    while at < len(data):
        digits, space, _rest = data[at : at + _LENGTH].partition(b" ")
        if not space or not digits.isdigit():
            raise TarError("a bad extended header")
        end = at + int(digits)
        key, equals, value = data[at + len(digits) + 1 : end - 1].partition(b"=")
        if not equals or data[end - 1 : end] != b"\n" or end > len(data):
            raise TarError("a bad extended header")
        records.append((key, value))
        at = end
    keys = [key for key, _value in records]
    if len(set(keys)) != len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise TarError(f"an extended header with {shown(twice)} twice")
    return records


def format_record(key: bytes, value: bytes) -> bytes:
    """One record, its own length included in its length."""
    rest = b" " + key + b"=" + value + b"\n"
    length = len(rest) + len(str(len(rest)))
    if len(str(length)) > len(str(len(rest))):
        length += 1
    return b"%d" % length + rest


def apply_records(values: Values, records: Records) -> Values:
    """A header's values with what its records say, each key understood or refused.

    ``comment``, times other than mtime, and the file's original position have no effect on what
    is unpacked. Raises TarError for any other key that is not known.
    """
    changed: dict[str, Any] = {}
    encoded: dict[str, bytes] = {}
    xattrs: list[tuple[str, bytes]] = []
    for key, value in records:
        if key in _TEXTS:
            changed[_TEXTS[key]] = _text(key, value)
        elif key in _NUMBERS:
            changed[_NUMBERS[key]] = _number(key, value)
        elif key == b"mtime":
            changed["mtime"], changed["fraction"] = _time(value)
        elif key == b"hdrcharset" and value == _BINARY:
            changed["binary"] = True
        elif key.startswith(_SCHILY):
            xattrs.append((_xattr_name(key, _SCHILY), value))
        elif key.startswith(_LIBARCHIVE):
            encoded[_xattr_name(key, _LIBARCHIVE)] = _decoded(key, value)
        elif key not in _HARMLESS:
            raise TarError(_refusal(key))
    changed["xattrs"] = _agreed(xattrs, encoded)
    return values._replace(**changed)


_TEXTS = {b"path": "name", b"linkpath": "link", b"uname": "uname", b"gname": "gname"}
_NUMBERS = {b"size": "size", b"uid": "uid", b"gid": "gid"}
_HARMLESS = {
    b"comment",
    b"atime",
    b"ctime",
    b"LIBARCHIVE.creationtime",
    b"SCHILY.dev",
    b"SCHILY.ino",
    b"SCHILY.nlink",
}


def shown(key: bytes) -> str:
    """A record's key for a message."""
    return repr(key[:60])[1:]


def _refusal(key: bytes) -> str:
    if key.startswith(b"GNU.sparse."):
        return "a sparse file"
    if key.startswith(b"SCHILY.acl."):
        return f"a file with an access control list ({shown(key)})"
    if key == b"SCHILY.fflags":
        return "a file with file flags ('SCHILY.fflags')"
    return f"an extended header with {shown(key)}, which samego does not know"


def _text(key: bytes, value: bytes) -> bytes:
    if not value or b"\0" in value:
        raise TarError(f"an extended header whose {shown(key)} is {value[:60]!r}")
    return value


def _number(key: bytes, value: bytes) -> int:
    if not _NUMBER.fullmatch(value):
        raise TarError(f"a bad number in an extended header: its {shown(key)} is {value[:60]!r}")
    return int(value)


def _time(value: bytes) -> tuple[int, bytes]:
    # A fraction may end in zeros, or be nothing else, where another tar wrote it.
    match = _TIME.fullmatch(value.rstrip(b"0").removesuffix(b".") if b"." in value else value)
    if match is None:
        raise TarError(f"a bad time in an extended header: its 'mtime' is {value[:60]!r}")
    return int(match[1]), match[2] or b""


def _xattr_name(key: bytes, prefix: bytes) -> str:
    name = key[len(prefix) :]
    if not _XATTR_NAME.fullmatch(name):
        raise TarError(f"a file with an extended attribute named {shown(name)}")
    return name.decode("ascii")


def _decoded(key: bytes, value: bytes) -> bytes:
    try:
        return base64.b64decode(value + b"=" * (-len(value) % 4), validate=True)
    except ValueError:
        raise TarError(f"an extended header whose {shown(key)} is no base 64") from None


def _agreed(
    plain: list[tuple[str, bytes]], encoded: dict[str, bytes]
) -> tuple[tuple[str, bytes], ...]:
    """The attributes in order; where both ways of writing them stand, they must agree."""
    known = dict(plain)
    for name, value in encoded.items():
        if known.setdefault(name, value) != value:
            raise TarError(f"a file with two values of the extended attribute {name}")
    return tuple(known.items())
