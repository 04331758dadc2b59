"""What a file is by its bytes: a table of what formats begin with, and ELF's header.

The table serves to name what lies in a source tree, and nothing is decided by it: file(1)'s
own would be another dependency for the same words.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from samego.source.policy import table

#: ELF: offsets of the class, the byte order, and e_type and e_machine (System V ABI, chapter 4).
_ORDER, _TYPE, _MACHINE = 5, 16, 18
_LITTLE = 1
_SHORTEST = 20
_KINDS = {1: "object", 2: "executable", 3: "shared object or executable", 4: "core file"}
#: System V ABI and its supplements: the machines that Go's own files are of.
_MACHINES = {
    2: "sparc",
    3: "386",
    8: "mips",
    20: "ppc",
    21: "ppc64",
    22: "s390x",
    40: "arm",
    43: "sparc64",
    62: "amd64",
    183: "arm64",
    243: "riscv64",
    258: "loong64",
}
_NAMELESS = "data of no known format"


@dataclass(frozen=True, slots=True)
class _Magic:
    form: str
    magic: bytes
    offset: int
    from_end: int
    suffix: str

    def matches(self, data: bytes, path: str) -> bool:
        if not path.endswith(self.suffix):
            return False
        start = len(data) - self.from_end if self.from_end else self.offset
        return start >= 0 and data[start : start + len(self.magic)] == self.magic


def is_opaque(data: bytes) -> tuple[bool, bool]:
    """Whether bytes are no text, and whether they have NUL bytes, which no text has."""
    if b"\0" in data:
        return True, True
    try:
        data.decode()
    except UnicodeDecodeError:
        return True, False
    return False, False


def form_of(data: bytes, path: str) -> str:
    """The name of a file's format."""
    found = next((each.form for each in _magics() if each.matches(data, path)), _NAMELESS)
    return _elf(data) if found == "ELF" else found


@functools.cache
def _magics() -> tuple[_Magic, ...]:
    return tuple(
        _Magic(
            row["form"],
            bytes.fromhex(row["magic"]),
            row.get("offset", 0),
            row.get("from_end", 0),
            row.get("suffix", ""),
        )
        for row in table("opaque")["forms"]
    )


def _elf(data: bytes) -> str:
    if len(data) < _SHORTEST:
        return "ELF, cut off"
    order = "little" if data[_ORDER] == _LITTLE else "big"
    kind = int.from_bytes(data[_TYPE : _TYPE + 2], order)  # type: ignore[arg-type]  # one of the two
    machine = int.from_bytes(data[_MACHINE : _MACHINE + 2], order)  # type: ignore[arg-type]
    return f"ELF {_KINDS.get(kind, 'file')}, {_MACHINES.get(machine, f'machine {machine}')}"
