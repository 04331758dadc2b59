"""A look at what upstream posts, against a server that speaks go.dev's protocol."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from samego.config import Config
from samego.monitor.history import news, posted
from samego.monitor.history.news import NewsKind
from samego.monitor.history.rows import moment
from samego.monitor.history.store import History
from samego.monitor.watch.poll import PollResult
from samego.monitor.watch.upstream import poll
from samego.system.progress import Silent
from support.godev_server import Fault, GoDev, file_row, release_row, serve
from support.watch_docs import assert_documented

INDEX = "/dl/?mode=json&include=all"
LIST = "/proxy/golang.org/toolchain/@v/list"
RELEASES = ("go1.24.2", "go1.24.3", "go1.24.4")


class Upstream:
    """The server, and looks at it."""

    def __init__(self, godev: GoDev, history: History, cache: Config) -> None:
        self.godev = godev
        self.history = history
        self.config = cache
        self.now = 1_764_000_000

    def post(self, *releases: str, **changed: bytes) -> None:
        """Post two files of each release; ``changed`` has other bytes for ``go1_24_4``."""
        rows = []
        for release in releases:
            data = changed.get(release.replace(".", "_"), release.encode())
            files = [f"{release}.src.tar.gz", f"{release}.linux-amd64.tar.gz"]
            rows.append(release_row(release, *(file_row(name, data) for name in files)))
        self.godev.set_index(*rows)

    def lists(self, *releases: str) -> None:
        """Let the proxy list these releases, and no more."""
        names = [f"v0.0.1-{release}.linux-amd64" for release in releases]
        self.godev.files[LIST] = "".join(f"{name}\n" for name in names).encode()

    def poll(self, *, believe: bool = False) -> tuple[PollResult, list[tuple[str, str]], list[str]]:
        """A look: what it tells of sources, its news, and the releases that are new."""
        self.now += 1
        before, polled = news.last_number(self.history), PollResult()
        new = poll(self.config, self.history, moment(self.now), Silent(), polled, believe=believe)
        items = [(each.kind.value, each.sentence) for each in news.since(self.history, before)]
        return polled, items, [str(release) for release in new]


@pytest.fixture(autouse=True)
def documented(history: History) -> Iterator[None]:
    yield
    assert_documented(history)


@pytest.fixture
def upstream(
    history: History, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Upstream]:
    with serve(GoDev()) as godev:
        monkeypatch.setenv("GOPROXY", f"{godev.url}/proxy")
        config = Config(
            godev_url=f"{godev.url}/dl",
            cache_directory=tmp_path_factory.mktemp("cache"),
            timeout=5,
        )
        world = Upstream(godev, history, config)
        world.post(*RELEASES)
        world.lists(*RELEASES)
        yield world


def test_the_first_look_fills_in_silence(upstream: Upstream) -> None:
    polled, items, new = upstream.poll()
    assert (items, new, polled.failed, polled.sources) == ([], [], [], 2)
    assert len(polled.notes) == 2
    assert polled.notes[0].endswith(
        "/dl posts 3 releases in 6 files; changes are reported from now on"
    )
    polled, items, new = upstream.poll()
    assert (items, new, polled.notes) == ([], [], [])


def test_a_new_release_is_one_item_with_its_files(upstream: Upstream) -> None:
    upstream.poll()
    upstream.post(*RELEASES, "go1.24.5")
    polled, items, new = upstream.poll()
    name = f"go.dev/dl at {upstream.godev.url}/dl"
    assert items == [("posted", f"{name} posts go1.24.5: 2 files")]
    assert (new, polled.failed) == (["go1.24.5"], [])
    (item,) = news.not_notified(upstream.history)
    assert item.about["channel"] == name
    assert [file["file"] for file in item.about["files"]] == [
        "go1.24.5.linux-amd64.tar.gz",
        "go1.24.5.src.tar.gz",
    ]
    assert (item.bad, len(item.about["files"][0]["sha256"])) == (False, 64)


def test_a_changed_release_and_a_withdrawn_one_are_the_loudest(upstream: Upstream) -> None:
    upstream.poll()
    upstream.post("go1.24.3", "go1.24.4", "go1.25.0", go1_24_4=b"other bytes")
    _looked, items, _new = upstream.poll()
    assert [kind for kind, _sentence in items] == ["changed", "withdrawn", "posted"]
    assert items[0][1].endswith("has changed 2 files of go1.24.4: the same name, other bytes")
    assert items[1][1].endswith("has withdrawn 2 files of go1.24.2")
    changed, withdrawn = news.not_notified(upstream.history)[:2]
    assert changed.bad
    assert withdrawn.bad
    for file in changed.about["files"]:
        assert file["before"] != file["sha256"]
    assert len(posted.standing(upstream.history)) == 4
    # They are told once, and stand.
    assert upstream.poll()[1] == []
    assert len(posted.standing(upstream.history)) == 4


@pytest.mark.parametrize("left", [(), ("go1.24.4",)], ids=["empty", "cut"])
def test_a_list_that_lost_most_is_told_and_not_believed(
    upstream: Upstream, left: tuple[str, ...]
) -> None:
    upstream.poll()
    upstream.post(*left)
    for _ in range(2):
        polled, items, _new = upstream.poll()
        assert items == []
        ((name, why),) = polled.failed
        assert name.startswith("go.dev/dl")
        assert f"its list lacks {6 - 2 * len(left)} of 6 files" in why
    assert posted.standing(upstream.history) == []
    polled, items, _new = upstream.poll(believe=True)
    assert {kind for kind, _sentence in items} == {"withdrawn"}
    assert len(items) == 3 - len(left)
    assert polled.failed == []


def test_what_a_doubted_list_says_is_believed_though(upstream: Upstream) -> None:
    upstream.poll()
    upstream.post("go1.24.4", "go1.25.0", go1_24_4=b"other bytes")
    polled, items, new = upstream.poll()
    assert [kind for kind, _sentence in items] == ["changed", "posted"]
    assert (len(polled.failed), new) == (1, ["go1.25.0"])


@pytest.mark.parametrize(
    "fault",
    [Fault(status=503), Fault(replace=b"<html>sign in</html>"), Fault(cut=40)],
    ids=["503", "portal", "cut off"],
)
def test_a_source_that_does_not_answer_says_nothing(upstream: Upstream, fault: Fault) -> None:
    upstream.poll()
    upstream.godev.faults[INDEX] = fault
    polled, items, _new = upstream.poll()
    assert (items, [name for name, _why in polled.failed]) == ([], ["go.dev/dl"])
    assert polled.sources == 1
    del upstream.godev.faults[INDEX]
    assert upstream.poll()[1] == []


def test_a_file_with_two_sums_is_refused_and_told(upstream: Upstream) -> None:
    upstream.poll()
    row = file_row("go1.24.4.src.tar.gz", b"a")
    other = file_row("go1.24.4.src.tar.gz", b"b")
    upstream.godev.set_index(release_row("go1.24.4", row, other))
    polled, items, _new = upstream.poll()
    assert items == []
    assert "twice" in polled.failed[0][1]


def test_a_version_is_withdrawn_from_the_proxy_only_if_it_says_so_itself(
    upstream: Upstream,
) -> None:
    upstream.poll()
    path = "/proxy/golang.org/toolchain/@v/v0.0.1-go1.24.2.linux-amd64.info"
    upstream.godev.files[path] = b"{}"
    upstream.lists("go1.24.3", "go1.24.4")
    assert upstream.poll()[1] == []
    upstream.godev.faults[path] = Fault(status=500)
    assert upstream.poll()[1] == []
    upstream.godev.faults[path] = Fault(status=410)
    name = f"module at {upstream.godev.url}/proxy"
    sentence = f"{name} has withdrawn v0.0.1-go1.24.2.linux-amd64 of go1.24.2"
    assert upstream.poll()[1] == [(NewsKind.WITHDRAWN.value, sentence)]


def test_another_server_is_another_channel(upstream: Upstream) -> None:
    upstream.poll()
    with serve(GoDev()) as other:
        other.files[INDEX] = upstream.godev.files[INDEX].replace(b"go1.24.2", b"go1.24.1")
        upstream.config = Config(
            godev_url=f"{other.url}/dl", cache_directory=upstream.config.cache_directory
        )
        polled, items, _new = upstream.poll()
    assert (items, len(polled.notes)) == ([], 1)


def test_only_the_channel_that_the_user_named_is_asked(upstream: Upstream) -> None:
    url, cache = f"{upstream.godev.url}/dl", upstream.config.cache_directory
    upstream.config = Config(channel="module", godev_url=url, cache_directory=cache)
    assert upstream.poll()[0].sources == 1
    assert upstream.godev.asked(INDEX) == []


def test_offline_nothing_is_asked_and_that_is_told(upstream: Upstream) -> None:
    url, cache = f"{upstream.godev.url}/dl", upstream.config.cache_directory
    upstream.config = Config(offline=True, godev_url=url, cache_directory=cache)
    polled, items, _new = upstream.poll()
    assert ([name for name, _why in polled.failed], items) == (["go.dev/dl", "module"], [])
    assert upstream.godev.requests == []
