"""Debian changelogs: the build's timestamp, and the shortened copy that packages carry."""

from __future__ import annotations

import gzip
import io
import re
import subprocess
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime

from debian.changelog import Changelog, ChangelogParseError

from samego.errors import InputError
from samego_debian.version import DebianVersion

#: The last line of an entry (deb-changelog(5)); an entry ends after the blank line below it.
_TRAILER = re.compile(rb"^ -- .*>  (?P<date>.*)\n", re.MULTILINE)
#: dh_installchangelogs keeps at least so many entries (MIN_NUM_ENTRIES), and of the others
#: those since the release before Debian's stable one (CUTOFF_DATE), which is years ago whenever
#: a package is built.
_ALWAYS_KEPT = 4
_RECENT = timedelta(days=365)
_MAX_CHANGELOG = 16 << 20


@dataclass(frozen=True, slots=True)
class Top:
    """The newest entry: source package, version, and its date in seconds since 1970.

    The date is the build's SOURCE_DATE_EPOCH (dpkg-buildpackage(1)).
    """

    source: str
    version: DebianVersion
    timestamp: int


def read_top(data: bytes, *, name: str) -> Top:
    """Read the newest entry. Raises InputError where none has the form of deb-changelog(5)."""
    try:
        log = Changelog(data.decode("utf-8", "replace"), max_blocks=1, strict=True)
        block = log[0]
        date = parsedate_to_datetime(str(block.date))
        return Top(str(block.package), DebianVersion(str(block.version)), int(date.timestamp()))
    except (ChangelogParseError, ValueError, TypeError, IndexError, OverflowError) as error:
        raise InputError(
            f"{name} is not a Debian changelog ({error})", hint="get the package again"
        ) from error


def unpack(data: bytes, *, name: str) -> bytes:
    """The text of a changelog.Debian.gz. Raises InputError for damage or a bomb."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            text = file.read(_MAX_CHANGELOG + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{name} is damaged ({error})", hint="get the package again") from error
    if len(text) > _MAX_CHANGELOG:
        raise InputError(f"{name} unpacks to over {_MAX_CHANGELOG} bytes", hint="do not install it")
    return text


def shortened_notice(package: str) -> bytes:
    """What dh_installchangelogs puts where it left older entries out (debhelper 13.10)."""
    return (
        b"# Older entries have been removed from this changelog.\n"
        b"# To read the complete changelog use `apt changelog " + package.encode() + b"`.\n"
    )


def kept_entries(packaged: bytes, package: str, full: bytes) -> int | None:
    """How many bytes of ``full``, whole entries, a package's changelog repeats.

    dh_installchangelogs drops entries that are older than Debian's oldstable, a date that
    moves with debhelper's version. None when ``packaged`` is no such beginning of ``full``, or
    one that no such date gives.
    """
    if packaged == full:
        return len(full)
    notice = shortened_notice(package)
    if not packaged.endswith(notice):
        return None
    length = len(packaged) - len(notice)
    trailers = list(_TRAILER.finditer(full))
    ends = [match.end() + 1 for match in trailers]
    if length not in ends or not full.startswith(packaged[:length]):
        return None
    dates = [match["date"].decode("utf-8", "replace") for match in trailers]
    return length if _may_end_at(dates, ends.index(length) + 1) else None


def _may_end_at(dates: Sequence[str], kept: int) -> bool:
    """Whether some date leaves the first ``kept`` entries of a changelog, and no others."""
    try:
        when = [parsedate_to_datetime(date) for date in dates[: kept + 1]]
        dropped = when[kept] if kept < len(dates) else None
        if kept < _ALWAYS_KEPT or dropped is None:
            return False
        return dropped < min([when[0] - _RECENT, *when[_ALWAYS_KEPT:kept]])
    except (ValueError, TypeError, OverflowError):
        return False  # debhelper cannot read the date either, and drops nothing


def packaged_changelog(package: str, full: bytes, kept: int) -> bytes:
    """A package's changelog that keeps the first ``kept`` bytes of ``full``."""
    return full if kept == len(full) else full[:kept] + shortened_notice(package)


def compress(text: bytes) -> bytes | None:
    """``text`` as dh_compress stores it (``gzip -9n``), or None where gzip is missing.

    GNU gzip's own deflate chooses other matches than zlib: only the program itself gives
    its bytes again.
    """
    try:
        done = subprocess.run(["gzip", "-9nc"], input=text, capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
