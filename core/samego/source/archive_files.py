"""What upstream's forms of a release leave out of its repository, and what they add."""

from __future__ import annotations

import functools
import re

from samego.source.policy import table
from samego.upstream.channels.interface import MODULE_LEAVES_OUT

#: Forms of a source: upstream's source archive, a form with binaries, the module form, and
#: any other archive of the same files.
SOURCE, BINARY, MODULE, OTHER = "source", "archive", "module", "other"


def is_left_out(path: str) -> bool:
    """Whether a path of the repository is in none of upstream's archives."""
    return _left_out().fullmatch(path) is not None


def is_added(path: str) -> bool:
    """Whether a file of the archives need not be in the repository."""
    return path in table("archive")["added"]


def is_generated(path: str) -> bool:
    """Whether cmd/dist writes a file, so that the source archive lacks it."""
    return path in table("archive")["generated"]


def lacks(form: str, path: str) -> bool:
    """Whether a form leaves out a file that another form of the same release may have."""
    if form == MODULE:
        return path.startswith(MODULE_LEAVES_OUT)
    return is_source_alone(form) and is_generated(path)


def is_source_alone(form: str) -> bool:
    """Whether a form has sources, and nothing that a build writes."""
    return form in {SOURCE, OTHER}


@functools.cache
def _left_out() -> re.Pattern[str]:
    return re.compile("|".join(map(_glob, table("archive")["left_out"])))


def _glob(pattern: str) -> str:
    """cmd/distpack/archive.go, amatch: ``*`` stays within a part, ``**`` is any number of them."""
    parts = re.split(r"(\*\*/|/\*\*|\*)", pattern)
    meaning = {"**/": "(?:[^/]+/)*", "/**": "/.+", "*": "[^/]*"}
    return "".join(meaning.get(part, re.escape(part)) for part in parts)
