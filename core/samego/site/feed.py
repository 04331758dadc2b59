"""The changes as an Atom feed (RFC 4287)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from xml.etree import ElementTree as ET

from samego.history.changes import Change, Direction, Fall
from samego.history.record import Line
from samego.printable import visible
from samego.site import places

_NAMESPACE = "http://www.w3.org/2005/Atom"
#: The feed has so many changes, the newest.
MOST = 100
_TITLES = {Direction.WORSE: "worse", Direction.BETTER: "better"}
#: What nobody ever changed.
_NEVER = "1970-01-01T00:00:00Z"


def render(
    title: str,
    url: str,
    changes: Sequence[Change],
    falls: Mapping[Line, Fall],
) -> bytes:
    """The feed of a site that is read at ``url`` (without a slash at its end)."""
    feed = ET.Element("feed", xmlns=_NAMESPACE)
    _add(feed, "id", uuid.uuid5(uuid.NAMESPACE_URL, f"{url}/").urn)
    _add(feed, "title", title)
    _add(feed, "updated", _time(changes[0].since) if changes else _NEVER)
    _add(_add(feed, "author"), "name", "samego")
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{url}/{places.FEED}")
    _add(feed, "link", rel="alternate", type="text/html", href=f"{url}/{places.CHANGES}")
    for change in changes[:MOST]:
        _entry(feed, change, falls.get(change.after.line), url)
    text: bytes = ET.tostring(feed, "utf-8", xml_declaration=True)
    return text + b"\n"


def identity(change: Change) -> str:
    """What a change is, however often it is found again and wherever the site is read."""
    before, after = change.before, change.after
    parts = (*after.line, before.version, after.version, _time(change.since))
    return uuid.uuid5(uuid.NAMESPACE_OID, "\0".join((change.direction.value, *parts))).urn


def fallen(change: Change, fall: Fall | None) -> str:
    """The first bad version, where this change is the fall to it; else empty."""
    if fall is None or change.direction is not Direction.WORSE:
        return ""
    if change.after.version != fall.bad.version:
        return ""
    good = f", {fall.good.version} was the last good one" if fall.good else ""
    return f"{fall.bad.version} is the first bad version{good}."


def _entry(feed: ET.Element, change: Change, fall: Fall | None, url: str) -> None:
    entry = _add(feed, "entry")
    _add(entry, "id", identity(change))
    _add(entry, "title", f"{_TITLES[change.direction]}: {change.sentence}")
    _add(entry, "updated", _time(change.since))
    _add(entry, "link", href=f"{url}/{places.report(change.after.digest)}", rel="alternate")
    _add(entry, "category", term=_TITLES[change.direction])
    text = f"{change.after.headline} {fallen(change, fall)}".strip()
    _add(entry, "summary", visible(text), type="text")


def _add(parent: ET.Element, name: str, text: str = "", /, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, name, attributes)
    child.text = text or None
    return child


def _time(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
