"""A writer of xar archives, as Apple's packages are: not every libarchive can write or read them.

Format: github.com/mackyle/xar, wiki "xarformat": a header, a zlib'd table of contents in XML, and
a heap that begins with the table's SHA-1. The layout is that of libarchive's own writer.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape

_HEADER = struct.Struct(">4sHHQQI")
#: The kind of checksum, and its bytes.
_SHA1, _SUM_SIZE = 1, 20


def xar(members: Mapping[str, bytes]) -> bytes:
    """An archive of these files by path; directories come by themselves."""
    heap = bytearray(_SUM_SIZE)
    tree: dict[str, object] = {}
    for path, data in members.items():
        *above, name = path.split("/")
        here = tree
        for part in above:
            below = here.setdefault(part, {})
            assert isinstance(below, dict)
            here = below
        packed = zlib.compress(data, 6)
        here[name] = _data(data, packed, len(heap))
        heap += packed
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<xar><toc>'
        f'<checksum style="sha1"><offset>0</offset><size>{_SUM_SIZE}</size></checksum>'
        f"{_files(tree, [0])}</toc></xar>\n"
    ).encode()
    return _archive(text, heap)


def with_table(archive: bytes, change: Callable[[str], str]) -> bytes:
    """The same archive with another table of contents, whose checksum fits."""
    _magic, start, _version, packed, _size, _sum = _HEADER.unpack_from(archive)
    text = zlib.decompress(archive[start : start + packed]).decode()
    return _archive(change(text).encode(), bytearray(archive[start + packed :]))


def _archive(text: bytes, heap: bytearray) -> bytes:
    """An archive of a table of contents and a heap, which gets the table's checksum."""
    table = zlib.compress(text, 6)
    heap[:_SUM_SIZE] = hashlib.sha1(table, usedforsecurity=False).digest()
    header = _HEADER.pack(b"xar!", _HEADER.size, 1, len(table), len(text), _SHA1)
    return header + table + bytes(heap)


def _files(tree: Mapping[str, object], number: list[int]) -> str:
    """The elements of a directory's entries; ``number`` holds the last ID."""
    elements = []
    for name, content in tree.items():
        number[0] += 1
        head = f'<file id="{number[0]}"><name>{escape(name)}</name>'
        if isinstance(content, dict):
            inside = f"<type>directory</type>{_files(content, number)}"
        else:
            inside = f"<type>file</type><mode>0644</mode>{content}"
        elements.append(f"{head}{inside}</file>")
    return "".join(elements)


def _data(data: bytes, packed: bytes, offset: int) -> str:
    sums = [hashlib.sha1(each, usedforsecurity=False).hexdigest() for each in (packed, data)]
    return (
        f"<data><length>{len(packed)}</length><offset>{offset}</offset><size>{len(data)}</size>"
        '<encoding style="application/x-gzip"/>'
        f'<archived-checksum style="sha1">{sums[0]}</archived-checksum>'
        f'<extracted-checksum style="sha1">{sums[1]}</extracted-checksum></data>'
    )
