"""Points in time on the command line."""

from __future__ import annotations

import argparse
from datetime import datetime, timezone


def parse(when: str) -> datetime:
    """A time in UTC from ``2026-11-23``, ``2026-11-23T17:00:00`` (UTC) or ``@SECONDS``.

    Raises argparse.ArgumentTypeError, as a type of argparse's must.
    """
    try:
        if when.startswith("@"):
            return datetime.fromtimestamp(int(when[1:]), timezone.utc)
        given = datetime.fromisoformat(when.removesuffix("Z"))
    except (ValueError, OverflowError, OSError) as error:
        raise argparse.ArgumentTypeError(
            f"{when!r} is not a date such as 2026-11-23T17:00:00"
        ) from error
    if given.tzinfo is None:
        return given.replace(tzinfo=timezone.utc)
    return given.astimezone(timezone.utc)
