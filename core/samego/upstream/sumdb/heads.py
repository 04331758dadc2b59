"""Remembered tree heads: the log may only grow, and every head must be of one history.

The remembered head is a JSON file (schema ``samego.treehead/1``) with the signed note, when
the history began, and the heads that were proven to belong to it. Processes may share it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from samego.errors import CacheError, VerificationError
from samego.system import locks
from samego.system.there import exists
from samego.upstream.sumdb.disk import cannot_write, read_small, write_small
from samego.upstream.sumdb.encoding import encode64
from samego.upstream.sumdb.fork import Fork, SplitViewError
from samego.upstream.sumdb.note import MAX_NOTE, Verifier
from samego.upstream.sumdb.signed_head import SignedHead
from samego.upstream.sumdb.tlog import LogTree, ReadNodes

SCHEMA = "samego.treehead/1"
#: Proven heads that are kept, newest last: enough for every lookup of a busy cache.
MAX_PROVEN = 4096
_MAX_FILE = 2 * MAX_NOTE
_MAX_ROUNDS = 10
#: Seconds that another process may take to write a head.
_PATIENCE = 60.0
#: The exceptions of a changed file: no JSON, too deep, another shape, no signature.
_DAMAGE = (
    ValueError,
    RecursionError,
    LookupError,
    TypeError,
    AttributeError,
    VerificationError,
)


@dataclass(frozen=True, slots=True)
class TreeHeads:
    """What is remembered: the newest head, since when, and the heads proven to be in it.

    ``since`` is the time in UTC when the first head was seen; ``raw`` the file's bytes.
    """

    head: SignedHead
    since: str
    proven: tuple[str, ...]
    raw: bytes = b""

    def holds(self, tree: LogTree) -> bool:
        """Whether this very head was proven to be of this history before."""
        return tree == self.head.tree or _fingerprint(tree) in self.proven

    def extended(self, head: SignedHead) -> TreeHeads:
        """This history with a further head that was proven to be of it."""
        newest = max(self.head, head, key=lambda item: item.tree.size)
        proven = dict.fromkeys([*self.proven, _fingerprint(head.tree)])
        return TreeHeads(newest, self.since, tuple(proven)[-MAX_PROVEN:])

    def encode(self) -> bytes:
        """The file's text."""
        data = {
            "schema": SCHEMA,
            "since": self.since,
            "note": self.head.note.decode(),
            "proven": list(self.proven),
        }
        return json.dumps(data, ensure_ascii=False, indent=1).encode() + b"\n"


class HeadStore:
    """The remembered heads of one database, in ``directory``."""

    def __init__(self, directory: Path, verifier: Verifier) -> None:
        self._directory = directory
        self._path = directory / "treehead.json"
        self._verifier = verifier

    def accept(self, head: SignedHead, reader: Callable[[LogTree], ReadNodes]) -> TreeHeads | None:
        """Store a head, after a proof that it and the stored one belong to one history.

        ``reader`` gives what reads a tree's verified hashes. Returns the history that the
        head was found consistent with, or None when it is the first of one. Raises
        SplitViewError when it is not consistent with the remembered one: then both
        notes and the proof are kept in a file beside. Raises CacheError when the
        remembered head cannot be read, and what ``reader`` raises.
        """
        for _ in range(_MAX_ROUNDS):
            history = self.read()
            if history is None:
                fresh = TreeHeads(head, _now(), (_fingerprint(head.tree),))
                if self._replace(None, fresh):
                    return None
            elif history.holds(head.tree):
                return history
            else:
                self._prove(history.head, head, reader)
                if self._replace(history, history.extended(head)):
                    return history
        raise CacheError(
            f"{self._path} keeps changing", hint="try again when fewer processes use this cache"
        )

    def read(self) -> TreeHeads | None:
        """What is remembered, or None; raises CacheError when it is damaged."""
        raw = read_small(self._path, _MAX_FILE)
        if raw is None and exists(self._path):
            # Too long, or another process wrote the first head just now: read it once more.
            raw = read_small(self._path, _MAX_FILE)
            if raw is None:
                raise self._damaged()
        if raw is None:
            return None
        try:
            data = json.loads(raw)
            note, since, proven = data["note"], data["since"], data["proven"]
            if data["schema"] != SCHEMA or not all(isinstance(item, str) for item in proven):
                raise self._damaged()
            head = SignedHead.open(note.encode(), self._verifier)
            return TreeHeads(head, str(since), tuple(proven), raw)
        except _DAMAGE as error:
            raise self._damaged() from error

    def _prove(
        self, one: SignedHead, other: SignedHead, reader: Callable[[LogTree], ReadNodes]
    ) -> None:
        # The newer tree's hashes are verified against its own head as they are read: so if
        # the proof fails, it is the older head that is of another history.
        larger = max(one, other, key=lambda item: item.tree.size)
        fork = Fork.between(one, other, reader(larger.tree))
        if fork is None:
            return
        evidence = self.keep(fork)
        raise SplitViewError(fork, self._verifier, evidence)

    def keep(self, fork: Fork) -> Path:
        """Keep the proof of a fork in a file of its own, and return its path."""
        text = fork.encode()
        path = self._directory / f"split-view-{hashlib.sha256(text).hexdigest()[:16]}.txt"
        write_small(path, text)
        return path

    def _replace(self, before: TreeHeads | None, after: TreeHeads) -> bool:
        """Write what is remembered unless another process was faster."""
        with self._lock():
            if read_small(self._path, _MAX_FILE) != (before.raw if before else None):
                return False
            write_small(self._path, after.encode())
        return True

    @contextmanager
    def _lock(self) -> Iterator[None]:
        path = self._directory / "treehead.held"
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            descriptor = locks.open_lock(path)
        except OSError as error:
            raise cannot_write(path, error) from error
        try:
            locks.acquire(descriptor, str(path), patience=_PATIENCE)
            yield
        finally:
            os.close(descriptor)

    def _damaged(self) -> CacheError:
        return CacheError(
            f"{self._path} is not a tree head that {self._verifier.short} signed",
            hint="find out who changed it; if you remove it, samego starts from a new tree head",
        )


def _fingerprint(tree: LogTree) -> str:
    return f"{tree.size} {encode64(tree.root)}"


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
