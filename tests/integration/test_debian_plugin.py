"""Debian's plugin with real packages, the real mirror and the machine's real apt."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Container
from pathlib import Path

import pytest

from samego.distro.interface import Request, Shipment
from samego.errors import ConfigError, InputError, NetworkError, VerificationError
from samego.formats.tree.goroot import goroot_view
from samego.model.release import Release, Target
from samego.model.tree import Kind
from samego_debian import DISTRO
from samego_debian.archive.host_apt import host_sources
from samego_debian.archive.mirror import ARCHIVE_KEYRINGS, find_mirror
from samego_debian.archive.named import Named
from samego_debian.archive.store import Store

pytestmark = pytest.mark.skipif(shutil.which("apt-get") is None, reason="apt is not on this system")

#: Debian's own upstream archive of go1.24.4 is the one that go.dev posted.
GO1244_SOURCE = "5a86a83a31f9fa81490b8c5420ac384fd3d95a3e71fba665c7b3f95d1dfef2b4"


class Everything(Container[str]):
    """Knows every digest: nothing needs to be kept at hand."""

    def __contains__(self, _digest: object) -> bool:
        return True


@pytest.fixture(scope="module")
def requests(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Request]:
    """Requests that share one cache."""
    base = tmp_path_factory.mktemp("debian")
    (base / "work").mkdir()

    def make(what: str, *, offline: bool = False, **options: str) -> Request:
        return Request(
            (what,), base / "work", base / "cache", offline=offline, options=dict(options)
        )

    return make


def files_of(shipment: Shipment) -> int:
    tree = shipment.read(Everything())
    view = goroot_view(tree, shipment.subject.goroot)
    assert view.dangling == ()
    for path, link in view.links.items():
        rule = shipment.policy.find("link", path)
        assert rule is not None
        assert rule.to == link.link
    outside = [path for path, entry in view.outside.items() if entry.kind is not Kind.DIRECTORY]
    moved = {rule.to for rule in shipment.policy.layout_rules("moved")}
    assert all(path in moved or shipment.policy.find("packaging", path) for path in outside)
    if shipment.packaging is not None and shipment.packaging.exact:
        expected = shipment.packaging.settled(tree).expected
        assert {path: tree[path].sha256 for path in expected} == expected
        assert set(outside) - moved == set(expected)
    return sum(entry.kind is Kind.FILE for entry in tree.values())


@pytest.mark.network
def test_trixies_toolchain_by_name(requests: Callable[..., Request]) -> None:
    with DISTRO.open(requests("debian:trixie/golang-1.24=1.24.4-1:amd64")) as shipment:
        subject = shipment.subject
        assert (subject.release, subject.target) == (Release(24, 4), Target("linux", "amd64"))
        assert subject.goroot == "usr/lib/go-1.24"
        assert [package.version for package in subject.packages] == ["1.24.4-1"] * 3
        assert files_of(shipment) == 14169
        assert shipment.inputs.timestamp == 1750073658
        assert dict(shipment.inputs.settings) == {"GO386": "softfloat"}
        assert [patch.name for patch in shipment.inputs.patches] == [
            "0001-Skip-flaky-TestCrashDumpsAllThreads-on-mips64le.patch",
            "0002-Skip-flaky-TestCrashDumpsAllThreads-on-s390x.patch",
        ]
        assert all(patch.exact for patch in shipment.inputs.patches)
        assert shipment.source_archive is not None
        data = shipment.source_archive.read_bytes()
        assert hashlib.sha256(data).hexdigest() == GO1244_SOURCE
        assert shipment.notes == ()
    with DISTRO.open(requests("debian:trixie/golang-1.24=1.24.4-1:amd64", offline=True)) as again:
        assert again.subject == subject


@pytest.mark.network
def test_another_architecture_needs_nothing_installed(requests: Callable[..., Request]) -> None:
    with DISTRO.open(requests("debian:trixie/golang-1.24:arm64")) as shipment:
        assert shipment.subject.target == Target("linux", "arm64")
        assert files_of(shipment) > 14000


@pytest.mark.network
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("debian:nonesuch/golang-1.24:amd64", "has no suite 'nonesuch'"),
        ("debian:trixie/golang-1.99:amd64", "it has golang-1.24"),
        ("debian:trixie/golang-1.24=9-1:amd64", "it has 1.24"),
        ("debian:trixie/golang-1.24:mipsel", "trixie is not served for mipsel"),
    ],
    ids=["suite", "line", "version", "architecture"],
)
def test_what_the_mirror_lacks_is_named(
    requests: Callable[..., Request], name: str, words: str
) -> None:
    with pytest.raises(InputError) as caught, DISTRO.open(requests(name)):
        pass
    assert words in str(caught.value)


@pytest.mark.network
def test_a_key_that_did_not_sign_is_refused(
    requests: Callable[..., Request], tmp_path: Path
) -> None:
    uri = find_mirror(host_sources(), {}).uri
    keyring = tmp_path / "empty.gpg"
    keyring.touch()
    request = requests("debian:trixie/golang-1.24:amd64", mirror=uri, keyring=str(keyring))
    with pytest.raises(VerificationError, match="not signed"), DISTRO.open(request):
        pass


def test_an_unsigned_archive_is_refused(requests: Callable[..., Request], tmp_path: Path) -> None:
    dists = tmp_path / "debian/dists/trixie"
    (dists / "main/binary-amd64").mkdir(parents=True)
    (dists / "main/binary-amd64/Packages").write_text("")
    (dists / "Release").write_text(
        "Origin: Debian\nSuite: trixie\nArchitectures: amd64\nComponents: main\n"
        "Date: Mon, 16 Jun 2025 00:00:00 UTC\nSHA256:\n"
        f" {hashlib.sha256(b'').hexdigest()} 0 main/binary-amd64/Packages\n"
    )
    for path in (tmp_path, *tmp_path.rglob("*")):
        path.chmod(0o755)
    request = requests("debian:trixie/golang-1.24:amd64", mirror=f"file:{tmp_path}/debian")
    with pytest.raises(VerificationError, match="not signed"), DISTRO.open(request):
        pass


def test_a_mirror_that_cannot_be_reached_is_a_network_error(
    requests: Callable[..., Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "")
    request = requests("debian:trixie/golang-1.24:amd64", mirror="http://127.0.0.1:9/debian")
    with pytest.raises(NetworkError, match="could not get the lists"), DISTRO.open(request):
        pass


def test_the_machines_own_apt_is_left_alone(requests: Callable[..., Request]) -> None:
    lists = Path("/var/lib/apt/lists")
    before = {path.name: path.stat().st_mtime for path in lists.iterdir()} if lists.is_dir() else {}
    request = requests("debian:trixie/golang-1.24:amd64", mirror="http://127.0.0.1:9/debian")
    with pytest.raises(NetworkError), DISTRO.open(request):
        pass
    after = {path.name: path.stat().st_mtime for path in lists.iterdir()} if lists.is_dir() else {}
    assert after == before


@pytest.mark.network
def test_several_mirrors_are_a_list_that_apt_goes_through(
    requests: Callable[..., Request], tmp_path: Path
) -> None:
    """As docs/configuration.md has it. apt itself is left to try the next one."""
    real = find_mirror(host_sources(), {})
    listed = tmp_path / "debian.mirrors"
    listed.write_text(f"# the nearest first\n{real.uri}\tpriority:1\n")
    request = requests(
        "unused", mirror=f"mirror+file:{listed}", keyring=real.signed_by or str(ARCHIVE_KEYRINGS[1])
    )
    store = Store(Named("bookworm-backports", "", "", "amd64"), request)
    with store.locked():
        assert "1.23" in store.lines()


@pytest.mark.network
def test_a_security_suite_is_asked_of_its_own_archive(requests: Callable[..., Request]) -> None:
    try:
        assert find_mirror(host_sources(), {}, "bookworm-security") != find_mirror(
            host_sources(), {}
        )
    except ConfigError:
        pytest.skip("apt is not set up for Debian's security archive here")
    store = Store(Named("bookworm-security", "", "", "amd64"), requests("unused"))
    with store.locked():
        assert isinstance(store.lines(), list)
