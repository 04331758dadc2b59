from __future__ import annotations

import hashlib
import lzma
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from samego.distro.interface import Request
from samego.errors import ConfigError
from samego_debian import DISTRO
from samego_debian.archive.source_search import (
    PLACES,
    VARIABLE,
    WantedSource,
    ask_for_source,
    find_local_source,
    find_source,
)
from samego_debian.version import DebianVersion
from support.debian_packages import CHANGELOG, DebMaker, tar
from support.pgp import throw_away_keys
from support.snapshot_server import clear_signed, dsc, route_source
from support.web import Web, serve

Requests = Callable[..., Request]
WANTED = WantedSource("golang-1.24", DebianVersion("1.24.4-1"), "1.24", "amd64")
TAR = "golang-1.24_1.24.4-1.debian.tar.xz"
PACKAGING = lzma.compress(tar({"debian": None, "debian/changelog": CHANGELOG}))

needs_apt = pytest.mark.skipif(shutil.which("apt-get") is None, reason="apt is not on this system")


def source_tree(path: Path, changelog: bytes = CHANGELOG) -> Path:
    (path / "debian/source").mkdir(parents=True)
    (path / "debian/changelog").write_bytes(changelog)
    return path


@pytest.fixture
def snapshot(tmp_path: Path) -> Iterator[tuple[Web, dict[str, object]]]:
    """A service that has the source package, and the configuration that names it."""
    with throw_away_keys(tmp_path / "gpg", "dev") as keys, serve() as web:
        (tmp_path / "developers.gpg").write_bytes(keys.keyring("dev"))
        text = dsc("golang-1.24", "1.24.4-1", {TAR: PACKAGING})
        signed = clear_signed(keys, "dev", text)
        route_source(web, "golang-1.24", "1.24.4-1", {WANTED.dsc: signed, TAR: PACKAGING})
        yield web, {"snapshot": web.url, "developers": str(tmp_path / "developers.gpg")}


def test_a_source_tree_counts_for_its_own_version_alone(
    tmp_path: Path, request_for: Requests
) -> None:
    request = request_for("x", tree=source_tree(tmp_path / "golang-1.24-1.24.4"))
    found = find_local_source(request, WANTED)
    assert found is not None
    assert found.origin == "debian/ of the source tree golang-1.24-1.24.4"
    assert find_local_source(request, replace(WANTED, version=DebianVersion("1.24.4-2"))) is None
    assert find_local_source(request, replace(WANTED, name="golang-1.25")) is None
    assert find_local_source(replace(request, tree=tmp_path), WANTED) is None


def test_what_a_build_left_in_the_tree_is_not_read(tmp_path: Path, request_for: Requests) -> None:
    tree = source_tree(tmp_path / "tree")
    (tree / "debian/patches").mkdir()
    (tree / "debian/patches/series").write_text("a.patch\n")
    (tree / "debian/patches/a.patch").write_text("--- a/x\n+++ b/x\n")
    built = tree / "debian/golang-1.24-src/usr/share/go-1.24/src"
    built.mkdir(parents=True)
    for number in range(6000):
        (built / f"{number}.go").touch()
    (tree / "debian/golang-1.24-go.substvars").write_text("")
    os.mkfifo(built / "pipe")
    found = find_local_source(request_for("x", tree=tree), WANTED)
    assert found is not None
    assert [patch.name for patch in found.patches(exact=True)] == ["a.patch"]


def test_a_tree_that_cannot_be_read_is_none(tmp_path: Path, request_for: Requests) -> None:
    request = request_for("x", tree=source_tree(tmp_path / "tree", b"no changelog\n"))
    assert find_local_source(request, WANTED) is None


def test_what_lies_beside_counts_before_the_tree(tmp_path: Path, request_for: Requests) -> None:
    (tmp_path / TAR).write_bytes(PACKAGING)
    request = request_for("x", tree=source_tree(tmp_path / "tree"))
    found = find_local_source(request, WANTED, [tmp_path])
    assert found is not None
    assert found.origin == TAR
    # A build does not account for itself: what it wrote does not count.
    found = find_local_source(request, WANTED, [tmp_path], {TAR})
    assert found is not None
    assert found.origin.endswith("tree")


def test_snapshot_is_asked_and_offline_asks_nobody(
    snapshot: tuple[Web, dict[str, object]],
    request_for: Requests,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    web, options = snapshot
    request = replace(request_for("x"), options=options)
    monkeypatch.setenv(VARIABLE, "snapshot")
    assert find_source(replace(request, offline=True), WANTED).source is None
    assert web.asked == []
    found = find_source(request, WANTED)
    assert found.source is not None
    assert found.source.declared is not None
    assert "dev" in found.source.declared.signer
    asked = len(web.asked)
    assert find_source(replace(request, offline=True), WANTED).source is not None
    assert len(web.asked) == asked


def test_a_place_that_cannot_be_asked_is_told_and_no_failure(
    request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "snapshot")
    request = replace(request_for("x"), options={"snapshot": "http://127.0.0.1:1"})
    found = ask_for_source(request, WANTED)
    assert found.source is None
    [note] = found.notes
    assert note.startswith(
        "cannot get golang-1.24_1.24.4-1.dsc from the snapshot service: 127.0.0.1:1"
    )


def test_the_places_are_the_configurations(
    request_for: Requests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    request = request_for("x", tree=source_tree(tmp_path / "tree"), offline=True)
    assert find_local_source(request, WANTED) is not None
    assert find_local_source(replace(request, options={"sources": ["beside"]}), WANTED) is None
    for wrong in (["besides"], "beside tree", 1, [1]):
        with pytest.raises(ConfigError, match="sources in the table") as caught:
            find_local_source(replace(request, options={"sources": wrong}), WANTED)
        assert all(name in caught.value.hint for name in PLACES)


@needs_apt
def test_the_machines_own_apt(
    tmp_path: Path, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deb-src line, lists and downloads of a real apt, with directories of its own."""
    repository, root = tmp_path / "repository", tmp_path / "apt"
    for name in ("lists/partial", "parts", "archives/partial"):
        (root / name).mkdir(parents=True)
    repository.mkdir()
    text = dsc("golang-1.24", "1.24.4-1", {TAR: PACKAGING})
    (repository / WANTED.dsc).write_bytes(text)
    (repository / TAR).write_bytes(PACKAGING)
    rows = {WANTED.dsc: text, TAR: PACKAGING}
    listed = "".join(f" {hashlib.sha256(d).hexdigest()} {len(d)} {n}\n" for n, d in rows.items())
    (repository / "Sources").write_text(
        "Package: golang-1.24\nBinary: golang-1.24-go\nVersion: 1.24.4-1\n"
        "Maintainer: A Packager <p@example.org>\nArchitecture: any all\nFormat: 3.0 (quilt)\n"
        f"Directory: .\nChecksums-Sha256:\n{listed}"
    )
    (root / "status").touch()
    (root / "sources.list").write_text(f"deb-src [trusted=yes] file:{repository} ./\n")
    (root / "apt.conf").write_text(
        f'Dir::State "{root}";\nDir::State::status "{root}/status";\nDir::State::lists "lists";\n'
        f'Dir::Cache "{root}";\nDir::Etc::sourcelist "{root}/sources.list";\n'
        f'Dir::Etc::sourceparts "{root}/parts";\nAPT::Sandbox::User "root";\n'
    )
    monkeypatch.setenv("APT_CONFIG", str(root / "apt.conf"))
    monkeypatch.setenv(VARIABLE, "apt")
    request = request_for("x")
    assert ask_for_source(request, WANTED).source is None  # no lists yet
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    other = replace(WANTED, version=DebianVersion("1.24.4-2"))
    assert ask_for_source(request, other) == ask_for_source(replace(request, offline=True), WANTED)
    found = ask_for_source(request, WANTED).source
    assert found is not None
    assert found.declared is not None
    assert found.declared.sha256 == hashlib.sha256(text).hexdigest()
    assert found.declared.listed_in == "the lists of this machine's apt"
    # From the cache, without the repository.
    (repository / TAR).unlink()
    assert ask_for_source(replace(request, offline=True), WANTED).source is not None


def test_packages_and_names_without_a_source_ask_for_it(
    maker: DebMaker,
    snapshot: tuple[Web, dict[str, object]],
    request_for: Requests,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _web, options = snapshot
    monkeypatch.setenv(VARIABLE, "beside snapshot")
    request = replace(request_for(*maker.write_all()), options=options)
    with DISTRO.open(request) as shipment:
        assert shipment.inputs.source is not None
        assert "dev" in shipment.inputs.source.signer
        assert not any("no source package" in note for note in shipment.notes)
