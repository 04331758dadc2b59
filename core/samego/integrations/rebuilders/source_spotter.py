"""What Source Spotter says of toolchains as modules, and of the source archives that it fetched.

Format: SSLMate/sourcespotter, internal/toolchain/feed.go: CSV files with a header. One says of each
module version whether a build from source gave the checksum that the Go checksum database has
(equal, unequal, failed, skipped, or nothing before the build), the other of each source archive the
sha256 that it had when it was fetched.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from samego.integrations.rebuilders.fetching import (
    NetworkUse,
    UnreadableError,
    build_of,
    fetch,
    place_of,
)
from samego.integrations.rebuilders.times import parse_time
from samego.quorum.policy import USUAL_URLS, Rebuilder, RebuilderKind
from samego.quorum.question import Question
from samego.quorum.voice import Heard, Voice

_TOOLCHAINS = ["Version", "Status", "Message", "Build Time"]
_SOURCES = ["Version", "URL", "SHA256", "Download time"]
_STATES = {
    "equal": Heard.AGREES,
    "unequal": Heard.DIFFERS,
    "failed": Heard.FAILED,
    "skipped": Heard.SILENT,
    "": Heard.SILENT,
}
_SILENT = {"skipped": "it has left this version out", "": "it has not built this version yet"}
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ZIP, _SOURCE = ".zip", ".src.tar.gz"


def ask(rebuilder: Rebuilder, question: Question, network: NetworkUse) -> Iterator[Voice]:
    """What it says of the module versions and source archives that are asked about.

    Raises NetworkError, NotPostedError, InputError and UnreadableError.
    """
    sources = any(name.endswith(_SOURCE) for name in question.files)
    base = rebuilder.url or USUAL_URLS[RebuilderKind.SOURCE_SPOTTER]
    url = f"{base}/{'sources' if sources else 'toolchains'}.csv"
    data = fetch(rebuilder, url, network)
    for row in _rows(rebuilder, url, data):
        found = _source(rebuilder, row, url) if "URL" in row else _toolchain(rebuilder, row, url)
        if found.about in question.files:
            yield replace(found, build=build_of(data))


def _rows(rebuilder: Rebuilder, url: str, data: bytes) -> Iterator[Mapping[str, str]]:
    strange = UnreadableError(
        f"{place_of(rebuilder, url)} does not answer as Source Spotter does",
        hint="name the directory of its toolchains.csv, or leave url out",
    )
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True)
        header = next(reader, [])
        rows = list(reader)
    except (csv.Error, UnicodeDecodeError) as error:
        raise strange from error
    if header not in (_TOOLCHAINS, _SOURCES) or any(len(row) != len(header) for row in rows):
        raise strange
    if header == _TOOLCHAINS and not all(row[1] in _STATES for row in rows):
        raise strange
    yield from (dict(zip(header, row, strict=True)) for row in rows)


def _toolchain(rebuilder: Rebuilder, row: Mapping[str, str], url: str) -> Voice:
    status = row["Status"]
    return Voice(
        rebuilder,
        _STATES[status],
        about=f"{row['Version']}{_ZIP}",
        when=parse_time(row["Build Time"]),
        link="" if rebuilder.file is not None else url,
        reason=row["Message"] or _SILENT.get(status, ""),
    )


def _source(rebuilder: Rebuilder, row: Mapping[str, str], url: str) -> Voice:
    """A source archive is not built from anything: that it is the same for others is all."""
    sha256 = row["SHA256"] if _SHA256.fullmatch(row["SHA256"]) else ""
    try:
        name = urlsplit(row["URL"]).path.rpartition("/")[2]
    except ValueError:
        name = ""
    return Voice(
        rebuilder,
        Heard.AGREES if sha256 else Heard.SILENT,
        about=name,
        sha256=sha256,
        when=parse_time(row["Download time"]),
        link="" if rebuilder.file is not None else url,
        reason="it fetched this archive" if sha256 else "it could not fetch this archive",
    )
