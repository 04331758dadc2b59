"""What a sweep queues."""

from __future__ import annotations

from pathlib import Path

import pytest

from samego.errors import InputError
from samego.monitor.history import posted
from samego.monitor.history.offers import note_offer
from samego.monitor.history.posted import PostedFile
from samego.monitor.history.record import Offer
from samego.monitor.history.rows import moment
from samego.monitor.history.store import History
from samego.monitor.watch import sweep
from samego.monitor.watch.jobs import Where, is_rebuild, is_submitted
from samego.monitor.watch.sweep import Sweep

NOW = moment(1_764_000_000)
POSTED = ("go1.20", "go1.21rc2", "go1.21.0", "go1.21.13", "go1.22.0", "go1.23.1")


@pytest.fixture(autouse=True)
def posts(history: History) -> None:
    files = [PostedFile(release, f"{release}.src.tar.gz", "ab") for release in POSTED]
    found = posted.differences(history, "go.dev/dl", files)
    with history.transaction():
        posted.note(history, "go.dev/dl", found, NOW)


def specs(history: History, *what: str, where: Where = Where.HERE) -> list[str]:
    sweep.begin(Sweep(what, where), history, NOW)
    return sorted(row.spec for row in history.waiting())


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("go1.21..go1.22", ["go1.21.0", "go1.21.13", "go1.22.0"]),
        ("go1.20..go1.21.0", ["go1.20", "go1.21.0"]),
        ("go1.21.13..go1.23", ["go1.21.13", "go1.22.0", "go1.23.1"]),
        ("go1.24.4", ["go1.24.4"]),
    ],
)
def test_releases_and_ranges(history: History, what: str, expected: list[str]) -> None:
    assert specs(history, what) == [f"rebuild {release}" for release in expected]
    assert all(is_rebuild(row) and not is_submitted(row) for row in history.waiting())


def test_rebuilderd_may_do_them(history: History) -> None:
    assert specs(history, "go1.22.0", where=Where.REBUILDERD) == ["rebuilderd sync go1.22.0"]
    (row,) = history.waiting()
    assert is_submitted(row)


def test_a_range_of_nothing_is_an_error(history: History) -> None:
    with pytest.raises(InputError, match=r"no channel posts a release from go1\.5 to go1\.6"):
        specs(history, "go1.5..go1.6")
    assert history.waiting() == []


def test_all_is_what_the_suites_hold(history: History) -> None:
    with pytest.raises(InputError, match="nothing to sweep"):
        specs(history, "all")
    with history.transaction():
        offer = Offer("debian", "sid", "golang-1.27", "1.27.3-1", "amd64", "debian:sid/golang-1.27")
        note_offer(history, offer, NOW)
        # Noted by 'samego history import --suite': nobody knows where it is served.
        note_offer(history, Offer("debian", "sid", "golang-1.26", "1-1", "amd64", ""), NOW)
    assert specs(history, "all") == ["debian:sid/golang-1.27"]


def test_a_file_is_named_so_that_a_run_elsewhere_finds_it(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "go.deb").touch()
    monkeypatch.chdir(tmp_path)
    assert specs(history, "go.deb", "debian:sid/golang-1.27") == [
        str(tmp_path / "go.deb"),
        "debian:sid/golang-1.27",
    ]


def test_the_same_sweep_goes_on_and_another_begins(history: History) -> None:
    assert sweep.begin(Sweep(("go1.22.0", "x"), Where.HERE), history, NOW)
    assert not sweep.begin(Sweep(("x", "go1.22.0"), Where.HERE), history, NOW)
    assert sweep.begin(Sweep(("x",), Where.HERE), history, NOW)
    assert sweep.begin(Sweep(("x",), Where.HERE, "rebuild=True"), history, NOW)
