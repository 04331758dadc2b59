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
from xml.parsers import expat

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
_DAMAGE = (OSError, OverflowError, ValueError, struct.error, zlib.error, expat.ExpatError)


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
            root = _parsed(_inflated(table, unpacked))
            toc = _only(root, "toc")
            for each in _at_most_one(toc, "checksum"):
                _check(table, each, self._heap_bytes(each, "size").hex())
            self.members = tuple(self._walk(root, toc))
        except _DAMAGE as error:
            raise truncated(name, error) from error

    def read(self, member: XarMember) -> bytes:
        """The bytes of a file, held against the checksums that the table has of them.

        Raises InputError where they are damaged or packed in another way than zlib's,
        HostileArchiveError for more than the limits allow, and for what is no file.
        """
        if member.kind != "file":
            # xar gives another file's bytes for a hard link that has some of its own.
            raise hostile(self._name, f"has {member.path!r}, which is no file")
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
        way = _style(_only(data, "encoding"))
        if way not in (_STORED, _DEFLATED):
            raise ValueError(f"{member.path!r} is packed as {way[:40]!r}, which samego cannot read")
        content = _inflated(packed, size) if way == _DEFLATED else packed
        if len(content) != size:
            raise ValueError(f"{member.path!r} has {len(content)} bytes, and should have {size}")
        for tag, what in (("archived-checksum", packed), ("extracted-checksum", content)):
            for each in _at_most_one(data, tag):
                _check(what, each, _text(each).lower())
        return content

    def _walk(self, root: ET.Element, toc: ET.Element) -> Iterator[XarMember]:
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
        # Another reader might find one that stands in other elements, or ask for no namespace: xar
        # takes those behind the table as well.
        if sum(1 for each in root.iter() if _local(each.tag) == "file") != len(seen):
            raise hostile(self._name, "has a file where its table of contents has none")

    def _path(self, above: str, element: ET.Element) -> str:
        stated = _only(element, "name")
        own = _text(stated)
        if stated.attrib or "/" in own or not own.strip("."):
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


def _parsed(table: bytes) -> ET.Element:
    """The root element of a table of contents."""
    # Tags stay as they are written: with each tag's whole namespace before it, a small table
    # fills the memory.
    parser, tree = expat.ParserCreate(), ET.TreeBuilder()
    parser.StartElementHandler, parser.EndElementHandler = tree.start, tree.end
    parser.CharacterDataHandler = tree.data
    # xar takes the last piece of a text that comments, CDATA or instructions divide, a parser like
    # this one the whole. A document type could declare entities.
    parser.CommentHandler = parser.ProcessingInstructionHandler = _refuse
    parser.StartCdataSectionHandler = parser.StartDoctypeDeclHandler = _refuse
    parser.XmlDeclHandler = _check_declaration
    if b"\0" in table:
        raise ValueError("its table of contents is no UTF-8")
    parser.Parse(table, True)
    root: ET.Element = tree.close()
    if root.tag != "xar":
        raise ValueError(f"its table of contents is a {root.tag[:40]!r}")
    return root


def _refuse(*_: object) -> None:
    raise ValueError("its table of contents has more than elements and text")


def _check_declaration(_version: str, encoding: str | None, _standalone: int) -> None:
    """Refuse any encoding but the format's: in another, the same bytes may be other elements."""
    if encoding is not None and encoding.lower() != "utf-8":
        raise ValueError(f"its table of contents is in {encoding[:40]!r}, not in UTF-8")


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
    style = _style(element).lower()
    if style not in _SUMS:
        raise ValueError(f"it has a checksum of the kind {style[:40]!r}, which samego cannot check")
    if hashlib.new(style, data, usedforsecurity=False).hexdigest() != stated:
        raise ValueError(f"one of its {style} checksums does not fit")


def _only(element: ET.Element, tag: str) -> ET.Element:
    """The one child of that name: of two, another reader might take the other."""
    found = _at_most_one(element, tag)
    if not found:
        raise _several(0, tag, element)
    return found[0]


def _at_most_one(element: ET.Element, tag: str) -> list[ET.Element]:
    """The child of that name, if there is one. Further ones may also have a namespace."""
    found = [each for each in element if _local(each.tag) == tag]
    if len(found) > 1:
        raise _several(len(found), tag, element)
    if found and found[0].tag != tag:
        raise ValueError(f"its table of contents has {tag!r} in a namespace")
    return found


def _several(count: int, tag: str, element: ET.Element) -> ValueError:
    return ValueError(f"its table of contents has {count} {tag!r} in a {element.tag!r}")


def _style(element: ET.Element) -> str:
    """The one attribute of that name."""
    found = [value for key, value in element.attrib.items() if _local(key) == "style"]
    if len(found) > 1:
        raise ValueError(f"its table of contents has a {element.tag!r} of {len(found)} styles")
    return element.get("style", "")


def _local(name: str) -> str:
    """A name without the namespace, for which xar does not ask."""
    return name.rpartition(":")[2]


def _text(element: ET.Element) -> str:
    if len(element):
        raise ValueError(f"its table of contents has elements in a {element.tag!r}")
    return element.text or ""


def _number(element: ET.Element, tag: str) -> int:
    digits = _text(_only(element, tag))
    # xar reads an offset with zeros before it as an octal number.
    octal = digits.startswith("0") and digits != "0"
    if octal or len(digits) > _DIGITS or not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"its table of contents has {digits[:20]!r} as {tag!r}")
    return int(digits)
