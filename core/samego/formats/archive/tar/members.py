"""The members of a tar stream, read strictly.

Formats: POSIX ustar and pax (IEEE Std 1003.1, pax, "ustar Interchange Format" and "pax
Extended Header") and GNU's long names (tar/src/tar.h). Python's tarfile reads more, takes a
damaged header for the end of the archive, and costs four times as much per member, which
decides how long a check takes. Here every block is a good header, data, or the end.

An archive that an installer reads has a form: each header is written again from its values as the
form's maker writes it, and must be the same, byte for byte. An archive that is verified by its
digest may be of any maker; there, headers that readers understand differently are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from samego.errors import InputError
from samego.formats.archive.paths import hostile
from samego.formats.archive.tar.gnu import TarForm, end_size
from samego.formats.archive.tar.header import (
    BLOCK,
    GNU_MAGIC,
    OLD_MAGIC,
    USTAR_MAGIC,
    HiddenDataError,
    TarError,
    Values,
    check_sum,
    field_that_differs,
    parse_header,
)
from samego.formats.archive.tar.records import Records, apply_records, parse_records, shown

_END = bytes(BLOCK)
_CHUNK = 1 << 20
#: Where ustar's magic begins, and its prefix.
_MAGIC, _PREFIX = 257, 345
#: The most that an extended header may hold: it is read whole.
_MAX_EXTENSION = 1 << 20

REGULAR, HARD_LINK, SYMBOLIC_LINK, DIRECTORY = "regular", "hard link", "link", "directory"
_KINDS = {
    b"0": REGULAR,
    b"\0": REGULAR,
    b"7": REGULAR,
    b"1": HARD_LINK,
    b"2": SYMBOLIC_LINK,
    b"5": DIRECTORY,
}
_GNU_NAME, _GNU_LINK, _PAX, _PAX_GLOBAL = b"L", b"K", b"x", b"g"
_EXTENSIONS = (_GNU_NAME, _GNU_LINK, _PAX, _PAX_GLOBAL)


class TarMember(NamedTuple):
    """A member's header. ``kind`` is one of the constants above, or ``other``."""

    name: str
    kind: str
    mode: int
    owner: tuple[int, int]
    size: int
    link: str
    xattrs: tuple[tuple[str, bytes], ...] = ()


@dataclass(slots=True)
class _Pending:
    """The extensions before a header: as they stand, and what they say."""

    blocks: list[bytes] = field(default_factory=list)
    extensions: dict[bytes, bytes] = field(default_factory=dict)


def read_members(stream: BinaryIO, form: TarForm | None = None) -> Iterator[TarMember]:
    """Give each member's header; the stream then stands at its data.

    The caller must call read_data for a regular member before it goes on. With a ``form``
    the archive must be as its maker writes it, up to its last byte. Raises TarError for
    anything but a well-formed archive up to its end.
    """
    pending = _Pending()
    position = 0
    while True:
        block = stream.read(BLOCK)
        if block == _END:
            if pending.blocks:
                raise TarError("an extended header without a member")
            _check_end(stream, form, position)
            return
        if len(block) != BLOCK:
            raise TarError("an archive without its end" if position else "an empty file")
        position += BLOCK
        values, magic = parse_header(block)
        if form is None or values.flag in _EXTENSIONS:
            check_sum(block)
        if values.flag in _EXTENSIONS:
            data = _extension(stream, values, pending)
            pending.blocks += [block, data]
            position += len(data)
            continue
        if pending.blocks:
            values = _extended(values, pending.extensions)
            blocks, pending = [*pending.blocks, block], _Pending()
        else:
            blocks = [block]
        if form is None:
            _check_plain(values, magic, block)
        else:
            _check_form(values, b"".join(blocks), form)
        member = _member(values)
        position += member.size + -member.size % BLOCK
        yield member


def refusal(error: TarError, *, name: str, hint: str = "") -> InputError:
    """What to raise for an archive that is refused; ``hint`` where the error's own does not fit."""
    if isinstance(error, HiddenDataError):
        return hostile(name, f"has {error.message}")
    return InputError(
        f"{name} is not a readable tar archive: it has {error.message}", hint=hint or error.hint
    )


def read_data(stream: BinaryIO, size: int) -> bytes:
    """A member's data; the stream then stands at the next header."""
    data = stream.read(size)
    padding = -size % BLOCK
    filled = stream.read(padding)
    if len(data) != size or len(filled) != padding:
        raise TarError("a truncated member")
    if filled.strip(b"\0"):
        raise HiddenDataError("hidden bytes behind a member's data")
    return data


def _extension(stream: BinaryIO, values: Values, pending: _Pending) -> bytes:
    """Read what an extended header holds; the blocks as they stand."""
    if values.size > _MAX_EXTENSION:
        raise TarError(f"an extended header of {values.size} bytes")
    if values.flag in pending.extensions:
        raise TarError("two extended headers of one kind before a member")
    data = read_data(stream, values.size)
    if values.flag == _PAX_GLOBAL:
        _check_global(parse_records(data))
    else:
        pending.extensions[values.flag] = data
    return data + bytes(-len(data) % BLOCK)


def _check_global(records: Records) -> None:
    """Refuse a header that applies to all members, except the comment that git writes."""
    for key, _value in records:
        if key != b"comment":
            raise TarError(f"a global extended header that sets {shown(key)}")


def _extended(values: Values, extensions: dict[bytes, bytes]) -> Values:
    if _PAX in extensions:
        if len(extensions) > 1:
            raise TarError("a member with both a pax name and a GNU name")
        return apply_records(values, parse_records(extensions[_PAX]))
    if _GNU_NAME in extensions:
        values = values._replace(name=extensions[_GNU_NAME].partition(b"\0")[0])
    if _GNU_LINK in extensions:
        values = values._replace(link=extensions[_GNU_LINK].partition(b"\0")[0])
    return values


def _check_form(values: Values, found: bytes, form: TarForm) -> None:
    """Refuse headers that are not those that the form's maker writes for their values."""
    written = form.written(values)
    if written == found:
        return
    check_sum(found[-BLOCK:])
    if values.flag not in _KINDS:
        return  # a device or the like: it is refused by its path, whatever its header
    where = _where(written, found)
    raise TarError(
        f"{values.shown} with a header that {form.maker} does not write: its {where}",
        hint=f"only packages as {form.maker} writes them are read: build it again with it,"
        " or get it from the distribution",
    )


def _where(written: bytes, found: bytes) -> str:
    """The field in which what was found differs from what would have been written."""
    if len(written) != len(found):
        return f"header has {len(found) // BLOCK} blocks, not {len(written) // BLOCK}"
    for at in range(0, len(found), BLOCK):
        one, other = found[at : at + BLOCK], written[at : at + BLOCK]
        if one != other:
            is_header = b"ustar" in (one[257:262], other[257:262])
            return field_that_differs(one, other) if is_header else "extended header differs"
    return "checksum differs"


def _check_plain(values: Values, magic: bytes, block: bytes) -> None:
    """Refuse a header that two readers would understand differently."""
    if magic not in (USTAR_MAGIC, GNU_MAGIC, OLD_MAGIC):
        raise TarError(f"{values.shown} with a header of an unknown kind ({magic!r})")
    kind = _KINDS.get(values.flag)
    # Where ustar has a prefix, GNU tar has dates and a sparse file's map: some readers put
    # either before the name.
    unused = block[_PREFIX:] if kind and magic == GNU_MAGIC else b""
    unused = block[_MAGIC:] if magic == OLD_MAGIC else unused
    if unused.strip(b"\0"):
        raise TarError(f"{values.shown} with header fields that its type does not have")
    if values.size and kind in (HARD_LINK, SYMBOLIC_LINK, DIRECTORY):
        raise TarError(f"{values.shown}, a {kind} with {values.size} bytes of data")
    if kind is REGULAR and values.flag != b"\0" and values.name.endswith(b"/"):
        raise TarError(f"{values.shown}, a file named as a directory")


def _member(values: Values) -> TarMember:
    kind = _KINDS.get(values.flag, "other")
    if values.flag == b"\0" and values.name.endswith(b"/"):
        kind = DIRECTORY  # as tar wrote it before it had a flag for directories
    return TarMember(
        values.name.decode("utf-8", "surrogateescape"),
        kind,
        values.mode,
        (values.uid, values.gid),
        values.size if kind == REGULAR else 0,
        values.link.decode("utf-8", "surrogateescape"),
        tuple(sorted(values.xattrs)),
    )


def _check_end(stream: BinaryIO, form: TarForm | None, position: int) -> None:
    """Refuse anything but zeros after the last member, or another number than the form's."""
    if not position:
        raise TarError("an empty archive")
    zeros = BLOCK
    while chunk := stream.read(_CHUNK):
        if chunk.strip(b"\0"):
            raise HiddenDataError("data after the end of the archive")
        zeros += len(chunk)
    if form is not None and zeros != end_size(position):
        raise TarError(
            f"an end of {zeros} zero bytes, where {form.maker} writes {end_size(position)}"
        )
