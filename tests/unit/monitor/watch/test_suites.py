"""A look at the distros' suites, through a stand-in for a plugin's lister."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from samego.config import Config
from samego.distro.interface import Request
from samego.distro.suites import NotWatchedError, listers, names_in
from samego.errors import ConfigError, InputError, NetworkError
from samego.model.proof import Standing
from samego.monitor.history import waiting
from samego.monitor.history.offers import current_offers
from samego.monitor.history.record import Offer, Run
from samego.monitor.history.rows import moment
from samego.monitor.history.store import History, open_history
from samego.monitor.watch import suites
from samego.monitor.watch.poll import PollResult
from samego.system.progress import Silent

NOW = moment(1_764_000_000)


def offer(version: str, suite: str = "trixie", build: str = "") -> Offer:
    spec = f"birch:{suite}/go={version}{build}"
    return Offer("birch", suite, "go", version, "amd64", spec)


@dataclass
class Birch:
    """A lister; a suite whose offers are an error cannot be asked."""

    held: dict[str, list[Offer] | Exception] = field(default_factory=dict)
    watched: Exception | None = None
    asked: list[Request] = field(default_factory=list)

    def suites(self, options: Mapping[str, object]) -> tuple[str, ...]:
        if self.watched is not None:
            raise self.watched
        return names_in(options, "birch", "suites", tuple(self.held))

    def offers(self, suite: str, request: Request) -> tuple[Offer, ...]:
        self.asked.append(request)
        found = self.held[suite]
        if isinstance(found, Exception):
            raise found
        return tuple(found)


@pytest.fixture
def birch(monkeypatch: pytest.MonkeyPatch) -> Birch:
    lister = Birch()
    monkeypatch.setattr(suites, "listers", lambda: {"birch": lambda: lister})
    return lister


def add_run(history: History, owner: str = "") -> None:
    """A run of version 1-1 on amd64."""
    identity = ("birch", "go", "1-1", "amd64", "go1.24.4", "linux-amd64")
    history.add(Run("d", NOW, *identity, Standing.EXPLAINED, passes=True, owner=owner), b"")


def poll(history: History, config: Config | None = None) -> PollResult:
    polled = PollResult()
    suites.poll(config or Config(), history, NOW, Silent(), polled)
    return polled


def queue(history: History) -> list[str]:
    return [row.spec for row in history.waiting()]


def test_what_is_new_is_noted_and_queued_once(history: History, birch: Birch) -> None:
    birch.held = {"trixie": [offer("1-1")], "sid": [offer("2-1", "sid"), offer("1-1", "sid")]}
    assert poll(history).sources == 2
    assert len(current_offers(history)) == 3
    assert queue(history) == ["birch:sid/go=2-1", "birch:trixie/go=1-1"]
    poll(history)
    assert len(queue(history)) == 2


def test_a_suite_that_cannot_be_asked_keeps_what_it_held(history: History, birch: Birch) -> None:
    birch.held = {"trixie": [offer("1-1")], "sid": [offer("2-1", "sid")]}
    poll(history)
    birch.held = {"trixie": NetworkError("no mirror", hint="try again"), "sid": []}
    polled = poll(history)
    assert polled.failed == [("birch trixie", "no mirror: try again")]
    assert [each.suite for each in current_offers(history)] == ["trixie"]
    assert "birch:sid/go=2-1" in queue(history)  # gone, but not lost


def test_what_was_checked_is_not_queued_unless_it_was_built_again(
    history: History, birch: Birch
) -> None:
    birch.held = {"trixie": [offer("1-1")]}
    poll(history)
    with history.transaction():
        (row,) = history.waiting()
        waiting.note_checked(history, row.spec, "ab", NOW)
        waiting.drop(history, row)
    add_run(history)
    poll(history)
    assert queue(history) == []
    birch.held = {"trixie": [offer("1-1", build="+b1")]}
    poll(history)
    assert queue(history) == ["birch:trixie/go=1-1+b1"]


def test_what_a_run_is_of_is_not_queued_under_any_name(history: History, birch: Birch) -> None:
    add_run(history)
    birch.held = {"trixie": [offer("1-1"), replace(offer("1-1"), architecture="arm64")]}
    poll(history)
    assert [row.architecture for row in history.waiting()] == ["arm64"]


def test_what_a_stranger_says_was_checked_is_queued(history: History, birch: Birch) -> None:
    add_run(history, owner="alice")
    birch.held = {"trixie": [offer("1-1")]}
    poll(history)
    assert len(queue(history)) == 1


def test_what_waits_moves_to_a_name_that_is_still_served(history: History, birch: Birch) -> None:
    birch.held = {"trixie": [offer("1-1")], "sid": []}
    poll(history)
    birch.held = {"trixie": [], "sid": [offer("1-1", "sid")]}
    poll(history)
    assert queue(history) == ["birch:sid/go=1-1"]


def test_a_distro_that_nobody_serves_here_is_no_failure(history: History, birch: Birch) -> None:
    birch.watched = NotWatchedError("no mirror of it", hint="name one")
    polled = poll(history)
    assert polled.failed == []
    assert polled.notes == ["birch is not watched: no mirror of it: name one"]
    birch.watched = InputError("a bad table", hint="correct it")
    assert poll(history).failed == [("birch", "a bad table: correct it")]


def test_the_users_table_says_what_is_looked_at(history: History, birch: Birch) -> None:
    birch.held = {"trixie": [offer("1-1")], "sid": [offer("2-1", "sid")]}
    table = {"suites": ["sid"]}
    poll(history, Config(plugins={"birch": table}))
    assert [(request.what, request.options) for request in birch.asked] == [((), table)]
    polled = poll(history, Config(plugins={"birch": {"suites": "sid"}}))
    assert polled.failed[0][1].startswith("suites in the table [birch] is 'sid'")


def test_offline_nothing_is_asked_and_that_is_told(history: History, birch: Birch) -> None:
    birch.held = {"trixie": [offer("1-1")]}
    polled = poll(history, Config(offline=True))
    assert [name for name, _why in polled.failed] == ["birch trixie"]
    assert birch.asked == []


def test_both_plugins_have_one_and_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    found = listers()
    assert list(found) == ["arch", "debian"]
    debian = found["debian"]()
    mirror = {"mirror": "http://127.0.0.1:9/debian"}
    assert {"trixie", "sid"} <= set(debian.suites(mirror))
    assert debian.suites({"suites": []}) == ()
    with pytest.raises(ConfigError, match="has 'a b'"):
        debian.suites({"suites": ["a b"]})
    arch = found["arch"]()
    monkeypatch.setenv("SAMEGO_ARCH_ROOT", str(Path(__file__).parent))
    assert arch.suites({"mirror": "http://127.0.0.1:9"}) == ("extra",)
    assert arch.suites({"suites": ["extra-testing"]}) == ("extra-testing",)
    with pytest.raises(NotWatchedError):
        arch.suites({"root": str(Path(__file__).parent)})
    with pytest.raises(ConfigError, match=r"has '\.\./x'"):
        arch.suites({"suites": ["../x"]})


@pytest.mark.parametrize(
    ("error", "notified"),
    [
        (InputError("it is hostile", hint="check it"), "it is hostile"),
        (ValueError("bad"), "this is a bug of samego (ValueError"),
        (RecursionError(), "this is a bug of samego (RecursionError"),
        (MemoryError(), "there is not enough memory"),
        (OSError(28, "No space left on device"), "no disk space is left"),
    ],
)
def test_what_one_suite_does_ends_with_that_one(
    birch: Birch, tmp_path: Path, error: Exception, notified: str
) -> None:
    birch.held = {"hostile": error, "trixie": [offer("1-1")]}
    with open_history(tmp_path / "history") as history:
        polled = PollResult()
        suites.poll(Config(), history, NOW, Silent(), polled)
        assert [name for name, _why in polled.failed] == ["birch hostile"]
        assert polled.failed[0][1].startswith(notified)
        assert polled.sources == 1
        assert [row.version for row in history.waiting()] == ["1-1"]


def test_a_version_that_no_history_can_hold_ends_with_its_suite(
    birch: Birch, tmp_path: Path
) -> None:
    birch.held = {"hostile": [offer("1-1\udc80", "hostile")], "trixie": [offer("1-1")]}
    with open_history(tmp_path / "history") as history:
        polled = PollResult()
        suites.poll(Config(), history, NOW, Silent(), polled)
        assert [name for name, _why in polled.failed] == ["birch hostile"]
        assert [row.version for row in history.waiting()] == ["1-1"]


def test_a_suite_that_takes_too_long_ends_alone(
    birch: Birch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    birch.held = {"slow": [], "trixie": [offer("1-1")]}
    offers = Birch.offers

    def slow(self: Birch, suite: str, request: Request) -> tuple[Offer, ...]:
        if suite == "slow":
            time.sleep(60)
        return offers(self, suite, request)

    monkeypatch.setattr(Birch, "offers", slow)
    with open_history(tmp_path / "history") as history:
        polled = PollResult()
        suites.poll(replace(Config(), deadline_watch=0.3), history, NOW, Silent(), polled)
        (failed,) = polled.failed
        assert failed[0] == "birch slow"
        assert "reading birch slow did not end within 0.3 s" in failed[1]
        assert polled.sources == 1
