"""What the go command once believed of a checksum database, and what is refused here.

CVE-2026-42501 (golang.org/issue/79070): an answer with no line for the module counted as none
against it. CVE-2026-56864 (issue 80745): lines behind a signed tree head, which are no record
of the log, were read as one. CVE-2026-56865 (issue 80744): up to two tiles between the tree's
edge and the record were not compared with their parents. The fixes, from which these cases are:
golang.org/x/mod v0.40.0, sumdb/client_test.go and sumdb/tlog/tile_test.go.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from samego.errors import VerificationError
from samego.upstream.channels.gosettings import GoSettings, read_settings
from samego.upstream.sumdb.client import SumDatabase
from samego.upstream.sumdb.tiles import Tile, TileReader
from samego.upstream.sumdb.tlog import LogTree, Node
from samego.upstream.transport.http import Http
from support.sumdb_log import MODULE, Key, Log, h1, leaf, record, root
from support.web import Web, body, serve

KEY = Key()
LOG = Log(290, KEY)
NUMBER, VERSION = 20, "v0.0.1-20"
LOOKUP = f"lookup/{MODULE}@{VERSION}"
#: What the attacker wants to be believed.
EVIL = f"{MODULE} {VERSION} {h1('evil zip')}\n{MODULE} {VERSION}/go.mod {h1('evil mod')}\n".encode()


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as server:
        yield server


def settings(web: Web) -> GoSettings:
    environ = {"HOME": "", "GOSUMDB": f"{KEY.verifier} {web.url}"}
    return read_settings(environ, goroots=())


def look_up(web: Web, log: Log, wrong: dict[str, bytes], directory: Path) -> str:
    """The hash that is believed, of a server that gives these answers in place of its own."""

    def right(path: str) -> bytes | None:
        if path.startswith("tile/"):
            return log.tile(path)
        return log.lookup(NUMBER) if path == LOOKUP else None

    def answer(handler: object) -> None:
        path = handler.path.removeprefix("/")  # type: ignore[attr-defined]  # the server's own
        data = wrong.get(path, right(path))
        body(b"no", status=404)(handler) if data is None else body(data)(handler)  # type: ignore[arg-type]

    web.fallback = answer
    with Http(retries=0) as http:
        return SumDatabase(http, settings(web), directory).lookup(MODULE, VERSION).zip_h1


def test_the_genuine_answer_is_believed(web: Web, tmp_path: Path) -> None:
    assert look_up(web, LOG, {}, tmp_path) == h1(f"zip {VERSION}")


def with_record(text: bytes) -> tuple[Log, bytes]:
    """A log that holds one more record, and the answer with it: all signed and proven."""
    log = Log(290, KEY)
    log.texts.append(text)
    log.leaves.append(leaf(text))
    return log, log.lookup(290)


UNRELATED = record("v1.0.0", "golang.org/x/text")


@pytest.mark.parametrize(
    ("log", "answer"),
    [
        pytest.param(LOG, LOG.lookup(NUMBER + 1), id="another version"),
        pytest.param(*with_record(UNRELATED), id="another module"),
        pytest.param(*with_record(UNRELATED.splitlines(keepends=True)[0]), id="one line"),
        pytest.param(*with_record(EVIL.splitlines(keepends=True)[1]), id="only its go.mod"),
        pytest.param(*with_record(EVIL.replace(b"h1:", b"h2:")), id="another kind of hash"),
        pytest.param(*with_record(EVIL.replace(MODULE.encode(), b"x")), id="another name"),
        pytest.param(LOG, b"", id="nothing"),
        pytest.param(LOG, b"20\n\n" + LOG.head(), id="no record"),
        pytest.param(LOG, LOG.head(), id="a tree head alone"),
    ],
)
def test_cve_2026_42501_an_answer_without_a_line_for_the_module(
    web: Web, tmp_path: Path, log: Log, answer: bytes
) -> None:
    with pytest.raises(VerificationError, match="invalid"):
        look_up(web, log, {LOOKUP: answer}, tmp_path)


@pytest.mark.parametrize(
    "text", [LOG.texts[NUMBER + 1], UNRELATED], ids=["another version", "another module"]
)
def test_cve_2026_56864_lines_behind_a_signed_tree_head(
    web: Web, tmp_path: Path, text: bytes
) -> None:
    log, _ = with_record(text)
    tree_hash = base64.b64encode(root(log.leaves)).decode()
    head = KEY.note(f"go.sum database tree\n291\n{tree_hash}\n{EVIL.decode()}")
    with pytest.raises(VerificationError, match="does not state one h1 hash"):
        look_up(web, log, {LOOKUP: b"290\n" + text + b"\n" + head}, tmp_path)


def test_cve_2026_56864_such_lines_change_no_genuine_answer(web: Web, tmp_path: Path) -> None:
    tree_hash = base64.b64encode(root(LOG.leaves)).decode()
    head = KEY.note(f"go.sum database tree\n290\n{tree_hash}\n{EVIL.decode()}")
    answer = b"20\n" + LOG.texts[NUMBER] + b"\n" + head
    assert look_up(web, LOG, {LOOKUP: answer}, tmp_path) == h1(f"zip {VERSION}")


def forged(address: str, place: int, digest: bytes) -> bytes:
    data = LOG.tile(address)
    assert data is not None
    return data[: 32 * place] + digest + data[32 * (place + 1) :]


LEAF_TILE = forged("tile/8/0/000", NUMBER, leaf(EVIL))


def subtree(tile: bytes) -> bytes:
    return root([tile[place : place + 32] for place in range(0, len(tile), 32)])


@pytest.mark.parametrize(
    "tiles",
    [
        {"tile/8/0/000": LEAF_TILE},
        {
            "tile/8/0/000": LEAF_TILE,
            "tile/8/1/000.p/1": forged("tile/8/1/000.p/1", 0, subtree(LEAF_TILE)),
        },
    ],
    ids=["one tile", "two tiles"],
)
def test_cve_2026_56865_forged_tiles_for_a_forged_record(
    web: Web, tmp_path: Path, tiles: dict[str, bytes]
) -> None:
    answer = b"20\n" + EVIL + b"\n" + LOG.head()
    with pytest.raises(VerificationError, match="does not belong to the signed tree"):
        look_up(web, LOG, {LOOKUP: answer, **tiles}, tmp_path)


#: Sizes with more complete subtrees at the edge than tiles: where the go command missed some.
SIZES = (2, 3, 255, 256, 257, 511, 513, 767, 771)
TALL = Log(max(SIZES))


def zeroed(target: tuple[int, int], place: int) -> Callable[[str], bytes]:
    """A server that gives zeroes for one hash of one tile."""

    def fetch(address: str) -> bytes:
        data = TALL.tile(address)
        assert data is not None
        tile = Tile(*target)
        if address.partition(".p")[0] == tile.path:
            return data[: 32 * place] + bytes(32) + data[32 * (place + 1) :]
        return data

    return fetch


@pytest.mark.parametrize("size", SIZES)
def test_cve_2026_56865_no_hash_of_the_log_can_be_another(size: int, tmp_path: Path) -> None:
    tree = LogTree(size, root(TALL.leaves[:size]))
    read = TileReader(tree, zeroed((9, 9), 0), tmp_path / "good").read
    step = max(1, size // 7)
    for number in {*range(0, size, step), size - 1}:
        assert read([Node(0, number)]) == [TALL.leaves[number]]
        forging = zeroed((0, number // 256), number % 256)
        with pytest.raises(VerificationError, match="does not belong to the signed tree"):
            TileReader(tree, forging, tmp_path / f"{number}").read([Node(0, number)])
    for number in range(size // 256):
        forging = zeroed((1, 0), number)
        with pytest.raises(VerificationError, match="does not belong to the signed tree"):
            TileReader(tree, forging, tmp_path / f"up-{number}").read([Node(0, 256 * number)])


def test_the_hashes_here_are_those_of_the_definition() -> None:
    assert leaf(b"x") == hashlib.sha256(b"\0x").digest()
