"""What the strict readers share: their error, and the moment that a rewriter may write."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone


class FormatError(ValueError):
    """The file is not, byte for byte, what its format allows or what was expected."""


@dataclass(slots=True)
class Moment:
    """The one moment that a rewriter writes into every time stamp of a file.

    ``timestamp`` is in seconds since 1970. When the build's date is not known, it is the
    first that is seen, and all others of the file must agree with it: time stamps leave
    no room for anything else.
    """

    timestamp: int | None
    _dos: set[int] = field(default_factory=set)

    def accept(self, timestamp: int) -> bool:
        """Whether a stamp in seconds since 1970 is this moment."""
        if self.timestamp is None:
            self.timestamp = timestamp
        return timestamp == self.timestamp

    def accept_dos(self, stamp: int) -> bool:
        """Whether an MS-DOS date (high half) and time (low half), in UTC, is this moment.

        Without a known timestamp it is enough that all of a file are equal.
        """
        self._dos.add(stamp)
        if len(self._dos) > 1:
            return False
        return self.timestamp is None or stamp == dos_stamp(self.timestamp)

    def settled(self) -> bool:
        """Whether all that was accepted is one moment, seen from the end of the file."""
        return self.timestamp is None or all(
            stamp == dos_stamp(self.timestamp) for stamp in self._dos
        )


def dos_stamp(timestamp: int) -> int:
    """A moment as an MS-DOS date (high half) and time (low half) in UTC, in steps of 2 s.

    APPNOTE.TXT 4.4.6. Moments outside 1980 to 2107 have none: -1.
    """
    try:
        when = datetime.fromtimestamp(timestamp, tz=timezone.utc)
    except (OverflowError, OSError, ValueError):
        return -1
    if not 1980 <= when.year <= 2107:  # noqa: PLR2004 - seven bits from 1980
        return -1
    date = (when.year - 1980) << 9 | when.month << 5 | when.day
    return date << 16 | when.hour << 11 | when.minute << 5 | when.second >> 1
