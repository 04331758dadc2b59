"""Where each page lies: addresses that stay, safe as names of files and in URLs."""

from __future__ import annotations

import hashlib
import re

INDEX = "index.html"
CHANGES = "changes.html"
REBUILDS = "rebuilds.html"
INPUTS = "inputs.html"
SOURCES = "sources.html"
FEED = "feed.atom"
STYLE = "site.css"
SCRIPT = "site.js"

_SAFE = re.compile(r"[a-z0-9][A-Za-z0-9.+_-]{0,99}", re.ASCII)
_UNSAFE = re.compile(r"[^A-Za-z0-9.+_-]+", re.ASCII)
_REPORTS = "reports/"
_KEPT = 60
_DIGITS = 12


def part(name: str) -> str:
    """A name as one part of a path: itself where it is safe, else what is safe of it.

    Then a digest of the whole distinguishes it from others that look alike.
    """
    if _SAFE.fullmatch(name):
        return name
    summary = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    kept = _UNSAFE.sub("_", name).strip("._-+")[:_KEPT].lower()
    return f"{kept}-{summary}" if kept else summary


def package(distro: str, name: str) -> str:
    """The page of a package."""
    return f"packages/{part(distro)}/{part(name)}.html"


def report(digest: str) -> str:
    """The page of a report."""
    return f"{_REPORTS}{digest}.html"


def report_json(digest: str) -> str:
    """The report itself."""
    return f"{_REPORTS}{digest}.json"


def digest(path: str) -> str:
    """The digest of the report that a file is of; empty for any other file."""
    if not path.startswith(_REPORTS):
        return ""
    return path.removeprefix(_REPORTS).partition(".")[0]


def rebuild(release: str) -> str:
    """The page of the rebuilds of one release."""
    return f"rebuilds/{part(release)}.html"


def inputs(release: str, program: str) -> str:
    """The page of what decides the bytes of a release, or of one program of it."""
    return f"inputs/{part(f'{release} {program}' if program else release)}.html"


def source(release: str, sha256: str) -> str:
    """The page of where a source of a release came from."""
    return f"sources/{part(release)}-{sha256[:_DIGITS]}.html"


def up(path: str) -> str:
    """The way from a page to the site's top."""
    return "../" * path.count("/")
