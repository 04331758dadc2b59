"""A tree head held against those that are remembered here, with nothing but what lies on the disk.

It decides where the disk has what the proof takes, and says nothing where it has not.
"""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from samego.errors import NetworkError
from samego.upstream.sumdb.fork import Fork, SplitViewError
from samego.upstream.sumdb.heads import HeadStore
from samego.upstream.sumdb.note import Verifier
from samego.upstream.sumdb.signed_head import SignedHead
from samego.upstream.sumdb.tiles import TileReader


def refuse_fork(head: SignedHead, verifier: Verifier, directory: Path) -> None:
    """Raise SplitViewError where the remembered head and this one prove a fork of the log.

    ``directory`` is where the database's heads and tiles are kept. Nothing is fetched, and the
    head is not remembered. Raises CacheError when the remembered head is damaged.
    """
    store = HeadStore(directory, verifier)
    history = store.read()
    if history is None or history.holds(head.tree):
        return
    larger = max(history.head, head, key=lambda item: item.tree.size)
    reader = TileReader(larger.tree, _not_fetched, directory)
    try:
        fork = Fork.between(history.head, head, reader.read)
    except NetworkError:
        return
    if fork is not None:
        raise SplitViewError(fork, verifier, store.keep(fork))


def _not_fetched(path: str) -> NoReturn:
    raise NetworkError(f"{path} is not on the disk", hint="ask the database")
