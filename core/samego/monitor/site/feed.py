"""The changes as an Atom feed (RFC 4287)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

from samego.monitor.history.changes import Direction, RecordedChange
from samego.monitor.site import places
from samego.monitor.site.past import Past
from samego.system.terminal import visible

_NAMESPACE = "http://www.w3.org/2005/Atom"
#: The feed has so many changes, the newest.
MOST = 100
#: What nobody ever changed.
_NEVER = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A change, and what the feed says of the version that fell there (see :func:`fallen`)."""

    change: RecordedChange
    fallen: str


def entries(past: Past) -> list[FeedEntry]:
    """The newest changes."""
    return [FeedEntry(change, fallen(change, past)) for change in past.changes[:MOST]]


def render(title: str, url: str, entries: Sequence[FeedEntry]) -> bytes:
    """The feed of a site that is read at ``url`` (without a slash at its end)."""
    feed = ET.Element("feed", xmlns=_NAMESPACE)
    _add(feed, "id", uuid.uuid5(uuid.NAMESPACE_URL, f"{url}/").urn)
    _add(feed, "title", visible(title))
    _add(feed, "updated", _time(entries[0].change.since) if entries else _NEVER)
    _add(_add(feed, "author"), "name", "samego")
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{url}/{places.FEED}")
    _add(feed, "link", rel="alternate", type="text/html", href=f"{url}/{places.CHANGES}")
    for entry in entries:
        _add_entry(feed, entry, url)
    text: bytes = ET.tostring(feed, "utf-8", xml_declaration=True)
    return text + b"\n"


def identity(change: RecordedChange) -> str:
    """What a change is, however often it is found again and wherever the site is read."""
    before, after = change.before, change.after
    parts = (*after.line, before.version, after.version, _time(change.since))
    return uuid.uuid5(uuid.NAMESPACE_OID, "\0".join((change.direction.value, *parts))).urn


def fallen(change: RecordedChange, past: Past) -> str:
    """The first bad version, where this change is the fall to it; else empty."""
    fall = past.falls.get(change.after.line)
    if fall is None or change.direction is not Direction.WORSE:
        return ""
    if change.after.version != fall.bad.version:
        return ""
    good = f", {fall.good.version} was the last good one" if fall.good else ""
    return f"{fall.bad.version} is the first bad version{good}."


def _add_entry(feed: ET.Element, given: FeedEntry, url: str) -> None:
    change = given.change
    entry = _add(feed, "entry")
    _add(entry, "id", identity(change))
    _add(entry, "title", f"{change.direction.value}: {change.sentence}")
    _add(entry, "updated", _time(change.since))
    _add(entry, "link", href=f"{url}/{places.report(change.after.report)}", rel="alternate")
    _add(entry, "category", term=change.direction.value)
    _add(entry, "summary", visible(f"{change.after.headline} {given.fallen}".strip()), type="text")


def _add(parent: ET.Element, name: str, text: str = "", /, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, name, attributes)
    child.text = text or None
    return child


def _time(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
