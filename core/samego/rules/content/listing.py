"""What a zip archive holds, read leniently: for archives that are malformed on purpose."""

from __future__ import annotations

import io
import stat
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_UNIX = 3
#: How many members are named.
_NAMED = 3

#: One member: name, CRC, size, kind of file.
Item = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class MemberChanges:
    """The members that are gone, new and changed; or why they cannot be listed.

    ``more`` counts those that are not named.
    """

    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    more: int = 0
    unlisted: str = ""

    def __bool__(self) -> bool:
        return bool(self.gone or self.new or self.changed or self.unlisted)


def list_zip(data: bytes) -> Counter[Item]:
    """The members as the central directory has them.

    Raises ValueError for what Python's zipfile cannot list.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return Counter(
                (
                    info.filename,
                    info.CRC,
                    info.file_size,
                    stat.S_IFMT(info.external_attr >> 16) if info.create_system == _UNIX else 0,
                )
                for info in archive.infolist()
            )
    except (zipfile.BadZipFile, NotImplementedError, OSError, UnicodeError) as error:
        raise ValueError("not a zip archive that can be listed") from error


def changed_members(distro: bytes, upstream: bytes) -> MemberChanges:
    """What the lists of members disagree on."""
    try:
        ours, theirs = list_zip(distro), list_zip(upstream)
    except ValueError as error:
        return MemberChanges(unlisted=str(error))
    before = {item[0] for item in theirs}
    after = {item[0] for item in ours}
    changed = {item[0] for item in (theirs - ours) + (ours - theirs)} & before & after
    (gone, new, others), more = few(
        _NAMED, sorted(before - after), sorted(after - before), sorted(changed)
    )
    return MemberChanges(gone, new, others, more)


def few(most: int, *lists: Sequence[str]) -> tuple[list[tuple[str, ...]], int]:
    """The first ``most`` names of several lists, in their order, and how many are left out."""
    left, shown = most, []
    for names in lists:
        shown.append(tuple(names[:left]))
        left -= len(shown[-1])
    return shown, sum(map(len, lists)) - (most - left)
