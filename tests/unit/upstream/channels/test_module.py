from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from samego.errors import InputError, NetworkError, NotPostedError, VerificationError
from samego.formats.archive.dirhash import hash1
from samego.formats.archive.zip import ZipMember, index_zip
from samego.model.release import Release, Target
from samego.model.verification import Verification
from samego.upstream.cache import upkeep
from samego.upstream.cache.blobs import Cache
from samego.upstream.channels.goproxy import Proxies, Proxy
from samego.upstream.channels.gosettings import GoSetting, GoSettings
from samego.upstream.channels.module import ModuleChannel
from samego.upstream.checksums.authorities import UnverifiedError
from samego.upstream.checksums.module_zip import ModuleVerifier
from samego.upstream.sumdb.client import Lookup
from samego.upstream.transport.http import Http
from support.godev_server import Fault, GoDev, module_zip

RELEASE = Release.parse("go1.24.4")
TARGET = Target.parse("linux-amd64")
VERSION = "v0.0.1-go1.24.4.linux-amd64"
FILES = {"VERSION": b"go1.24.4\n", "src/_go.mod": b"module std\n", "src/big": bytes(100_000)}
ZIP = module_zip(VERSION, FILES)
H1 = hash1(
    (f"golang.org/toolchain@{VERSION}/{path}", hashlib.sha256(data).hexdigest())
    for path, data in FILES.items()
)
PATH = f"/proxy/golang.org/toolchain/@v/{VERSION}.zip"
LIST = "/proxy/golang.org/toolchain/@v/list"


class Database:
    """A checksum database that says what a test wants."""

    def __init__(self, h1: str = H1) -> None:
        self.h1 = h1
        self.asked = 0

    def lookup(self, module: str, version: str) -> Lookup:
        self.asked += 1
        proof = (Verification("inclusion proof", "a tree"),)
        return Lookup("sums.example", module, version, 7, self.h1, "h1:mod", 9, proof)


class Unreachable:
    def lookup(self, module: str, version: str) -> Lookup:
        raise NetworkError(f"nobody answers for {module}@{version}", hint="wait")


def index(path: Path, _sha256: str, _h1: str) -> Mapping[str, ZipMember]:
    return index_zip(path, name=path.name)


def settings(godev: GoDev, *, end: str = "off", gosumdb: str = "x", skip: str = "") -> GoSettings:
    return GoSettings(
        Proxies((Proxy(f"{godev.url}/proxy"),), end, "this test"),
        GoSetting("GOSUMDB", gosumdb, "this test"),
        GoSetting("GONOSUMDB", skip, "this test"),
    )


@pytest.fixture
def posted(godev: GoDev) -> GoDev:
    godev.files[PATH] = ZIP
    godev.files[LIST] = f"v0.0.1-go1.9.linux-amd64\n{VERSION}\nv0.0.2-x\n\xff\n".encode()
    return godev


def channel(
    http: Http,
    cache: Cache,
    godev: GoDev,
    database: Database | Unreachable,
    *,
    given: GoSettings | None = None,
    allow_unverified: bool = False,
) -> ModuleChannel:
    chosen = given or settings(godev)
    verifier = ModuleVerifier(database, chosen, index, allow_unverified=allow_unverified)
    return ModuleChannel(http, cache, verifier, chosen, godev_url=f"{godev.url}/dl")


def test_a_zip_is_fetched_and_its_h1_found(http: Http, cache: Cache, posted: GoDev) -> None:
    got = channel(http, cache, posted, Database()).fetch(RELEASE, TARGET)
    assert (got.channel, got.form, got.release, got.target) == ("module", "module", RELEASE, TARGET)
    assert (got.path.read_bytes(), got.url) == (ZIP, posted.url + PATH)
    assert (got.sha256, got.expected_h1) == (hashlib.sha256(ZIP).hexdigest(), H1)
    assert got.verified[0] == Verification(
        "h1 in the checksum database", f"sums.example, record 7: {H1}"
    )
    assert got.verified[1].how == "inclusion proof"


def test_what_was_verified_once_needs_nobody(http: Http, cache: Cache, posted: GoDev) -> None:
    first = channel(http, cache, posted, Database()).fetch(RELEASE, TARGET)
    before = len(posted.requests)
    with Http(offline=True) as offline:
        # The database's client answers from what it keeps, with the proofs.
        assert channel(offline, cache, posted, Database()).fetch(RELEASE, TARGET) == first
    assert len(posted.requests) == before


@pytest.mark.parametrize("path", sorted(FILES))
def test_one_changed_byte_in_any_member_is_refused(
    http: Http, cache: Cache, posted: GoDev, path: str
) -> None:
    changed = {**FILES, path: FILES[path][:-1] + b"?"}
    posted.files[PATH] = module_zip(VERSION, changed)
    with pytest.raises(VerificationError) as caught:
        channel(http, cache, posted, Database()).fetch(RELEASE, TARGET)
    assert H1 in str(caught.value)
    assert str(caught.value).count("h1:") == 2
    assert upkeep.stats(cache).files == 0


@pytest.mark.parametrize(
    "files",
    [{**FILES, "more": b""}, {key: FILES[key] for key in list(FILES)[1:]}],
    ids=["one-more", "one-less"],
)
def test_another_set_of_members_is_refused(
    http: Http, cache: Cache, posted: GoDev, files: Mapping[str, bytes]
) -> None:
    posted.files[PATH] = module_zip(VERSION, files)
    with pytest.raises(VerificationError, match="do not use"):
        channel(http, cache, posted, Database()).fetch(RELEASE, TARGET)


def test_a_refusal_does_not_stick(http: Http, cache: Cache, posted: GoDev) -> None:
    posted.faults[PATH] = Fault(replace=module_zip(VERSION, {"VERSION": b"?"}), times=1)
    with pytest.raises(VerificationError):
        channel(http, cache, posted, Database()).fetch(RELEASE, TARGET)
    assert channel(http, cache, posted, Database()).fetch(RELEASE, TARGET).sha256


def test_halves_of_two_files_are_fetched_once_more(http: Http, cache: Cache, posted: GoDev) -> None:
    posted.faults[PATH] = Fault(replace=b"X" * len(ZIP), cut=100, times=1)
    got = channel(http, cache, posted, Database()).fetch(RELEASE, TARGET)
    assert got.path.read_bytes() == ZIP
    assert posted.asked(PATH) == ["", "bytes=100-", ""]


def test_bytes_that_are_no_zip_are_refused(http: Http, cache: Cache, posted: GoDev) -> None:
    posted.files[PATH] = b"not a zip"
    with pytest.raises(NetworkError, match=rf"{re.escape(PATH)} does not answer with the zip"):
        channel(http, cache, posted, Database()).fetch(RELEASE, TARGET)
    assert upkeep.stats(cache).files == 0


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_refusal_passes_on_the_proxy_s_sentence(
    http: Http, cache: Cache, posted: GoDev, status: int
) -> None:
    posted.faults[PATH] = Fault(status=status, body="this version is not available here\n")
    with pytest.raises(NotPostedError, match="this version"):
        channel(http, cache, posted, Database(), given=settings(posted, end="")).fetch(
            RELEASE, TARGET
        )


def test_go_dev_s_own_module_directory_comes_last(http: Http, cache: Cache, posted: GoDev) -> None:
    del posted.files[PATH]
    own = PATH.replace("/proxy", "/dl/mod")
    posted.files[own] = ZIP
    got = channel(http, cache, posted, Database(), given=settings(posted, end="direct"))
    assert got.fetch(RELEASE, TARGET).url == posted.url + own


def test_goproxy_off_ends_the_search(http: Http, cache: Cache, posted: GoDev) -> None:
    del posted.files[PATH]
    posted.files[PATH.replace("/proxy", "/dl/mod")] = ZIP
    with pytest.raises(NotPostedError):
        channel(http, cache, posted, Database(), given=settings(posted, end="off")).fetch(
            RELEASE, TARGET
        )
    assert len(posted.requests) == 1


def test_an_unreachable_database_leaves_no_verdict(http: Http, cache: Cache, posted: GoDev) -> None:
    with pytest.raises(NetworkError, match="nobody answers"):
        channel(http, cache, posted, Unreachable()).fetch(RELEASE, TARGET)


@pytest.mark.parametrize(
    "given", [{"gosumdb": "off"}, {"skip": "golang.org/*"}], ids=["GOSUMDB", "GONOSUMDB"]
)
def test_without_a_database_a_zip_is_refused_unless_allowed(
    http: Http, cache: Cache, posted: GoDev, given: Mapping[str, str]
) -> None:
    chosen = settings(posted, gosumdb=given.get("gosumdb", "x"), skip=given.get("skip", ""))
    database = Database()
    with pytest.raises(UnverifiedError, match="cannot verify"):
        channel(http, cache, posted, database, given=chosen).fetch(RELEASE, TARGET)
    got = channel(http, cache, posted, database, given=chosen, allow_unverified=True).fetch(
        RELEASE, TARGET
    )
    assert (got.verified, got.expected_h1, database.asked) == ((), "", 0)


def test_a_zip_taken_unverified_is_not_remembered_as_verified(
    http: Http, cache: Cache, posted: GoDev
) -> None:
    posted.files[PATH] = module_zip(VERSION, {"VERSION": b"?"})
    off = settings(posted, gosumdb="off")
    channel(http, cache, posted, Database(), given=off, allow_unverified=True).fetch(
        RELEASE, TARGET
    )
    with pytest.raises(VerificationError, match=r"sums\.example states"):
        channel(http, cache, posted, Database()).fetch(RELEASE, TARGET)


def test_another_version_s_sum_does_not_vouch(http: Http, cache: Cache, posted: GoDev) -> None:
    got = channel(http, cache, posted, Database()).fetch(RELEASE, TARGET)
    verifier = ModuleVerifier(Database("h1:other"), settings(posted), index)
    with pytest.raises(InputError, match="outside golang"):
        verifier.verify(got.path, got.sha256, VERSION.replace("1.24.4", "1.24.5"))


def test_the_listing_is_newest_first_and_skips_what_is_no_release(
    http: Http, cache: Cache, posted: GoDev
) -> None:
    rows = list(channel(http, cache, posted, Database()).listing())
    assert [row.name for row in rows] == [VERSION, "v0.0.1-go1.9.linux-amd64"]


def test_a_version_that_is_not_listed_may_still_be_served(
    http: Http, cache: Cache, posted: GoDev
) -> None:
    posted.files[LIST] = b""
    assert list(channel(http, cache, posted, Database()).listing()) == []
    assert channel(http, cache, posted, Database()).fetch(RELEASE, TARGET).expected_h1 == H1


def test_there_is_no_source_archive(http: Http, cache: Cache, posted: GoDev) -> None:
    with pytest.raises(NotPostedError, match="no source archive"):
        channel(http, cache, posted, Database()).fetch_source(RELEASE)


@pytest.mark.parametrize(
    "names",
    [["other/module@v1/x"], [f"golang.org/toolchain@{VERSION}/a", "golang.org/toolchain@v2/b"]],
    ids=["another-module", "two-versions"],
)
def test_a_zip_of_something_else_is_refused(
    tmp_path: Path, posted: GoDev, names: list[str]
) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"")
    verifier = ModuleVerifier(Database(), settings(posted), index)
    with pytest.raises(InputError, match="outside golang"):
        verifier.verify(path, "0" * 64, VERSION)
