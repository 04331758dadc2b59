"""Who cannot be asked has said nothing: every wrong answer of everybody who could vouch.

Fake servers speak the protocols of go.dev/dl, a module proxy and the checksum database, first
rightly and then each in one place wrongly. Only a right answer that names other bytes is a "no".
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from samego.cli.main import main
from samego.formats.archive.dirhash import hash1
from samego.upstream.transport.http import Http
from support.godev_server import file_row, module_zip, release_row, toolchain_archive
from support.pgp import throw_away_keys
from support.sumdb_log import Key, Log, leaf
from support.web import Answer, Web, body, raw, redirect, serve

RELEASE = "go1.24.99"
ARCHIVE = f"{RELEASE}.linux-amd64.tar.gz"
VERSION = f"v0.0.1-{RELEASE}.linux-amd64"
FILES = {"VERSION": f"{RELEASE}\ntime 2025-05-29T19:37:36Z\n".encode(), "bin/go": b"go"}
DATA = toolchain_archive(RELEASE, FILES)
ZIP = module_zip(VERSION, FILES)
INDEX = "/dl/?mode=json&include=all"
LOOKUP = f"/sumdb/lookup/golang.org/toolchain@{VERSION}"
PROXIED = "/proxy/sumdb/sum.example.test"
PAGE = b"<!DOCTYPE html><html><body>Please log in</body></html>"


def _log(h1: str) -> Log:
    """A log whose last record is that of the toy's module zip."""
    log = Log(9, Key())
    log.versions.append(VERSION)
    line = f"golang.org/toolchain {VERSION}"
    log.texts.append(f"{line} {h1}\n{line}/go.mod h1:{'A' * 43}=\n".encode())
    log.leaves.append(leaf(log.texts[-1]))
    return log


def _h1(files: dict[str, bytes]) -> str:
    prefix = f"golang.org/toolchain@{VERSION}"
    return hash1(
        [(f"{prefix}/{name}", hashlib.sha256(data).hexdigest()) for name, data in files.items()]
    )


@dataclass
class World:
    """The servers, with all that they would answer, and a home with both files."""

    web: Web
    home: Path
    log: Log
    monkeypatch: pytest.MonkeyPatch

    def run(self, *words: str | Path) -> tuple[int, str]:
        """Run samego in this process: the exit status, and all that it said."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            status = main([*map(str, words), "--cache", str(self.home / "cache")])
        assert "Traceback" not in out.getvalue()
        assert "bug of samego" not in out.getvalue()
        return status, out.getvalue()

    def set(self, **variables: str) -> None:
        """Set environment variables."""
        for name, value in variables.items():
            self.monkeypatch.setenv(name, value)

    def serve_log(self, prefix: str) -> None:
        """Answer below this prefix as a checksum database does."""
        number = len(self.log.versions) - 1
        self.web.routes[f"{prefix}/lookup/golang.org/toolchain@{VERSION}"] = body(
            self.log.lookup(number)
        )
        tile = self.log.tile(f"tile/8/0/000.p/{number + 1}")
        assert tile is not None
        self.web.routes[f"{prefix}/tile/8/0/000.p/{number + 1}"] = body(tile)


def _index(name: str, data: bytes) -> bytes:
    return json.dumps([release_row(RELEASE, file_row(name, data))], indent=1).encode()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    # Nobody waits for a server that will answer no better.
    defaults = Http.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "backoff", 0.0)
    with serve() as web:
        log = _log(_h1(FILES))
        world = World(web, tmp_path, log, monkeypatch)
        (tmp_path / ARCHIVE).write_bytes(DATA)
        (tmp_path / f"{VERSION}.zip").write_bytes(ZIP)
        world.set(
            HOME=str(tmp_path),
            XDG_CONFIG_HOME=str(tmp_path / "config"),
            XDG_STATE_HOME=str(tmp_path / "state"),
            SAMEGO_GODEV_URL=f"{web.url}/dl",
            SAMEGO_TIMEOUT="0.5",
            GOPROXY=f"{web.url}/proxy",
            GOSUMDB=f"{log.key.verifier} {web.url}/sumdb",
            GOENV="off",
            GONOSUMDB="",
            GOPRIVATE="",
        )
        (tmp_path / "out").mkdir()
        web.routes[INDEX] = body(_index(ARCHIVE, DATA), kind="application/json")
        web.routes[f"/dl/{ARCHIVE}"] = body(DATA)
        web.routes[f"/proxy/golang.org/toolchain/@v/{VERSION}.zip"] = body(ZIP)
        web.routes["/proxy/golang.org/toolchain/@v/list"] = body(b"")
        world.serve_log("/sumdb")
        yield world


def _hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


def _stall(handler: BaseHTTPRequestHandler) -> None:
    """Promise a body, and send nothing of it until the client has given up."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.connection.settimeout(10)
    with contextlib.suppress(OSError):
        handler.connection.recv(1)
    handler.close_connection = True


def _huge(handler: BaseHTTPRequestHandler) -> None:
    """Announce a terabyte, and send of it what is taken."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(1 << 40))
    handler.end_headers()
    with contextlib.suppress(OSError):
        for _ in range(64):
            handler.wfile.write(bytes(1 << 16))
    handler.close_connection = True


def _loop(handler: BaseHTTPRequestHandler) -> None:
    redirect(handler.path)(handler)


def _truncated(whole: bytes) -> Answer:
    """Half of the right answer, as if it were all."""
    return body(whole[: len(whole) // 2])


#: What anybody may answer instead of what was asked for.
WRONG: dict[str, Answer] = {
    "page": body(PAGE, kind="text/html"),
    "page without a name": body(PAGE),
    "403": body(PAGE, status=403, kind="text/html"),
    "404": body(PAGE, status=404, kind="text/html"),
    "410": body(b"gone\n", status=410),
    "500": body(b"oops\n", status=500),
    "204": body(b"", status=204),
    "300": body(b"choose\n", status=300),
    "empty": body(b""),
    "no JSON": body(b"[{"),
    "number": body(b"7"),
    "null": body(b"null"),
    "list of numbers": body(b"[1, 2]"),
    "object": body(b'{"error": "x"}'),
    "deep": body(b"[" * 100_000),
    "zeros": body(bytes(1000)),
    "huge": _huge,
    "redirect loop": _loop,
    "redirect elsewhere": redirect("http://127.0.0.1:9/x"),
    "redirect to no host": redirect("http:///x"),
    "no answer": _hang_up,
    "no HTTP": raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "stall": _stall,
}
every_wrong = pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)


def undecided(world: World, path: str, asked: str) -> str:
    """Verify a file: nobody can decide, and the message names who answered."""
    status, said = world.run("upstream", "verify", world.home / path)
    assert status == 2, said
    assert "NOT what was posted" not in said
    assert asked.removeprefix("http://") in said, said
    return said


def test_right_answers_are_a_yes(world: World) -> None:
    for name in (ARCHIVE, f"{VERSION}.zip"):
        status, said = world.run("upstream", "verify", world.home / name)
        assert status == 0, said


@pytest.mark.parametrize("name", [ARCHIVE, f"{VERSION}.zip"])
def test_right_answers_about_other_bytes_are_a_no(world: World, name: str) -> None:
    other = toolchain_archive(RELEASE, {**FILES, "bin/go": b"no"})
    (world.home / name).write_bytes(
        other if name == ARCHIVE else module_zip(VERSION, {**FILES, "bin/go": b"no"})
    )
    status, said = world.run("upstream", "verify", world.home / name)
    assert status == 1, said
    assert "NOT what was posted" in said
    assert world.web.url in said or "sum.example.test" in said


@every_wrong
def test_the_release_index(world: World, wrong: Answer) -> None:
    world.web.routes[INDEX] = wrong
    undecided(world, ARCHIVE, world.web.url)


def test_half_of_the_release_index(world: World) -> None:
    world.web.routes[INDEX] = _truncated(_index(ARCHIVE, DATA))
    undecided(world, ARCHIVE, world.web.url)


def test_an_index_of_other_releases_says_nothing_of_this_one(world: World) -> None:
    other = f"{RELEASE}0.linux-amd64.tar.gz".replace("go1.24.990", "go1.24.98")
    row = release_row("go1.24.98", file_row(other, b"x"))
    world.web.routes[INDEX] = body(json.dumps([row]).encode())
    status, said = world.run("upstream", "verify", world.home / ARCHIVE)
    assert status == 2, said
    assert "its sha256 is in no known checksum source" in said


@every_wrong
@pytest.mark.parametrize("way", ["database", "proxied"])
@pytest.mark.parametrize("what", ["lookup", "tile"])
def test_the_checksum_database(world: World, wrong: Answer, way: str, what: str) -> None:
    prefix = "/sumdb"
    if way == "proxied":
        # The database's own place is asked through the proxy, which says that it can.
        world.set(GOSUMDB=world.log.key.verifier)
        prefix = PROXIED
        world.web.routes[f"{PROXIED}/supported"] = body(b"")
        world.serve_log(prefix)
        assert world.run("upstream", "verify", world.home / f"{VERSION}.zip")[0] == 0
        for path in (world.home / "cache").rglob("*"):
            if path.is_file():
                path.unlink()
    for route in list(world.web.routes):
        if route.startswith(f"{prefix}/{what}"):
            world.web.routes[route] = wrong
    undecided(world, f"{VERSION}.zip", world.web.url)


def test_another_record_s_right_answer_is_none_for_this(world: World) -> None:
    world.web.routes[LOOKUP] = body(world.log.lookup(3))
    undecided(world, f"{VERSION}.zip", world.web.url)


def test_half_of_a_lookup_is_none(world: World) -> None:
    world.web.routes[LOOKUP] = _truncated(world.log.lookup(len(world.log.versions) - 1))
    undecided(world, f"{VERSION}.zip", world.web.url)


def test_another_key_s_log_is_nobody(world: World) -> None:
    world.log = _log("h1:" + "A" * 43 + "=")
    world.serve_log("/sumdb")
    undecided(world, f"{VERSION}.zip", world.web.url)


def fetched(world: World, channel: str) -> tuple[int, str]:
    """Fetch the toy release from one channel."""
    words = ("upstream", "fetch", RELEASE, "--target", "linux-amd64", "--channel", channel)
    return world.run(*words, "-o", world.home / "out")


@every_wrong
@pytest.mark.parametrize(
    ("channel", "path"),
    [
        ("go.dev/dl", INDEX),
        ("go.dev/dl", f"/dl/{ARCHIVE}"),
        ("module", f"/proxy/golang.org/toolchain/@v/{VERSION}.zip"),
        ("module", LOOKUP),
    ],
    ids=["index", "archive", "proxy", "database"],
)
def test_a_channel_gives_what_is_right_or_nothing(
    world: World, wrong: Answer, channel: str, path: str
) -> None:
    world.web.routes[path] = wrong
    status, said = fetched(world, channel)
    assert status == 2, said
    assert world.web.url.removeprefix("http://") in said, said
    assert list((world.home / "out").iterdir()) == []


@pytest.mark.parametrize("channel", ["go.dev/dl", "module"])
def test_a_right_channel_gives_the_file(world: World, channel: str) -> None:
    assert fetched(world, channel)[0] == 0


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[bytes, bytes]]:
    """A keyring, and a signature by its key, which is not the one that go.dev signs with."""
    home = tmp_path_factory.mktemp("gnupg") / "home"
    with throw_away_keys(home, "somebody") as keys:
        yield keys.keyring("somebody"), keys.sign("somebody", DATA)


@every_wrong
def test_a_signature_that_cannot_be_had(
    world: World, wrong: Answer, keyring: tuple[bytes, bytes]
) -> None:
    (world.home / "keys.gpg").write_bytes(keyring[0])
    world.set(SAMEGO_KEYRING=str(world.home / "keys.gpg"))
    world.web.routes[f"/dl/{ARCHIVE}.asc"] = wrong
    status, said = fetched(world, "go.dev/dl")
    assert status == 2, said
    assert f"{ARCHIVE}.asc" in said or world.web.url.removeprefix("http://") in said, said


def test_somebody_else_s_signature_is_none(world: World, keyring: tuple[bytes, bytes]) -> None:
    (world.home / "keys.gpg").write_bytes(keyring[0])
    world.set(SAMEGO_KEYRING=str(world.home / "keys.gpg"))
    world.web.routes[f"/dl/{ARCHIVE}.asc"] = body(keyring[1])
    assert fetched(world, "go.dev/dl")[0] == 2
    (world.home / f"{ARCHIVE}.asc").write_bytes(keyring[1])
    status, said = world.run("upstream", "verify", world.home / ARCHIVE)
    assert status == 2, said
    assert "NOT what was posted" not in said


@pytest.mark.parametrize("answer", [body(b"no\n", status=403), body(b"x", status=502), _hang_up])
def test_a_proxy_that_answers_is_named(world: World, answer: Answer) -> None:
    world.web.fallback = answer
    world.web.routes.clear()
    world.set(
        http_proxy=world.web.url,
        no_proxy="",
        NO_PROXY="",
        SAMEGO_GODEV_URL="http://localhost:1/dl",
    )
    said = undecided(world, ARCHIVE, f"through the proxy {world.web.url}")
    assert "localhost:1" in said
