"""A real witness on the loopback: litewitness, its key in an ssh-agent of its own.

What a log sends to it is C2SP tlog-witness. The proofs in it are those of samego.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from samego.upstream.sumdb.encoding import encode64
from samego.upstream.sumdb.tlog import ORIGIN, consistency_proof
from support.sumdb_log import Log, root
from support.witness_key import WitnessKey


@dataclass(frozen=True, slots=True)
class Answer:
    """What a witness answered: a status, a media type and a body."""

    status: int
    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Witness:
    """A running witness: where it listens, and its key."""

    url: str
    key: WitnessKey

    def add_checkpoint(
        self, log: Log, old: int, size: int, proof: list[bytes] | None = None
    ) -> Answer:
        """Show it that a log grew from ``old`` to ``size`` records, by samego's proof."""
        if proof is None:
            proof = consistency_proof(
                old, size, lambda nodes: [log.node(node.level, node.place) for node in nodes]
            )
        lines = "".join(f"{encode64(item)}\n" for item in proof)
        body = f"old {old}\n{lines}\n".encode() + log.head(size)
        with _session() as session:
            answer = session.post(f"{self.url}/add-checkpoint", data=body, timeout=30)
        return Answer(answer.status_code, answer.headers.get("Content-Type", ""), answer.content)


@contextmanager
def witness(program: Path, name: str, log: Log, directory: Path) -> Iterator[Witness]:
    """Run litewitness, which knows this log and nothing of it yet, until the block ends.

    ``program`` is litewitness; ``directory`` is its own.
    """
    key = WitnessKey.ed25519(name)
    database = directory / "litewitness.db"
    with ExitStack() as stack:
        agent = stack.enter_context(_agent(key, directory))
        address = f"127.0.0.1:{_free_port()}"
        words = [str(program), f"-db={database}", f"-name={name}"]
        words += [f"-ssh-agent={agent}", f"-listen={address}", f"-key={_fingerprint(directory)}"]
        stack.enter_context(_running(words, directory / "litewitness.log"))
        url = f"http://{address}"
        _wait_until(lambda: _answers(url), directory / "litewitness.log")
        _introduce(log, database)
        yield Witness(url, key)


def _introduce(log: Log, database: Path) -> None:
    """Let the witness know a log, as ``witnessctl add-log`` and ``add-key`` do.

    witnessctl itself needs modules that not every proxy serves.
    """
    with closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        row = (ORIGIN, encode64(root([])))
        connection.execute("INSERT INTO log (origin, tree_size, tree_hash) VALUES (?, 0, ?)", row)
        key = (ORIGIN, log.key.verifier)
        connection.execute("INSERT INTO key (origin, key) VALUES (?, ?)", key)


@contextmanager
def _agent(key: WitnessKey, directory: Path) -> Iterator[Path]:
    """An ssh-agent that holds the key; its socket, in a place whose name is short enough."""
    assert isinstance(key.secret, Ed25519PrivateKey)
    pem = key.secret.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    file = directory / "witness.pem"
    file.touch(0o600)
    file.write_bytes(pem)
    place = Path(tempfile.mkdtemp(prefix="samego-agent-"))
    try:
        agent = place / "s"
        with _running(["ssh-agent", "-D", "-a", str(agent)], directory / "agent.log"):
            _wait_until(agent.exists, directory / "agent.log")
            _run(["ssh-add", "-q", str(file)], {"SSH_AUTH_SOCK": str(agent)})
            yield agent
    finally:
        shutil.rmtree(place)


def _fingerprint(directory: Path) -> str:
    shown = _run(["ssh-keygen", "-l", "-f", str(directory / "witness.pem")])
    found = re.search(r"SHA256:\S+", shown)
    assert found is not None, shown
    return found[0]


def _run(words: list[str], environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        words, check=True, capture_output=True, text=True, env={**os.environ, **(environment or {})}
    )
    return done.stdout


@contextmanager
def _running(words: list[str], log: Path) -> Iterator[None]:
    with (
        log.open("wb") as file,
        subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=file, stderr=file) as process,
    ):
        try:
            yield
        finally:
            process.terminate()


def _wait_until(there: Callable[[], object], log: Path) -> None:
    for _ in range(600):
        if there():
            return
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(url: str) -> bool:
    with _session() as session:
        try:
            return session.get(url, timeout=5).ok
        except requests.ConnectionError:
            return False


def _session() -> requests.Session:
    """A session that asks no proxy."""
    session = requests.Session()
    session.trust_env = False
    return session
