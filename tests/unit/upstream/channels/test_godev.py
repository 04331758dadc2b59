from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from samego.errors import NetworkError, NotPostedError, VerificationError
from samego.model.release import Release, Target
from samego.model.verification import Verification
from samego.upstream.cache.blobs import Cache
from samego.upstream.channels.godev import GoDevChannel
from samego.upstream.channels.release_index import MAX_AGE, IndexSource, parse_index
from samego.upstream.checksums.authorities import AnnouncedSums, UnverifiedError
from samego.upstream.transport.http import Http
from support.godev_server import Fault, GoDev, file_row, release_row, toolchain_archive

RELEASE = Release.parse("go1.24.4")
TARGET = Target.parse("linux-amd64")
NAME = "go1.24.4.linux-amd64.tar.gz"
SOURCE = "go1.24.4.src.tar.gz"
ARCHIVE = toolchain_archive("go1.24.4")
INDEX = "/dl/?mode=json&include=all"


class Announces:
    """Announced sums of a test's own small files."""

    def __init__(self, **sums: str) -> None:
        self.sums = {NAME: sums["archive"]} if sums else {}

    def sum_of(self, name: str) -> str | None:
        return self.sums.get(name)

    def name_of(self, sha256: str) -> str | None:
        return next((name for name, known in self.sums.items() if known == sha256), None)

    def verification(self) -> Verification:
        return Verification("sha256, as announced", "this test")


@pytest.fixture
def posted(godev: GoDev) -> GoDev:
    godev.post(NAME, ARCHIVE)
    godev.post(SOURCE, b"source")
    godev.set_index(
        release_row("go1.24.4", file_row(SOURCE, b"source"), file_row(NAME, ARCHIVE)),
        release_row("go1.4", file_row("go1.4.linux-amd64.tar.gz", b"old", sha256="")),
    )
    return godev


def channel(http: Http, cache: Cache, godev: GoDev, announced: Announces) -> GoDevChannel:
    return GoDevChannel(http, cache, url=f"{godev.url}/dl", announced=announced)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_an_archive_is_fetched_and_the_index_vouches(
    http: Http, cache: Cache, posted: GoDev
) -> None:
    got = channel(http, cache, posted, Announces()).fetch(RELEASE, TARGET)
    assert (got.channel, got.form, got.release, got.target) == (
        "go.dev/dl",
        "archive",
        RELEASE,
        TARGET,
    )
    assert got.url == f"{posted.url}/dl/{NAME}"
    assert got.path.read_bytes() == ARCHIVE
    assert got.sha256 == sha256(ARCHIVE)
    assert [item.how for item in got.verified] == ["sha256 in the release index"]
    assert posted.url in got.verified[0].rests_on


def test_index_and_announced_sums_vouch_together(http: Http, cache: Cache, posted: GoDev) -> None:
    announced = Announces(archive=sha256(ARCHIVE))
    got = channel(http, cache, posted, announced).fetch(RELEASE, TARGET)
    assert len(got.verified) == 2


def test_the_source_archive_is_fetched(http: Http, cache: Cache, posted: GoDev) -> None:
    got = channel(http, cache, posted, Announces()).fetch_source(RELEASE)
    assert (got.form, got.target, got.path.read_bytes()) == ("source", None, b"source")


def test_an_index_that_contradicts_the_announced_sums_names_both(
    http: Http, cache: Cache, posted: GoDev
) -> None:
    with pytest.raises(VerificationError) as caught:
        channel(http, cache, posted, Announces(archive="a" * 64)).fetch(RELEASE, TARGET)
    assert "a" * 64 in str(caught.value)
    assert sha256(ARCHIVE) in str(caught.value)
    assert posted.asked(f"/dl/{NAME}") == []


def test_the_real_announced_sums_contradict_a_forged_go1244(
    http: Http, cache: Cache, posted: GoDev
) -> None:
    with pytest.raises(VerificationError, match="77e5da33bb72aeaef1ba4418b6fe511b"):
        GoDevChannel(http, cache, url=f"{posted.url}/dl").fetch(RELEASE, TARGET)


def test_one_wrong_byte_is_refused(http: Http, cache: Cache, posted: GoDev) -> None:
    posted.faults[f"/dl/{NAME}"] = Fault(replace=ARCHIVE[:-1] + b"?")
    with pytest.raises(VerificationError, match=sha256(ARCHIVE)):
        channel(http, cache, posted, Announces()).fetch(RELEASE, TARGET)
    assert cache.get(sha256(ARCHIVE)) is None


def test_a_wrong_sum_in_the_index_is_refused(http: Http, cache: Cache, posted: GoDev) -> None:
    posted.set_index(release_row("go1.24.4", file_row(NAME, ARCHIVE, sha256="b" * 64)))
    with pytest.raises(VerificationError, match="b" * 64):
        channel(http, cache, posted, Announces()).fetch(RELEASE, TARGET)


@pytest.mark.parametrize("target", ["linux-arm64", "plan9-amd64"])
def test_what_the_index_lacks_is_not_posted(
    http: Http, cache: Cache, posted: GoDev, target: str
) -> None:
    with pytest.raises(NotPostedError, match=target):
        channel(http, cache, posted, Announces()).fetch(RELEASE, Target.parse(target))


def test_a_file_without_any_sum_is_refused(http: Http, cache: Cache, posted: GoDev) -> None:
    posted.post("go1.4.linux-amd64.tar.gz", b"old")
    with pytest.raises(UnverifiedError, match="no source states its sha256"):
        channel(http, cache, posted, Announces()).fetch(Release.parse("go1.4"), TARGET)


@pytest.mark.parametrize("status", [403, 404, 500])
def test_the_announced_sum_vouches_when_the_index_cannot_be_asked(
    http: Http, cache: Cache, posted: GoDev, status: int
) -> None:
    posted.faults[INDEX] = Fault(status=status)
    announced = Announces(archive=sha256(ARCHIVE))
    got = channel(http, cache, posted, announced).fetch(RELEASE, TARGET)
    assert [item.rests_on for item in got.verified] == ["this test"]


def test_without_index_and_announced_sum_nothing_is_fetched(
    http: Http, cache: Cache, posted: GoDev
) -> None:
    posted.faults[INDEX] = Fault(status=500)
    with pytest.raises(NetworkError, match="500"):
        channel(http, cache, posted, Announces()).fetch(RELEASE, TARGET)
    assert posted.asked(f"/dl/{NAME}") == []


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_refusal_of_the_archive_is_not_posted(
    http: Http, cache: Cache, posted: GoDev, status: int
) -> None:
    posted.faults[f"/dl/{NAME}"] = Fault(status=status, body="gone for good\n")
    with pytest.raises(NotPostedError, match="gone for good"):
        channel(http, cache, posted, Announces()).fetch(RELEASE, TARGET)


@pytest.mark.parametrize(
    "fault",
    [Fault(status=500), Fault(cut=0), Fault(stall=20)],
    ids=["500", "dropped", "slow"],
)
def test_a_broken_server_is_a_network_error(
    http: Http, cache: Cache, posted: GoDev, fault: Fault
) -> None:
    posted.faults[f"/dl/{NAME}"] = fault
    with pytest.raises(NetworkError):
        channel(http, cache, posted, Announces()).fetch(RELEASE, TARGET)


def test_nobody_there_is_a_network_error(http: Http, cache: Cache) -> None:
    with pytest.raises(NetworkError):
        GoDevChannel(http, cache, url="http://127.0.0.1:1/dl", announced=Announces()).fetch(
            RELEASE, TARGET
        )


def test_what_is_in_the_cache_needs_no_network(http: Http, cache: Cache, posted: GoDev) -> None:
    channel(http, cache, posted, Announces()).fetch(RELEASE, TARGET)
    with Http(offline=True) as offline:
        got = channel(offline, cache, posted, Announces()).fetch(RELEASE, TARGET)
        assert got.path.read_bytes() == ARCHIVE
        with pytest.raises(NetworkError, match="offline"):
            channel(offline, cache, posted, Announces()).fetch_source(RELEASE)


def test_the_listing_names_what_samego_can_name(http: Http, cache: Cache, posted: GoDev) -> None:
    rows = list(channel(http, cache, posted, Announces()).listing())
    assert [row.name for row in rows] == [SOURCE, NAME, "go1.4.linux-amd64.tar.gz"]
    assert rows[0].target is None
    assert rows[1].sha256 == sha256(ARCHIVE)


def test_a_young_index_is_not_asked_for_again(http: Http, cache: Cache, posted: GoDev) -> None:
    now = [1000.0]

    def source() -> IndexSource:
        return IndexSource(http, cache, f"{posted.url}/dl", clock=lambda: now[0])

    source().index()
    source().index()
    assert len(posted.asked(INDEX)) == 1
    now[0] += MAX_AGE
    source().index()
    assert len(posted.asked(INDEX)) == 2
    assert source().sum_of("go1.99.0.linux-amd64.tar.gz") is None
    assert len(posted.asked(INDEX)) == 3


def test_an_old_index_will_do_when_the_server_is_gone(
    http: Http, cache: Cache, posted: GoDev
) -> None:
    IndexSource(http, cache, f"{posted.url}/dl").index()
    posted.faults[INDEX] = Fault(status=500)
    later = IndexSource(http, cache, f"{posted.url}/dl", clock=lambda: 9e12)
    assert later.sum_of(NAME) == sha256(ARCHIVE)
    assert later.name_of(sha256(ARCHIVE)) == NAME


def row(**changes: object) -> bytes:
    file = {**file_row(NAME, ARCHIVE), **changes}
    return json.dumps([release_row("go1.24.4", file)]).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>sign in first</html>",
        b"{}",
        b"[1]",
        b'[{"version": "go1.24.4", "files": []}]',
        b'[{"version": "go1.24.4", "stable": "yes", "files": []}]',
        b'[{"version": "go1.24.4", "stable": true, "files": {}}]',
        b"[" * 100_000,
        row(filename="../../etc/passwd"),
        row(filename=7),
        row(sha256="AB"),
        row(sha256=None),
        row(size="1"),
        row(size=-1),
        row(size=True),
        row(kind="malware"),
        row(version="go1.24.5"),
        row(os=None),
    ],
    ids=lambda data: data[:60].decode(),
)
def test_what_is_no_index_is_a_network_error(data: bytes) -> None:
    with pytest.raises(NetworkError, match="is not go"):
        parse_index(data, origin="https://go.dev/dl")


def test_an_index_may_have_keys_that_are_new(posted: GoDev) -> None:
    data: Any = json.loads(posted.files[INDEX])
    data[0]["eol"] = "2027-02-01"
    data[0]["files"][0]["sha512"] = "..."
    assert NAME in parse_index(json.dumps(data).encode(), origin="x").files


def test_an_index_that_contradicts_itself_is_refused() -> None:
    rows = [file_row(NAME, b"a"), file_row(NAME, b"b")]
    with pytest.raises(VerificationError, match="twice"):
        parse_index(json.dumps([release_row("go1.24.4", *rows)]).encode(), origin="x")


def test_the_announced_sums_say_on_what_they_rest() -> None:
    assert "docker-library/golang" in AnnouncedSums().verification().rests_on
