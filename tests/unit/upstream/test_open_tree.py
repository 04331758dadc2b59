"""What is remembered of an archive counts only where it is proven again."""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from samego.errors import CacheError
from samego.formats.archive.dirhash import hash1
from samego.formats.archive.index import IndexCache
from samego.formats.archive.spool import Spool
from samego.model.release import Release, Target
from samego.system.seal import Seal
from samego.upstream.cache import upkeep
from samego.upstream.cache.blobs import Cache
from samego.upstream.channels.interface import Posted
from samego.upstream.open_tree import Opener
from support.godev_server import module_zip, toolchain_archive

RELEASE, TARGET = Release.parse("go1.24.4"), Target.parse("linux-amd64")
VERSION = "v0.0.1-go1.24.4.linux-amd64"
FILES = {"bin/go": b"\x7fELF genuine", "VERSION": b"go1.24.4\n"}
EVIL = hashlib.sha256(b"\x7fELF changed").hexdigest()
DIGESTS = {
    f"golang.org/toolchain@{VERSION}/{path}": hashlib.sha256(data).hexdigest()
    for path, data in FILES.items()
}
H1 = hash1(DIGESTS.items())


@pytest.fixture
def spool() -> Iterator[Spool]:
    spool = Spool()
    yield spool
    spool.close()


def posted(path: Path, form: str, h1: str = "") -> Posted:
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return Posted("x", form, RELEASE, TARGET, path.as_uri(), path, sha256, (), h1)


def forged(**changes: str) -> dict[str, str]:
    prefix = f"golang.org/toolchain@{VERSION}/"
    return {**DIGESTS, **{prefix + path: digest for path, digest in changes.items()}}


@pytest.mark.parametrize("h1", [H1, ""], ids=["vouched", "unverified"])
@pytest.mark.parametrize(
    "index",
    [
        forged(**{"bin/go": EVIL}),
        forged(**{"bin/more": EVIL}),
        dict(list(DIGESTS.items())[:1]),
        {},
        forged(**{"bin/go": "no digest"}),
    ],
    ids=["changed", "one more", "one less", "empty", "nonsense"],
)
def test_an_edited_index_of_a_module_zip_is_read_anew(
    tmp_path: Path, spool: Spool, index: Mapping[str, str], h1: str
) -> None:
    path = tmp_path / "m.zip"
    path.write_bytes(module_zip(VERSION, FILES))
    file = posted(path, "module", h1)
    indexes = IndexCache(tmp_path / "index")
    indexes.store(file.sha256, list(index.items()))
    tree = Opener(indexes, spool).open(file)
    assert {entry.path: entry.sha256 for entry in tree.values()} == {
        name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()
    }
    assert indexes.load(file.sha256) == [list(row) for row in DIGESTS.items()]


def test_an_index_that_the_h1_proves_spares_unpacking(tmp_path: Path, spool: Spool) -> None:
    path = tmp_path / "m.zip"
    path.write_bytes(module_zip(VERSION, FILES))
    indexes = IndexCache(tmp_path / "index")
    Opener(indexes, spool).open(posted(path, "module"))
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo(f"golang.org/toolchain@{VERSION}/bin/go").header_offset
    data = bytearray(path.read_bytes())
    data[at + 30 + len(f"golang.org/toolchain@{VERSION}/bin/go") + 2] ^= 1
    file = posted(path, "module", H1)
    path.write_bytes(data)
    assert Opener(indexes, spool).open(file)["bin/go"].sha256 == DIGESTS[next(iter(DIGESTS))]


@pytest.mark.parametrize("whose", ["another archive's", "another user's", "edited"])
def test_an_index_that_is_not_the_archive_s_own_is_not_believed(
    tmp_path: Path, spool: Spool, whose: str
) -> None:
    path = tmp_path / "go1.24.4.linux-amd64.tar.gz"
    path.write_bytes(toolchain_archive("go1.24.4", {"bin/go": b"genuine"}))
    file = posted(path, "archive")
    indexes = IndexCache(tmp_path / "index")
    row = ["bin/go", "file", 0o755, 7, EVIL, ""]
    wrong = tmp_path / "index" / f"{file.sha256}.index"
    if whose == "another archive's":
        indexes.store("ab" * 32, [row])
        (tmp_path / "index" / f"{'ab' * 32}.index").rename(wrong)
    elif whose == "another user's":
        IndexCache(tmp_path / "index", Seal(tmp_path / "key")).store(file.sha256, [row])
    else:
        Opener(indexes, spool).open(file)
        right = hashlib.sha256(b"genuine").hexdigest().encode()
        assert right in wrong.read_bytes()
        wrong.write_bytes(wrong.read_bytes().replace(right, EVIL.encode()))
    tree = Opener(indexes, spool).open(file)
    assert tree["bin/go"].sha256 == hashlib.sha256(b"genuine").hexdigest()


def test_a_setuid_bit_in_a_module_zip_is_upstream_s_in_no_way(tmp_path: Path, spool: Spool) -> None:
    path = tmp_path / "m.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in FILES.items():
            info = zipfile.ZipInfo(f"golang.org/toolchain@{VERSION}/{name}")
            info.create_system, info.external_attr = 3, (stat.S_IFREG | 0o4755) << 16
            archive.writestr(info, data)
    tree = Opener(IndexCache(tmp_path / "index"), spool).open(posted(path, "module", H1))
    assert {path: entry.mode for path, entry in tree.items()} == {"bin/go": 0o755, "VERSION": 0o644}


def test_a_file_in_the_cache_that_kept_its_size_and_time_is_found_out(tmp_path: Path) -> None:
    with Cache(tmp_path) as cache:
        blob = cache.store(b"genuine")
    status = blob.stat()
    blob.chmod(0o644)
    blob.write_bytes(b"changed")
    blob.chmod(0o444)
    os.utime(blob, ns=(status.st_atime_ns, status.st_mtime_ns))
    with Cache(tmp_path) as cache, pytest.raises(CacheError, match="is damaged"):
        cache.get(blob.name)


def test_a_record_that_another_key_sealed_counts_as_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Cache(tmp_path / "cache") as cache:
        cache.remember("index", "https://go.dev", {"blob": "x"})
        assert cache.record("index", "https://go.dev") == {"blob": "x"}
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another user's"))
    with Cache(tmp_path / "cache") as cache:
        assert cache.record("index", "https://go.dev") is None
        assert len(upkeep.verify(cache).damaged) == 1


@pytest.mark.parametrize("place", ['"blob"', '"x"', '"seal": "'])
def test_an_edited_record_counts_as_not_there(tmp_path: Path, place: str) -> None:
    with Cache(tmp_path) as cache:
        cache.remember("index", "https://go.dev", {"blob": "x"})
        (path,) = (tmp_path / "records/index").iterdir()
        text = path.read_text("utf-8")
        at = text.index(place) + len(place)
        at -= 0 if place.endswith(' "') else 2
        path.write_text(text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :], "utf-8")
        assert cache.record("index", "https://go.dev") is None


def test_a_key_that_others_can_read_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "state/key"
    seal = Seal(path).of(b"data")
    assert Seal(path).holds(seal, b"data")
    assert not Seal(path).holds(seal, b"date")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    assert not Seal(path).holds(seal, b"data")
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    assert Seal(path).of(b"data") != seal


def test_without_a_place_for_a_key_a_run_believes_itself_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    seal = Seal(tmp_path / "file/key")
    assert seal.holds(seal.of(b"data"), b"data")
    assert not Seal(tmp_path / "file/key").holds(seal.of(b"data"), b"data")
