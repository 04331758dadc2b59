"""A strict reader of the Mach-O executables that Go's linker writes (64 bits, little endian).

Only what a code signature touches is taken apart: the header, the load commands, the
segment ``__LINKEDIT`` and the tables in it. Whatever is not known is an error, never skipped:
a command that this module does not know could point at bytes anywhere.

Source of all numbers: Apple's <mach-o/loader.h>; for the signature's outermost blob
<kern/cs_blobs.h> (CSMAGIC_EMBEDDED_SIGNATURE, big endian).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

MAGIC = b"\xcf\xfa\xed\xfe"  # MH_MAGIC_64, little endian
_EXECUTE = 2
HEADER_SIZE = 32

LC_SYMTAB = 0x2
LC_DYSYMTAB = 0xB
LC_SEGMENT_64 = 0x19
LC_CODE_SIGNATURE = 0x1D
_LC_DYLD_INFO = (0x22, 0x80000022)
#: linkedit_data_command: an offset and a size. Function starts, data in code, the export
#: trie and chained fixups.
_LC_LINKEDIT_DATA = (0x26, 0x29, 0x80000033, 0x80000034)
#: Commands that point at nothing in the file: thread, dylib, dylinker, UUID, versions, main.
_LC_INERT = frozenset({0x5, 0xC, 0xE, 0x1B, 0x24, 0x2A, 0x32, 0x80000028})

SIGNATURE_COMMAND_SIZE = 16
#: Where vmsize (then fileoff) and filesize stand in a segment_command_64.
_SEGMENT_SIZE = 72
VMSIZE_OFFSET, FILESIZE_OFFSET = 32, 48
_SYMBOL_SIZE = 16  # nlist_64
_LINKEDIT = b"__LINKEDIT"
_MOST_COMMANDS = 4096
_CSMAGIC_EMBEDDED_SIGNATURE = 0xFADE0CC0


class MachoError(ValueError):
    """The bytes are no Mach-O executable that this reader accepts."""


@dataclass(frozen=True, slots=True)
class LoadCommand:
    """A load command: its kind, and its offset and size in the file, in bytes."""

    kind: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Macho:
    """What a signature touches.

    ``linkedit`` is the command of __LINKEDIT, whose bytes start at ``linkedit_start``.
    ``tables_end`` is the end of the last table in it. ``signature`` is the command of the
    signature, if there is one, whose data lie from ``signature_start`` to the file's end.
    """

    data: bytes
    commands: tuple[LoadCommand, ...]
    commands_end: int
    linkedit: LoadCommand
    linkedit_start: int
    vmsize: int
    tables_end: int
    signature: LoadCommand | None
    signature_start: int


def is_macho(data: bytes) -> bool:
    """Whether the bytes start as a 64-bit little-endian Mach-O file does."""
    return data.startswith(MAGIC)


def parse(data: bytes) -> Macho:
    """Read an executable. Raises MachoError for any command or table that is not understood."""
    commands, end = _commands(data)
    signatures = [command for command in commands if command.kind == LC_CODE_SIGNATURE]
    if len(signatures) > 1:
        raise MachoError("two code signatures")
    linkedit = _linkedit(data, commands)
    _address, vmsize, start, size = struct.unpack_from("<4Q", data, linkedit.offset + 24)
    if start + size != len(data) or start < end:
        raise MachoError("__LINKEDIT does not end with the file")
    tables_end = max([start, *(_table_end(data, command, start) for command in commands)])
    signature = signatures[0] if signatures else None
    signature_start = len(data)
    if signature is not None:
        if signature != commands[-1] or signature.size != SIGNATURE_COMMAND_SIZE:
            raise MachoError("the code signature is not the last command")
        signature_start = _signature_start(data, signature)
    if not tables_end <= signature_start:
        raise MachoError("a table reaches into the code signature or beyond the file")
    return Macho(
        data, commands, end, linkedit, start, vmsize, tables_end, signature, signature_start
    )


def text_size(macho: Macho) -> int:
    """The length in the file, in bytes, of the segment __TEXT. Raises MachoError without one."""
    for command in macho.commands:
        name = macho.data[command.offset + 8 : command.offset + 24].rstrip(b"\0")
        if command.kind == LC_SEGMENT_64 and name == b"__TEXT":
            size: int = struct.unpack_from("<Q", macho.data, command.offset + FILESIZE_OFFSET)[0]
            return size
    raise MachoError("no __TEXT")


def _commands(data: bytes) -> tuple[tuple[LoadCommand, ...], int]:
    if len(data) < HEADER_SIZE or not is_macho(data):
        raise MachoError("no 64-bit Mach-O file")
    kind, count, size = struct.unpack_from("<3I", data, 12)
    end = HEADER_SIZE + size
    if kind != _EXECUTE or count > _MOST_COMMANDS or end > len(data):
        raise MachoError("no executable, or its load commands do not fit in it")
    commands: list[LoadCommand] = []
    offset = HEADER_SIZE
    for _number in range(count):
        if offset + 8 > end:
            raise MachoError("the load commands are truncated")
        what, length = struct.unpack_from("<2I", data, offset)
        if length < 8 or length % 8 or offset + length > end:  # noqa: PLR2004 - cmd and cmdsize
            raise MachoError("a load command has a wrong size")
        commands.append(LoadCommand(what, offset, length))
        offset += length
    if offset != end:
        raise MachoError("bytes between the load commands and their end")
    return tuple(commands), end


def _linkedit(data: bytes, commands: tuple[LoadCommand, ...]) -> LoadCommand:
    found = [
        command
        for command in commands
        if command.kind == LC_SEGMENT_64
        and data[command.offset + 8 : command.offset + 24].rstrip(b"\0") == _LINKEDIT
    ]
    if len(found) != 1 or found[0].size != _SEGMENT_SIZE:
        raise MachoError("not exactly one __LINKEDIT without sections")
    return found[0]


def _table_end(data: bytes, command: LoadCommand, start: int) -> int:
    """The end of the last table in __LINKEDIT that a command points at; 0 for none."""
    kind, body = command.kind, command.size - 8
    if kind in _LC_INERT or kind == LC_CODE_SIGNATURE:
        return 0
    if kind == LC_SEGMENT_64:
        return _segment_end(data, command, start)
    sizes = {LC_SYMTAB: 16, LC_DYSYMTAB: 72} | dict.fromkeys(_LC_DYLD_INFO, 40)
    sizes |= dict.fromkeys(_LC_LINKEDIT_DATA, 8)
    if sizes.get(kind) != body:
        raise MachoError(f"a load command that is not known ({kind:#x}, {command.size} bytes)")
    fields = struct.unpack_from(f"<{body // 4}I", data, command.offset + 8)
    if kind == LC_SYMTAB:
        places = [(fields[0], fields[1] * _SYMBOL_SIZE), (fields[2], fields[3])]
    elif kind == LC_DYSYMTAB:
        # Of its tables Go's linker writes the indirect symbols alone (4 bytes each).
        if any(fields[6:12]) or any(fields[14:18]):
            raise MachoError("tables of the dynamic symbol table that Go does not write")
        places = [(fields[12], fields[13] * 4)]
    else:
        places = list(zip(fields[::2], fields[1::2], strict=True))
    ends = [offset + size for offset, size in places if size]
    if any(offset < start for offset, size in places if size):
        raise MachoError("a table outside __LINKEDIT")
    return max(ends, default=0)


def _segment_end(data: bytes, command: LoadCommand, start: int) -> int:
    if command.size < _SEGMENT_SIZE:
        raise MachoError("a segment command that is too short")
    name = data[command.offset + 8 : command.offset + 24].rstrip(b"\0")
    offset, size = struct.unpack_from("<2Q", data, command.offset + 40)
    if name != _LINKEDIT and size and offset + size > start:
        raise MachoError("a segment reaches into __LINKEDIT")
    return 0


def _signature_start(data: bytes, command: LoadCommand) -> int:
    """Where the signature's data start; they must fill the file to its end."""
    start, size = struct.unpack_from("<2I", data, command.offset + 8)
    if start + size != len(data) or size < 8:  # noqa: PLR2004 - a blob's magic and length
        raise MachoError("the code signature does not end with the file")
    magic, length = struct.unpack_from(">2I", data, start)
    if magic != _CSMAGIC_EMBEDDED_SIGNATURE or not 8 <= length <= size:  # noqa: PLR2004 - the size of a blob header
        raise MachoError("no code signature where one should be")
    if data[start + length :].strip(b"\0"):
        raise MachoError("bytes follow the code signature")
    return int(start)
