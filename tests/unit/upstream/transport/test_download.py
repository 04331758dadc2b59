from __future__ import annotations

import errno
import hashlib
import threading
from pathlib import Path

import pytest

from samego.errors import DiskFullError, NetworkError, NotPostedError, VerificationError
from samego.upstream.cache import upkeep
from samego.upstream.cache.blobs import Cache
from samego.upstream.transport.download import Downloaded, download
from samego.upstream.transport.http import Http
from support.godev_server import Fault, GoDev

DATA = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(DATA).hexdigest()
NAME = "/dl/file"


@pytest.fixture
def posted(godev: GoDev) -> GoDev:
    godev.post("file", DATA)
    return godev


def fetch(
    http: Http, posted: GoDev, cache: Cache, *, sha256: str | None = SHA256, limit: int = 1 << 30
) -> Downloaded:
    return download(http, posted.url + NAME, cache, expected_sha256=sha256, limit=limit)


def partials(cache: Cache) -> list[Path]:
    return sorted((cache.root / "partial").iterdir())


def test_a_file_arrives_whole_and_only_once(http: Http, posted: GoDev, cache: Cache) -> None:
    first = fetch(http, posted, cache)
    assert (first.sha256, first.size, first.resumed) == (SHA256, len(DATA), False)
    assert first.path.read_bytes() == DATA
    assert fetch(http, posted, cache).path == first.path
    assert len(posted.requests) == 1
    assert partials(cache) == []


def test_progress_ends_with_the_whole(http: Http, posted: GoDev, cache: Cache) -> None:
    seen: list[tuple[int, int | None]] = []
    download(
        http,
        posted.url + NAME,
        cache,
        expected_sha256=None,
        limit=1 << 30,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen[-1] == (len(DATA), len(DATA))
    assert seen == sorted(seen)


def test_nothing_stays_of_a_file_that_is_not_there(http: Http, godev: GoDev, cache: Cache) -> None:
    with pytest.raises(NotPostedError):
        download(http, f"{godev.url}/dl/no", cache, expected_sha256=None, limit=1 << 30)
    assert partials(cache) == []


def test_a_dropped_connection_is_taken_up_where_it_broke(
    http: Http, posted: GoDev, cache: Cache
) -> None:
    posted.faults[NAME] = Fault(cut=300_000, times=1)
    got = fetch(http, posted, cache)
    assert got.resumed
    assert got.path.read_bytes() == DATA
    assert posted.asked(NAME) == ["", "bytes=300000-"]


def test_a_later_run_takes_up_what_an_earlier_one_left(
    http: Http, posted: GoDev, cache: Cache
) -> None:
    posted.faults[NAME] = Fault(cut=300_000, times=1)
    posted.faults[NAME + "?"] = Fault()
    offline = Fault(status=500)

    def breaks_then_is_gone(done: int, _total: int | None) -> None:
        if done >= 200_000:
            posted.faults[NAME] = offline

    posted.faults[NAME] = Fault(cut=300_000)
    with pytest.raises(NetworkError):
        download(
            http,
            posted.url + NAME,
            cache,
            expected_sha256=SHA256,
            limit=1 << 30,
            progress=breaks_then_is_gone,
        )
    assert [path.suffix for path in partials(cache)] == [".part", ".json"]
    del posted.faults[NAME]
    got = fetch(http, posted, cache)
    assert got.resumed
    assert posted.asked(NAME)[-1] == "bytes=300000-"


def test_a_server_without_ranges_starts_anew(http: Http, posted: GoDev, cache: Cache) -> None:
    posted.faults[NAME] = Fault(cut=300_000, no_ranges=True, times=1)
    posted.files[NAME] = DATA
    got = fetch(http, posted, cache)
    assert got.path.read_bytes() == DATA


def test_a_server_that_ignores_the_range_starts_anew(
    http: Http, posted: GoDev, cache: Cache
) -> None:
    leave_partial(cache, posted, b"old beginning", len(DATA))
    posted.faults[NAME] = Fault(no_ranges=True)
    got = fetch(http, posted, cache)
    assert (got.resumed, got.path.read_bytes()) == (False, DATA)


def leave_partial(cache: Cache, posted: GoDev, data: bytes, total: int) -> None:
    url = posted.url + NAME
    part = cache.directory("partial") / f"{hashlib.sha256(url.encode()).hexdigest()}.part"
    part.write_bytes(data)
    part.with_name(f"{part.name}.json").write_text(f'{{"url": "{url}", "total": {total}}}')


def test_a_wrong_beginning_is_dropped_and_the_file_fetched_anew(
    http: Http, posted: GoDev, cache: Cache
) -> None:
    leave_partial(cache, posted, b"X" * 1000, len(DATA))
    got = fetch(http, posted, cache)
    assert got.path.read_bytes() == DATA
    assert posted.asked(NAME) == ["bytes=1000-", ""]


def test_a_file_that_changed_its_length_is_fetched_anew(
    http: Http, posted: GoDev, cache: Cache
) -> None:
    leave_partial(cache, posted, b"X" * 1000, 5000)
    assert fetch(http, posted, cache, sha256=None).path.read_bytes() == DATA


def test_a_partial_of_another_url_is_not_taken(http: Http, posted: GoDev, cache: Cache) -> None:
    leave_partial(cache, posted, b"X" * 1000, len(DATA))
    next(iter(cache.root.glob("partial/*.json"))).write_text('{"url": "https://other/"}')
    assert fetch(http, posted, cache).path.read_bytes() == DATA
    assert posted.asked(NAME) == [""]


@pytest.mark.parametrize("extra", [b"", b"!"], ids=["complete", "too-long"])
def test_a_partial_without_a_rest_is_judged_by_its_digest(
    http: Http, posted: GoDev, cache: Cache, extra: bytes
) -> None:
    leave_partial(cache, posted, DATA + extra, len(DATA))
    assert fetch(http, posted, cache).path.read_bytes() == DATA


def test_wrong_bytes_name_both_digests_and_leave_nothing(
    http: Http, posted: GoDev, cache: Cache
) -> None:
    wrong = DATA[:-1] + b"?"
    posted.faults[NAME] = Fault(replace=wrong)
    with pytest.raises(VerificationError) as caught:
        fetch(http, posted, cache)
    assert hashlib.sha256(wrong).hexdigest() in str(caught.value)
    assert SHA256 in str(caught.value)
    assert partials(cache) == []
    assert upkeep.stats(cache).files == 0


def test_a_file_longer_than_any_is_refused(http: Http, posted: GoDev, cache: Cache) -> None:
    with pytest.raises(VerificationError, match="longer than 1000 bytes"):
        fetch(http, posted, cache, limit=1000)
    assert partials(cache) == []


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_refusal_says_what_the_server_said(
    http: Http, posted: GoDev, cache: Cache, status: int
) -> None:
    posted.faults[NAME] = Fault(status=status, body="not to be had here\n")
    with pytest.raises(NotPostedError, match="not to be had here"):
        fetch(http, posted, cache)


@pytest.mark.parametrize(
    "fault",
    [Fault(status=500), Fault(status=503), Fault(cut=0), Fault(stall=10)],
    ids=["500", "503", "dropped-at-once", "slow"],
)
def test_a_broken_server_is_a_network_error(
    http: Http, posted: GoDev, cache: Cache, fault: Fault
) -> None:
    posted.faults[NAME] = fault
    with pytest.raises(NetworkError):
        fetch(http, posted, cache)


def test_a_server_that_always_breaks_off_is_given_up(
    http: Http, posted: GoDev, cache: Cache
) -> None:
    posted.faults[NAME] = Fault(cut=10)
    with pytest.raises(NetworkError):
        fetch(http, posted, cache)
    assert len(posted.requests) <= 6


def test_two_at_once_fetch_it_once(posted: GoDev, tmp_path: Path) -> None:
    got: list[bytes] = []

    def one() -> None:
        with Http(retries=0) as http, Cache(tmp_path / "shared") as cache:
            got.append(fetch(http, posted, cache).path.read_bytes())

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [DATA] * 3
    assert len(posted.requests) == 1


def test_a_full_disk_leaves_nothing_behind(
    http: Http, posted: GoDev, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("samego.system.atomic._finish", full)
    with pytest.raises(DiskFullError):
        fetch(http, posted, cache)
    assert partials(cache) == []


def test_a_file_url_is_read_from_the_disk(http: Http, cache: Cache, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(DATA)
    got = download(http, source.as_uri(), cache, expected_sha256=SHA256, limit=1 << 30)
    assert got.path.read_bytes() == DATA
    assert source.exists()
