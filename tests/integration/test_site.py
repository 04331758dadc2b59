"""``samego site`` as a process: killed, twice at once, refused; and a reader of its list."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from samego.model.report import Report
from samego.monitor.history.offers import note_offer
from samego.monitor.history.store import open_history
from samego.monitor.site.output import LOCK, MANIFEST
from support.builds import debian, rebuilt
from support.chroot import Base, Chroot, cannot_run
from support.cli import Result, Samego, the_error
from support.inputs import cache_directory
from support.reports import clean
from support.site_history import add, fill, of, offer

#: So many reports are written by several processes, and take long enough to be killed among.
_MANY = 400


@pytest.fixture
def user(tmp_path: Path) -> Samego:
    """A user with a history of their own."""
    home = tmp_path / "home"
    home.mkdir()
    return Samego(home, {"SAMEGO_HISTORY": str(tmp_path / "history")})


def content(directory: Path) -> dict[str, bytes]:
    """All files but what says of what they were made, and the lock."""
    return {
        str(file.relative_to(directory)): file.read_bytes()
        for file in sorted(directory.rglob("*"))
        if file.is_file() and file.name not in {MANIFEST, LOCK}
    }


def assert_refused(result: Result, *words: str) -> None:
    assert (result.status, result.stdout) == (2, "")
    assert the_error(result.stderr)
    assert "bug of samego" not in result.stderr
    for word in words:
        assert word in result.stderr


def test_a_site_and_then_only_what_changed(user: Samego, tmp_path: Path) -> None:
    fill(tmp_path / "history")
    site = tmp_path / "site"
    url = "https://go.example.org/pages/"
    first = user("site", site, "--url", url, "--title", "Our Go", "-q")
    assert (first.status, first.stderr) == (0, "")
    number = len(content(site))
    assert first.stdout == f"wrote {number} of {number} files\n"
    assert "<h1>Our Go</h1>" in (site / "index.html").read_text("utf-8")
    feed = ET.parse(site / "feed.atom").getroot()  # noqa: S314 - our own
    links = {link.get("href") for link in feed.iter("{http://www.w3.org/2005/Atom}link")}
    assert "https://go.example.org/pages/feed.atom" in links
    again = user("site", site, "--url", url, "--title", "Our Go", "-q")
    assert again.stdout == f"wrote 0 of {number} files\n"
    with open_history(tmp_path / "history") as history:
        add(history, of(clean(), "1.23.6-1"), 99)
    third = user("site", site, "--url", url, "--title", "Our Go", "-q")
    assert re.fullmatch(rf"wrote \d of {number + 2} files\n", third.stdout)
    without = user("site", site, "--title", "Our Go")
    assert re.fullmatch(r"wrote \d+ of \d+ files \(1 removed\)\n", without.stdout)
    assert "no feed.atom is written" in without.stderr


def test_an_empty_history_is_a_site_too(user: Samego, tmp_path: Path) -> None:
    done = user("site", tmp_path / "site", "-q")
    assert (done.status, done.stderr) == (0, "")
    assert "Nothing was checked yet." in (tmp_path / "site/index.html").read_text("utf-8")
    assert json.loads((tmp_path / "site/api/v0/pkgs/list").read_text()) == []


def test_bad_input_is_told_and_changes_nothing(user: Samego, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.tex").write_text("years of work")
    assert_refused(user("site", mine, "-q"), "mine holds something that is not a site of samego's")
    assert content(mine) == {"thesis.tex": b"years of work"}
    assert_refused(user("site", mine / "thesis.tex", "-q"), "cannot be used as a directory")
    for url in ("go.example.org", "ftp://x/", "https://", "https://a b/"):
        assert_refused(user("site", tmp_path / "s", "--url", url, "-q"), "not a URL")
    assert_refused(user("site", tmp_path / "s", "--title", " ", "-q"), "a title needs a word")
    assert_refused(user("site", "-q"), "DIR")
    assert not (tmp_path / "s").exists()


def test_a_history_that_is_none_is_told(user: Samego, tmp_path: Path) -> None:
    (tmp_path / "history").mkdir()
    (tmp_path / "history/history.sqlite3").write_bytes(b"no database" * 100)
    assert_refused(user("site", tmp_path / "site", "-q"), "history")
    assert not (tmp_path / "site").exists()


@pytest.fixture(scope="module")
def long_history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("long") / "history"
    with open_history(directory) as history:
        for number in range(_MANY):
            add(history, of(clean(), f"1.27.{number + 1}-1"), number)
    return directory


def workers(group: int) -> list[int]:
    """The processes of a group that still run."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except (OSError, ValueError):
            continue
        if entry.name.isdigit() and int(fields[2]) == group and fields[0] != "Z":
            found.append(int(entry.name))
    return found


@pytest.mark.parametrize(
    "sign",
    # What SIGTERM leaves is less: that a command tidies up then, others show.
    [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.long)],
)
def test_a_run_that_is_killed_in_the_middle_is_made_good(
    user: Samego, long_history: Path, tmp_path: Path, sign: signal.Signals
) -> None:
    environment = {"SAMEGO_HISTORY": str(long_history)}
    whole, site = tmp_path / "whole", tmp_path / "site"
    assert user("site", whole, "-q", environment=environment).status == 0
    with user.start(["site", site, "-q"], environment=environment) as process:
        patience = time.monotonic() + 300
        while len(list(site.glob("reports/*.html"))) < _MANY // 10:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < patience
            time.sleep(0.01)
        os.kill(process.pid, sign)  # the process alone: its workers must end by themselves
        process.communicate()
    patience = time.monotonic() + 60
    while workers(process.pid):
        assert time.monotonic() < patience
        time.sleep(0.05)
    assert 0 < len(list(site.glob("reports/*.html"))) < _MANY
    again = user("site", site, "-q", environment=environment)
    assert (again.status, again.stderr) == (0, "")
    assert content(site) == content(whole)
    assert user("site", site, "-q", environment=environment).stdout.startswith("wrote 0 of ")


def test_a_worker_that_is_killed_is_told(user: Samego, long_history: Path, tmp_path: Path) -> None:
    environment = {"SAMEGO_HISTORY": str(long_history)}
    site = tmp_path / "site"
    with user.start(["site", site, "-q"], environment=environment) as process:
        while not list(site.glob("reports/*.html")):
            assert process.poll() is None
            time.sleep(0.01)
        # The youngest process is no helper of multiprocessing's, which starts first.
        os.kill(max(workers(process.pid)), signal.SIGKILL)
        _out, errors = process.communicate()
    assert process.returncode == 2
    error = the_error(errors)
    assert error == "a process that writes pages was ended: run it again; it continues from there"
    assert user("site", site, "-q", environment=environment).status == 0
    assert len(list(site.glob("reports/*.html"))) == _MANY


def test_of_two_at_once_one_is_refused(user: Samego, long_history: Path, tmp_path: Path) -> None:
    environment = {"SAMEGO_HISTORY": str(long_history)}
    site = tmp_path / "site"
    with user.start(["site", site, "-q"], environment=environment) as process:
        while not site.is_dir():
            assert process.poll() is None
            time.sleep(0.01)
        assert_refused(user("site", site, "-q", environment=environment), "another samego")
        _out, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Chroot:
    """A Debian system with debian-repro-status."""
    if why := cannot_run():
        pytest.skip(why)
    directory = tmp_path_factory.mktemp("reader")
    system = Chroot((Base(cache_directory()).directory(),), directory / "layer")
    system.check("apt-get", "update", "-q", network=True)
    system.check("apt-get", "install", "-q", "-y", "debian-repro-status", network=True)
    return system


@pytest.mark.network
def test_debian_repro_status_reads_the_sites_list(
    user: Samego, reader: Chroot, tmp_path: Path
) -> None:
    reports: list[Report] = [
        rebuilt(debian("1.24.4-1")),
        rebuilt(debian("1.26.10-1"), "golang-1.26-go"),
        debian("1.26.2-1"),
        debian("1.25.1-1"),
    ]
    with open_history(tmp_path / "history") as history:
        for report in reports:
            add(history, report)
        with history.transaction():
            for version, suite in [
                ("1.24.4-1", "trixie"), ("1.26.10-1", "sid"), ("1.26.2-1", "trixie"),
                ("1.25.1-1", "sid"),
            ]:  # fmt: skip
                note_offer(
                    history,
                    offer(version, suite, f"golang-{version[:4]}"),
                    next(history.runs()).when,
                )
    site = tmp_path / "site"
    assert user("site", site, "-q").status == 0
    installed = tmp_path / "dpkg"
    versions = {"1.24": "1.24.4-1", "1.25": "1.25.1-1", "1.26": "1.26.10-1"}
    lines = [f"installed golang-{line}-go amd64 {version}\n" for line, version in versions.items()]
    installed.write_text("".join(lines), "utf-8")
    states: dict[str, str] = {}
    for state in ("GOOD", "BAD", "UNKWN"):
        out = reader.run(
            *("debian-repro-status", "--architecture", "amd64", "--filter", state),
            *("--dpkg-query-output", "/dpkg", "--rebuilderd-query-output", "/list.json"),
            binds={installed: "/dpkg", site / "api/v0/pkgs/list": "/list.json"},
        )
        states.update(dict.fromkeys(re.findall(r"golang-1\.\d+-go", out.stdout), state))
    assert states == {"golang-1.24-go": "GOOD", "golang-1.25-go": "UNKWN", "golang-1.26-go": "BAD"}
