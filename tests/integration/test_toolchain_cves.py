"""An altered toolchain where the go command once took one: in its module cache, from a proxy.

CVE-2026-42501, CVE-2026-56864 and CVE-2026-56865 each let a module proxy, or a checksum database,
have the go command believe another toolchain than upstream's. What it left behind then is a
module cache in which all agree: the directory, the zip, its hash. Each is checked behind the
very proxy, and behind an honest one. Everything is real but upstream's files, which are tiny,
and the checksum database, which is one of the test's own.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from support.cli import Samego
from support.sumdb_log import MODULE, Key, Log, leaf, root
from support.toy_check import RELEASE, VERSION_FILE
from support.web import Web, body, serve

VERSION = f"v0.0.1-{RELEASE}.linux-amd64"
LOOKUP = f"lookup/{MODULE}@{VERSION}"
NUMBER = 20
GENUINE = {
    "VERSION": VERSION_FILE,
    "bin/go": b"\x7fELF go",
    "pkg/tool/linux_amd64/compile": b"\x7fELF compile",
    "src/_go.mod": b"module std\n",
    "src/crypto/tls/conn.go": b"package tls\n",
}
ALTERED = {**GENUINE, "bin/go": b"\x7fELF go, and more"}
#: What a server answers in place of the truth, by path below the checksum database.
Lies = Callable[["Truth"], Mapping[str, bytes]]


def zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, data in files.items():
            archive.writestr(f"{MODULE}@{VERSION}/{path}", data)
    return out.getvalue()


def hash1(files: Mapping[str, bytes]) -> str:
    """Of golang.org/x/mod/sumdb/dirhash: Hash1."""
    names = sorted(files)
    lines = [
        f"{hashlib.sha256(files[name]).hexdigest()}  {MODULE}@{VERSION}/{name}\n" for name in names
    ]
    return f"h1:{base64.b64encode(hashlib.sha256(''.join(lines).encode()).digest()).decode()}"


def record(files: Mapping[str, bytes]) -> bytes:
    go_mod = f"{MODULE} {VERSION}/go.mod {hash1({'go.mod': b'module x'})}\n"
    return f"{MODULE} {VERSION} {hash1(files)}\n{go_mod}".encode()


#: The checksum database's: an attacker who runs it has it too.
KEY = Key("sum.example.test")


class Truth:
    """A checksum database that knows the genuine toolchain, as one of 290 records."""

    def __init__(self) -> None:
        self.log = Log(290, KEY)
        self.log.texts[NUMBER] = record(GENUINE)
        self.log.leaves[NUMBER] = leaf(self.log.texts[NUMBER])

    def answer(self, path: str) -> bytes | None:
        """What it says of a path."""
        if path.startswith("tile/"):
            return self.log.tile(path)
        answers = {LOOKUP: self.log.lookup(NUMBER), "supported": b""}
        return answers.get(path)


def no_line(truth: Truth) -> Mapping[str, bytes]:
    """CVE-2026-42501: a genuine record, of something else."""
    return {LOOKUP: truth.log.lookup(NUMBER + 1)}


def nothing(_truth: Truth) -> Mapping[str, bytes]:
    """CVE-2026-42501: an empty answer."""
    return {LOOKUP: b""}


def behind_the_head(truth: Truth) -> Mapping[str, bytes]:
    """CVE-2026-56864: the lines wanted stand behind the signed tree head."""
    tree_hash = base64.b64encode(root(truth.log.leaves)).decode()
    text = f"go.sum database tree\n290\n{tree_hash}\n{record(ALTERED).decode()}"
    other = truth.log.texts[NUMBER + 1]
    return {LOOKUP: b"21\n" + other + b"\n" + truth.log.key.note(text)}


def forged_tile(truth: Truth) -> Mapping[str, bytes]:
    """CVE-2026-56865: another record, and a tile that has its hash."""
    tile = truth.log.tile("tile/8/0/000")
    assert tile is not None
    data = tile[: 32 * NUMBER] + leaf(record(ALTERED)) + tile[32 * (NUMBER + 1) :]
    answer = b"20\n" + record(ALTERED) + b"\n" + truth.log.head()
    return {LOOKUP: answer, "tile/8/0/000": data}


def forged_tiles(truth: Truth) -> Mapping[str, bytes]:
    """CVE-2026-56865: and the tile above, which has the hash of that one."""
    lies = dict(forged_tile(truth))
    data = lies["tile/8/0/000"]
    hashes = [data[place : place + 32] for place in range(0, len(data), 32)]
    return {**lies, "tile/8/1/000.p/1": root(hashes)}


ATTACKS = [
    pytest.param(no_line, id="CVE-2026-42501, another record"),
    pytest.param(nothing, id="CVE-2026-42501, an empty answer"),
    pytest.param(behind_the_head, id="CVE-2026-56864"),
    pytest.param(forged_tile, id="CVE-2026-56865, one tile"),
    pytest.param(forged_tiles, id="CVE-2026-56865, two tiles"),
]


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as server:
        yield server


def module_cache(home: Path, files: Mapping[str, bytes]) -> Path:
    """GOMODCACHE after the go command took a toolchain for genuine; the toolchain's directory."""
    directory = home / f"mod/{MODULE}@{VERSION}"
    for path, data in {**files, "src/go.mod": files["src/_go.mod"]}.items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        file.chmod(0o555 if path.startswith(("bin/", "pkg/tool/")) else 0o444)
    below = home / f"mod/cache/download/{MODULE}/@v"
    below.mkdir(parents=True)
    (below / f"{VERSION}.zip").write_bytes(zipped(files))
    (below / f"{VERSION}.ziphash").write_text(hash1(files))
    (below / f"{VERSION}.lock").touch()
    return directory


def behind(
    samego: Samego, web: Web, home: Path, files: Mapping[str, bytes], lies: Mapping[str, bytes]
) -> Samego:
    """A samego whose GOPROXY serves these files, and of the checksum database these lies."""
    truth = Truth()
    zip_path = f"{MODULE}/@v/{VERSION}.zip"
    prefix = f"sumdb/{truth.log.key.name}/"

    def answer(handler: BaseHTTPRequestHandler) -> None:
        path = handler.path.removeprefix("/")
        below = path.removeprefix(prefix)
        data = zipped(files) if path == zip_path else lies.get(below, truth.answer(below))
        body(b"not found", status=404)(handler) if data is None else body(data)(handler)

    web.fallback = answer
    settings = {
        "GOPROXY": f"{web.url},off",
        "GOSUMDB": KEY.verifier,
        "SAMEGO_CHANNEL": "module",
    }
    return Samego(home, {**samego.environment, **settings}, samego.patience)


@pytest.mark.parametrize("lies", ATTACKS)
def test_a_proxy_that_answers_so_is_refused(
    samego: Samego, web: Web, tmp_path: Path, lies: Lies
) -> None:
    directory = module_cache(tmp_path, ALTERED)
    done = behind(samego, web, tmp_path, ALTERED, lies(Truth()))("check", directory)
    assert done.status == 2, done.stdout
    assert f"{web.url}/sumdb/sum.example.test/{LOOKUP}" in done.stderr
    assert "its proof is invalid" in done.stderr
    assert not list((tmp_path / ".cache").rglob("blobs/*"))


def test_what_it_left_in_the_module_cache_is_found(
    samego: Samego, web: Web, tmp_path: Path
) -> None:
    directory = module_cache(tmp_path, ALTERED)
    done = behind(samego, web, tmp_path, GENUINE, {})("check", directory, "--format", "json")
    assert done.status == 1, done.stderr
    unexplained = [
        finding["path"]
        for finding in done.report["findings"]
        if finding["standing"] == "unexplained"
    ]
    assert unexplained == ["bin/go"]


def test_the_altered_zip_alone_is_found_beside_a_genuine_directory(
    samego: Samego, web: Web, tmp_path: Path
) -> None:
    directory = module_cache(tmp_path, GENUINE)
    archive = tmp_path / f"mod/cache/download/{MODULE}/@v/{VERSION}.zip"
    run = behind(samego, web, tmp_path, GENUINE, {})
    passing = run("check", directory, "--format", "json")
    assert (passing.status, passing.report["passes"]) == (0, True), passing.stderr
    archive.write_bytes(zipped(ALTERED))
    done = run("check", directory, "--format", "json")
    assert {finding["path"] for finding in done.report["findings"]} >= {
        f"/{VERSION}.zip",
        f"/{VERSION}.ziphash",
    }
    assert done.status == 1


def test_an_altered_zip_behind_an_honest_database_is_refused(
    samego: Samego, web: Web, tmp_path: Path
) -> None:
    directory = module_cache(tmp_path, ALTERED)
    done = behind(samego, web, tmp_path, ALTERED, {})("check", directory)
    assert done.status == 2, done.stdout
    assert f"{web.url}/{MODULE}/@v/{VERSION}.zip" in done.stderr
    assert hash1(ALTERED) in done.stderr
    assert hash1(GENUINE) in done.stderr
