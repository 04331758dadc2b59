"""Seeded mutations of real inputs: bytes, numbers, lines and pieces, and repaired checksums."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from random import Random

from forge.tape import BLOCK, checksummed

_NUMBERS = (0, 1, 2, 7, 8, 15, 16, 31, 32, 63, 64, 100, 127, 128, 255, 256, 511, 512, 1023, 4096)
_LARGE = (32767, 32768, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**63, 2**64 - 1)
_FORMS = ("<H", ">H", "<I", ">I", "<Q", ">Q", "B")
_TOKENS = (
    b"\0", b"\n", b"\r\n", b" ", b"\t", b"/", b"../", b"./", b"//", b"\\", b"'", b'"', b"`", b"$",
    b"${", b"$((", b")", b"{", b"}", b"[", b"]", b"=", b":", b",", b"-", b"+", b"~", b"0", b"-1",
    b"99999999999999999999", b"1e999", b"NaN", b"null", b"true", b"[]", b"{}", b"\\u0000",
    b"\\ud800",
    b"\xff", b"\xc3\x28", b"\xed\xa0\x80", "\u202e".encode(), "\u0660".encode(), b"\x1b[0m", b"#",
    b"%s", b"\x80" * 8, b"A" * 300, b"[" * 2000, b"(" * 500, b"\n\n", b" \n", b"\n ", b"/dev/null",
)  # fmt: skip

#: A way to change bytes: the input, the other seeds, and the random choice.
_Operation = Callable[[bytearray, Sequence[bytes], Random], None]


def mutated(
    seeds: Sequence[bytes], random: Random, repair: Sequence[Callable[[bytes], bytes]]
) -> bytes:
    """One input: a seed with a few changes, sometimes with its checksums put right again."""
    data = bytearray(random.choice(seeds))
    # Few changes reach deep, many reach odd places.
    for _ in range(random.choice((1, 1, 1, 1, 2, 2, 3, 5, 12))):
        random.choice(_OPERATIONS)(data, seeds, random)
    made = bytes(data)
    if repair and random.random() < 0.8:
        made = random.choice(repair)(made)
    return made


def _flip(data: bytearray, _seeds: Sequence[bytes], random: Random) -> None:
    if data:
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def _byte(data: bytearray, _seeds: Sequence[bytes], random: Random) -> None:
    if data:
        data[random.randrange(len(data))] = random.choice(
            (0, 0x7F, 0x80, 0xFF, random.randrange(256))
        )


def _number(data: bytearray, _seeds: Sequence[bytes], random: Random) -> None:
    form = random.choice(_FORMS)
    size = struct.calcsize(form)
    value = random.choice((*_NUMBERS, *_LARGE, len(data), max(len(data) - 1, 0)))
    if len(data) > size:
        at = random.randrange(len(data) - size)
        data[at : at + size] = struct.pack(form, value % (1 << (8 * size)))


def _nudge(data: bytearray, _seeds: Sequence[bytes], random: Random) -> None:
    """Add a little to a number that stands there."""
    form = random.choice(_FORMS)
    size = struct.calcsize(form)
    if len(data) > size:
        at = random.randrange(len(data) - size)
        (value,) = struct.unpack_from(form, data, at)
        changed = value + random.choice((-8, -4, -2, -1, 1, 2, 4, 8))
        data[at : at + size] = struct.pack(form, changed % (1 << (8 * size)))


def _digit(data: bytearray, _seeds: Sequence[bytes], random: Random) -> None:
    """Another digit where one stands."""
    places = [n for n, byte in enumerate(data[:4096]) if 0x30 <= byte <= 0x39]
    if places:
        data[random.choice(places)] = random.choice(b"0123456789-+ x")


def _insert(data: bytearray, _seeds: Sequence[bytes], random: Random) -> None:
    at = random.randrange(len(data) + 1)
    data[at:at] = random.choice(_TOKENS)


def _overwrite(data: bytearray, _seeds: Sequence[bytes], random: Random) -> None:
    token = random.choice(_TOKENS)
    at = random.randrange(len(data) + 1)
    data[at : at + len(token)] = token


def _delete(data: bytearray, _seeds: Sequence[bytes], random: Random) -> None:
    if data:
        at = random.randrange(len(data))
        del data[at : at + random.choice((1, 1, 2, 4, 8, 64, 512))]


def _repeat(data: bytearray, _seeds: Sequence[bytes], random: Random) -> None:
    if data:
        at = random.randrange(len(data))
        piece = bytes(data[at : at + random.choice((1, 8, 60, 512, 1024))])
        data[at:at] = piece * random.choice((1, 1, 2, 16))


def _cut(data: bytearray, _seeds: Sequence[bytes], random: Random) -> None:
    del data[random.randrange(len(data) + 1) :]


def _splice(data: bytearray, seeds: Sequence[bytes], random: Random) -> None:
    other = random.choice(seeds)
    start = random.randrange(len(other) + 1)
    piece = other[start : start + random.choice((8, 60, 512, 4096))]
    at = random.randrange(len(data) + 1)
    data[at : at + random.choice((0, len(piece)))] = piece


def _line(data: bytearray, seeds: Sequence[bytes], random: Random) -> None:
    """Take, double or move a whole line."""
    lines = bytes(data).split(b"\n")
    at = random.randrange(len(lines))
    line = lines[at]
    choice = random.randrange(4)
    if choice == 0:
        del lines[at]
    elif choice == 1:
        lines.insert(random.randrange(len(lines)), line)
    elif choice == 2:
        other = random.choice(seeds).split(b"\n")
        lines.insert(at, random.choice(other))
    else:
        lines[at] = line[random.randrange(len(line) + 1) :]
    data[:] = b"\n".join(lines)


def _blocks(data: bytearray, _seeds: Sequence[bytes], random: Random) -> None:
    """Swap two blocks of a tar."""
    count = len(data) // BLOCK
    if count > 1:
        one, two = (random.randrange(count) * BLOCK for _ in range(2))
        piece = bytes(data[one : one + BLOCK])
        data[one : one + BLOCK] = data[two : two + BLOCK]
        data[two : two + BLOCK] = piece


_OPERATIONS: tuple[_Operation, ...] = (
    _flip, _flip, _byte, _byte, _number, _nudge, _digit, _digit, _insert, _overwrite, _delete,
    _repeat, _cut, _splice, _line, _line, _blocks,
)  # fmt: skip


def right_tar(data: bytes) -> bytes:
    """Put right the checksum of every block that looks like a header of ustar."""
    out = bytearray(data)
    for at in range(0, len(out) - BLOCK + 1, BLOCK):
        block = bytes(out[at : at + BLOCK])
        if block[257:262] == b"ustar":
            out[at : at + BLOCK] = checksummed(block)
    return bytes(out)


def right_png(data: bytes) -> bytes:
    """Put right the CRC of every chunk."""
    out = bytearray(data)
    at = 8
    while at + 12 <= len(out):
        (size,) = struct.unpack_from(">I", out, at)
        end = at + 8 + size
        if end + 4 > len(out):
            break
        struct.pack_into(">I", out, end, zlib.crc32(bytes(out[at + 4 : end])))
        at = end + 4
    return bytes(out)
