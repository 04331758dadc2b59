"""snapshot.debian.org's protocol, with a server that answers as it does and the real gpgv."""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from samego.distro.interface import Request
from samego.errors import ConfigError, InputError, NetworkError, SamegoError, VerificationError
from samego_debian.archive.snapshot import URL, SnapshotArchive
from samego_debian.source.source_package import open_source
from samego_debian.version import DebianVersion
from support.debian_packages import CHANGELOG, tar
from support.pgp import Keys, throw_away_keys
from support.snapshot_server import clear_signed, dsc, route_source
from support.web import Web, body, serve

NAME, VERSION = "golang-1.24", DebianVersion("1.24.4-1")
DSC, TAR, ORIG = (
    "golang-1.24_1.24.4-1.dsc",
    "golang-1.24_1.24.4-1.debian.tar.xz",
    "golang-1.24_1.24.4.orig.tar.gz",
)
PACKAGING = lzma.compress(tar({"debian": None, "debian/changelog": CHANGELOG}))
Requests = Callable[..., Request]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keys]:
    with throw_away_keys(tmp_path_factory.mktemp("gpg") / "home", "dev", "mallory") as made:
        yield made


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as server:
        yield server


@pytest.fixture
def service(web: Web, keys: Keys, tmp_path: Path, request_for: Requests) -> SnapshotArchive:
    keyring = tmp_path / "developers.gpg"
    keyring.write_bytes(keys.keyring("dev"))
    options = {"snapshot": f"{web.url}/", "developers": str(keyring)}
    return SnapshotArchive.of(request_for("x", options=options))


def files(
    keys: Keys, *, signer: str = "dev", version: str = "1.24.4-1", listed: bytes = PACKAGING
) -> dict[str, bytes]:
    """A source package's files; ``listed`` is what the .dsc says that debian/ is."""
    text = dsc(NAME, version, {TAR: listed, ORIG: b"upstream"})
    return {DSC: clear_signed(keys, signer, text), TAR: PACKAGING, ORIG: b"upstream"}


@pytest.mark.parametrize("fileinfo", [True, False], ids=["with names", "names asked for"])
def test_a_source_package_is_fetched_and_verified(
    service: SnapshotArchive, web: Web, keys: Keys, *, fileinfo: bool
) -> None:
    places = route_source(web, NAME, "1.24.4-1", files(keys), fileinfo=fileinfo)
    path = service.fetch(NAME, VERSION)
    assert path is not None
    found = open_source(path, keyrings=service.keyrings)
    assert found.exact(NAME, VERSION)
    assert found.declared is not None
    assert "dev" in found.declared.signer
    assert places[ORIG] not in web.asked  # only what is needed
    # A second time nobody is asked, and the signature is checked again.
    asked = list(web.asked)
    offline = replace(service, request=replace(service.request, offline=True))
    assert offline.fetch(NAME, VERSION) == path
    assert web.asked == asked
    path.write_bytes(path.read_bytes().replace(b"1.24.4-1", b"1.24.4-2"))
    with pytest.raises(VerificationError):
        offline.fetch(NAME, VERSION)


def refused(service: SnapshotArchive) -> SamegoError:
    with pytest.raises(SamegoError) as caught:
        service.fetch(NAME, VERSION)
    kept = service.request.cache / "debian/source"
    assert not list(kept.iterdir())
    return caught.value


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"signer": "mallory"}, "cannot be checked here"),
        ({"version": "1.24.4-2"}, "is signed, and names golang-1.24 1.24.4-2"),
        ({"listed": b"other"}, "gave another golang-1.24_1.24.4-1.debian.tar.xz"),
    ],
    ids=["another's key", "another version", "another debian/"],
)
def test_what_a_developer_did_not_sign_is_not_used(
    service: SnapshotArchive, web: Web, keys: Keys, change: dict[str, object], words: str
) -> None:
    route_source(web, NAME, "1.24.4-1", files(keys, **change))  # type: ignore[arg-type]  # the cases' own
    if "listed" in change:
        # The .dsc names a SHA-1 that the service does not have; a liar gives something for it.
        other = dsc(NAME, "1.24.4-1", {TAR: b"other"}).split(b"Checksums-Sha1:\n ")[1][:40].decode()
        web.routes[f"/file/{other}"] = body(PACKAGING)
        words = "gave a file with another SHA-1"
    assert words in refused(service).message


def test_sha1_alone_proves_nothing(service: SnapshotArchive, web: Web, keys: Keys) -> None:
    """A .dsc whose SHA-1 fits what is served, and whose sha256 does not: a collision."""
    listed = dsc(NAME, "1.24.4-1", {TAR: PACKAGING, ORIG: b"upstream"})
    head, _, rest = listed.partition(b"Checksums-Sha256:\n ")
    text = head + b"Checksums-Sha256:\n " + b"0" * 64 + rest[64:]
    given = files(keys) | {DSC: clear_signed(keys, "dev", text)}
    route_source(web, NAME, "1.24.4-1", given)
    assert "(sha256)" in refused(service).message


def test_a_changed_text_within_a_signature_is_refused(
    service: SnapshotArchive, web: Web, keys: Keys
) -> None:
    given = files(keys)
    given[DSC] = given[DSC].replace(b"3.0 (quilt)", b"3.0 (qui1t)")
    route_source(web, NAME, "1.24.4-1", given)
    assert "of other bytes" in refused(service).message


@pytest.mark.parametrize(
    "answer",
    [b"<html>", b"[]", json.dumps({"result": [{"hash": "../../etc"}]}).encode(), b"[" * 100000],
    ids=["a page", "a list", "no digest", "nested"],
)
def test_nonsense_is_no_answer(service: SnapshotArchive, web: Web, answer: bytes) -> None:
    web.routes["/mr/package/golang-1.24/1.24.4-1/srcfiles?fileinfo=1"] = body(answer)
    assert isinstance(refused(service), NetworkError)


def test_what_it_does_not_have_and_what_may_not_be_asked_is_none(
    service: SnapshotArchive, web: Web, keys: Keys
) -> None:
    assert service.fetch(NAME, VERSION) is None
    route_source(web, NAME, "1.24.4-1", {"other.dsc": files(keys)[DSC]})
    assert service.fetch(NAME, VERSION) is None
    asked = list(web.asked)
    for closed in (
        replace(service, request=replace(service.request, offline=True)),
        replace(service, url=""),
    ):
        assert closed.fetch(NAME, VERSION) is None
    assert service.fetch("../golang", VERSION) is None
    assert web.asked == asked


def test_the_configuration_names_it(request_for: Requests) -> None:
    assert SnapshotArchive.of(request_for("x")).url == URL
    assert SnapshotArchive.of(replace(request_for("y"), options={"snapshot": ""})).url == ""
    with pytest.raises(ConfigError, match="developers"):
        SnapshotArchive.of(replace(request_for("z"), options={"developers": 1}))


def test_a_dsc_without_packaging_is_refused(service: SnapshotArchive, web: Web, keys: Keys) -> None:
    text = dsc(NAME, "1.24.4-1", {ORIG: b"upstream"})
    route_source(web, NAME, "1.24.4-1", {DSC: clear_signed(keys, "dev", text)})
    assert isinstance(refused(service), InputError)
