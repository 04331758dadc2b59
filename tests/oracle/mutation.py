"""Seeded changes of a tar: fields, bytes and whole blocks, with checksums that are right again."""

from __future__ import annotations

import random
from collections.abc import Callable

BLOCK = 512
#: The fields of a header, as offset and size (POSIX ustar).
FIELDS = (
    *((0, 100), (100, 8), (108, 8), (116, 8), (124, 12), (136, 12), (156, 1), (157, 100)),
    *((257, 6), (263, 2), (265, 32), (297, 32), (329, 8), (337, 8), (345, 155), (500, 12)),
)
_VALUES = (
    *(b"", b"0", b"7", b"5", b"2", b"1", b"\xff", b"\x80\0\0\0\0\0\0\1", b"0000755\0", b"04755\0"),
    *(
        b"0000000\0",
        b"+0000644",
        b" 644 \0",
        b"root",
        b"daemon",
        b"./usr/x",
        b"/x",
        b"../x",
        b"usr",
    ),
    *(b"ustar\0", b"ustar ", b"  \0", b"00", b"L", b"K", b"x", b"g", b"S", b"00000000010\0"),
)


def headers(tar: bytes) -> list[int]:
    """Where the headers of a well-formed tar begin."""
    found, at = [], 0
    while at + BLOCK <= len(tar) and tar[at : at + BLOCK] != bytes(BLOCK):
        found.append(at)
        digits = tar[at + 124 : at + 135].strip(b"\0 ")
        size = int(digits, 8) if digits and not digits.strip(b"01234567") else 0
        at += BLOCK + size + -size % BLOCK
    return found


def repaired(block: bytes) -> bytes:
    """A header with its checksum as all tars write it."""
    blank = block[:148] + b" " * 8 + block[156:]
    return block[:148] + b"%06o\0 " % sum(blank) + block[156:]


def mutated(tar: bytes, chance: random.Random) -> bytes:
    """The tar with one to three changes, or with values that its packer could have written."""
    if chance.random() < 0.4:
        for _ in range(chance.randint(1, 6)):
            tar = _valid(tar, chance)
        return tar
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        change: Callable[[bytes, random.Random], bytes] = chance.choice(
            (_field, _field, _field, _byte, _twice, _gone, _swapped, _extended, _end)
        )
        tar = change(tar, chance)
    return tar


def _at(tar: bytes, chance: random.Random) -> int:
    return chance.choice(headers(tar) or [0])


def _put(tar: bytes, at: int, block: bytes) -> bytes:
    return tar[:at] + block + tar[at + len(block) :]


def _valid(tar: bytes, chance: random.Random) -> bytes:
    """Other digits in a number of a header, as many and in the same form; or another letter."""
    at = _at(tar, chance)
    block = bytearray(tar[at : at + BLOCK])
    if chance.random() < 0.2:
        name = bytes(block[:100]).rstrip(b"\0")
        letters = [index for index, byte in enumerate(name) if chr(byte).isalnum()]
        if letters:
            block[chance.choice(letters)] = chance.choice(b"abcxyz019")
        return _put(tar, at, repaired(bytes(block)))
    offset, size = chance.choice(((100, 8), (100, 8), (136, 12), (108, 8)))
    field = bytes(block[offset : offset + size])
    digits = field.strip(b"\0 ")
    number = {100: chance.randrange(0o10000), 136: chance.randrange(1 << 31), 108: 0}[offset]
    block[offset : offset + size] = field.replace(digits, b"%0*o" % (len(digits), number), 1)
    return _put(tar, at, repaired(bytes(block[:BLOCK]).ljust(BLOCK, b"\0")))


def _field(tar: bytes, chance: random.Random) -> bytes:
    at = _at(tar, chance)
    offset, size = chance.choice(FIELDS)
    value = chance.choice((*_VALUES, chance.randbytes(size)))[:size].ljust(size, b"\0")
    block = tar[at : at + BLOCK]
    return _put(tar, at, repaired(block[:offset] + value + block[offset + size :]))


def _byte(tar: bytes, chance: random.Random) -> bytes:
    at = _at(tar, chance)
    block = bytearray(tar[at : at + BLOCK])
    block[chance.randrange(BLOCK)] = chance.choice(
        (0, 0x20, 0x2F, 0x30, 0xFF, chance.randrange(256))
    )
    return _put(tar, at, repaired(bytes(block)))


def _twice(tar: bytes, chance: random.Random) -> bytes:
    at = _at(tar, chance)
    return tar[:at] + tar[at : at + BLOCK] + tar[at:]


def _gone(tar: bytes, chance: random.Random) -> bytes:
    at = _at(tar, chance)
    return tar[:at] + tar[at + BLOCK :]


def _swapped(tar: bytes, chance: random.Random) -> bytes:
    one, other = sorted((_at(tar, chance), _at(tar, chance)))
    first, second = tar[one : one + BLOCK], tar[other : other + BLOCK]
    return _put(_put(tar, one, second), other, first)


def _extended(tar: bytes, chance: random.Random) -> bytes:
    """Put an extension before a header: GNU's long name or link, or a pax record."""
    at = _at(tar, chance)
    flag = chance.choice((b"L", b"K", b"x", b"g"))
    key = chance.choice((b"path", b"linkpath", b"size", b"uid", b"mtime", b"SCHILY.xattr.user.a"))
    value = chance.choice((b"usr/hidden", b"0", b"/etc/x", b"5"))
    data = value + b"\0"
    if flag in b"xg":
        body = b" " + key + b"=" + value + b"\n"
        data = b"%d" % (len(body) + 2) + body
    head = bytearray(tar[at : at + BLOCK])
    head[156:157], head[124:136] = flag, b"%011o\0" % len(data)
    return tar[:at] + repaired(bytes(head)) + data + bytes(-len(data) % BLOCK) + tar[at:]


def _end(tar: bytes, chance: random.Random) -> bytes:
    return chance.choice((tar[:-BLOCK], tar + bytes(BLOCK), tar + tar[:BLOCK], tar[:-1] + b"\1"))
