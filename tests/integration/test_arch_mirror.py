"""``arch:extra/go`` against a real HTTP server, with real signatures of a throw-away key."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import zstandard

from samego.distro.interface import Request
from samego.errors import ConfigError, InputError, NetworkError, SamegoError, VerificationError
from samego_arch import DISTRO
from support.arch_packages import ArchMaker, tar
from support.pgp import Keys, throw_away_keys
from support.web import Web, body, serve

OLD = "2:1.24.8-1"
NAME = "go-2:1.24.9-1-x86_64.pkg.tar.zst"
PLACE = "/extra/os/x86_64"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keys]:
    # gpg's socket must have a short path.
    with throw_away_keys(tmp_path_factory.mktemp("k") / "h", "packager", "stranger") as found:
        yield found


@dataclass
class Archive:
    """A mirror with one package, and the settings that make samego use it."""

    web: Web
    keys: Keys
    directory: Path
    data: bytes
    options: dict[str, object] = field(default_factory=dict)

    def publish(self, *, desc: dict[str, object] | None = None, pack: str = "gz") -> None:
        """Serve the database with these fields changed."""
        fields = {
            "FILENAME": NAME,
            "NAME": "go",
            "BASE": "go",
            "VERSION": "2:1.24.9-1",
            "CSIZE": len(self.data),
            "SHA256SUM": hashlib.sha256(self.data).hexdigest(),
            "ARCH": "x86_64",
            **(desc or {}),
        }
        text = "".join(f"%{key}%\n{value}\n\n" for key, value in fields.items()).encode()
        content = {
            "go-tools-4:0.38-1": None,
            "go-tools-4:0.38-1/desc": b"%NAME%\ngo-tools\n\n",
            "go-2:1.24.9-1": None,
            "go-2:1.24.9-1/desc": text,
        }
        packers: dict[str, Callable[[bytes], bytes]] = {
            "gz": gzip.compress,
            "zst": zstandard.ZstdCompressor().compress,
        }
        self.web.routes["/extra/os/x86_64/extra.db"] = body(packers[pack](tar(content)))

    def sign(self, name: str, key: str = "packager", place: str = PLACE) -> None:
        """Serve a signature of the package."""
        signature = self.keys.sign(key, self.data)
        self.web.routes[f"{place}/{name}.sig"] = body(signature)

    def request(self, what: str = "arch:extra/go", **options: object) -> Request:
        """A request with the mirror's settings."""
        (self.directory / "work").mkdir(exist_ok=True)
        request = Request(
            (what,),
            self.directory / "work",
            self.directory / "cache",
            options={**self.options, **options},
        )
        assert DISTRO.recognises(request)
        return request

    def read(self, request: Request) -> tuple[str, ...]:
        """Read the package; the notes."""
        with DISTRO.open(request) as shipment:
            assert len(shipment.read(frozenset())) == 29
            assert shipment.subject.packages[0].version == "2:1.24.9-1"
            return shipment.notes


@pytest.fixture
def archive(tmp_path: Path, keys: Keys) -> Iterator[Archive]:
    (tmp_path / "made").mkdir()
    data = ArchMaker(tmp_path / "made").write().read_bytes()
    keyring = tmp_path / "arch.gpg"
    keyring.write_bytes(keys.keyring("packager"))
    with serve() as web:
        made = Archive(web, keys, tmp_path, data)
        made.options = {"mirror": f"{web.url}/$repo/os/$arch", "keyring": str(keyring)}
        web.routes[f"{PLACE}/{NAME}"] = body(data)
        made.publish()
        made.sign(NAME)
        yield made


@pytest.mark.parametrize("pack", ["gz", "zst"])
@pytest.mark.parametrize("what", ["arch:go", "arch:extra/go", "arch:extra/go=2:1.24.9-1"])
def test_a_package_by_name(archive: Archive, what: str, pack: str) -> None:
    archive.publish(pack=pack)
    notes = archive.read(archive.request(what))
    fingerprint = archive.keys.fingerprint("packager")
    assert notes[0] == (
        f"{NAME} is from {archive.web.url}{PLACE}, verified: OpenPGP signature, by gpgv"
        f" (key {fingerprint} in arch.gpg)"
    )
    asked = len(archive.web.asked)
    archive.read(archive.request(what))
    assert len(archive.web.asked) == asked  # everything is in the cache
    archive.read(replace(archive.request(what), offline=True))


def test_an_armored_keyring(archive: Archive) -> None:
    path = archive.directory / "armored.gpg"
    path.write_bytes(
        archive.keys.keyring("stranger", armor=True) + archive.keys.keyring("packager", armor=True)
    )
    archive.read(archive.request(keyring=str(path)))


def test_offline_without_a_cache(archive: Archive) -> None:
    with pytest.raises(NetworkError, match="offline"):
        archive.read(replace(archive.request(), offline=True))


def broken_signature(archive: Archive) -> None:
    signature = archive.keys.sign("packager", archive.data + b"x")
    archive.web.routes[f"{PLACE}/{NAME}.sig"] = body(signature)


def no_signature(archive: Archive) -> None:
    del archive.web.routes[f"{PLACE}/{NAME}.sig"]


def empty_signature(archive: Archive) -> None:
    archive.web.routes[f"{PLACE}/{NAME}.sig"] = body(b"")


def a_strangers_signature(archive: Archive) -> None:
    archive.sign(NAME, "stranger")


def a_revoked_key(archive: Archive) -> None:
    fingerprint = archive.keys.fingerprint("packager")
    (archive.directory / "arch-revoked").write_text(f"{fingerprint}\n")


def another_digest(archive: Archive) -> None:
    archive.publish(desc={"SHA256SUM": "0" * 64})


def a_longer_file(archive: Archive) -> None:
    archive.publish(desc={"CSIZE": len(archive.data) - 1})


def another_package(archive: Archive) -> None:
    made = ArchMaker(archive.directory / "made", version=OLD)
    made.contents["usr/lib/go/VERSION"] = b"go1.24.8\n"
    archive.data = made.write().read_bytes()
    archive.web.routes[f"{PLACE}/{NAME}"] = body(archive.data)
    archive.publish()
    archive.sign(NAME)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (broken_signature, "not a valid signature of go-2:1.24.9-1.*it is of other bytes"),
        (no_signature, "has no signature beside it"),
        (empty_signature, "not a valid signature"),
        (a_strangers_signature, "the keyring does not hold its key"),
        (a_revoked_key, "which was revoked"),
        (another_digest, "expected 0000"),
        (a_longer_file, "longer than"),
        (another_package, r"the mirror serves 2:1\.24\.8-1 x86_64 as go-2:1\.24\.9-1"),
    ],
)
def test_what_is_refused(archive: Archive, change: Callable[[Archive], None], words: str) -> None:
    change(archive)
    with pytest.raises(VerificationError, match=words):
        archive.read(archive.request())


@pytest.mark.parametrize(
    "desc",
    [
        {"SHA256SUM": "x"},
        {"FILENAME": "../../etc/passwd"},
        {"FILENAME": "go-2:1.24.8-1-x86_64.pkg.tar.zst"},
        {"NAME": "go-tools"},
        {"CSIZE": "-1"},
        {"VERSION": "2:1.24.10-1"},
    ],
)
def test_a_database_that_says_strange_things(archive: Archive, desc: dict[str, object]) -> None:
    archive.publish(desc=desc)
    with pytest.raises(InputError, match=r"extra\.db lists go in a way"):
        archive.read(archive.request())


def test_versions_that_are_gone(archive: Archive) -> None:
    with pytest.raises(InputError, match=r"no go 2:1\.24\.8-1") as caught:
        archive.read(archive.request(f"arch:extra/go={OLD}"))
    assert caught.value.hint == "it has 2:1.24.9-1; for others set archive in the table [arch]"


def test_an_archive_of_packages(archive: Archive) -> None:
    other = f"go-{OLD}-x86_64.pkg.tar.xz"
    made = ArchMaker(archive.directory / "made", version=OLD, suffix=".xz")
    made.contents["usr/lib/go/VERSION"] = b"go1.24.8\n"
    archive.data = made.write().read_bytes()
    archive.web.routes[f"/packages/g/go/{other}"] = body(archive.data)
    request = archive.request(f"arch:extra/go={OLD}", archive=f"{archive.web.url}/packages")
    with pytest.raises(VerificationError, match="has no signature beside it"):
        archive.read(request)
    archive.sign(other, place="/packages/g/go")
    with DISTRO.open(request) as shipment:
        assert shipment.subject.packages[0].version == OLD
        assert "no database states its digest" in shipment.notes[1]
    wrong = replace(request, what=("arch:extra/go=2:1.24.7-1",))
    with pytest.raises(InputError, match=r"the archive has no go 2:1\.24\.7-1"):
        archive.read(wrong)


def test_a_repository_without_go(archive: Archive) -> None:
    archive.web.routes["/core/os/x86_64/core.db"] = body(
        gzip.compress(tar({"bash-5.3-1": None, "bash-5.3-1/desc": b"%NAME%\nbash\n"}))
    )
    with pytest.raises(InputError, match="core has no go"):
        archive.read(archive.request("arch:core/go"))


def test_the_mirrors_of_pacman(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    root = archive.directory / "root"
    (root / "etc/pacman.d").mkdir(parents=True)
    (root / "usr/share/pacman/keyrings").mkdir(parents=True)
    keyring = root / "usr/share/pacman/keyrings/archlinux.gpg"
    keyring.write_bytes(archive.keys.keyring("packager"))
    (root / "etc/pacman.conf").write_text(
        "[options]\n# Server = no\n[core]\nServer = https://example.invalid/\n"
        "[extra]\nInclude = /etc/pacman.d/mirrorlist\n"
    )
    (root / "etc/pacman.d/mirrorlist").write_text(
        f"# Server = https://example.invalid/\nServer = {archive.web.url}/gone/$repo\n"
        f"Server = {archive.web.url}/$repo/os/$arch\n"
    )
    monkeypatch.setenv("SAMEGO_ARCH_ROOT", str(root))
    archive.options = {}
    assert f"is from {archive.web.url}{PLACE}" in archive.read(archive.request())[0]
    assert archive.web.asked[0] == "/gone/extra/extra.db"
    keyring.unlink()
    with pytest.raises(ConfigError, match="no keyring of Arch's keys"):
        archive.read(archive.request())
    with pytest.raises(ConfigError, match="not configured for the repository multilib"):
        archive.read(archive.request("arch:multilib/go"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mirror": "ftp://example.org"}, "mirror in the table"),
        ({"mirror": 3}, "mirror in the table"),
        ({"archive": "example.org"}, "archive in the table"),
        ({"keyring": "/nowhere/keys.gpg"}, "there is no keyring /nowhere"),
        ({"architecture": 3}, "architecture in the table"),
        ({"architecture": "sparc"}, "not an architecture"),
    ],
)
def test_settings_that_do_not_hold(
    archive: Archive, options: dict[str, object], words: str
) -> None:
    with pytest.raises(SamegoError, match=words):
        archive.read(replace(archive.request(), options={**archive.options, **options}))


@pytest.mark.parametrize(
    "what", ["arch:/go", "arch:extra/bash", "arch:extra/go=", "arch:../go", "arch:extra/go=1.24"]
)
def test_names_that_are_none(archive: Archive, what: str) -> None:
    with pytest.raises(InputError, match=r"does not name an Arch toolchain|not a version"):
        archive.read(archive.request(what))
