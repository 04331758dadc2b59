"""What a zip archive holds, read leniently: for archives that are malformed on purpose."""

from __future__ import annotations

import io
import stat
import zipfile
from collections import Counter

_UNIX = 3
_SHOWN = 3

#: One member: name, CRC, size, kind of file.
Item = tuple[str, int, int, int]


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


def changed_members(distro: bytes, upstream: bytes) -> str:
    """What the lists of members disagree on, in a phrase; empty when they agree."""
    try:
        ours, theirs = list_zip(distro), list_zip(upstream)
    except ValueError as error:
        return str(error)
    before = {item[0] for item in theirs}
    after = {item[0] for item in ours}
    phrases = [
        *(f"{name!a} is gone" for name in sorted(before - after)),
        *(f"{name!a} is new" for name in sorted(after - before)),
    ]
    changed = {item[0] for item in (theirs - ours) + (ours - theirs)} & before & after
    phrases += [f"{name!a} changed" for name in sorted(changed)]
    shown = phrases[:_SHOWN]
    if len(phrases) > _SHOWN:
        shown.append(f"{len(phrases) - _SHOWN} more")
    return ", ".join(shown)
