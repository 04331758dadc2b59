"""The records that publishing keeps beside the pages on a web server, and the page that points.

::

    index.html                      points to the folder that is shown
    reports/x.html, feed.atom, ...  each other file of the release once more
    published/current.json          Current: which one that is, and its files
    published/known.json            all folders that were begun, and when
    published/FOLDER/               a release, whole before anything points to it
    published/RELEASE.json          Sent: which of its files the server has confirmed, and where

RELEASE is the beginning of a snapshot's digest, FOLDER that and a random part: what a
server may still be doing for a run that was killed ends up in a folder that nobody shows.
What is read is the server's word: it is taken by type, and paths lead nowhere else.
"""

from __future__ import annotations

import html
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from samego.monitor.publish.releases import DIGEST

SCHEMA = "samego.published/1"
FOLDER = "published"
CURRENT = f"{FOLDER}/current.json"
KNOWN = f"{FOLDER}/known.json"
INDEX = "index.html"
_MARK = '<meta name="generator" content="samego publish">'
#: Digits of a digest that stand in a URL.
_SHORT = 16
FOLDER_NAME = re.compile(rf"[0-9a-f]{{{_SHORT}}}-[0-9a-f]{{8}}", re.ASCII)
_POINTS_TO = re.compile(rf'href="{FOLDER}/({FOLDER_NAME.pattern})/"', re.ASCII)


@dataclass(frozen=True, slots=True)
class Current:
    """What is shown: ``files`` are the shown release's SHA-256 by path, in ``folder``.

    ``unsettled`` are stable paths that a switch was about to change: they hold the shown
    release's file or another one. ``run`` names who is, or was, about to. ``copies`` says
    whether the server copied a folder when it was asked to last.
    """

    release: str = ""
    folder: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    unsettled: tuple[str, ...] = ()
    run: str = ""
    copies: bool = True

    def to_bytes(self) -> bytes:
        """The record as JSON."""
        return _dump(
            release=self.release,
            folder=self.folder,
            files=dict(self.files),
            unsettled=list(self.unsettled),
            run=self.run,
            copies=self.copies,
        )


def read_current(data: bytes) -> Current | None:
    """Read a record, or None for what is none."""
    row = _load(data)
    release, folder, run = (row.get(key) for key in ("release", "folder", "run"))
    files, unsettled = row.get("files"), row.get("unsettled")
    if not (isinstance(release, str) and isinstance(folder, str) and isinstance(run, str)):
        return None
    if not (isinstance(files, dict) and isinstance(unsettled, list)):
        return None
    shown = bool(DIGEST.fullmatch(release) and FOLDER_NAME.fullmatch(folder))
    if not shown and (release or folder or files):
        return None
    if not all(isinstance(path, str) and _below(path) for path in [*files, *unsettled]):
        return None
    if not all(isinstance(digest, str) and DIGEST.fullmatch(digest) for digest in files.values()):
        return None
    copies = row.get("copies") is not False
    return Current(release, folder, files, tuple(unsettled), run, copies)


@dataclass(frozen=True, slots=True)
class Sent:
    """Which files of a release the server has confirmed, and in which folder."""

    release: str
    folder: str
    paths: frozenset[str] = frozenset()

    def to_bytes(self) -> bytes:
        """The record as JSON."""
        return _dump(release=self.release, folder=self.folder, paths=sorted(self.paths))


def read_sent(data: bytes | None) -> Sent | None:
    """Read that record, or None for what is none."""
    row = _load(data or b"")
    release, folder, paths = row.get("release"), row.get("folder"), row.get("paths")
    if not (isinstance(release, str) and isinstance(folder, str) and isinstance(paths, list)):
        return None
    if not FOLDER_NAME.fullmatch(folder):
        return None
    if not all(isinstance(path, str) and _below(path) for path in paths):
        return None
    return Sent(release, folder, frozenset(paths))


def write_known(known: Mapping[str, float]) -> bytes:
    """The record of all folders that were begun: when, in seconds since the epoch."""
    return _dump(folders=dict(known))


def read_known(data: bytes | None) -> dict[str, float]:
    """Read that record; what is none holds nothing."""
    rows = _load(data or b"").get("folders")
    if not isinstance(rows, dict):
        return {}
    return {
        name: float(when)
        for name, when in rows.items()
        if FOLDER_NAME.fullmatch(name) and isinstance(when, (int, float))
    }


def new_folder(release: str) -> str:
    """A name for a release's folder that nobody has used."""
    return f"{release[:_SHORT]}-{secrets.token_hex(4)}"


def place_of(folder: str) -> str:
    """Where a folder lies."""
    return f"{FOLDER}/{folder}/"


def sent_record(release: str) -> str:
    """Where the record of a release's, or a folder's, confirmed files lies."""
    return f"{FOLDER}/{release[:_SHORT]}.json"


def pointer(folder: str) -> bytes:
    """The page that readers come to: it leads to a release, with and without a click."""
    where = html.escape(place_of(folder))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
{_MARK}
<meta http-equiv="refresh" content="0; url={where}">
<meta name="viewport" content="width=device-width">
<link rel="canonical" href="{where}">
<title>The pages are in {where}</title>
</head>
<body><p><a href="{where}">To the pages</a></p></body>
</html>
""".encode()


def pointed_to(data: bytes) -> str:
    """The folder that such a page leads to, or an empty string for another page."""
    match = _POINTS_TO.search(data.decode("utf-8", "replace"))
    return match[1] if match and _MARK.encode() in data else ""


def _below(path: str) -> bool:
    return {"", ".", ".."}.isdisjoint(path.split("/"))


def _dump(**values: object) -> bytes:
    return (json.dumps({"schema": SCHEMA, **values}, ensure_ascii=False) + "\n").encode()


def _load(data: bytes) -> Mapping[str, Any]:
    try:
        row = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) and row.get("schema") == SCHEMA else {}
