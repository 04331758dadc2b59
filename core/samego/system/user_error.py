"""Any exception as an error with a message and a hint."""

from __future__ import annotations

import errno
import traceback
from pathlib import Path

from samego.errors import DiskFullError, InputError, SamegoError

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}


def as_samego_error(error: Exception) -> SamegoError:
    """The exception itself if samego raised it on purpose, else a SamegoError that explains it."""
    if isinstance(error, SamegoError):
        return error
    if isinstance(error, MemoryError):
        return SamegoError(
            "there is not enough memory", hint="give samego more memory, or check less at once"
        )
    if isinstance(error, OSError) and error.errno in _DISK_FULL:
        where = f" for {error.filename}" if error.filename else ""
        return DiskFullError(
            f"no disk space is left{where}", hint="free some space, or use another --cache"
        )
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return InputError(
            f"cannot use {error.filename} ({error.strerror})",
            hint="check that it exists and that you have permission",
        )
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return SamegoError(
        f"this is a bug of samego ({type(error).__name__}{where})",
        hint="report it, with the output of the same command under SAMEGO_DEBUG=1",
    )
