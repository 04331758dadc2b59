"""Whether something lies at a path, where an error must not pass for "no".

Path.is_file() and its like answer "no" from Python 3.14 on when the path cannot be looked at: no
permission for a directory above it, a broken disk, a name that is too long. Where absence has
consequences, that is another answer than "it is not there".
"""

from __future__ import annotations

import errno
import stat
from pathlib import Path

#: What the kernel says of a path at which nothing can lie: as Path.is_file() before 3.14.
_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})


def is_file(path: Path) -> bool:
    """Whether a regular file lies there, links followed. Raises OSError if nobody can tell."""
    return stat.S_ISREG(_mode(path))


def exists(path: Path) -> bool:
    """Whether anything lies there, links followed. Raises OSError if nobody can tell."""
    return _mode(path) != 0


def _mode(path: Path) -> int:
    """The mode with the type's bits, 0 where nothing lies."""
    try:
        return path.stat().st_mode
    except OSError as error:
        if error.errno in _ABSENT:
            return 0
        raise
    except ValueError:  # a NUL: no path has one
        return 0
