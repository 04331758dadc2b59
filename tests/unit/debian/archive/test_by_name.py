from __future__ import annotations

import gzip
import hashlib
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from samego.distro.interface import Request
from samego.errors import CacheError, ConfigError, InputError, NetworkError
from samego.system.seal import Seal
from samego_debian import DISTRO
from samego_debian.archive.named import Named
from samego_debian.archive.store import Store
from support.debian_packages import CHANGELOG, DebMaker, tar

Requests = Callable[..., Request]
NAME = "debian:trixie/golang-1.24:amd64"
OFFLINE = {"offline": True, "options": {"mirror": "file:/nowhere/debian"}}


def entry(path: Path) -> dict[str, object]:
    data = path.read_bytes()
    return {
        "name": path.name,
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
    }


def put(files: Path, path: Path) -> dict[str, object]:
    """Put a file into the cache as a download would."""
    row = entry(path)
    target = files / str(row["sha256"]) / path.name
    target.parent.mkdir(parents=True)
    target.write_bytes(path.read_bytes())
    return row


@pytest.fixture
def cached(maker: DebMaker, request_for: Requests) -> Request:
    """A request whose cache holds a mirror's answer and all files of golang-1.24."""
    request = request_for(NAME, **OFFLINE)
    store = Store(Named("trixie", "1.24", "", "amd64"), request)
    packages = [
        {
            "package": path.name.partition("_")[0],
            "version": "1.24.4-1",
            "source": "1.24.4-1",
            "file": put(store._files, path),
        }
        for path in maker.write_all()
    ]
    source = maker.directory / "golang-1.24_1.24.4-1.debian.tar.xz"
    source.write_bytes(lzma.compress(tar({"debian": None, "debian/changelog": CHANGELOG})))
    orig = maker.directory / "golang-1.24_1.24.4.orig.tar.gz"
    orig.write_bytes(gzip.compress(b"upstream"))
    sources = {"1.24.4-1": [put(store._files, source), put(store._files, orig)]}
    store._root.mkdir(parents=True)
    (store._root / "fetched").touch()
    write_answer(
        store._answer_file,
        json.dumps({"packages": packages, "sources": sources, "not_served": []}),
    )
    return request


def write_answer(path: Path, text: str) -> None:
    """An answer as the store keeps it: under the user's seal."""
    question = f"{path.parent.name} {path.name}\n"
    path.write_text(f"{Seal().of((question + text).encode())}\n{text}")


def test_an_answer_that_was_changed_in_the_cache_counts_as_none(cached: Request) -> None:
    path, _ = answer_of(cached)
    path.write_text(path.read_text().replace("1.24.4-1", "1.24.4-2"))
    with pytest.raises(NetworkError, match="not in the cache"), DISTRO.open(cached):
        pass


def answer_of(request: Request) -> tuple[Path, dict[str, list[dict[str, object]]]]:
    path = next(request.cache.glob("debian/apt/*/golang-1.24.json"))
    return path, json.loads(path.read_text().partition("\n")[2])


def test_a_second_check_needs_no_network(cached: Request) -> None:
    with DISTRO.open(cached) as shipment:
        assert len(shipment.subject.packages) == 3
        assert shipment.source_archive is not None
        assert shipment.source_archive.name == "golang-1.24_1.24.4.orig.tar.gz"
        assert shipment.inputs.origins["timestamp"].endswith("golang-1.24_1.24.4-1.dsc")
        assert len(shipment.read(frozenset())) > 10


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("debian:trixie/golang-1.24=1.24.9-1:amd64", "it has 1.24.4-1"),
        ("debian:trixie/golang-1.24:arm64", "not in the cache"),
        ("debian:sid/golang-1.24:amd64", "not in the cache"),
        ("debian:trixie/golang-1.25:amd64", "not in the cache"),
    ],
    ids=["version", "architecture", "suite", "line"],
)
def test_what_the_cache_lacks_is_named(
    cached: Request, request_for: Requests, name: str, words: str
) -> None:
    assert cached.offline
    with (
        pytest.raises((InputError, NetworkError), match=words),
        DISTRO.open(request_for(name, **OFFLINE)),
    ):
        pass


def test_a_changed_package_in_the_cache_is_refused(cached: Request) -> None:
    path = next(cached.cache.glob("debian/files/*/golang-1.24-src_*"))
    data = bytearray(path.read_bytes())
    data[30] ^= 1  # in a time stamp of the container: nothing else would notice
    path.write_bytes(data)
    with pytest.raises((CacheError, InputError), match=r"golang-1\.24-src"), DISTRO.open(cached):
        pass


def test_changed_packaging_in_the_cache_is_refused(cached: Request) -> None:
    path = next(cached.cache.glob("debian/files/*/*.debian.tar.xz"))
    path.write_bytes(lzma.compress(b"other"))
    with pytest.raises(CacheError, match=r"debian\.tar\.xz in the cache"), DISTRO.open(cached):
        pass


def test_a_missing_package_needs_the_network(cached: Request) -> None:
    next(cached.cache.glob("debian/files/*/golang-1.24-doc_*")).unlink()
    with pytest.raises(NetworkError, match="not in the cache"), DISTRO.open(cached):
        pass


def test_a_missing_source_package_is_a_note(cached: Request) -> None:
    next(cached.cache.glob("debian/files/*/*.debian.tar.xz")).unlink()
    with DISTRO.open(cached) as shipment:
        assert any("does not serve the source package" in note for note in shipment.notes)
        assert shipment.source_archive is not None
        assert shipment.inputs.patches == ()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"packages": 3, "sources": {}, "not_served": []}'],
    ids=["empty", "list", "no keys", "no rows"],
)
def test_an_answer_that_cannot_be_read_counts_as_none(cached: Request, text: str) -> None:
    path, _ = answer_of(cached)
    write_answer(path, text)
    with pytest.raises(NetworkError, match="not in the cache"), DISTRO.open(cached):
        pass


@pytest.mark.parametrize(
    "row",
    [
        {"name": "../../x.deb"},
        {"sha256": "../../../etc"},
        {"name": ".hidden"},
    ],
)
def test_a_listed_file_cannot_lie_elsewhere(cached: Request, row: dict[str, str]) -> None:
    path, answer = answer_of(cached)
    file = answer["packages"][0]["file"]
    assert isinstance(file, dict)
    file.update(row)
    write_answer(path, json.dumps(answer))
    with pytest.raises(InputError, match="lists a file"), DISTRO.open(cached):
        pass


def test_no_mirror_of_debian_is_a_configuration_error(request_for: Requests) -> None:
    request = request_for(NAME, offline=True, options={"mirror": "nonsense"})
    with pytest.raises(ConfigError, match="not a URI"), DISTRO.open(request):
        pass


def test_a_cache_that_cannot_be_written_is_named(request_for: Requests, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    request = request_for(NAME, **OFFLINE, cache=tmp_path / "file")
    with pytest.raises(CacheError, match="cannot be written"), DISTRO.open(request):
        pass
