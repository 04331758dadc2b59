from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from samego.errors import (
    ContradictedError,
    HostileArchiveError,
    InputError,
    NetworkError,
    NotPostedError,
)
from samego.formats.archive.zip import ZipMember, index_zip
from samego.upstream.cache.blobs import Cache
from samego.upstream.channels.goproxy import Proxies, Proxy
from samego.upstream.channels.module_zips import ModuleZips, OtherModuleError
from samego.upstream.sumdb.client import Lookup
from samego.upstream.transport.http import Http
from support.godev_server import Fault, GoDev
from support.made_source import MODULES, NET, VERSIONS, h1_of, module_zip_bytes

VERSION = VERSIONS[NET]
H1 = h1_of(NET, MODULES[NET])
PATH = f"/proxy/{NET}/@v/{VERSION}.zip"


class Database:
    """Says what a test wants of the module."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def lookup(self, module: str, version: str) -> Lookup:
        if self.error is not None:
            raise self.error
        return Lookup("sums.example", module, version, 7, H1, "h1:mod", 9, ())


def index(path: Path, _sha256: str, _h1: str) -> Mapping[str, ZipMember]:
    return index_zip(path, name=path.name)


@pytest.fixture
def posted(godev: GoDev) -> GoDev:
    godev.files[PATH] = module_zip_bytes(NET, MODULES[NET])
    return godev


@pytest.fixture
def zips(http: Http, cache: Cache, posted: GoDev) -> ModuleZips:
    return made(http, cache, posted)


def made(http: Http, cache: Cache, godev: GoDev, error: Exception | None = None) -> ModuleZips:
    proxies = Proxies((Proxy(f"{godev.url}/proxy"),), "off", "this test")
    return ModuleZips(http, cache, Database(error), proxies, index)


def test_the_logged_zip_is_taken_and_kept(zips: ModuleZips, posted: GoDev) -> None:
    logged = zips.logged(NET, VERSION)
    assert logged is not None
    first = zips.fetch(NET, VERSION, logged, "")
    assert (first.h1, first.logged) == (H1, logged)
    assert first.tree.read("idna/idna.go") == MODULES[NET]["idna/idna.go"]
    assert zips.fetch(NET, VERSION, logged, "").sha256 == first.sha256
    assert len(posted.asked(PATH)) == 1


def test_what_the_cache_has_is_verified_again(zips: ModuleZips, posted: GoDev) -> None:
    logged = zips.logged(NET, VERSION)
    zips.fetch(NET, VERSION, logged, "")
    with pytest.raises(OtherModuleError):
        zips.fetch(NET, VERSION, None, "h1:another")
    assert len(posted.asked(PATH)) == 2


def test_another_zip_than_the_logged_one_is_an_error_that_names_both(
    zips: ModuleZips, posted: GoDev, cache: Cache
) -> None:
    posted.files[PATH] = module_zip_bytes(NET, {**MODULES[NET], "LICENSE": b"another\n"})
    with pytest.raises(ContradictedError, match=rf"has h1:.*, but sums\.example states {H1[:20]}"):
        zips.fetch(NET, VERSION, zips.logged(NET, VERSION), "")
    assert not list((cache.root / "blobs").glob("*"))


def test_without_a_record_the_stated_hash_decides(zips: ModuleZips) -> None:
    found = zips.fetch(NET, VERSION, None, H1)
    assert (found.h1, found.logged) == (H1, None)
    with pytest.raises(NotPostedError, match="states a hash"):
        zips.fetch(NET, VERSION, None, "")


def test_a_version_that_the_log_does_not_know_is_none(
    http: Http, cache: Cache, posted: GoDev
) -> None:
    absent = NotPostedError("404", hint="")
    assert made(http, cache, posted, absent).logged(NET, VERSION) is None
    with pytest.raises(NetworkError):
        made(http, cache, posted, NetworkError("down", hint="")).logged(NET, VERSION)


@pytest.mark.parametrize(("status", "error"), [(404, NotPostedError), (403, NotPostedError)])
def test_a_proxy_without_it_is_named(
    zips: ModuleZips, posted: GoDev, status: int, error: type[Exception]
) -> None:
    posted.faults[PATH] = Fault(status=status, body="not available")
    with pytest.raises(error, match=str(status)):
        zips.fetch(NET, VERSION, None, H1)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"no zip", InputError),
        (module_zip_bytes(NET, {**MODULES[NET], "../x": b""}), HostileArchiveError),
        (module_zip_bytes(NET, {**MODULES[NET], "A": b"", "a": b""}), HostileArchiveError),
    ],
)
def test_what_the_go_command_would_not_unpack_is_refused(
    zips: ModuleZips, posted: GoDev, data: bytes, error: type[Exception]
) -> None:
    posted.files[PATH] = data
    with pytest.raises(error):
        zips.fetch(NET, VERSION, None, H1)
