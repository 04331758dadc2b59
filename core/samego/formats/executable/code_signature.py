"""A macOS code signature, read as the system that runs the file reads it.

The signature is a blob of blobs (big endian): the code directory, which holds a hash of every
page of the file and of the other blobs, and for a file that somebody signed the requirements
and a CMS message about the code directory. macOS kills a process whose pages do not have
these hashes, so a signature that does not fit its file is a broken file.

Sources: <kern/cs_blobs.h> of xnu (the structures), src/cmd/internal/codesign of Go (what its
linker writes: version 0x20400, no team, linker-signed) and the files that upstream posts
(codesign: version 0x20500, hardened runtime, requirements and CMS).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_EMBEDDED, _DIRECTORY, _REQUIREMENTS = 0xFADE0CC0, 0xFADE0C02, 0xFADE0C01
_ENTITLEMENTS, _ENTITLEMENTS_DER, _WRAPPER = 0xFADE7171, 0xFADE7172, 0xFADE0B01
#: Slots of the outermost blob, with the magic of the blob that may be there.
_SLOTS: Mapping[int, int] = {
    0: _DIRECTORY,
    2: _REQUIREMENTS,
    5: _ENTITLEMENTS,
    7: _ENTITLEMENTS_DER,
    0x10000: _WRAPPER,
}
_CMS, _TEXT_ENTITLEMENTS = 0x10000, 5
#: Length of the code directory's fixed part by version: through execSegFlags, and with runtime.
_FIXED = {0x20400: 88, 0x20500: 96}
_HEAD = struct.Struct(">9I4BI3I4Q")
_HASH_SIZE, _SHA256, _PAGE_BITS = 32, 2, 12
_PAGE = 1 << _PAGE_BITS
#: CS_ADHOC, CS_LINKER_SIGNED and CS_RUNTIME; others change what the process may do.
_ADHOC, _LINKER, _RUNTIME = 0x2, 0x20000, 0x10000
_FLAGS = frozenset({0, _RUNTIME, _ADHOC, _ADHOC | _RUNTIME, _ADHOC | _LINKER})
_MAIN_BINARY = 1
_MOST_BLOBS = 8


class SignatureError(ValueError):
    """A code signature that macOS would not accept for this file, or of an unknown form."""


@dataclass(frozen=True, slots=True)
class CodeSignature:
    """What a signature says.

    ``identifier`` names the program, ``team`` the signer (empty for an ad hoc signature). ``pages``
    is the number of page hashes, all of them correct. ``entitlements`` is the text of the rights
    that the program asks for, empty for none.
    """

    identifier: str
    team: str
    pages: int
    entitlements: str

    def __str__(self) -> str:
        by = f"signed by team {self.team}" if self.team else "signed ad hoc"
        return f"{self.identifier}, {by}, {self.pages} page hashes right"


def read_signature(data: bytes, start: int, text_size: int) -> CodeSignature:
    """Read the signature that starts at ``start`` and check it against the file before it.

    ``text_size`` is the length in bytes of the segment __TEXT. Raises SignatureError, which
    says what is wrong.
    """
    try:
        blobs = _blobs(data, start)
        return _checked(data, start, text_size, blobs)
    except struct.error as error:
        raise SignatureError("the code signature is truncated") from error


def _blobs(data: bytes, start: int) -> dict[int, bytes]:
    magic, length, count = struct.unpack_from(">3I", data, start)
    if magic != _EMBEDDED or not 0 < count <= _MOST_BLOBS or start + length > len(data):
        raise SignatureError("the code signature is not a superblob")
    if data[start + length :].strip(b"\0"):
        raise SignatureError("bytes follow the code signature")
    blobs: dict[int, bytes] = {}
    place, before = 12 + 8 * count, -1
    for number in range(count):
        slot, offset = struct.unpack_from(">2I", data, start + 12 + 8 * number)
        kind, size = struct.unpack_from(">2I", data, start + offset)
        if slot <= before or _SLOTS.get(slot) != kind:
            raise SignatureError(f"the code signature holds an unknown blob ({slot:#x})")
        if offset != place or size < 8 or place + size > length:  # noqa: PLR2004 - magic and length
            raise SignatureError("the code signature's blobs overlap or leave gaps")
        blobs[slot] = data[start + offset : start + offset + size]
        place, before = offset + size, slot
    if place != length or 0 not in blobs:
        raise SignatureError("the code signature holds bytes that are no blob's")
    return blobs


def _checked(data: bytes, start: int, text_size: int, blobs: dict[int, bytes]) -> CodeSignature:
    directory = blobs[0]
    _magic, _length, version, flags, hashes, names, special, code, limit, *rest = _HEAD.unpack_from(
        directory
    )
    fixed = _FIXED.get(version, 0)
    scatter, team_at, *others = rest[5:]
    if not fixed or flags not in _FLAGS:
        raise SignatureError(f"a code directory of version {version:#x} with flags {flags:#x}")
    if rest[:5] != [_HASH_SIZE, _SHA256, 0, _PAGE_BITS, 0]:
        raise SignatureError("its hashes are not SHA-256 of pages of 4096 bytes")
    if scatter or others != [0, 0, 0, text_size, _MAIN_BINARY]:
        raise SignatureError("the code directory describes other segments than the file has")
    identifier, team = _names(directory, fixed, names, team_at)
    end = names + len(identifier) + 1 + (len(team) + 1 if team else 0)
    if version == max(_FIXED) and directory[92:96] != bytes(4):
        raise SignatureError("the code directory describes another version of the file")
    if limit != start or code != -(-start // _PAGE):
        raise SignatureError("the code directory does not cover the file up to the signature")
    if hashes != end + special * _HASH_SIZE or hashes + code * _HASH_SIZE != len(directory):
        raise SignatureError("the code directory holds bytes that are no hash")
    _check_special(directory, hashes, special, blobs)
    _check_pages(data, start, directory[hashes:])
    _check_signer(blobs, adhoc=bool(flags & _ADHOC), team=team)
    entitlements = blobs.get(_TEXT_ENTITLEMENTS, b"")[8:].decode("utf-8", "replace")
    return CodeSignature(identifier, team, code, entitlements)


def _names(directory: bytes, fixed: int, names: int, team_at: int) -> tuple[str, str]:
    """The identifier, and the team behind it (empty for none)."""
    identifier = _text(directory, names)
    if names != fixed or not identifier:
        raise SignatureError("the code directory names no program")
    if not team_at:
        return identifier, ""
    team = _text(directory, team_at)
    if team_at != names + len(identifier) + 1 or not team:
        raise SignatureError("the code directory claims a team and names none")
    return identifier, team


def _text(directory: bytes, at: int) -> str:
    text, end, _rest = directory[at : at + 256].partition(b"\0")
    if not end or not text.isascii() or not text.decode("ascii").isprintable():
        raise SignatureError("a name in the code directory is not plain text")
    return text.decode("ascii")


def _check_special(directory: bytes, hashes: int, special: int, blobs: Mapping[int, bytes]) -> None:
    """Slot N's hash stands N places before the first page's; zeros stand for no blob."""
    present = {slot for slot in blobs if 0 < slot < _CMS}
    if special != max(present, default=0):
        raise SignatureError("the code directory has hashes of blobs that do not exist")
    for slot in range(1, special + 1):
        at = hashes - slot * _HASH_SIZE
        blob = blobs.get(slot)
        expected = hashlib.sha256(blob).digest() if blob is not None else bytes(_HASH_SIZE)
        if directory[at : at + _HASH_SIZE] != expected:
            raise SignatureError(f"the code directory's hash of blob {slot} is wrong")


def _check_pages(data: bytes, start: int, hashes: bytes) -> None:
    wrong = [
        page
        for page in range(-(-start // _PAGE))
        if hashlib.sha256(data[page * _PAGE : min(start, (page + 1) * _PAGE)]).digest()
        != hashes[page * _HASH_SIZE : (page + 1) * _HASH_SIZE]
    ]
    if wrong:
        raise SignatureError(
            f"the code signature is not of these bytes: {_pages(wrong)}"
            " (macOS would kill the program)"
        )


def _pages(wrong: Iterable[int]) -> str:
    first, *others = wrong
    more = f" and {len(others)} more pages differ" if others else " differs"
    return f"the page at byte {first * _PAGE}{more}"


def _check_signer(blobs: Mapping[int, bytes], *, adhoc: bool, team: str) -> None:
    """A CMS message must cover this code directory; its certificates are not judged here."""
    message = blobs.get(_CMS, b"")[8:]
    if adhoc:
        if message or team:
            raise SignatureError("an ad hoc signature names a signer")
        return
    # The signed attribute messageDigest (RFC 5652, 11.2), an octet string of 32 bytes.
    digest = b"\x04\x20" + hashlib.sha256(blobs[0]).digest()
    if not team or digest not in message:  # words: the bytes of a CMS message
        raise SignatureError("no signature covers this code directory")
