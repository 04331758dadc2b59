"""Python's marshalled code objects in one normal form, read without making objects of them.

The same code can be written in several ways: a repeated value is written again or referred to,
depending on the writer's reference counts (Python/marshal.c, w_ref). Here every reference is
replaced by its value. Only the types of values that code objects consist of are read: unmarshalling
untrusted bytes in Python itself can crash it or run code.
"""

from __future__ import annotations

import struct
import sys

#: A value: its type's letter, and what it holds.
Value = tuple[object, ...]

_REFERRED = 0x80
_MOST_DEPTH = 50
_MOST_VALUES = 1 << 20
_INT = struct.Struct("<i")
#: A float, and a complex number: their size in bytes.
_FLOATS = {b"g": 8, b"y": 16}
#: Types of strings that differ in how the interpreter stores them, not in their value.
_STRINGS = {b"z": "s1", b"Z": "s1", b"a": "s4", b"A": "s4", b"u": "u", b"t": "u"}
_PLAIN = {b"N": "None", b"F": "False", b"T": "True", b".": "Ellipsis", b"0": "null"}
#: Types that hold values; Python writes slices since 3.14.
_SEVERAL = {
    b"(": "tuple",
    b")": "tuple",
    b"[": "list",
    b":": "slice",
    b"<": "set",
    b">": "frozenset",
}
_UNORDERED = frozenset({"set", "frozenset"})
#: Numbers and objects of a code object in their order (Python/marshal.c, w_complex_object).
_CODE = (
    f"{'i' * 5}{'o' * 8}i{'o' * 2}" if sys.version_info >= (3, 11) else f"{'i' * 6}{'o' * 8}i{'o'}"
)


#: Where a code object names the file that it was compiled from.
_FILE_NAME = 11 if sys.version_info >= (3, 11) else 13


class MarshalError(ValueError):
    """Bytes that are no marshalled code."""


def canonical(data: bytes) -> Value:
    """A marshalled value without references. Raises MarshalError."""
    reader = _Reader(data)
    value = reader.value(0)
    if reader.at != len(data):
        raise MarshalError
    return value


def file_name(code: Value) -> str:
    """The file that a code object says it was compiled from. Raises MarshalError."""
    name = code[_FILE_NAME] if code[0] == "code" else None
    if not isinstance(name, tuple) or name[0] != "text":
        raise MarshalError
    try:
        return bytes(name[1]).decode("utf-8")
    except UnicodeDecodeError as error:
        raise MarshalError from error


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        #: What can be referred to, each with how many values it consists of.
        self._known: list[tuple[Value, int] | None] = []
        self._count = 0

    def value(self, depth: int) -> Value:
        self._add(1)
        before = self._count
        if depth > _MOST_DEPTH:
            raise MarshalError
        letter = self._take(1)[0]
        kind = bytes([letter & ~_REFERRED])
        place = None
        if letter & _REFERRED:
            place = len(self._known)
            self._known.append(None)
        found = self._read(kind, depth)
        if place is not None:
            self._known[place] = (found, self._count - before + 1)
        return found

    def _add(self, number: int) -> None:
        """Count values, those that are referred to among them: a few bytes can stand for many."""
        self._count += number
        if self._count > _MOST_VALUES:
            raise MarshalError

    def _read(self, kind: bytes, depth: int) -> Value:  # noqa: PLR0911 - one line for each type
        if kind in _PLAIN:
            return (_PLAIN[kind],)
        if kind == b"r":
            return self._referred()
        if kind == b"i":
            return ("int", self._int())
        if kind == b"l":
            digits = self._int()
            return ("long", digits, self._take(2 * abs(digits)))
        if kind in _FLOATS:
            return ("float", self._take(_FLOATS[kind]))
        if kind == b"s":
            return ("bytes", self._take(self._int()))
        if kind in _STRINGS:
            size = self._take(1)[0] if _STRINGS[kind] == "s1" else self._int()
            return ("text", self._take(size))
        if kind in _SEVERAL:
            name = _SEVERAL[kind]
            values = self._values(self._size(kind), depth)
            # The order of a set is that of the writer's hashes, which differ from run to run.
            return (name, *(sorted(values, key=repr) if name in _UNORDERED else values))
        if kind == b"c":
            return ("code", *(self._part(part, depth) for part in _CODE))
        raise MarshalError

    def _part(self, part: str, depth: int) -> object:
        return self._int() if part == "i" else self.value(depth + 1)

    def _size(self, kind: bytes) -> int:
        """How many values follow."""
        if kind == b":":
            return 3  # start, stop and step
        return self._take(1)[0] if kind == b")" else self._int()

    def _values(self, size: int, depth: int) -> list[Value]:
        if not 0 <= size <= len(self.data) - self.at:
            raise MarshalError
        return [self.value(depth + 1) for _ in range(size)]

    def _referred(self) -> Value:
        number = self._int()
        found = self._known[number] if 0 <= number < len(self._known) else None
        if found is None:
            raise MarshalError
        value, size = found
        self._add(size)
        return value

    def _int(self) -> int:
        return int(_INT.unpack(self._take(_INT.size))[0])

    def _take(self, size: int) -> bytes:
        end = self.at + size
        if size < 0 or end > len(self.data):
            raise MarshalError
        part = self.data[self.at : end]
        self.at = end
        return part
