"""The feed: valid Atom, with names for changes that do not move."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from samego.model.proof import Standing
from samego.monitor.history.record import Run
from samego.monitor.site import feed
from support.history_runs import FIPS, run
from support.site_history import NASTY, past

ATOM = "{http://www.w3.org/2005/Atom}"
URL = "https://go.example.org/sub"
GOOD, BAD = run("1.26.2-1"), run("1.26.10-1", breaking=[FIPS], hours=3)


def rendered(*runs: Run, title: str = "Go") -> ET.Element:
    return ET.fromstring(feed.render(title, URL, feed.entries(past(*runs))))  # noqa: S314 - our own


def text(element: ET.Element, name: str) -> str:
    found = element.find(f"{ATOM}{name}")
    assert found is not None
    assert found.text is not None
    return found.text


def test_it_has_what_rfc_4287_wants_of_a_feed() -> None:
    root = rendered(GOOD, BAD)
    assert root.tag == f"{ATOM}feed"
    assert text(root, "id").startswith("urn:uuid:")
    assert (text(root, "title"), text(root, "updated")) == ("Go", "2026-11-01T15:00:00Z")
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links == {"self": f"{URL}/feed.atom", "alternate": f"{URL}/changes.html"}


def test_an_entry_names_the_change_and_the_first_bad_version() -> None:
    (entry,) = rendered(GOOD, BAD, run("1.26.11-1", breaking=[FIPS], hours=9)).findall(
        f"{ATOM}entry"
    )
    assert text(entry, "title") == f"worse: golang-1.27 1.26.10-1 amd64: breaks {FIPS}"
    assert text(entry, "updated") == "2026-11-01T15:00:00Z"
    assert text(entry, "summary").endswith(
        " 1.26.10-1 is the first bad version, 1.26.2-1 was the last good one."
    )
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == f"{URL}/reports/{BAD.digest}.html"


def test_what_is_good_again_has_no_first_bad_version() -> None:
    better, worse = rendered(GOOD, BAD, run("1.26.11-1", hours=9)).findall(f"{ATOM}entry")
    assert text(better, "title").startswith("better: ")
    assert "first bad" not in text(better, "summary") + text(worse, "summary")


def test_an_entry_keeps_its_name_when_the_same_is_found_again() -> None:
    again = run("1.26.10-1", breaking=[FIPS], hours=20)
    before, after = (
        [text(entry, "id") for entry in rendered(*runs).findall(f"{ATOM}entry")]
        for runs in ([GOOD, BAD], [GOOD, BAD, again])
    )
    assert before == after
    assert len(before) == 1


def test_names_differ_between_changes() -> None:
    runs = [
        run(f"1.{n}-1", Standing.UNEXPLAINED if n % 2 else Standing.EXPLAINED, hours=n)
        for n in range(6)
    ]
    names = [text(entry, "id") for entry in rendered(*runs).findall(f"{ATOM}entry")]
    assert len(names) == len(set(names)) == 5


def test_hostile_text_stays_text() -> None:
    runs = [run("1-1"), run("1-2", breaking=[NASTY], hours=1, package=NASTY)]
    runs.append(run("1-1", package=NASTY))
    root = rendered(*runs, title=NASTY)
    (entry,) = root.findall(f"{ATOM}entry")
    assert text(root, "title").startswith("<img src=x")
    assert "<img src=x onerror=alert(1)>" in text(entry, "title")
    assert "\\x1b[31m" in text(entry, "title")


def test_a_feed_without_changes_is_valid_too() -> None:
    root = rendered(GOOD)
    assert text(root, "updated") == "1970-01-01T00:00:00Z"
    assert root.findall(f"{ATOM}entry") == []


def test_it_has_only_the_newest() -> None:
    runs = [
        run(f"1.{n}-1", Standing.UNEXPLAINED if n % 2 else Standing.EXPLAINED, hours=n)
        for n in range(feed.MOST + 9)
    ]
    entries = rendered(*runs).findall(f"{ATOM}entry")
    assert len(entries) == feed.MOST
    assert f"1.{feed.MOST + 8}-1" in text(entries[0], "title")
