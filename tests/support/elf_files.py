"""Small ELF files laid out as Go's linker does, and as strip(1) leaves them.

Of any width and byte order, so that what no machine here can link is tested too. The
segments start at multiples of PAGE; upstream's form has its section header table behind
the program headers and .shstrtab between two loaded sections, as Go 1.21's has.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

PAGE = 0x800
BASE = 0x10000

_PROGBITS, _SYMTAB, _STRTAB, _NOTE, _NOBITS = 1, 2, 3, 7, 8
_WRITE, _ALLOC, _EXEC = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Program:
    """What is linked: ``functions`` are (name, size) in the order of their addresses."""

    bits: int = 64
    little: bool = True
    release: str = "go1.24.4"
    path: str = "cmd/nm"
    settings: Mapping[str, str] = field(
        default_factory=lambda: {"-compiler": "gc", "GOARCH": "amd64", "GOOS": "linux"}
    )
    functions: Sequence[tuple[str, int]] = (
        ("internal/buildcfg.init", 16),
        ("main.main", 32),
        ("runtime.(*mheap).alloc", 16),
        ("slices.Sort[go.shape.[]cmd/x.T]", 8),
        ("type:.eq.cmd/y.T", 8),
    )
    rodata: bytes = b"softfloat of the constants"
    data: bytes = b"variables, not a multiple of eight"


#: One program for each width and byte order, with names for tests.
EVERY_FORM = {
    f"{bits}-{'little' if little else 'big'}": Program(bits=bits, little=little)
    for bits in (64, 32)
    for little in (True, False)
}


@dataclass(slots=True)
class _Section:
    name: str
    type: int
    flags: int
    content: bytes
    align: int
    offset: int = 0
    size: int = 0
    link: int = 0
    entsize: int = 0

    def place(self, position: int) -> int:
        """Put the section at the next aligned place; returns the place behind it."""
        self.offset = _up(position, self.align)
        self.size = len(self.content)
        return self.offset + self.size


class _Encoder:
    def __init__(self, program: Program) -> None:
        self.order = "<" if program.little else ">"
        self.wide = program.bits == 64
        self.word = 8 if self.wide else 4
        self.sizes = (64, 56, 64) if self.wide else (52, 32, 40)

    def pack(self, layout: str, *values: int) -> bytes:
        """W stands for an address."""
        return struct.pack(self.order + layout.replace("W", "Q" if self.wide else "I"), *values)


def upstream_file(program: Program) -> bytes:
    """The program as Go's linker writes it, with its symbol table."""
    return _link(program, stripped=False)


def stripped_file(program: Program, *, debug_link: str | None = "") -> bytes:
    """The same without symbol table; an empty ``debug_link`` names the build-id, None none."""
    return _link(program, stripped=True, debug_link=debug_link)


def build_id() -> bytes:
    """The GNU build-id of all these files."""
    return bytes(range(20))


@dataclass(frozen=True, slots=True)
class _Linked:
    """A program as linked: its loaded sections placed, and what a segment holds of the file."""

    code: _Encoder
    program: Program
    loaded: list[_Section]
    names: _Section
    spans: list[tuple[int, int]]

    @property
    def rounded_end(self) -> int:
        """Where Go's linker ends the last segment's bytes, and zeros begin."""
        return _up(self.spans[-1][1], 32)


def _lay_out(program: Program) -> _Linked:
    code = _Encoder(program)
    text = b"".join(bytes([0x90 + n]) * size for n, (_, size) in enumerate(program.functions))
    names = _Section(".shstrtab", _STRTAB, 0, bytes(150), 1)
    loaded = [
        _Section(".note.go.buildid", _NOTE, _ALLOC, _note(code, b"Go\0\0", 4, b"a/b/c/d"), 4),
        _Section(".note.gnu.build-id", _NOTE, _ALLOC, _note(code, b"GNU\0", 3, build_id()), 4),
        _Section(".text", _PROGBITS, _ALLOC | _EXEC, text, 16),
        _Section(".rodata", _PROGBITS, _ALLOC, program.rodata, 16),
        names,
        _Section(".gopclntab", _PROGBITS, _ALLOC, _function_table(code, program), 8),
        _Section(".go.buildinfo", _PROGBITS, _ALLOC | _WRITE, _build_info(program), 16),
        _Section(".data", _PROGBITS, _ALLOC | _WRITE, program.data, 8),
    ]
    # Notes end the first page; then come code, constants and data, a segment each.
    position = PAGE - sum(len(note.content) for note in loaded[:2])
    spans: list[tuple[int, int]] = []
    start = 0
    for section in loaded:
        if section.name in {".rodata", ".go.buildinfo"}:
            spans.append((start, position))
            start = position = _up(position, PAGE)
        position = section.place(position)
    spans.append((start, position))
    linked = _Linked(code, program, loaded, names, spans)
    loaded.append(_Section(".bss", _NOBITS, _ALLOC | _WRITE, b"", 8, size=100))
    loaded[-1].offset = linked.rounded_end
    return linked


def _link(program: Program, *, stripped: bool, debug_link: str | None = None) -> bytes:
    linked = _lay_out(program)
    code, loaded, names = linked.code, linked.loaded, linked.names
    position = file_end = linked.spans[-1][1] if stripped else linked.rounded_end
    if stripped:
        loaded.remove(names)
        outside = [names]
        if debug_link is not None:
            name = debug_link or f"{build_id()[1:].hex()}.debug"
            content = _debug_link(code, name)
            outside.insert(0, _Section(".gnu_debuglink", _PROGBITS, 0, content, 4))
        loaded[-1].offset = file_end
    else:
        outside = [
            _Section(".symtab", _SYMTAB, 0, bytes(24 * 3), 8, link=len(loaded) + 2, entsize=24),
            _Section(".strtab", _STRTAB, 0, b"\0main.main\0", 1),
        ]
    sections = [*loaded, *outside]
    offsets = _name_table(sections, names)
    for section in outside:
        position = section.place(position)
    rows = [bytes(code.sizes[2])]
    rows += [_section_header(linked, section, offsets[section.name]) for section in sections]
    table = b"".join(rows)
    shoff = _up(position, code.word) if stripped else code.sizes[0] + 6 * code.sizes[1]
    image = bytearray(shoff + len(table) if stripped else position)
    head = _header(linked, shoff=shoff, count=len(rows), names=sections.index(names) + 1)
    head += _program_headers(linked, file_end)
    image[: len(head)] = head
    image[shoff : shoff + len(table)] = table
    for section in sections:
        image[section.offset : section.offset + len(section.content)] = section.content
    return bytes(image)


def _header(linked: _Linked, *, shoff: int, count: int, names: int) -> bytes:
    code = linked.code
    little = linked.program.little
    ident = bytes([0x7F, *b"ELF", 2 if code.wide else 1, 1 if little else 2, 1]).ljust(16, b"\0")
    sizes = (code.sizes[0], code.sizes[1], 6, code.sizes[2])
    fields = (2, 62, 1, BASE + PAGE, code.sizes[0], shoff, 0, *sizes, count, names)
    return ident + code.pack("HHIWWWIHHHHHH", *fields)


def _program_headers(linked: _Linked, file_end: int) -> bytes:
    code = linked.code
    notes = linked.loaded[0].offset
    table = 6 * code.sizes[1]
    memory_end = linked.rounded_end + 100
    (_, text_end), (rodata, rodata_end), (data, _) = linked.spans
    rows = [
        (6, 4, code.sizes[0], table, table, 0x1000),
        (4, 4, notes, PAGE - notes, PAGE - notes, 4),
        (1, 5, 0, text_end, text_end, PAGE),
        (1, 4, rodata, rodata_end - rodata, rodata_end - rodata, PAGE),
        (1, 6, data, file_end - data, memory_end - data, PAGE),
        (0x6474E551, 6, 0, 0, 0, code.word),
    ]
    return b"".join(_program_header(code, *row) for row in rows)


def _section_header(linked: _Linked, section: _Section, name: int) -> bytes:
    address = BASE + section.offset if section.flags & _ALLOC else 0
    if section.type == _NOBITS:
        address = BASE + linked.rounded_end
    place = (section.flags, address, section.offset, section.size)
    rest = (section.link, 0, section.align, section.entsize)
    return linked.code.pack("IIWWWWIIWW", name, section.type, *place, *rest)


def _program_header(
    code: _Encoder, kind: int, flags: int, offset: int, filesz: int, memsz: int, align: int
) -> bytes:
    address = BASE + offset if memsz else 0
    if code.wide:
        return code.pack("IIQQQQQQ", kind, flags, offset, address, address, filesz, memsz, align)
    return code.pack("IIIIIIII", kind, offset, address, address, filesz, memsz, flags, align)


def _name_table(sections: Sequence[_Section], names: _Section) -> dict[str, int]:
    content = b"\0"
    offsets = {}
    for section in sections:
        offsets[section.name] = len(content)
        content += section.name.encode() + b"\0"
    names.content = content
    names.size = len(content)
    return offsets


def _note(code: _Encoder, name: bytes, kind: int, descriptor: bytes) -> bytes:
    head = code.pack("III", len(name), len(descriptor), kind)
    return head + name + descriptor.ljust(_up(len(descriptor), 4), b"\0")


def _debug_link(code: _Encoder, name: str) -> bytes:
    content = name.encode() + b"\0"
    return content.ljust(_up(len(content), 4), b"\0") + code.pack("I", 0x12345678)


def _build_info(program: Program) -> bytes:
    lines = [f"path\t{program.path}"]
    lines += [f"build\t{key}={value}" for key, value in program.settings.items()]
    modules = (
        bytes.fromhex("3077af0c9274080241e1c107e6d618e6")
        + "".join(f"{line}\n" for line in lines).encode()
        + bytes.fromhex("f932433186182072008242104116d8f2")
    )
    flags = 2 if program.little else 3
    head = b"\xff Go buildinf:" + bytes([program.bits // 8, flags])
    version = program.release.encode()
    body = head.ljust(32, b"\0") + _counted(version) + _counted(modules)
    return body.ljust(_up(len(body), 16), b"\0")


def _counted(text: bytes) -> bytes:
    size, out = len(text), b""
    while size > 0x7F:
        out += bytes([size & 0x7F | 0x80])
        size >>= 7
    return out + bytes([size]) + text


def _function_table(code: _Encoder, program: Program) -> bytes:
    names, starts, at = b"", [], 0
    places = []
    for name, size in program.functions:
        places.append(len(names))
        names += name.encode() + b"\0"
        starts.append(at)
        at += size
    names = names.ljust(_up(len(names), 8), b"\0")
    count = len(program.functions)
    head_size = 8 + 8 * code.word
    table_size = 8 * count + 4
    rows = b"".join(
        code.pack("II", start, table_size + 8 * number) for number, start in enumerate(starts)
    ) + code.pack("I", at)
    rows += b"".join(code.pack("II", s, p) for s, p in zip(starts, places, strict=True))
    after = head_size + len(names)
    head = code.pack("IHBB", 0xFFFFFFF1, 0, 1, code.word) + code.pack(
        "W" * 8, count, 0, 0, head_size, after, after, after, after
    )
    return head + names + rows


def _up(value: int, align: int) -> int:
    return (value + align - 1) // align * align
