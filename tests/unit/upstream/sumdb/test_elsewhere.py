from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from samego.errors import InputError, NetworkError, NotPostedError, VerificationError
from samego.upstream.channels.gosettings import read_settings
from samego.upstream.sumdb.client import SumDatabase
from samego.upstream.sumdb.elsewhere import Relation, SeenElsewhere, compare, read_seen
from samego.upstream.sumdb.fork import MAX_FORK, SplitViewError
from samego.upstream.transport.http import Http
from support.sumdb_log import Key, Log, root
from support.sumdb_server import Database
from support.web import Web, body, serve

KEY = Key()
LOG = Log(300, KEY)
FORK = Log(300, KEY, fork_at=7)


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as server:
        yield server


@pytest.fixture
def http() -> Iterator[Http]:
    with Http(retries=0) as client:
        yield client


@pytest.fixture
def sums(web: Web, http: Http, tmp_path: Path) -> SumDatabase:
    settings = read_settings({"HOME": "", "GOSUMDB": f"{KEY.verifier} {web.url}"}, goroots=())
    return SumDatabase(http, settings, tmp_path)


def seen(data: bytes) -> SeenElsewhere:
    return SeenElsewhere("theirs.txt", data)


def evidence_in(directory: Path) -> list[Path]:
    return [*directory.rglob("split-view-*.txt")]


@pytest.mark.parametrize(
    ("size", "relation"),
    [
        (1, Relation.BEGINNING),
        (256, Relation.BEGINNING),
        (289, Relation.BEGINNING),
        (290, Relation.SAME),
    ],
)
def test_a_checkpoint_of_the_served_log_is_consistent(
    size: int, relation: Relation, web: Web, sums: SumDatabase
) -> None:
    Database(web, LOG)
    found = compare(seen(LOG.head(size)), sums)
    assert (found.relation, found.given.tree.size, found.own.tree.size) == (relation, size, 290)


def test_a_larger_checkpoint_is_proven_where_its_tiles_are_served(
    web: Web, sums: SumDatabase
) -> None:
    """The newest head lags behind the tiles: a server's cache does that."""
    Database(web, LOG)
    found = compare(seen(LOG.head(299)), sums)
    assert found.relation is Relation.CONTINUATION
    assert sums.remembered == found.given


@pytest.mark.parametrize("theirs", [LOG, FORK], ids=["its continuation", "another log"])
def test_a_checkpoint_that_is_larger_than_the_served_log_decides_nothing(
    theirs: Log, web: Web, sums: SumDatabase, tmp_path: Path
) -> None:
    Database(web, Log(200, KEY), size=200)
    with pytest.raises(VerificationError, match=r"could not decide: .* of 250 records") as caught:
        compare(seen(theirs.head(250)), sums)
    assert not isinstance(caught.value, SplitViewError)
    assert "serves a log of 200 records here" in caught.value.message
    assert not evidence_in(tmp_path)
    assert sums.remembered is not None
    assert sums.remembered.tree.size == 200


@pytest.mark.parametrize("size", [8, 255, 256, 289, 290])
def test_a_checkpoint_of_a_forked_log_is_a_proven_fork(
    size: int, web: Web, sums: SumDatabase, tmp_path: Path
) -> None:
    Database(web, LOG)
    with pytest.raises(SplitViewError) as caught:
        compare(seen(FORK.head(size)), sums)
    fork = caught.value.fork
    assert {fork.older.note, fork.newer.note} == {FORK.head(size), LOG.head(290)}
    assert fork.older.tree.size == size
    assert fork.holds
    assert evidence_in(tmp_path) == [caught.value.evidence]


def test_a_larger_forked_checkpoint_is_proven_where_its_tiles_are_served(
    web: Web, sums: SumDatabase
) -> None:
    Database(web, LOG, size=280)
    compare(seen(LOG.head(5)), sums)
    server = Database(web, FORK, size=280)
    server.wrong["latest"] = LOG.head(280)
    with pytest.raises(SplitViewError) as caught:
        compare(seen(FORK.head(299)), sums)
    assert (caught.value.fork.older.note, caught.value.fork.newer.note) == (
        LOG.head(280),
        FORK.head(299),
    )


def test_a_server_that_changes_to_a_forked_log_is_found_whatever_was_seen(
    web: Web, sums: SumDatabase
) -> None:
    Database(web, LOG, size=280)
    compare(seen(LOG.head(5)), sums)
    Database(web, FORK, size=290)
    with pytest.raises(SplitViewError):
        compare(seen(LOG.head(5)), sums)


def test_a_fork_that_somebody_else_proved_is_one_here_too(
    web: Web, sums: SumDatabase, tmp_path: Path
) -> None:
    Database(web, LOG)
    with pytest.raises(SplitViewError) as caught:
        compare(seen(FORK.head(100)), sums)
    data = caught.value.evidence.read_bytes()
    caught.value.evidence.unlink()
    web.fallback = body(b"", status=500)
    with pytest.raises(SplitViewError) as again:
        compare(seen(data), sums)
    assert again.value.fork == caught.value.fork
    assert evidence_in(tmp_path) == [caught.value.evidence]
    with pytest.raises(VerificationError, match=r"theirs\.txt proves no fork of"):
        compare(seen(data[:-1] + b"x"), sums)


def other_text(origin: str) -> bytes:
    text = f"{origin}\n290\n{base64.b64encode(root(LOG.leaves[:290])).decode()}\n"
    return KEY.note(text)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(LOG.head(290).partition(b"\n\n")[0] + b"\n", "no block of", id="unsigned"),
        pytest.param(Log(290).head(), "carries no signature of", id="another key"),
        pytest.param(
            LOG.head(290).replace(b"\n290\n", b"\n289\n"), "valid signature", id="altered"
        ),
        pytest.param(
            other_text("example.com/log"), r"of the log 'example\.com/log'", id="another log"
        ),
        pytest.param(KEY.note("go.sum database tree\n290\n"), "does not describe", id="no hash"),
        pytest.param(b"<html>\n", "no block of signatures", id="a page"),
        pytest.param(b"\xff", "not UTF-8", id="binary"),
        pytest.param(b"", "no block of signatures", id="empty"),
        pytest.param(b"inconsistent: uh oh\n", "Source Spotter's answer", id="gossip's verdict"),
        pytest.param(b"pending: not yet\n", "Source Spotter's answer", id="gossip waits"),
    ],
)
def test_what_is_no_checkpoint_of_this_log_is_refused(
    data: bytes, message: str, web: Web, sums: SumDatabase
) -> None:
    Database(web, LOG)
    with pytest.raises(VerificationError, match=message) as caught:
        compare(seen(data), sums)
    assert not isinstance(caught.value, SplitViewError)
    assert caught.value.message.startswith("theirs.txt ")


def test_offline_the_remembered_head_serves(web: Web, sums: SumDatabase, tmp_path: Path) -> None:
    Database(web, LOG)
    settings = read_settings({"HOME": "", "GOSUMDB": f"{KEY.verifier} {web.url}"}, goroots=())
    with Http(offline=True) as none:
        offline = SumDatabase(none, settings, tmp_path)
        with pytest.raises(NetworkError, match=r"no checkpoint .* was verified here yet"):
            compare(seen(LOG.head(100)), offline)
        compare(seen(LOG.head(100)), sums)
        assert compare(seen(LOG.head(100)), offline).relation is Relation.BEGINNING
        with pytest.raises(SplitViewError):
            compare(seen(FORK.head(290)), offline)


def test_a_newest_head_that_is_none_is_the_servers_fault(web: Web, sums: SumDatabase) -> None:
    Database(web, LOG).wrong["latest"] = b"nothing\n"
    with pytest.raises(VerificationError, match=r"/latest serves .* its newest tree head is inval"):
        compare(seen(LOG.head(100)), sums)


def test_a_checkpoint_is_read_from_a_file_or_a_url(web: Web, http: Http, tmp_path: Path) -> None:
    file = tmp_path / "theirs.txt"
    file.write_bytes(LOG.head(3))
    assert read_seen(str(file), http) == SeenElsewhere(str(file), LOG.head(3))
    web.routes["/sum.example.test?token=secret"] = body(LOG.head(3))
    got = read_seen(f"{web.url}/sum.example.test?token=secret", http)
    assert got.data == LOG.head(3)
    assert "secret" not in got.name


def test_what_cannot_be_read_is_an_error(web: Web, http: Http, tmp_path: Path) -> None:
    long = tmp_path / "long"
    long.write_bytes(b"x" * (MAX_FORK + 1))
    with pytest.raises(InputError, match="too long"):
        read_seen(str(long), http)
    with pytest.raises(InputError, match="cannot be read"):
        read_seen(str(tmp_path), http)
    with pytest.raises(InputError, match="cannot be read"):
        read_seen("a\0b", http)
    with pytest.raises(NotPostedError):
        read_seen(f"{web.url}/none", http)
