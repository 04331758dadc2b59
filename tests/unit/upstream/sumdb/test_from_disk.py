from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest

from samego.config import Config
from samego.errors import CacheError
from samego.upstream.channels.gosettings import GoSetting
from samego.upstream.checksums.log_record import GivenProof
from samego.upstream.resolver import UpstreamFiles
from samego.upstream.sumdb.fork import Fork, SplitViewError
from samego.upstream.sumdb.from_disk import refuse_fork
from samego.upstream.sumdb.heads import HeadStore
from samego.upstream.sumdb.note import Verifier
from samego.upstream.sumdb.signed_head import SignedHead
from samego.upstream.sumdb.tiles import TileReader
from samego.upstream.sumdb.tlog import LogTree, ReadNodes
from support.log_proofs import log_with, module_zip, proof_text
from support.sumdb_log import Key, Log

KEY = Key()
VERIFIER = Verifier.parse(KEY.verifier)
LOG = Log(300, KEY)
FORK = Log(300, KEY, fork_at=7)


def nothing(path: Path, prefix: str, name: str) -> NoReturn:
    raise AssertionError(path, prefix, name)


def head(log: Log, size: int) -> SignedHead:
    return SignedHead.open(log.head(size), VERIFIER)


def remember(log: Log, directory: Path, *sizes: int) -> None:
    """Remember heads as the client does, which keeps the tiles that it reads."""

    def fetch(address: str) -> bytes:
        tile = log.tile(address)
        assert tile is not None
        return tile

    def reader(tree: LogTree) -> ReadNodes:
        return TileReader(tree, fetch, directory).read

    for size in sizes:
        HeadStore(directory, VERIFIER).accept(head(log, size), reader)


def evidence(directory: Path) -> list[Fork]:
    found = directory.rglob("split-view-*.txt")
    return [Fork.open(path.read_bytes(), VERIFIER) for path in found]


@pytest.mark.parametrize("size", [9, 256, 289, 290])
def test_a_head_of_the_remembered_history_passes(size: int, tmp_path: Path) -> None:
    remember(LOG, tmp_path, 9, 256, 290)
    refuse_fork(head(LOG, size), VERIFIER, tmp_path)
    assert evidence(tmp_path) == []


@pytest.mark.parametrize("size", [9, 256, 290])
def test_a_fork_is_proven_without_a_network(size: int, tmp_path: Path) -> None:
    remember(LOG, tmp_path, 9, 256, 290)
    with pytest.raises(SplitViewError):
        refuse_fork(head(FORK, size), VERIFIER, tmp_path)
    (fork,) = evidence(tmp_path)
    assert {fork.older.note, fork.newer.note} == {FORK.head(size), LOG.head(290)}


@pytest.mark.parametrize("given", [LOG, FORK], ids=["the same log", "a fork"])
def test_where_the_disk_has_too_little_nothing_is_said(given: Log, tmp_path: Path) -> None:
    refuse_fork(head(given, 290), VERIFIER, tmp_path)
    remember(LOG, tmp_path, 9)
    refuse_fork(head(given, 290), VERIFIER, tmp_path)
    assert evidence(tmp_path) == []
    history = HeadStore(tmp_path, VERIFIER).read()
    assert history is not None
    assert history.head.tree.size == 9


def test_a_damaged_head_is_named(tmp_path: Path) -> None:
    (tmp_path / "treehead.json").write_text("{}", "utf-8")
    with pytest.raises(CacheError, match="treehead"):
        refuse_fork(head(LOG, 290), VERIFIER, tmp_path)


def test_a_given_proof_of_a_forked_log_is_refused(tmp_path: Path) -> None:
    gosumdb = GoSetting("GOSUMDB", KEY.verifier, "this test")
    given = GivenProof.open(proof_text(log_with(module_zip(), KEY)).encode(), gosumdb)
    config = Config(cache_directory=tmp_path)
    kept = tmp_path / "sumdb" / given.database.directory
    remember(log_with(module_zip(), KEY), kept, 9)
    UpstreamFiles(config, index=nothing, log_proof=given).close()
    (kept / "treehead.json").unlink()
    remember(Log(9, KEY), kept, 9)
    with pytest.raises(SplitViewError):
        UpstreamFiles(config, index=nothing, log_proof=given)
