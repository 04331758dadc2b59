"""What go.dev/rebuild says: gorebuild's report as JSON.

Format: golang/build, cmd/gorebuild/report.go (Report, Release, File, Log), marshalled without
tags. A file's status is PASS, SKIP or FAIL, and FAIL is both: a file that came out otherwise, and
one that could not be built or fetched. Only its messages tell them apart, by the one sentence that
gorebuild writes for the first. macOS files are compared without their signatures, .pkg and .msi by
what is inside. gorebuild leaves SHA256 empty; ``samego report --to gorebuild`` has the sha256 of
what was built there, and none where nothing was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

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
from samego.report import strict_json

#: The page that shows the report.
PAGE = "https://go.dev/rebuild"
_DIFFERS = re.compile(
    r"FAIL: rebuilt SHA256 ([0-9a-f]{64}) does not match public download SHA256 ([0-9a-f]{64})",
    re.ASCII,
)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MACOS = "darwin"
#: How the names of archives begin, and those of modules do not.
_ARCHIVE = "go"


def ask(rebuilder: Rebuilder, question: Question, network: NetworkUse) -> Iterator[Voice]:
    """What it says of the files that are asked about; nothing of others.

    Raises NetworkError, NotPostedError, InputError and UnreadableError.
    """
    url = rebuilder.url or USUAL_URLS[RebuilderKind.GO_DEV]
    data = fetch(rebuilder, url, network)
    try:
        report = strict_json.parse(data)
        ended = parse_time(report["End"])
        files = [
            file
            for release in report["Releases"] or ()
            for file in release["Files"] or ()
            if file["Name"] in question.files
        ]
        for file in files:
            yield replace(_voice(rebuilder, file, ended), build=build_of(data))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableError(
            f"{place_of(rebuilder, url)} does not answer as gorebuild does",
            hint="name the gorebuild.json of go.dev/rebuild, or leave url out",
        ) from error


def _voice(rebuilder: Rebuilder, file: Mapping[str, Any], ended: Any) -> Voice:  # noqa: ANN401 - JSON
    status, messages = file["Log"]["Status"], file["Log"]["Messages"] or []
    if status not in ("PASS", "FAIL", "SKIP"):
        raise ValueError(status)
    texts = [str(message["Text"]) for message in messages]
    # Foreign text: the one place where gorebuild says which of the two it was.
    differing = next(filter(None, map(_DIFFERS.fullmatch, texts)), None)
    built = file["SHA256"] if _SHA256.fullmatch(file["SHA256"]) else ""
    sha256 = rebuilt = reason = ""
    if status == "PASS":
        heard = Heard.AGREES
        if file["GOOS"] == _MACOS:
            reason = "macOS signatures are left out of account"
        elif file["Name"].startswith(_ARCHIVE):
            sha256 = built  # a module's zip is compared by its files: its own bytes may differ
    elif status == "SKIP":
        heard, reason = Heard.SILENT, "it left this file out"
    elif differing is not None:
        heard, rebuilt, sha256 = Heard.DIFFERS, differing[1], differing[2]
    elif built:
        heard, rebuilt = Heard.DIFFERS, built
    else:
        heard, reason = Heard.FAILED, next((text for text in texts[::-1] if text), "")
    return Voice(
        rebuilder,
        heard,
        about=file["Name"],
        sha256=sha256,
        rebuilt=rebuilt,
        when=ended,
        link=PAGE if not rebuilder.url and rebuilder.file is None else "",
        reason=reason,
    )
