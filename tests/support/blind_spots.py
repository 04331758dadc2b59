"""Changes placed where a rule looks away: padding, headers, trailers, declared inputs.

Each function takes a file as Debian ships it and gives it back changed in one such place.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable, Mapping

from support.elf_spots import rename_section, section_end, spots

_LOCAL = b"PK\x03\x04"
_CENTRAL = b"PK\x01\x02"
_END = b"PK\x05\x06"

Change = Callable[[bytes], bytes]


def _at(data: bytes, offset: int, bit: int = 1) -> bytes:
    return data[:offset] + bytes([data[offset] ^ bit]) + data[offset + 1 :]


def _line(data: bytes, old: bytes, new: bytes) -> bytes:
    assert old in data, old
    return data.replace(old, new, 1)


ELF: Mapping[str, Change] = {
    "padding between sections": lambda data: _at(data, spots(data).padding),
    "padding that is loaded": lambda data: _at(data, spots(data).loaded_padding),
    "bytes after the last section": lambda data: data + b"\x90" * 16,
    "one zero byte at the end": lambda data: data + b"\0",
    "Go build ID note": lambda data: _at(data, spots(data).note),
    "GNU build-id note": lambda data: _at(data, section_end(data, ".note.gnu.build-id")),
    "section header's flags": lambda data: _at(data, spots(data).section_header, 2),
    "identification's padding": lambda data: _at(data, spots(data).header),
    "segment's flags": lambda data: _at(data, spots(data).program_flags, 2),
    "code": lambda data: _at(data, spots(data).text),
    "section's name": lambda data: rename_section(data, b".gopclntab", b".gopclntax"),
    # Its last four bytes are the CRC of a file that is in another package.
    "debug link": lambda data: _at(data, section_end(data, ".gnu_debuglink") - 12),
    "debug link's padding": lambda data: _at(data, section_end(data, ".gnu_debuglink") - 4),
}


def _zip_extra(data: bytes) -> bytes:
    """Give the last member's central record an extra field, and mend the end record."""
    end = data.rindex(_END)
    central = data.rindex(_CENTRAL, 0, end)
    name, extra = struct.unpack_from("<HH", data, central + 28)
    field = struct.pack("<HH4s", 0xCAFE, 4, b"evil")
    at = central + 46 + name + extra
    changed = data[:at] + field + data[at:]
    changed = _patched(changed, central + 30, "<H", extra + len(field))
    end += len(field)
    (size,) = struct.unpack_from("<I", changed, end + 12)
    return _patched(changed, end + 12, "<I", size + len(field))


def _zip_gap(data: bytes) -> bytes:
    """Put bytes that belong to nothing between the members and the central directory."""
    end = data.rindex(_END)
    (start,) = struct.unpack_from("<I", data, end + 16)
    gap = b"nothing here"
    changed = data[:start] + gap + data[start:]
    return _patched(changed, end + len(gap) + 16, "<I", start + len(gap))


def _zip_comment(data: bytes) -> bytes:
    return _patched(data, data.rindex(_END) + 20, "<H", 4) + b"evil"


def _zip_time(data: bytes) -> bytes:
    """Change a member's time in the local header only, where few readers look."""
    return _at(data, data.index(_LOCAL) + 10)


def _zip_attributes(data: bytes) -> bytes:
    """Make the first member executable for its owner."""
    return _at(data, data.index(_CENTRAL) + 40, 0x40)


def _patched(data: bytes, offset: int, form: str, value: int) -> bytes:
    packed = struct.pack(form, value)
    return data[:offset] + packed + data[offset + len(packed) :]


ZIP: Mapping[str, Change] = {
    "extra field": _zip_extra,
    "gap": _zip_gap,
    "comment": _zip_comment,
    "local time": _zip_time,
    "attributes": _zip_attributes,
    "prefix": lambda data: b"#!/bin/sh\n" + data,
    "trailer": lambda data: data + b"\0",
}


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


PNG: Mapping[str, Change] = {
    "chunk after IEND": lambda data: data + _png_chunk(b"evIl", b"payload"),
    "bytes after IEND": lambda data: data + b"payload",
    "chunk before IEND": lambda data: (
        data[: -len(_png_chunk(b"IEND", b""))]
        + _png_chunk(b"tEXt", b"date:create\0evil")
        + _png_chunk(b"IEND", b"")
    ),
    "second tIME": lambda data: (
        data[:33] + _png_chunk(b"tIME", b"\x07\xe9\x01\x01\0\0\0") + data[33:]
    ),
}

GZ: Mapping[str, Change] = {
    "second member": lambda data: data + gzip.compress(b"more", mtime=0),
    "empty second member": lambda data: data + gzip.compress(b"", mtime=0),
    "bytes after the end": lambda data: data + b"\0\0",
    "time": lambda data: data[:4] + b"\1\2\3\4" + data[8:],
    "operating system": lambda data: _at(data, 9, 8),
    "other compression": lambda data: gzip.compress(gzip.decompress(data), 1, mtime=0),
}

#: Files by their path below GOROOT that a rule explains from a declared input.
DECLARED: Mapping[str, Mapping[str, Change]] = {
    "go.env": {
        "proxy": lambda data: _line(data, b"GOPROXY=", b"GOPROXY=https://evil.example,"),
        "sum database off": lambda data: _line(data, b"GOSUMDB=sum.golang.org", b"GOSUMDB=off"),
        "line added": lambda data: data + b"GOFLAGS=-toolexec=/tmp/x\n",
        "toolchain": lambda data: _line(data, b"GOTOOLCHAIN=auto", b"GOTOOLCHAIN=path"),
    },
    "VERSION": {"time": lambda data: _line(data, b"time 20", b"time 21")},
    "src/internal/buildcfg/zbootstrap.go": {
        "GO386": lambda data: _line(data, b"`softfloat`", b"`softfloaT`"),
        "line added": lambda data: data + b"\nfunc init() { DefaultGOAMD64 = `v4` }\n",
    },
    "src/cmd/cgo/zdefaultcc.go": {
        "compiler": lambda data: _line(data, b'"gcc"', b'"/tmp/gcc"'),
        "byte added": lambda data: data + b"\n",
    },
    "src/runtime/crash_unix_test.go": {
        "line added to a patched file": lambda data: data + b"\nfunc init() { panic(1) }\n",
        "patch's own line": lambda data: _line(data, b"t.Skip", b"t.Skip "),
    },
    "src/crypto/internal/fips140/aes/_asm/standard/go.mod": {
        "renamed back file": lambda data: data + b"// evil\n",
    },
}
