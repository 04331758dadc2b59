from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from samego.errors import (
    CacheError,
    ConfigError,
    InputError,
    NetworkError,
    NotPostedError,
    SamegoError,
    VerificationError,
)
from samego.upstream.channels.gosettings import GoSettings, read_settings
from samego.upstream.sumdb.client import Lookup, SumDatabase
from samego.upstream.transport.http import ForbiddenError, Http
from support.sumdb_log import MODULE, Key, Log, h1
from support.sumdb_server import Database
from support.web import Web, body, serve

FIXTURES = Path(__file__).parents[4] / "fixtures"
KEY = Key()
LOG = Log(300, KEY)
FORK = Log(300, KEY, fork_at=7)
VERSION = "v0.0.1-20"


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as server:
        yield server


@pytest.fixture
def http() -> Iterator[Http]:
    with Http(retries=0) as client:
        yield client


def settings(**environ: str) -> GoSettings:
    return read_settings({"HOME": "", **environ}, goroots=())


def at(web: Web, key: Key = KEY) -> GoSettings:
    return settings(GOSUMDB=f"{key.verifier} {web.url}")


def test_a_lookup_is_proven(web: Web, http: Http, tmp_path: Path) -> None:
    Database(web, LOG)
    found = SumDatabase(http, at(web), tmp_path).lookup(MODULE, VERSION)
    ways = found.verifications
    assert (found.record, found.tree_size, found.database) == (20, 290, KEY.name)
    assert (found.zip_h1, found.mod_h1) == (h1(f"zip {VERSION}"), h1(f"mod {VERSION}"))
    assert [way.how for way in ways] == [
        f"signed tree note of {KEY.name}",
        "inclusion proof of record 20 in the tree of 290 records",
    ]
    assert f"{KEY.name}+{KEY.hash.hex()}" in ways[0].rests_on
    assert "the GOSUMDB environment variable" in ways[0].rests_on


def test_a_second_lookup_is_consistent_with_the_first(web: Web, http: Http, tmp_path: Path) -> None:
    database = Database(web, LOG)
    SumDatabase(http, at(web), tmp_path).lookup(MODULE, VERSION)
    database.size = 300
    found = SumDatabase(http, at(web), tmp_path).lookup(MODULE, "v0.0.1-280")
    assert found.tree_size == 300
    assert found.verifications[2].how == "consistency with the tree of 290 records"
    assert "remembered since 2" in found.verifications[2].rests_on


def test_what_was_looked_up_needs_no_network(web: Web, http: Http, tmp_path: Path) -> None:
    database = Database(web, LOG)
    first = SumDatabase(http, at(web), tmp_path).lookup(MODULE, VERSION)
    database.size = 300
    SumDatabase(http, at(web), tmp_path).lookup(MODULE, "v0.0.1-280")
    asked = len(web.asked)
    again = SumDatabase(http, at(web), tmp_path, offline=True).lookup(MODULE, VERSION)
    with Http(offline=True) as offline:
        also = SumDatabase(offline, at(web), tmp_path).lookup(MODULE, VERSION)
    assert len(web.asked) == asked
    assert again == also
    assert (again.zip_h1, again.record) == (first.zip_h1, first.record)
    with pytest.raises(NetworkError, match="offline"):
        SumDatabase(http, at(web), tmp_path, offline=True).lookup(MODULE, "v0.0.1-1")


def test_real_answers_of_the_public_database(http: Http, tmp_path: Path) -> None:
    real = settings(GOPROXY=f"file://{FIXTURES}")
    database = SumDatabase(http, real, tmp_path)
    found = database.lookup(MODULE, "v0.0.1-go1.24.4.linux-amd64")
    assert found.zip_h1 == "h1:nm4Il5pypT+vEB1UPY4e+r1p/0HoRr/2jjj+dwb8KhA="
    assert found.record == 38532769
    older = database.lookup(MODULE, "v0.0.1-go1.23.9.linux-amd64")
    assert older.verifications[2].how == "consistency with the tree of 66385784 records"


def kept_in(directory: Path) -> Path:
    """Where the client keeps what this log's key signed."""
    return next(directory.glob(f"{KEY.name}+*"))


def test_another_key_under_the_same_name_finds_nothing_kept(
    web: Web, http: Http, tmp_path: Path
) -> None:
    other = Key(KEY.name)
    Database(web, Log(300, other))
    foreign = SumDatabase(http, at(web, other), tmp_path).lookup(MODULE, VERSION)
    assert foreign.zip_h1
    with pytest.raises(NetworkError, match="offline"):
        SumDatabase(http, at(web), tmp_path, offline=True).lookup(MODULE, VERSION)
    with pytest.raises(VerificationError, match=r"serves .*, but its proof is invalid"):
        SumDatabase(http, at(web), tmp_path).lookup(MODULE, VERSION)


def test_every_changed_byte_of_an_answer_is_refused(web: Web, http: Http, tmp_path: Path) -> None:
    database = Database(web, LOG)
    client = SumDatabase(http, at(web), tmp_path)
    client.lookup(MODULE, VERSION)
    path = f"lookup/{MODULE}@{VERSION}"
    good = LOG.lookup(20, 290)
    (kept_in(tmp_path) / path).unlink()
    for place in range(len(good)):
        database.wrong[path] = good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :]
        with pytest.raises(VerificationError):
            client.lookup(MODULE, VERSION)
    assert not (kept_in(tmp_path) / path).exists()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        pytest.param(LOG.lookup(21, 290), "does not state one h1", id="another version's record"),
        pytest.param(FORK.lookup(7, 290), "not belong to the signed tree", id="another log"),
        pytest.param(Log(300).lookup(20, 290), "no signature of", id="another key"),
        pytest.param(
            Log(300, Key("sum.other.test")).lookup(20, 290), "no signature of", id="another name"
        ),
        pytest.param(LOG.lookup(20, 20), "not in a tree of 20", id="tree too small"),
        pytest.param(b"21" + LOG.lookup(20, 290)[2:], "holds another record 21", id="number"),
        pytest.param(b"020" + LOG.lookup(20, 290)[2:], "not a record", id="padded number"),
        pytest.param(b"20\n\n" + LOG.head(290), "not a record", id="no record"),
        pytest.param(b"", "not a record", id="empty"),
        pytest.param(
            b"20\n" + LOG.texts[20] + b"\n" + KEY.note("go.sum database tree\n290\nAAAA\n"),
            "does not describe a tree",
            id="signed nonsense",
        ),
    ],
)
def test_wrong_answers_are_refused(
    answer: bytes, why: str, web: Web, http: Http, tmp_path: Path
) -> None:
    Database(web, LOG).wrong[f"lookup/{MODULE}@{VERSION}"] = answer
    with pytest.raises(VerificationError, match=why):
        SumDatabase(http, at(web), tmp_path).lookup(MODULE, VERSION)


@pytest.mark.parametrize("tile", ["tile/8/0/000", "tile/8/0/001.p/34", "tile/8/1/000.p/1"])
def test_wrong_and_short_tiles_are_refused(tile: str, web: Web, http: Http, tmp_path: Path) -> None:
    database = Database(web, LOG)
    good = LOG.tile(tile)
    assert good is not None
    for wrong in (good[:-1] + b"x", good[:-1], good + b"x", b""):
        database.wrong[tile] = wrong
        with pytest.raises(VerificationError):
            SumDatabase(http, at(web), tmp_path).lookup(MODULE, VERSION)
    assert not (tmp_path / KEY.name / tile).exists()


def test_a_split_view_is_an_error(web: Web, http: Http, tmp_path: Path) -> None:
    Database(web, LOG)
    SumDatabase(http, at(web), tmp_path).lookup(MODULE, VERSION)
    fork = Database(web, FORK)
    fork.size = 300
    with pytest.raises(VerificationError, match="split view"):
        SumDatabase(http, at(web), tmp_path).lookup(MODULE, "v0.0.1-280")
    assert list(kept_in(tmp_path).glob("split-view-*.txt"))


@pytest.mark.parametrize("damage", ["flip", "cut"])
def test_a_damaged_answer_on_disk_is_fetched_anew_or_an_error(
    damage: str, web: Web, http: Http, tmp_path: Path
) -> None:
    Database(web, LOG)
    client = SumDatabase(http, at(web), tmp_path)
    client.lookup(MODULE, VERSION)
    kept = kept_in(tmp_path) / f"lookup/{MODULE}@{VERSION}"
    good = kept.read_bytes()
    kept.write_bytes(good.replace(b"h1:", b"h2:") if damage == "flip" else good[:-5])
    with pytest.raises(NetworkError, match="invalid"):
        SumDatabase(http, at(web), tmp_path, offline=True).lookup(MODULE, VERSION)
    client.lookup(MODULE, VERSION)
    assert kept.read_bytes() == good


def test_a_version_that_the_database_lacks(web: Web, http: Http, tmp_path: Path) -> None:
    Database(web, LOG)
    with pytest.raises(NotPostedError, match=r"has no record of .*: nothing here"):
        SumDatabase(http, at(web), tmp_path).lookup(MODULE, "v0.0.1-none")


#: A database at whose own address nobody answers.
UNREACHABLE = Key("127.0.0.1:1")


def look_up(web: Web, http: Http, tmp_path: Path, goproxy: str, key: Key = UNREACHABLE) -> Lookup:
    chosen = settings(GOSUMDB=key.verifier, GOPROXY=goproxy.replace("WEB", web.url))
    return SumDatabase(http, chosen, tmp_path).lookup(MODULE, VERSION)


def test_a_proxy_that_offers_the_database_is_asked(web: Web, http: Http, tmp_path: Path) -> None:
    Database(web, LOG, prefix=f"/two/sumdb/{KEY.name}")
    web.routes[f"/two/sumdb/{KEY.name}/supported"] = body(b"")
    look_up(web, http, tmp_path, "WEB/one,WEB/two,direct", KEY)
    assert web.asked[:3] == [
        f"/one/sumdb/{KEY.name}/supported",
        f"/two/sumdb/{KEY.name}/supported",
        f"/two/sumdb/{KEY.name}/lookup/{MODULE}@{VERSION}",
    ]


@pytest.mark.parametrize("goproxy", ["WEB/one", "WEB/one,direct", "WEB/one,off", "off", "direct"])
def test_without_such_a_proxy_the_database_itself_is_asked(
    goproxy: str, web: Web, http: Http, tmp_path: Path
) -> None:
    # Nobody answers there, which shows that it was asked.
    with pytest.raises(NetworkError, match=r"127\.0\.0\.1:\d+ cannot be reached"):
        look_up(web, http, tmp_path, goproxy)


def test_a_refusing_proxy_ends_the_search_as_in_the_go_command(
    web: Web, http: Http, tmp_path: Path
) -> None:
    web.fallback = body(b"no\n", status=403)
    with pytest.raises(ForbiddenError):
        look_up(web, http, tmp_path, "WEB/one,direct")
    web.fallback = body(b"no\n", status=500)
    with pytest.raises(NetworkError, match="answers 500"):
        look_up(web, http, tmp_path, "WEB/one,direct")
    with pytest.raises(NetworkError, match=r"127\.0\.0\.1:\d+ cannot be reached"):
        look_up(web, http, tmp_path, "WEB/one|direct")


def test_a_refused_lookup_is_not_a_missing_one(web: Web, http: Http, tmp_path: Path) -> None:
    web.fallback = body(b"not for you\n", status=403)
    with pytest.raises(ForbiddenError, match="not for you"):
        SumDatabase(http, at(web), tmp_path).lookup(MODULE, VERSION)


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        pytest.param({"GOSUMDB": "off"}, "GOSUMDB=off", id="off"),
        pytest.param({"GONOSUMDB": "golang.org"}, "GONOSUMDB .* excludes", id="GONOSUMDB"),
        pytest.param({"GOPRIVATE": "*.org/*"}, "GOPRIVATE .* excludes", id="GOPRIVATE"),
    ],
)
def test_settings_that_exclude_the_database_are_an_error(
    environ: dict[str, str], why: str, http: Http, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=why):
        SumDatabase(http, settings(**environ), tmp_path).lookup(MODULE, VERSION)


@pytest.mark.parametrize(("module", "version"), [("../x", "v1"), (MODULE, "../../x")])
def test_names_cannot_leave_the_cache(
    module: str, version: str, http: Http, tmp_path: Path
) -> None:
    with pytest.raises(InputError):
        SumDatabase(http, settings(), tmp_path).lookup(module, version)


def test_a_cache_that_cannot_be_written_is_an_error(web: Web, http: Http, tmp_path: Path) -> None:
    Database(web, LOG)
    (tmp_path / "file").write_text("")
    errors: list[SamegoError] = []
    for place in ("file", "file/below"):
        with pytest.raises(CacheError) as caught:
            SumDatabase(http, at(web), tmp_path / place).lookup(MODULE, VERSION)
        errors.append(caught.value)
    assert all("cannot be written" in error.message for error in errors)
