"""Whether two zip archives hold the same members, time stamps and order set aside."""

from __future__ import annotations

import stat
import struct

from samego.rules.content.base import FormatError, Moment
from samego.rules.content.zip_members import DEFERRED, RawZipMember, ZipFile, extra_fields, read_zip

_UNIX = 3
"""The host of "version made by" that puts a Unix mode into the external attributes (4.4.2)."""
_EXTENDED_TIMESTAMP = 0x5455
_UNIX_OWNER = 0x7875
_NTFS = 0x000A
_NTFS_TIMES = 24
_NT_EPOCH = 11_644_473_600
"""Seconds from 1601-01-01, where NTFS times start, to 1970-01-01."""


def check_zip(distro: bytes, upstream: bytes, timestamp: int | None) -> int:
    """Check that ``distro`` holds upstream's members and nothing else; their number.

    What may differ: the order, the time stamps (all of them ``timestamp``, or one common
    moment where that is unknown), the owner in an Info-ZIP field set to 0, permissions
    normalised to 0755 and 0644, and a data descriptor left out. The stored bytes of each
    member are the same, so no member is inflated here. Raises FormatError otherwise.
    """
    ours, theirs = read_zip(distro), read_zip(upstream)
    if ours.comment != theirs.comment:
        raise FormatError("the archive's comment differs")
    left = _by_name(theirs)
    if _by_name(ours).keys() != left.keys():
        raise FormatError("the members' names differ")
    moment = Moment(timestamp)
    for member in ours.members:
        _check_member(member, left[member.name], moment)
    if not moment.settled():
        raise FormatError("the time stamps are not one moment")
    return len(ours.members)


def _by_name(archive: ZipFile) -> dict[bytes, RawZipMember]:
    members = {member.name: member for member in archive.members}
    if len(members) != len(archive.members):
        raise FormatError("two members have one name")
    return members


def _check_member(ours: RawZipMember, theirs: RawZipMember, moment: Moment) -> None:
    same = (
        (ours.made_by, theirs.made_by),
        (ours.needed, theirs.needed),
        (ours.method, theirs.method),
        (ours.crc, theirs.crc),
        (ours.size, theirs.size),
        (ours.internal, theirs.internal),
        (ours.comment, theirs.comment),
        (ours.data, theirs.data),
    )
    if any(left != right for left, right in same):
        raise FormatError("a member differs")
    if ours.flags != theirs.flags and ours.flags != theirs.flags & ~DEFERRED:
        raise FormatError("a member's flags differ")
    if ours.external != theirs.external and ours.external != _normalised(theirs):
        raise FormatError("a member's type or permissions differ")
    if not moment.accept_dos(ours.stamp):
        raise FormatError("a member has a time stamp of its own")
    _check_extra(ours.central_extra, theirs.central_extra, moment)
    _check_extra(ours.local_extra, theirs.local_extra, moment)


def _normalised(member: RawZipMember) -> int:
    """The external attributes after permissions became 0755 or 0644; the type stays."""
    mode = member.external >> 16
    if member.made_by >> 8 != _UNIX or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        return member.external
    permissions = 0o755 if mode & stat.S_IXUSR else 0o644
    return (stat.S_IFMT(mode) | permissions) << 16 | member.external & 0xFFFF


def _check_extra(ours: bytes, theirs: bytes, moment: Moment) -> None:
    if ours == theirs and not ours:
        return
    mine, others = extra_fields(ours), extra_fields(theirs)
    if [(kind, len(body)) for kind, body in mine] != [(kind, len(body)) for kind, body in others]:
        raise FormatError("the extra fields differ")
    for (kind, body), (_, other) in zip(mine, others, strict=True):
        if body != other and not _harmless(kind, body, other, moment):
            raise FormatError(f"the extra field {kind:#06x} differs")


def _harmless(kind: int, ours: bytes, theirs: bytes, moment: Moment) -> bool:
    """Whether a field differs only in what a rewriter sets: times, and owners to 0."""
    if kind == _EXTENDED_TIMESTAMP and len(ours) % 4 == 1 and ours[:1] == theirs[:1]:
        return all(moment.accept(second) for (second,) in struct.iter_unpack("<L", ours[1:]))
    if kind == _UNIX_OWNER and theirs[:1] == b"\x01":
        return ours == _ownerless(theirs)
    if kind == _NTFS and len(ours) == 8 + _NTFS_TIMES and ours[:8] == theirs[:8]:
        if ours[4:8] != struct.pack("<HH", 1, _NTFS_TIMES):
            return False
        times = struct.unpack("<3Q", ours[8:])
        ticks = 10_000_000
        return all(time % ticks == 0 and moment.accept(time // ticks - _NT_EPOCH) for time in times)
    return False


def _ownerless(field: bytes) -> bytes:
    """An Info-ZIP New Unix field with the same sizes and user and group 0."""
    if len(field) < 2:  # noqa: PLR2004 - version and the size of the user id
        return field
    user = field[1]
    group = field[2 + user : 3 + user]
    if len(group) != 1 or len(field) != 3 + user + group[0]:
        return field
    return field[:2] + bytes(user) + group + bytes(group[0])
