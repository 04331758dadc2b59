"""Go's function table (pclntab): which function holds an address, which packages are linked in.

Format of Go 1.18 and later (debug/gosym/pclntab.go; cmd/link/internal/ld/pcln.go,
``generatePCHeader``): a header with a magic number, then as words the number of
functions and files, the start of the text (zero in Go 1.26 and later) and the offsets of the
function names, compilation units, files, pc tables and the functions themselves. The
latter begin with a table of pairs of 32-bit numbers: a function's start, counted from
the text's, and where its data lie, which begin with the start again and the offset of
the name. It survives stripping, since the runtime needs it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from samego.formats.executable.elf_values import Elf

SECTION = ".gopclntab"
#: The section's name in a position-independent executable, up to Go 1.25.
RELOCATED_SECTION = f".data.rel.ro{SECTION}"

_MAGICS = (0xFFFFFFF0, 0xFFFFFFF1)  # Go 1.18 and Go 1.20 (internal/abi/symtab.go)
_QUANTA = (1, 2, 4)
_HEADER_WORDS = 8
_MAX_NAME = 4096
_FIRST_PRINTABLE, _LAST_PRINTABLE = 0x21, 0x7E


@dataclass(frozen=True, slots=True)
class FunctionTable:
    """A function table that was understood. Made by :func:`read_function_table`.

    ``names`` are all function names, each behind a zero byte, those of inlined
    functions included; ``functions`` are the functions' table and data; ``files`` the names of
    the source files, each before a zero byte.
    """

    little: bool
    text: int
    count: int
    names: bytes
    functions: bytes
    files: bytes = b""

    def function_at(self, address: int) -> str | None:
        """The name of the function whose code holds ``address``, or None."""
        wanted = address - self.text
        if self.count == 0 or not self._start(0) <= wanted < self._start(self.count):
            return None
        low, high = 0, self.count
        while high - low > 1:
            middle = (low + high) // 2
            if self._start(middle) <= wanted:
                low = middle
            else:
                high = middle
        return self._name(low)

    def has_package(self, path: str) -> bool:
        """Whether code of the package with this import path is linked in, inlined or not."""
        return b"\0" + symbol_prefix(path).encode() + b"." in self.names

    def packages(self) -> frozenset[str]:
        """The packages that code comes from, as symbol prefixes; ``main`` is the program's.

        Functions that the compiler makes (``type:.eq.T``, ``go:buildid``) belong to none.
        """
        return frozenset(_packages(self.names))

    def _start(self, number: int) -> int:
        return self._number(8 * number)

    def _name(self, number: int) -> str | None:
        where = self._number(8 * number + 4)
        if where + 8 > len(self.functions):
            return None
        # ``names`` has one byte in front.
        start = self._number(where + 4) + 1
        end = self.names.find(b"\0", start, start + _MAX_NAME)
        if start >= len(self.names) or end < 0:
            return None
        return self.names[start:end].decode("utf-8", "replace")

    def _number(self, offset: int) -> int:
        order = "<I" if self.little else ">I"
        (value,) = struct.unpack_from(order, self.functions, offset)
        return int(value)


def read_function_table(elf: Elf, name: str = SECTION) -> FunctionTable | None:
    """The function table in the section ``name`` of a Go executable.

    None where there is none, or where it is not understood.
    """
    section, text = elf.section(name), elf.section(".text")
    if section is None or text is None:
        return None
    content = elf.content(section)
    word = elf.form.word
    order = "<" if elf.form.little else ">"
    head = struct.Struct(f"{order}IHBB{_HEADER_WORDS}{'Q' if word == 8 else 'I'}")  # noqa: PLR2004 - bytes of an address
    if len(content) < head.size:
        return None
    magic, zeros, quantum, size, count, _files, start, *offsets = head.unpack_from(content)
    if magic not in _MAGICS or zeros or quantum not in _QUANTA or size != word:
        return None
    names, units, files, tables, functions = offsets
    table_end = functions + 8 * count + 4
    if not head.size <= names <= units <= functions or table_end > len(content):
        return None
    return FunctionTable(
        little=elf.form.little,
        text=start or text.addr,
        count=count,
        names=b"\0" + content[names:units],
        functions=content[functions:],
        files=content[files:tables],
    )


def symbol_prefix(path: str) -> str:
    """An import path as it stands in symbol names (cmd/internal/objabi, PathToPrefix).

    Dots behind the last slash, and characters that are not printable, are written as
    ``%2e``.
    """
    last = path.rfind("/")
    return "".join(
        f"%{byte:02x}" if _is_escaped(byte, behind=index > last) else chr(byte)
        for index, byte in enumerate(path.encode())
    )


def _is_escaped(byte: int, *, behind: bool) -> bool:
    printable = _FIRST_PRINTABLE <= byte <= _LAST_PRINTABLE
    return not printable or byte in b'%"' or (behind and byte == ord("."))


def _packages(names: bytes) -> Iterator[str]:
    for raw in names.split(b"\0"):
        # Type arguments and receivers hold slashes and dots of their own.
        name = raw.partition(b"[")[0].partition(b"(")[0]
        slash = name.rfind(b"/") + 1
        dot = name.find(b".", slash)
        if dot > 0 and b":" not in name[:dot]:
            yield name[:dot].decode("utf-8", "replace")
