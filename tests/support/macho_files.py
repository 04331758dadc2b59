"""Small macOS executables as Go's linker lays them out, made here byte by byte.

Header, __TEXT, __LINKEDIT with a symbol table, and a signature where one is asked for
(<mach-o/loader.h>). Nothing of samego takes part.
"""

from __future__ import annotations

import hashlib
import struct

PAGE = 0x4000
_TEXT_SIZE = 0x1000
_SYMBOLS = bytes(range(32))  # two nlist_64
_STRINGS = b"\0_main\0_exit\0xyz\0\0\0"


def command(kind: int, body: bytes) -> bytes:
    """A load command, padded to 8 bytes."""
    body += b"\0" * (-len(body) % 8)
    return struct.pack("<2I", kind, 8 + len(body)) + body


def segment(name: bytes, address: int, vmsize: int, offset: int, size: int) -> bytes:
    """A segment_command_64 without sections."""
    return command(0x19, struct.pack("<16s4Q4I", name, address, vmsize, offset, size, 5, 5, 0, 0))


def signature_blob(size: int, *, padding: int = 24, fill: bytes = b"S") -> bytes:
    """An embedded signature of ``size`` bytes, then zeros as codesign leaves them."""
    return struct.pack(">2I", 0xFADE0CC0, size) + fill * (size - 8) + bytes(padding)


def executable(
    *,
    signature: bytes | None = None,
    strings: bytes = _STRINGS,
    text: bytes = b"\x90",
    more: tuple[bytes, ...] = (),
    page: int = PAGE,
    gap: bytes | None = None,
    signatures: int = 1,
) -> bytes:
    """An executable; ``signature`` is its signature's data, ``more`` further commands.

    ``gap`` replaces the zeros that align the signature.
    """
    start = _TEXT_SIZE
    tables = _SYMBOLS + strings
    linkedit = tables
    if signature is not None:
        filler = b"\0" * (-(start + len(tables)) % 16) if gap is None else gap
        linkedit += filler + signature
    vmsize = -(-len(linkedit) // page) * page
    commands = [
        segment(b"__TEXT", 0x1000000, _TEXT_SIZE, 0, _TEXT_SIZE),
        segment(b"__LINKEDIT", 0x2000000, vmsize, start, len(linkedit)),
        command(
            0x2,
            struct.pack("<4I", start, len(_SYMBOLS) // 16, start + len(_SYMBOLS), len(strings)),
        ),
        command(0x1B, bytes(range(16))),
        *more,
    ]
    if signature is not None:
        place = start + len(linkedit) - len(signature)
        commands += [command(0x1D, struct.pack("<2I", place, len(signature)))] * signatures
    body = b"".join(commands)
    header = struct.pack("<8I", 0xFEEDFACF, 0x100000C, 0, 2, len(commands), len(body), 4, 0)
    head = header + body
    return head + bytes(_TEXT_SIZE - len(head) - len(text)) + text + linkedit


def blob(magic: int, body: bytes) -> bytes:
    """One blob of a signature."""
    return struct.pack(">2I", magic, 8 + len(body)) + body


def code_signature(
    before: bytes, *, team: str = "", identifier: str = "a.out", entitlements: bytes = b""
) -> bytes:
    """The signature of a file of these bytes: Go's linker's, or with a team codesign's.

    The layout is <kern/cs_blobs.h>'s. The CMS message holds the code directory's digest, as a
    real one does, and no certificate.
    """
    requirements = blob(0xFADE0C01, struct.pack(">I", 0))
    others = {2: requirements} if team else {}
    if entitlements:
        others[5] = blob(0xFADE7171, entitlements)
    names = identifier.encode() + b"\0" + (team.encode() + b"\0" if team else b"")
    fixed = 96 if team else 88
    special = max(others, default=0)
    hashes = [
        hashlib.sha256(others[slot]).digest() if slot in others else bytes(32)
        for slot in range(special, 0, -1)
    ]
    hashes += [
        hashlib.sha256(before[at : at + 4096]).digest() for at in range(0, len(before), 4096)
    ]
    place = fixed + len(names) + 32 * special
    body = struct.pack(
        ">7I4BI3I4Q",
        *(0x20500 if team else 0x20400, 0x10000 if team else 0x20002, place, fixed),
        *(special, len(hashes) - special, len(before), 32, 2, 0, 12, 0),
        *(0, fixed + len(identifier) + 1 if team else 0, 0, 0, 0, _TEXT_SIZE, 1),
    )
    body += bytes(8) if team else b""
    directory = blob(0xFADE0C02, body + names + b"".join(hashes))
    blobs = {0: directory, **others}
    if team:
        digest = hashlib.sha256(directory).digest()
        blobs[0x10000] = blob(0xFADE0B01, b"0\x80 CMS \x04\x20" + digest + b" and certificates")
    at = 12 + 8 * len(blobs)
    index = b""
    for slot, each in blobs.items():
        index += struct.pack(">2I", slot, at)
        at += len(each)
    head = struct.pack(">3I", 0xFADE0CC0, at, len(blobs))
    return head + index + b"".join(blobs.values()) + (bytes(24) if team else b"")


def signed(
    *,
    team: str = "",
    identifier: str = "a.out",
    entitlements: bytes = b"",
    page: int = PAGE,
    text: bytes = b"\x90",
    strings: bytes = _STRINGS,
) -> bytes:
    """An executable with a signature that is right for its bytes."""

    def sign(before: bytes) -> bytes:
        return code_signature(before, team=team, identifier=identifier, entitlements=entitlements)

    start = _TEXT_SIZE + len(_SYMBOLS) + len(strings)
    start += -start % 16
    size = len(sign(bytes(start)))
    draft = executable(signature=bytes(size), page=page, text=text, strings=strings)
    before = draft[: len(draft) - size]
    return before + sign(before)
