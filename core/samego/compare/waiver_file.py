"""A file of waivers, one a line, in the manner of lintian's overrides.

::

    # A line that begins with # is a comment.
    path src/crypto/tls/*.go until 2027-01-31: the fix of CVE-2026-1 before upstream's release
    cause other_bytes in src/**: reviewed on 2026-11-02
    rule reference_build for golang-1.27: no machine here can build it
    breaks lib/fips140/v1.26.0.zip for golang-1.27=1.27.3-1: nobody uses GOFIPS140

A line is: what, a colon and a space, the reason. What is ``path PATTERN``, ``cause KIND``,
``rule NAME`` or ``breaks PATH``, then in any order ``in PATTERN`` (with a cause or rule), ``for
PACKAGE[=VERSION]`` and ``until YYYY-MM-DD``. In a pattern ``*`` and ``?`` stay in one directory and
``**`` does not; what has a blank is quoted as for a shell. All paths are ``everything``.
"""

from __future__ import annotations

import datetime as dt
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from samego.errors import InputError, UnsafePathError
from samego.model import value
from samego.model.value import Cause
from samego.model.waiver import Takes, Waiver, is_exact, takes_everything
from samego.system import safe_open
from samego.system.terminal import visible

#: No file of waivers is larger, in bytes, and no line longer, in characters.
_MOST_BYTES = 256 << 10
_LONGEST = 2000
_RULE = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_PACKAGE = re.compile(r"[A-Za-z0-9@][A-Za-z0-9.+_@/-]*(?:=[A-Za-z0-9.:+~_-]+)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_FORM = (
    "a line is 'path PATTERN', 'cause KIND', 'rule NAME' or 'breaks PATH', then ': ' and the reason"
)


def read_waivers(
    path: Path, today: dt.date | None = None, *, follow: bool = True
) -> tuple[Waiver, ...]:
    """The waivers of a file; ``today`` (by default the day in UTC) decides which are over.

    ``follow`` says whether the file may be a link: not where somebody else may have made it.

    Raises InputError for a file that cannot be read, and with its line for one that is no waiver.
    """
    name = visible(str(path))
    try:
        data = safe_open.read_file(path.resolve() if follow else path, _MOST_BYTES)
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8", hint="write the waivers in UTF-8") from error
    except UnsafePathError as error:
        raise InputError(f"{name}: {error.message}", hint="name a file of waivers") from error
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) else error
        raise InputError(
            f"{name} cannot be read ({cause})", hint="name a file of waivers"
        ) from error
    day = today or dt.datetime.now(dt.timezone.utc).date()
    return tuple(_waivers(text, path, day))


def _waivers(text: str, path: Path, day: dt.date) -> Iterator[Waiver]:
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            try:
                yield _Line(path.name, number, day).read(stripped)
            except _MalformedError as error:
                what, hint = error.args
                raise InputError(
                    f"{visible(str(path))}, line {number}: {visible(what)}", hint=hint
                ) from error


class _MalformedError(Exception):
    """What is wrong with a line, and what to write instead."""


@dataclass(frozen=True, slots=True)
class _Line:
    """Where a line stands, and the day on which it is read."""

    file: str
    number: int
    day: dt.date

    def read(self, line: str) -> Waiver:
        """The waiver. Raises _MalformedError."""
        if len(line) > _LONGEST or not line.isprintable():
            raise _MalformedError(
                "it is too long or has characters that cannot be printed", "write one line of text"
            )
        head, colon, reason = f"{line} ".partition(": ")
        reason = reason.strip()
        if not colon or not reason:
            raise _MalformedError("it gives no reason", _FORM)
        takes, named, options = _parts(head)
        until = _date(options["until"]) if "until" in options else None
        return Waiver(
            takes,
            reason,
            self.file,
            self.number,
            name=named if takes in (Takes.CAUSE, Takes.RULE) else "",
            pattern=options.get("in", "") if takes in (Takes.CAUSE, Takes.RULE) else named,
            package=_package(options["for"]) if "for" in options else "",
            until=until,
            expired=until is not None and until < self.day,
        )


def _parts(head: str) -> tuple[Takes, str, Mapping[str, str]]:
    """What a line takes, its name or pattern, and what is said besides."""
    try:
        words = shlex.split(head)
    except ValueError as error:
        raise _MalformedError("a quotation mark is not closed", _FORM) from error
    kinds = {kind.value: kind for kind in Takes}
    if len(words) < len(("path", "PATTERN")) or words[0] not in kinds:
        raise _MalformedError(f"{head.strip()!r} is no waiver", _FORM)
    takes, named = kinds[words[0]], words[1]
    options = _options(words[2:], takes)
    if takes is Takes.CAUSE and named not in value.kinds(Cause):
        raise _MalformedError(
            f"{named!r} is no kind of cause", "write what a report has in causes[].kind"
        )
    if takes is Takes.RULE and not _RULE.fullmatch(named):
        raise _MalformedError(f"{named!r} is no rule", "write what a report has in findings[].rule")
    if takes is Takes.BREAKS and not is_exact(named):
        raise _MalformedError(f"{named!r} is a pattern", "what breaks is waived file by file")
    pattern = named if takes is Takes.PATH else options.get("in", "")
    if pattern or takes is Takes.PATH:
        _check_pattern(pattern)
    return takes, named, options


def _options(words: Sequence[str], takes: Takes) -> Mapping[str, str]:
    """What follows the first two words, by its keyword."""
    known = ["for", "until", *(["in"] if takes in (Takes.CAUSE, Takes.RULE) else [])]
    found: dict[str, str] = {}
    for keyword, given in zip(words[::2], [*words[1::2], ""], strict=False):
        if keyword not in known or keyword in found or not given:
            raise _MalformedError(
                f"{keyword!r} is not understood there",
                "what may follow is 'for PACKAGE', 'until YYYY-MM-DD', and 'in PATTERN' with a"
                " cause or rule; quote a path with a blank",
            )
        found[keyword] = given
    return found


def _check_pattern(pattern: str) -> None:
    if takes_everything(pattern):
        raise _MalformedError(
            f"{pattern!r} takes every path", "write the word everything if that is meant"
        )
    if pattern.endswith("/"):
        raise _MalformedError(
            f"{pattern!r} is a directory", f"write {pattern}** for what lies below it"
        )


def _package(text: str) -> str:
    if not _PACKAGE.fullmatch(text):
        raise _MalformedError(f"{text!r} is no package", "write its name, with =VERSION if need be")
    return text


def _date(text: str) -> dt.date:
    try:
        if _DATE.fullmatch(text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise _MalformedError(f"{text!r} is no day", "write it as 2027-01-31")
