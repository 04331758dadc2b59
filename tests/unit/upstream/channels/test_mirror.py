from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from samego.errors import InputError, NetworkError, NotPostedError, VerificationError
from samego.formats.archive.dirhash import hash1
from samego.formats.archive.zip import ZipMember, index_zip
from samego.model.release import Release, Target
from samego.model.verification import Verification
from samego.upstream.cache.blobs import Cache
from samego.upstream.channels.goproxy import Proxies
from samego.upstream.channels.gosettings import GoSetting, GoSettings
from samego.upstream.channels.mirror import MirrorChannel
from samego.upstream.channels.source_archive import source_archive
from samego.upstream.checksums.authorities import UnverifiedError
from samego.upstream.checksums.module_zip import ModuleVerifier
from samego.upstream.sumdb.client import Lookup
from support.godev_server import file_row, module_zip, release_row, toolchain_archive

RELEASE = Release.parse("go1.99.0")
TARGET = Target.parse("linux-amd64")
NAME = "go1.99.0.linux-amd64.tar.gz"
SOURCE = "go1.99.0.src.tar.gz"
ARCHIVE = toolchain_archive("go1.99.0")
VERSION = "v0.0.1-go1.99.0.linux-amd64"
ZIP = module_zip(VERSION, {"VERSION": b"go1.99.0\n"})
MEMBER = f"golang.org/toolchain@{VERSION}/VERSION"
H1 = hash1([(MEMBER, hashlib.sha256(b"go1.99.0\n").hexdigest())])


class Database:
    def lookup(self, module: str, version: str) -> Lookup:
        proof = (Verification("inclusion proof", "a tree"),)
        return Lookup("sums.example", module, version, 7, H1, "h1:mod", 9, proof)


def index(path: Path, _sha256: str, _h1: str) -> Mapping[str, ZipMember]:
    return index_zip(path, name=path.name)


def verifier(
    _cache: Cache, *, gosumdb: str = "x", allow_unverified: bool = False
) -> ModuleVerifier:
    settings = GoSettings(
        Proxies((), "off", "this test"),
        GoSetting("GOSUMDB", gosumdb, "this test"),
        GoSetting("GONOSUMDB", "", "this test"),
    )
    return ModuleVerifier(Database(), settings, index, allow_unverified=allow_unverified)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / NAME).write_bytes(ARCHIVE)
    (mirror / SOURCE).write_bytes(b"source")
    rows = release_row("go1.99.0", file_row(NAME, ARCHIVE), file_row(SOURCE, b"source"))
    (mirror / "index.json").write_text(json.dumps([rows]))
    return mirror


def channel(directory: Path, cache: Cache, *, allow_unverified: bool = False) -> MirrorChannel:
    return MirrorChannel(directory, verifier(cache), allow_unverified=allow_unverified)


def test_an_archive_is_vouched_for_by_the_saved_index(directory: Path, cache: Cache) -> None:
    got = channel(directory, cache).fetch(RELEASE, TARGET)
    assert (got.channel, got.form, got.target) == ("mirror", "archive", TARGET)
    assert got.path == directory / NAME
    assert got.url == got.path.as_uri()
    assert got.verified == (
        Verification("sha256 in a saved release index", str(directory / "index.json")),
    )


def test_the_source_archive_lies_there_too(directory: Path, cache: Cache) -> None:
    assert channel(directory, cache).fetch_source(RELEASE).form == "source"


def test_one_changed_byte_names_both_sums(directory: Path, cache: Cache) -> None:
    changed = ARCHIVE[:-1] + b"?"
    (directory / NAME).write_bytes(changed)
    with pytest.raises(VerificationError) as caught:
        channel(directory, cache, allow_unverified=True).fetch(RELEASE, TARGET)
    assert hashlib.sha256(changed).hexdigest() in str(caught.value)
    assert hashlib.sha256(ARCHIVE).hexdigest() in str(caught.value)


def test_a_file_that_is_another_target_s_is_refused(directory: Path, cache: Cache) -> None:
    (directory / "go1.99.0.linux-arm64.tar.gz").write_bytes(ARCHIVE)
    with pytest.raises(InputError, match=r"is go1\.99\.0 linux-amd64"):
        channel(directory, cache).fetch(RELEASE, Target.parse("linux-arm64"))


@pytest.mark.parametrize("below", ["", "golang.org/toolchain/@v"], ids=["flat", "proxy-layout"])
def test_a_module_zip_is_vouched_for_by_the_database(
    tmp_path: Path, cache: Cache, below: str
) -> None:
    (tmp_path / "m" / below).mkdir(parents=True)
    (tmp_path / "m" / below / f"{VERSION}.zip").write_bytes(ZIP)
    mirror = channel(tmp_path / "m", cache)
    got = mirror.fetch(RELEASE, TARGET)
    assert (got.channel, got.form, got.expected_h1) == ("mirror", "module", H1)
    assert [row.name for row in mirror.listing()] == [f"{VERSION}.zip"]


def test_a_changed_module_zip_is_refused(tmp_path: Path, cache: Cache) -> None:
    (tmp_path / f"{VERSION}.zip").write_bytes(module_zip(VERSION, {"VERSION": b"go1.99.1\n"}))
    with pytest.raises(VerificationError, match=r"sums\.example states"):
        channel(tmp_path, cache).fetch(RELEASE, TARGET)


def test_a_module_zip_of_another_target_is_refused(tmp_path: Path, cache: Cache) -> None:
    (tmp_path / f"{VERSION.replace('amd64', 'arm64')}.zip").write_bytes(ZIP)
    with pytest.raises(InputError, match=r"is go1\.99\.0 linux-amd64"):
        channel(tmp_path, cache).fetch(RELEASE, Target.parse("linux-arm64"))


def test_what_nobody_vouches_for_is_refused_unless_allowed(directory: Path, cache: Cache) -> None:
    (directory / "index.json").unlink()
    with pytest.raises(UnverifiedError, match="no known checksum source"):
        channel(directory, cache).fetch(RELEASE, TARGET)
    assert channel(directory, cache, allow_unverified=True).fetch(RELEASE, TARGET).verified == ()


def test_a_saved_index_that_contradicts_the_announced_sums_is_an_error(
    directory: Path, cache: Cache
) -> None:
    name = "go1.24.4.linux-amd64.tar.gz"
    (directory / name).write_bytes(ARCHIVE)
    (directory / "index.json").write_text(
        json.dumps([release_row("go1.24.4", file_row(name, ARCHIVE))])
    )
    with pytest.raises(VerificationError, match="77e5da33bb72aeaef1ba4418b6fe511b"):
        channel(directory, cache).fetch(Release.parse("go1.24.4"), TARGET)


def test_what_is_not_there_is_not_posted(directory: Path, cache: Cache) -> None:
    with pytest.raises(NotPostedError, match=r"go1\.98"):
        channel(directory, cache).fetch(Release.parse("go1.98.0"), TARGET)


def test_a_missing_directory_is_named(tmp_path: Path, cache: Cache) -> None:
    with pytest.raises(InputError, match="is not a directory"):
        channel(tmp_path / "absent", cache).fetch(RELEASE, TARGET)


def test_a_saved_index_that_is_none_vouches_for_nothing(directory: Path, cache: Cache) -> None:
    (directory / "index.json").write_text("<html>")
    with pytest.raises(NetworkError, match=r"index\.json"):
        channel(directory, cache).index.sum_of(NAME)
    with pytest.raises(UnverifiedError):
        channel(directory, cache).fetch(RELEASE, TARGET)


def test_the_listing_is_newest_first_and_skips_the_rest(directory: Path, cache: Cache) -> None:
    (directory / "go1.98.0.src.tar.gz").write_bytes(b"")
    (directory / "README").write_text("")
    rows = [row.name for row in channel(directory, cache).listing()]
    assert rows == [SOURCE, NAME, "go1.98.0.src.tar.gz"]


def test_the_distro_s_tarball_is_the_source_when_its_sum_is(
    directory: Path, cache: Cache, tmp_path: Path
) -> None:
    mirror = channel(directory, cache)
    orig = tmp_path / "golang-1.99_1.99.0.orig.tar.gz"
    orig.write_bytes(b"source")
    found = source_archive(RELEASE, (), (tmp_path / "absent", orig), (mirror.index,))
    assert found.posted is not None
    assert (found.posted.path, found.posted.form, found.notes) == (orig, "source", ())
    assert found.posted.verified == (mirror.index.verification(),)


def test_a_repacked_tarball_makes_way_for_the_channel(
    directory: Path, cache: Cache, tmp_path: Path
) -> None:
    mirror = channel(directory, cache)
    orig = tmp_path / "golang-1.99_1.99.0+dfsg.orig.tar.gz"
    orig.write_bytes(b"sourc?")
    found = source_archive(RELEASE, (mirror,), (orig,), (mirror.index,))
    assert found.posted is not None
    assert found.posted.channel == "mirror"
    assert found.notes == (f"{orig.name} is not {SOURCE}: its sha256 differs",)


def test_without_any_source_archive_the_notes_say_why(tmp_path: Path, cache: Cache) -> None:
    mirror = channel(tmp_path, cache)
    orig = tmp_path / "orig.tar.gz"
    orig.write_bytes(b"source")
    found = source_archive(RELEASE, (mirror,), (orig,), (mirror.index,))
    assert found.posted is None
    assert [note.partition(" ")[0] for note in found.notes] == ["cannot", "mirror:"]
