"""The site as a whole: what is written when, and that all of it hangs together."""

from __future__ import annotations

import hashlib
import itertools
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from posixpath import dirname, join, normpath

import pytest

from samego.errors import HistoryError
from samego.model.report import Report
from samego.monitor.history.offers import note_offer
from samego.monitor.history.store import History, open_history
from samego.monitor.site import build, reports
from samego.monitor.site.build import WrittenSite, write_site
from samego.monitor.site.pages import Site
from samego.system.progress import Silent
from support.reports import clean, sid, trixie
from support.site_history import NASTY, add, fill, of, offer

SITE = Site(url="https://go.example.org")


class Told(Silent):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, line: str) -> None:
        self.lines.append(line)


def written(history: History, directory: Path, site: Site = SITE) -> WrittenSite:
    return write_site(history, directory, site, Silent())


def stamps(directory: Path) -> dict[str, tuple[int, int]]:
    """Inode and time of each file: a file that was written again has others."""
    return {
        str(file.relative_to(directory)): (file.stat().st_ino, file.stat().st_mtime_ns)
        for file in sorted(directory.rglob("*"))
        if file.is_file() and not file.name.startswith(".")
    }


def changed(before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]) -> set[str]:
    return {path for path, stamp in after.items() if before.get(path) != stamp}


def test_the_same_history_gives_the_same_site_and_writes_nothing_twice(
    tmp_path: Path, history: History
) -> None:
    fill(tmp_path / "history")
    one, two = tmp_path / "one", tmp_path / "two"
    done = written(history, one)
    assert done == WrittenSite(done.files, done.files, 0)
    before = stamps(one)
    assert written(history, one) == WrittenSite(done.files, 0, 0)
    assert stamps(one) == before
    written(history, two)
    for path in before:
        assert (one / path).read_bytes() == (two / path).read_bytes()


def test_a_new_report_changes_only_the_pages_that_speak_of_it(
    tmp_path: Path, history: History
) -> None:
    for number in range(4):
        add(history, of(clean(), f"1.27.{number + 1}-1"), number)
        add(history, of(clean(), f"1.26.{number + 1}-1"), number)
    directory = tmp_path / "site"
    written(history, directory)
    before = stamps(directory)
    add(history, of(sid(), "1.27.5-1"), 9)
    done = written(history, directory)
    new, last = [run.digest for run in history.runs() if run.version in {"1.27.4-1", "1.27.5-1"}][
        ::-1
    ]
    assert changed(before, stamps(directory)) == {
        f"reports/{new}.html",
        f"reports/{new}.json",
        f"reports/{last}.html",  # it has one after it now
        "packages/debian/golang-1.27.html",
        "index.html",
        "changes.html",
        "feed.atom",
    }
    assert done.written == 7


def test_a_new_samego_writes_its_pages_again_and_no_report(
    tmp_path: Path, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(history, clean())
    directory = tmp_path / "site"
    written(history, directory)
    before = stamps(directory)
    monkeypatch.setattr(build, "_stamp", lambda: "another")
    # What it gives is the same here, so that nothing is written after all.
    assert written(history, directory).written == 0
    monkeypatch.setattr("samego.monitor.site.reports.html.render", lambda *_: "another page")
    monkeypatch.setattr(build, "_stamp", lambda: "a third")
    assert written(history, directory).written == 1
    (page,) = changed(before, stamps(directory))
    assert page.startswith("reports/")
    assert page.endswith(".html")


def test_what_the_history_forgot_is_removed(tmp_path: Path) -> None:
    directory = tmp_path / "site"
    with open_history(tmp_path / "one") as history:
        add(history, of(clean(), "1.27.1-1"))
        add(history, trixie())
        written(history, directory)
    with open_history(tmp_path / "two") as history:
        add(history, trixie())
        done = written(history, directory, replace(SITE, url=""))
    # A report's two files, its package's page, and the feed, which nobody can read from nowhere.
    assert done.removed == 4
    assert not (directory / "packages/debian/golang-1.27.html").exists()
    assert not (directory / "feed.atom").exists()


def test_what_is_left_out_is_told(tmp_path: Path, history: History) -> None:
    add(history, clean())
    summary = Told()
    write_site(history, tmp_path / "site", Site(), summary)
    assert [line.partition(":")[0] for line in summary.lines] == [
        "the suite of golang-1.24 is unknown",
        "no feed.atom is written",
    ]
    with history.transaction():
        note_offer(history, offer("1.24.4-1", "trixie", "golang-1.24"), next(history.runs()).when)
    summary = Told()
    write_site(history, tmp_path / "site", SITE, summary)
    assert summary.lines == []


def test_a_report_that_is_lost_is_told_and_all_else_is_written(
    tmp_path: Path, history: History
) -> None:
    for number in range(3):
        add(history, of(clean(), f"1.27.{number + 1}-1"), number)
    lost = next(history.runs()).digest
    (file,) = (tmp_path / "history/reports").rglob(f"{lost}*")
    kept = file.read_bytes()
    file.unlink()
    directory = tmp_path / "site"
    with pytest.raises(HistoryError, match=r"^2 files could not be made.*lacks the report"):
        written(history, directory)
    assert len(list(directory.glob("reports/*.html"))) == 2
    assert (directory / "index.html").is_file()
    file.write_bytes(kept)
    assert written(history, directory).written == 2


def test_a_report_of_the_history_that_is_none_is_told(tmp_path: Path, history: History) -> None:
    add(history, clean())
    run = next(history.runs())
    forged = b'{"schema": "samego.report/1"}'
    other = replace(run, digest=hashlib.sha256(forged).hexdigest(), version="2")
    history.add(other, forged)
    with history.transaction():
        note_offer(history, offer("2", "sid", "golang-1.24"), run.when)
    # Its page, and the trackers' files that it would be in; its bytes are given out as they are.
    with pytest.raises(HistoryError, match=r"^5 files .*not a report as samego writes it"):
        written(history, tmp_path / "site")
    assert (tmp_path / "site/index.html").is_file()


def test_many_reports_are_written_by_several_processes(
    tmp_path: Path, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(reports._FEW + 2):
        add(history, of(clean(), f"1.27.{number + 1}-1"), number)
    parallel, alone = tmp_path / "parallel", tmp_path / "alone"
    written(history, parallel)
    monkeypatch.setattr(reports, "_FEW", 1000)
    written(history, alone)
    for path in stamps(alone):
        assert (parallel / path).read_bytes() == (alone / path).read_bytes()


def test_what_was_done_is_kept_now_and_then(
    tmp_path: Path, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        add(history, of(clean(), f"1.27.{number + 1}-1"), number)
    monkeypatch.setattr(build, "_BETWEEN", 2)
    whole = reports.write_all
    runs = [run.digest for run in history.runs()]

    def broken(directory: Path, tasks: Iterable[reports.Task], n: int) -> Iterator[reports.Done]:
        yield from itertools.islice(whole(directory, tasks, n), 3)
        raise KeyboardInterrupt

    monkeypatch.setattr(reports, "write_all", broken)
    with pytest.raises(KeyboardInterrupt):
        written(history, tmp_path / "site")
    monkeypatch.setattr(reports, "write_all", whole)
    before = stamps(tmp_path / "site")
    written(history, tmp_path / "site")
    # Two of the three were noted, and are not made again.
    again = changed(before, stamps(tmp_path / "site"))
    assert {path for path in again if path.endswith(".json") and "reports" in path} == {
        f"reports/{digest}.json" for digest in runs[2:]
    }


class Links(HTMLParser):
    """A page's tags, ids and links; it must close what it opens."""

    VOID = ("meta", "link", "br", "input", "img")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headings: list[int] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert not {name for name in given if name.startswith("on")}
        self.tags.add(tag)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [value for name in ("href", "src") if (value := given.get(name))]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_link_leads_somewhere_and_every_page_is_whole(
    tmp_path: Path, history: History
) -> None:
    fill(tmp_path / "history")
    directory = tmp_path / "site"
    written(history, directory)
    found: dict[str, Links] = {}
    for file in sorted(directory.rglob("*.html")):
        found[str(file.relative_to(directory))] = parsed = Links()
        parsed.feed(file.read_text("utf-8"))
        parsed.close()
        assert parsed.open == []
        assert len(parsed.ids) == len(set(parsed.ids))
        assert parsed.headings[0] == 1
        assert parsed.headings.count(1) == 1
        steps = zip(parsed.headings, parsed.headings[1:], strict=False)
        assert all(after - before <= 1 for before, after in steps)
    reached = set()
    for path, parsed in found.items():
        for link in parsed.links:
            assert "//" not in link
            target, _, fragment = link.partition("#")
            aim = normpath(join(dirname(path), target)) if target else path
            assert (directory / aim).is_file(), link
            assert not fragment or fragment in found[aim].ids
            reached.add(aim)
    assert set(stamps(directory)) == reached


def hostile() -> Report:
    base = sid()
    packages = tuple(
        replace(package, name=f"{package.name}{NASTY}", version=f"1.27.3-1{NASTY}")
        for package in base.subject.packages
    )
    return replace(base, subject=replace(base.subject, packages=packages), version=NASTY)


def test_hostile_text_stays_text(tmp_path: Path, history: History) -> None:
    add(history, hostile())
    fill(tmp_path / "history")
    directory = tmp_path / "site"
    written(history, directory, Site(title=NASTY, url="https://go.example.org"))
    shown = ""
    for file in directory.rglob("*.html"):
        text = file.read_text("utf-8")
        parsed = Links()
        parsed.feed(text)
        shown += parsed.text
        assert "img" not in parsed.tags
        assert text.replace("\n", "").replace("\t", "").isprintable()
    assert "<img src=x onerror=alert(1)>" in shown
    # Nothing is written outside of the site, whatever a package is called.
    assert {item.name for item in tmp_path.iterdir()} == {"history", "site"}


def test_nothing_of_the_time_or_the_place_of_the_run_is_in_a_page(
    tmp_path: Path, history: History
) -> None:
    fill(tmp_path / "history")
    written(history, tmp_path / "site")
    for file in (tmp_path / "site").rglob("*"):
        if file.is_file():
            assert str(tmp_path).encode() not in file.read_bytes()
            assert os.uname().nodename.encode() not in file.read_bytes()
