from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from samego.errors import InputError, NetworkError
from samego.formats.archive.dirhash import hash1
from samego.formats.archive.zip import ZipMember, index_zip
from samego.model.verification import Verification
from samego.upstream.cache.blobs import Cache
from samego.upstream.channels.godev import Signatures
from samego.upstream.channels.goproxy import Proxies
from samego.upstream.channels.gosettings import GoSetting, GoSettings
from samego.upstream.checksums.authorities import AnnouncedSums, Authority
from samego.upstream.checksums.module_zip import ModuleVerifier
from samego.upstream.checksums.verify_file import Decision, FileAnswer, verify_file
from samego.upstream.sumdb.client import Lookup
from support.godev_server import module_zip

DATA = b"an archive"
NAME = "go1.99.0.linux-amd64.tar.gz"
OTHER = "go1.99.1.linux-amd64.tar.gz"
VERSION = "v0.0.1-go1.99.0.linux-amd64"
ZIP = module_zip(VERSION, {"VERSION": b"x"})
H1 = hash1([(f"golang.org/toolchain@{VERSION}/VERSION", hashlib.sha256(b"x").hexdigest())])


class Says:
    """An authority with a table of its own, or none that answers."""

    def __init__(self, name: str, table: Mapping[str, bytes] | None) -> None:
        self.name = name
        self.table = table

    def _sums(self) -> dict[str, str]:
        if self.table is None:
            raise NetworkError(f"{self.name} does not answer", hint="")
        return {name: hashlib.sha256(data).hexdigest() for name, data in self.table.items()}

    def sum_of(self, name: str) -> str | None:
        return self._sums().get(name)

    def name_of(self, sha256: str) -> str | None:
        return next((name for name, known in self._sums().items() if known == sha256), None)

    def verification(self) -> Verification:
        return Verification("sum", self.name)


class Database:
    def __init__(self, h1: str | None) -> None:
        self.h1 = h1

    def lookup(self, module: str, version: str) -> Lookup:
        if self.h1 is None:
            raise NetworkError("the database does not answer", hint="")
        return Lookup("sums.example", module, version, 7, self.h1, "h1:mod", 9, ())


def index(path: Path, _sha256: str, _h1: str) -> Mapping[str, ZipMember]:
    return index_zip(path, name=path.name)


def verify(
    path: Path,
    _cache: Cache,
    *authorities: Authority,
    h1: str | None = None,
    gosumdb: str = "x",
    signatures: Signatures | None = None,
) -> FileAnswer:
    settings = GoSettings(
        Proxies((), "off", "this test"),
        GoSetting("GOSUMDB", gosumdb, "this test"),
        GoSetting("GONOSUMDB", "", "this test"),
    )
    verifier = ModuleVerifier(Database(h1), settings, index)
    return verify_file(path, authorities, verifier, signatures=signatures)


def file(tmp_path: Path, name: str = NAME, data: bytes = DATA) -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def test_a_posted_file_is_recognised_with_everybody_who_says_so(
    tmp_path: Path, cache: Cache
) -> None:
    both = Says("the index", {NAME: DATA}), Says("the announced sums", {NAME: DATA})
    answer = verify(file(tmp_path), cache, *both)
    assert (answer.decision, answer.name, answer.reasons) == (Decision.POSTED, NAME, ())
    assert [item.rests_on for item in answer.verified] == ["the index", "the announced sums"]
    assert answer.decision.exit_status == 0


def test_a_posted_file_is_recognised_under_any_name(tmp_path: Path, cache: Cache) -> None:
    answer = verify(file(tmp_path, "orig.tar.gz"), cache, Says("the index", {NAME: DATA}))
    assert (answer.decision, answer.name) == (Decision.POSTED, NAME)


@pytest.mark.parametrize("data", [DATA[:-1], DATA + b"\0", b"An archive"])
def test_a_known_name_with_other_bytes_is_contradicted(
    tmp_path: Path, cache: Cache, data: bytes
) -> None:
    answer = verify(file(tmp_path, data=data), cache, Says("the index", {NAME: DATA}))
    assert (answer.decision, answer.decision.exit_status) == (Decision.CONTRADICTED, 1)
    assert hashlib.sha256(DATA).hexdigest() in answer.reasons[0]
    assert hashlib.sha256(data).hexdigest() in answer.reasons[0]


def test_an_older_release_under_a_newer_name_is_contradicted(tmp_path: Path, cache: Cache) -> None:
    known = Says("the index", {NAME: DATA, OTHER: b"newer"})
    answer = verify(file(tmp_path, OTHER), cache, known)
    assert answer.decision is Decision.CONTRADICTED
    assert f"it is {NAME}" in answer.reasons[0]


def test_authorities_that_disagree_have_said_nothing_of_the_file(
    tmp_path: Path, cache: Cache
) -> None:
    both = Says("the index", {NAME: DATA}), Says("the announced sums", {NAME: b"else"})
    answer = verify(file(tmp_path), cache, *both)
    assert answer.decision is Decision.UNDECIDED
    assert "the index" in answer.reasons[0]
    assert "the announced sums" in answer.reasons[0]


def test_what_nobody_knows_is_undecided(tmp_path: Path, cache: Cache) -> None:
    answer = verify(file(tmp_path), cache, Says("the index", {}))
    assert (answer.decision, answer.decision.exit_status) == (Decision.UNDECIDED, 2)
    assert answer.reasons == ("its sha256 is in no known checksum source",)


def test_who_could_not_be_asked_is_named(tmp_path: Path, cache: Cache) -> None:
    answer = verify(file(tmp_path), cache, Says("the index", None))
    assert answer.decision is Decision.UNDECIDED
    assert answer.reasons == ("the index does not answer",)


def test_one_witness_is_enough_when_the_other_is_away(tmp_path: Path, cache: Cache) -> None:
    both = Says("the index", None), Says("the announced sums", {NAME: DATA})
    assert verify(file(tmp_path), cache, *both).decision is Decision.POSTED


@pytest.mark.parametrize("name", [f"{VERSION}.zip", "download.bin"])
def test_a_module_zip_is_known_by_its_h1(tmp_path: Path, cache: Cache, name: str) -> None:
    answer = verify(file(tmp_path, name, ZIP), cache, AnnouncedSums(), h1=H1)
    assert answer.decision is Decision.POSTED
    assert answer.name == f"golang.org/toolchain@{VERSION}"


def test_a_module_zip_with_another_h1_is_contradicted(tmp_path: Path, cache: Cache) -> None:
    answer = verify(file(tmp_path, f"{VERSION}.zip", ZIP), cache, h1="h1:other")
    assert answer.decision is Decision.CONTRADICTED


def test_a_module_zip_under_another_version_s_name_is_contradicted(
    tmp_path: Path, cache: Cache
) -> None:
    path = file(tmp_path, "v0.0.1-go1.99.1.linux-amd64.zip", ZIP)
    assert verify(path, cache, h1=H1).decision is Decision.CONTRADICTED


@pytest.mark.parametrize("gosumdb", ["x", "off"])
def test_a_module_zip_without_the_database_is_undecided(
    tmp_path: Path, cache: Cache, gosumdb: str
) -> None:
    answer = verify(file(tmp_path, "a.zip", ZIP), cache, gosumdb=gosumdb)
    assert answer.decision is Decision.UNDECIDED


def test_a_zip_of_something_else_is_undecided(tmp_path: Path, cache: Cache) -> None:
    other = module_zip("v1", {"x": b""}).replace(b"golang.org", b"example.or")
    assert verify(file(tmp_path, "a.zip", other), cache).decision is Decision.UNDECIDED


def test_a_signature_that_does_not_hold_leaves_it_undecided(tmp_path: Path, cache: Cache) -> None:
    path = file(tmp_path)
    (tmp_path / f"{NAME}.asc").write_text("no signature")
    (tmp_path / "keys.gpg").write_bytes(b"")
    answer = verify(
        path,
        cache,
        Says("the index", {NAME: DATA}),
        signatures=Signatures(tmp_path / "keys.gpg"),
    )
    assert answer.decision is Decision.UNDECIDED
    assert "not a valid signature" in answer.reasons[0]


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path, cache: Cache) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        verify(tmp_path / "absent", cache)
