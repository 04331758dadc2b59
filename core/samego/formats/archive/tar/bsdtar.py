"""How makepkg writes a tar: through bsdtar, in libarchive's restricted pax format.

A header is plain ustar where that can hold the values; otherwise an extended header with
exactly these records precedes it.

Source: libarchive 3.6 to 3.8, libarchive/archive_write_set_format_pax.c
(archive_write_pax_header, build_ustar_entry_name, build_pax_attribute_name) and
archive_write_set_format_ustar.c (format_number), compared with what bsdtar writes.
"""

from __future__ import annotations

import base64
import functools
import unicodedata

from samego.formats.archive.tar.gnu import bare, check_names, check_owner, data_size, link_mode
from samego.formats.archive.tar.header import (
    BLANK_CHECKSUM,
    BLOCK,
    FIELDS,
    USTAR_MAGIC,
    TarError,
    Values,
    with_checksum,
)
from samego.formats.archive.tar.records import Records, format_record

_NAME, _PREFIX, _OWNER_NAME = 100, 155, 31
_DEVICE = b"000000 \0"
_MAX_ID = (1 << 18) - 1
_MAX_SIZE = (1 << 33) - 1
#: Where libarchive up to 3.6 begins to write times in records, and later ones do not.
_MAX_TIME = 0x7FFFFFFF
_HARD_LINK, _SYMBOLIC_LINK, _DIRECTORY = b"1", b"2", b"5"
_LONG = {_HARD_LINK: b"././@LongHardLink", _SYMBOLIC_LINK: b"././@LongSymLink"}


class Bsdtar:
    """bsdtar as makepkg calls it: names without ``./``, without flags of the file system."""

    maker = "makepkg"

    def written(self, values: Values) -> bytes:
        """The header, after an extended one where the values need it."""
        check_names(values)
        check_owner(values)
        if not 0 <= values.mtime <= _MAX_TIME:
            raise TarError(f"a member, {values.shown}, from before 1970 or after 2038")
        name = bare(values.name)
        if not name:
            raise TarError("a member for its root")
        if values.flag == _DIRECTORY:
            name += b"/"
        link = values.link if values.flag in _LONG else b""
        # _replace would take as long as everything else here, and this runs for every member.
        values = Values(
            name,
            link_mode(values),
            values.uid,
            values.gid,
            data_size(values),
            values.mtime,
            values.flag,
            link,
            *values[8:],
        )
        _check_charset(values)
        records = [] if _is_plain(values) else _records(values)
        if not records:
            return _block(values, name, link, strict=False)
        short = ustar_name(name) if _needs_path(name) else name
        shown = _LONG[values.flag] if len(link) > _NAME else link
        return _extended(values, short, records) + _block(values, short, shown, strict=False)


BSDTAR = Bsdtar()


def _records(values: Values) -> Records:
    """The records that libarchive writes for these values, in its order."""
    name, link = values.name, values.link
    records: Records = []
    if values.binary:
        records.append((b"hdrcharset", b"BINARY"))
    if _needs_path(name):
        records.append((b"path", name))
    if len(link) > _NAME or not link.isascii():
        records.append((b"linkpath", link))
    for key, number, owner in (
        (b"gid", values.gid, values.gname),
        (b"uid", values.uid, values.uname),
    ):
        if number > _MAX_ID:
            records.append((key, b"%d" % number))
        if len(owner) > _OWNER_NAME or not owner.isascii():
            records.append((key.replace(b"id", b"name"), owner))
    if records or values.xattrs:
        if values.fraction:
            records.append((b"mtime", b"%d.%s" % (values.mtime, values.fraction)))
        records += _attributes(values)
    if values.size > _MAX_SIZE:
        records.append((b"size", b"%d" % values.size))
    return records


def _is_plain(values: Values) -> bool:
    """Whether all values fit ustar's fields: a shorter way to no records, for most members."""
    return (
        len(values.name) <= _NAME
        and len(values.link) <= _NAME
        and values.uid <= _MAX_ID
        and values.gid <= _MAX_ID
        and values.size <= _MAX_SIZE
        and len(values.uname) <= _OWNER_NAME
        and len(values.gname) <= _OWNER_NAME
        and not values.binary
        and not values.xattrs
        and (values.name + values.link + values.uname + values.gname).isascii()
    )


def _attributes(values: Values) -> Records:
    """Each extended attribute in libarchive's own way and in star's."""
    records: Records = []
    for name, value in values.xattrs:
        encoded = base64.b64encode(value).rstrip(b"=")
        records.append((b"LIBARCHIVE.xattr." + name.encode("ascii"), encoded))
        records.append((b"SCHILY.xattr." + name.encode("ascii"), value))
    return records


def _check_charset(values: Values) -> None:
    """Refuse names that libarchive writes differently or changes when it reads them."""
    texts = (values.name, values.link, values.uname, values.gname)
    if b"".join(texts).isascii():
        if values.binary:
            raise TarError(f"a member, {values.shown}, declared binary that is ASCII")
        return
    if values.binary:
        return
    for text in texts:
        try:
            decoded = text.decode("utf-8")
        except UnicodeDecodeError:
            raise TarError(f"a member, {values.shown}, with text that is not UTF-8") from None
        if not unicodedata.is_normalized("NFC", decoded):
            raise TarError(
                f"a member, {values.shown}, with accents as separate characters:"
                " pacman would compose them"
            )


def _needs_path(name: bytes) -> bool:
    """Whether a name does not fit ustar's two fields."""
    if not name.isascii():
        return True
    return len(name) > _NAME and _split(name) is None


def _split(name: bytes) -> int | None:
    """Where a long name is cut into prefix and name: the last slash at which it fits."""
    cut = name.find(b"/", len(name) - _NAME - 1)
    if cut == 0:
        cut = name.find(b"/", 1)
    if cut < 0 or cut == len(name) - 1 or cut > _PREFIX:
        return None
    return cut


def ustar_name(name: bytes, insert: bytes = b"") -> bytes:
    """A name that fits ustar, from one that does not (build_ustar_entry_name).

    ``insert`` is a directory that is put before the file's own name.
    """
    if len(name) < _NAME and not insert:
        return name
    room = 98
    end = len(name)
    while True:
        if end > 0 and name[end - 1 : end] == b"/":
            end -= 1
        elif end > 1 and name[end - 2 : end] == b"/.":
            end -= 2  # libarchive counts this as a directory too
        else:
            break
    slash = end < len(name)
    if end == 0:
        return insert + b"/"
    room -= slash
    start = max(name.rfind(b"/", 0, end), 0)
    if name[start : start + 1] == b"/" and start < end - 1:
        start += 1
    room -= len(insert) + 2 if insert else 0
    stop = min(end, start + room)
    room -= stop - start
    prefix = _directory_end(name, 0, min(154, start), start)
    suffix = _directory_end(name, prefix, max(prefix, min(prefix + room, start)), start)
    middle = insert + b"/" if insert else b""
    return name[:suffix] + middle + name[start:stop] + (b"/" if slash else b"")


def _directory_end(name: bytes, begin: int, end: int, filename: int) -> int:
    """The end of the directories that fit between two positions, their slash included."""
    while end > begin and name[end : end + 1] != b"/":
        end -= 1
    if end < filename and name[end : end + 1] == b"/":
        end += 1
    return end


def _extended_name(name: bytes) -> bytes:
    """The name of the extended header itself (build_pax_attribute_name)."""
    end = len(name)
    while (end > 0 and name[end - 1 : end] == b"/") or (end > 1 and name[end - 2 : end] == b"/."):
        end -= 1
    if end == 0:
        return b"/PaxHeader/rootdir"
    if name[:end] == b".":
        return b"PaxHeader/currentdir"
    return ustar_name(name[:end], b"PaxHeader")


def _extended(values: Values, short: bytes, records: Records) -> bytes:
    data = b"".join(format_record(key, value) for key, value in records)
    header = Values(
        b"",
        values.mode & 0o777,
        min(values.uid, _MAX_ID),
        min(values.gid, _MAX_ID),
        len(data),
        values.mtime,
        b"x",
        b"",
        values.uname,
        values.gname,
    )
    return (
        _block(header, _extended_name(short), b"", strict=True) + data + bytes(-len(data) % BLOCK)
    )


def _block(values: Values, name: bytes, link: bytes, *, strict: bool) -> bytes:
    prefix = b""
    if len(name) > _NAME:
        cut = _split(name)
        if cut is None:
            raise TarError(f"a member whose name, {name[:80]!r}, bsdtar cannot write")
        prefix, name = name[:cut], name[cut + 1 :]
    return with_checksum(
        FIELDS.pack(
            name,
            _number(values.mode, 6, 8, b" \0", strict),
            _number(values.uid, 6, 8, b" \0", strict),
            _number(values.gid, 6, 8, b" \0", strict),
            _number(values.size, 11, 12, b" ", strict),
            _number(values.mtime, 11, 12, b" ", strict=True),
            BLANK_CHECKSUM,
            values.flag,
            link,
            USTAR_MAGIC,
            values.uname,
            values.gname,
            _DEVICE,
            _DEVICE,
            prefix,
            b"",
        )
    )


@functools.lru_cache(maxsize=1 << 13)
def _number(number: int, digits: int, most: int, end: bytes, strict: bool) -> bytes:  # noqa: FBT001 - cached
    """Octal digits and the field's end marks; digits stand over these where they need it.

    Numbers that do not fit in octal digits are in base 256.
    """
    for count in range(digits, (digits if strict else most) + 1):
        if number < 1 << (3 * count):
            return b"%0*o" % (count, number) + end[count - digits :]
    raw = number.to_bytes(most, "big")
    return bytes([raw[0] | 0x80]) + raw[1:]
