"""Small macOS executables as Go's linker lays them out, made here byte by byte.

Header, __TEXT, __LINKEDIT with a symbol table, and a signature where one is asked for
(<mach-o/loader.h>). Nothing of samego takes part.
"""

from __future__ import annotations

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
