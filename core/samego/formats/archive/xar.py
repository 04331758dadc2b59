"""Reading xar archives, which macOS installer packages are.

Format: github.com/mackyle/xar, wiki "xarformat": a header, a zlib'd table of contents in XML, and
a heap of the files' bytes. Not every libarchive reads it: Debian builds 3.8 without XML.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from xml.etree import ElementTree as ET

from samego.errors import InputError
from samego.formats.archive.compression import truncated
from samego.formats.archive.limits import ArchiveLimits
from samego.formats.archive.paths import clean_path, hostile, too_large

#: Magic, the header's size, version, the table's size (packed, unpacked), checksum kind.
_HEADER = struct.Struct(">4sHHQQI")
_MAGIC = b"xar!"
#: The longest table of contents that is read, in bytes (a real one has some 10 kB).
_TABLE_LIMIT = 4 << 20
#: The kinds of checksum that archivers write (the "style" of the format's checksums).
_SUMS = frozenset({"md5", "sha1", "sha256", "sha512"})
#: How a file's bytes lie in the heap: as they are, or as a zlib stream.
_STORED, _DEFLATED = "application/octet-stream", "application/x-gzip"
#: The longest number that is read, in digits.
_DIGITS = 18
_DAMAGE = (OSError, OverflowError, ValueError, struct.error, zlib.error, ET.ParseError)


@dataclass(frozen=True, slots=True)
class XarMember:
    """A file or directory of an archive: its path, its type in xar's word, its element."""

    path: str
    kind: str
    element: ET.Element


class Xar:
    """An archive whose table of contents was read from ``file``, which stays the caller's.

    ``members`` has every file and directory, each directory before what lies in it. Raises
    InputError for a file that is damaged or no xar archive, HostileArchiveError for names
    that climb or collide, files that lie in files, and anything beyond ``limits``.
    """

    def __init__(self, file: BinaryIO, *, name: str, limits: ArchiveLimits) -> None:
        self._file = file
        self._name = name
        self._limits = limits
        try:
            start, packed, unpacked = _header(file.read(_HEADER.size), name)
            self._heap = start + packed
            table = _read(file, start, packed)
            toc = _toc(_inflated(table, unpacked))
            for each in toc.findall("checksum"):
                _check(table, each, self._heap_bytes(each, "size").hex())
            self.members = tuple(self._walk(toc))
        except _DAMAGE as error:
            raise truncated(name, error) from error

    def read(self, member: XarMember) -> bytes:
        """The bytes of a file, held against the checksums that the table has of them.

        Raises InputError where they are damaged or packed in another way than zlib's,
        HostileArchiveError for more than the limits allow.
        """
        try:
            return self._read(member)
        except _DAMAGE as error:
            raise truncated(self._name, error) from error

    def _read(self, member: XarMember) -> bytes:
        data = _only(member.element, "data")
        size = _number(data, "size")
        if max(size, _number(data, "length")) > self._limits.file_bytes:
            raise too_large(self._name, f"{member.path!r} has {size} bytes")
        packed = self._heap_bytes(data, "length")
        way = _only(data, "encoding").get("style", "")
        if way not in (_STORED, _DEFLATED):
            raise ValueError(f"{member.path!r} is packed as {way[:40]!r}, which samego cannot read")
        content = _inflated(packed, size) if way == _DEFLATED else packed
        if len(content) != size:
            raise ValueError(f"{member.path!r} has {len(content)} bytes, and should have {size}")
        for tag, what in (("archived-checksum", packed), ("extracted-checksum", content)):
            for each in data.findall(tag):
                _check(what, each, _text(each).lower())
        return content

    def _walk(self, toc: ET.Element) -> Iterator[XarMember]:
        seen: set[str] = set()
        waiting = [("", "directory", each) for each in reversed(toc.findall("file"))]
        while waiting:
            above, kind, element = waiting.pop()
            if kind != "directory":
                raise hostile(self._name, f"has a file in {above!r}, which is no directory")
            path = self._path(above, element)
            if path in seen:
                raise hostile(self._name, f"has {path!r} twice")
            if len(seen) >= self._limits.entries:
                raise too_large(self._name, f"over {self._limits.entries} members")
            seen.add(path)
            member = XarMember(path, _text(_only(element, "type")), element)
            yield member
            waiting += [(path, member.kind, each) for each in reversed(element.findall("file"))]
        # Another reader might find one that stands in other elements, or ask for no namespace.
        if sum(1 for each in toc.iter() if _local(each) == "file") != len(seen):
            raise hostile(self._name, "has a file where its table of contents has none")

    def _path(self, above: str, element: ET.Element) -> str:
        stated = _only(element, "name")
        own = _text(stated)
        if stated.attrib or not own.strip("./"):
            # The attribute says that the name is written in base64: names that are no UTF-8.
            raise hostile(self._name, f"has a member named {own[:80]!r}")
        whole = f"{above}/{own}" if above else own
        return clean_path(whole, name=self._name, limits=self._limits)

    def _heap_bytes(self, element: ET.Element, length: str) -> bytes:
        """What an element describes, by its offset and its child of the name ``length``."""
        place, size = _number(element, "offset"), _number(element, length)
        if size > self._limits.file_bytes:
            raise too_large(self._name, f"a part of {size} bytes")
        return _read(self._file, self._heap + place, size)


def _header(head: bytes, name: str) -> tuple[int, int, int]:
    """Where the table of contents begins, and its size packed and unpacked."""
    magic, start, _version, packed, unpacked, _checksum = _HEADER.unpack(head)
    if magic != _MAGIC:
        raise InputError(
            f"{name} is not a macOS installer (it does not begin as a xar archive does)",
            hint="give a .pkg that go.dev/dl posts",
        )
    if start < _HEADER.size:
        raise ValueError(f"its header has {start} bytes")
    if max(packed, unpacked) > _TABLE_LIMIT:
        raise hostile(name, f"has a table of contents of {max(packed, unpacked)} bytes")
    return start, packed, unpacked


def _toc(table: bytes) -> ET.Element:
    """The element with the files."""
    # xar takes the last piece of a text that comments, CDATA or instructions divide, a parser like
    # this one the whole. A document type could declare entities.
    if b"<!" in table or table.find(b"<?", 1) > 0:
        raise ValueError("its table of contents has more than elements and text")
    # The format wants UTF-8; another encoding that the text names would give another reading.
    parser = ET.XMLParser(encoding="utf-8")  # noqa: S314 - no entity is declared
    root = ET.fromstring(table, parser)  # noqa: S314 - as above
    if root.tag != "xar":
        raise ValueError(f"its table of contents is a {root.tag[:40]!r}")
    return _only(root, "toc")


def _inflated(packed: bytes, size: int) -> bytes:
    """What a zlib stream of so many bytes unpacks to. Raises ValueError and zlib.error."""
    stream = zlib.decompressobj()
    data = stream.decompress(packed, size + 1)
    if len(data) != size or not stream.eof or stream.unused_data:
        raise ValueError(f"a part of it does not unpack to {size} bytes")
    return data


def _read(file: BinaryIO, place: int, size: int) -> bytes:
    file.seek(place)
    data = file.read(size)
    if len(data) != size:
        raise ValueError(f"it ends before byte {place + size}")
    return data


def _check(data: bytes, element: ET.Element, stated: str) -> None:
    """Hold bytes against a checksum of the kind that its element names."""
    style = element.get("style", "").lower()
    if style not in _SUMS:
        raise ValueError(f"it has a checksum of the kind {style[:40]!r}, which samego cannot check")
    if hashlib.new(style, data, usedforsecurity=False).hexdigest() != stated:
        raise ValueError(f"one of its {style} checksums does not fit")


def _only(element: ET.Element, tag: str) -> ET.Element:
    """The one child of that name, in whatever namespace: another reader might take another."""
    found = [each for each in element if _local(each) == tag]
    if len(found) != 1:
        raise ValueError(f"its table of contents has {len(found)} {tag!r} in a {element.tag!r}")
    return found[0]


def _local(element: ET.Element) -> str:
    """Its name without the namespace, for which xar does not ask."""
    return element.tag.rpartition("}")[2]


def _text(element: ET.Element) -> str:
    if len(element):
        raise ValueError(f"its table of contents has elements in a {element.tag!r}")
    return element.text or ""


def _number(element: ET.Element, tag: str) -> int:
    digits = _text(_only(element, tag))
    if len(digits) > _DIGITS or not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"its table of contents has {digits[:20]!r} as {tag!r}")
    return int(digits)
