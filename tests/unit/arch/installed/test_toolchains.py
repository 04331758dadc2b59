"""What pacman says is installed, and unpacked packages, with a hand-made database."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from samego.compare.claims import judge_claims
from samego.distro.finders import System
from samego.distro.interface import Request
from samego.errors import ConfigError, InputError
from samego.formats.tree.disk_root import DiskRoot
from samego.formats.tree.goroot import goroot_view
from samego.model.release import Release, Target
from samego_arch import DISTRO
from samego_arch.archive.pacman_conf import PacmanConf
from support.arch_packages import DATE, ArchMaker, contents, mtree
from support.words import where_of

Requests = Callable[..., Request]


def unpack(root: Path, content: Mapping[str, bytes | str | None]) -> None:
    for path, data in content.items():
        full = root / path
        if data is None:
            full.mkdir(parents=True, exist_ok=True)
        elif isinstance(data, str):
            full.symlink_to(data)
        else:
            full.write_bytes(data)
            full.chmod(0o644)
    for path, data in content.items():
        if data is None:
            (root / path).chmod(0o755)


def record(root: Path, database: str = "var/lib/pacman", version: str = "2:1.24.9-1") -> Path:
    """The database of a system with the tiny package, as pacman 7 writes it."""
    local = root / database / "local"
    entry = local / f"go-{version}"
    entry.mkdir(parents=True)
    (local / "ALPM_DB_VERSION").write_text("9\n")
    fields = {"NAME": "go", "VERSION": version, "BASE": "go", "ARCH": "x86_64"}
    fields |= {"BUILDDATE": str(DATE), "INSTALLDATE": str(DATE), "SIZE": "1"}
    fields |= {"PACKAGER": "A Packager <packager@example.org>", "VALIDATION": "pgp"}
    (entry / "desc").write_text("".join(f"%{k}%\n{v}\n\n" for k, v in fields.items()))
    files = [f"{path}/" if data is None else path for path, data in sorted(contents().items())]
    (entry / "files").write_text("%FILES%\n" + "".join(f"{name}\n" for name in files) + "\n")
    listed = mtree({".PKGINFO": b"", ".BUILDINFO": b"", **contents()})
    (entry / "mtree").write_bytes(gzip.compress(listed, mtime=0))
    return entry


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    unpack(root, contents())
    monkeypatch.setenv("SAMEGO_ARCH_ROOT", str(root))
    return root


def contradictions(request: Request) -> dict[str, str]:
    with DISTRO.open(request) as shipment:
        assert shipment.claims is not None
        payload = shipment.read(frozenset())
        found = judge_claims(payload, shipment.claims)
        # The files of a test belong to whoever runs it.
        return {f.path: where_of(f) for f in found if not where_of(f).startswith("owner ")}


@pytest.mark.parametrize("what", [(), ("go",)])
def test_an_installed_toolchain(root: Path, request_for: Requests, what: tuple[str, ...]) -> None:
    record(root)
    request = request_for(*what, installed=True)
    assert DISTRO.recognises(request)
    with DISTRO.open(request) as shipment:
        (package,) = shipment.subject.packages
        assert (package.name, package.version, package.sha256) == ("go", "2:1.24.9-1", "")
        assert shipment.subject.release == Release(24, 9)
        assert shipment.inputs.timestamp == DATE
        payload = shipment.read(frozenset())
        assert set(payload) == set(contents())
        assert "doc/go_spec.html" in goroot_view(payload, "usr/lib/go").tree
    assert contradictions(request) == {}


def test_what_changed_since_it_was_installed(root: Path, request_for: Requests) -> None:
    record(root)
    (root / "usr/lib/go/src/main.go").write_bytes(b"package mine\n")
    (root / "usr/lib/go/src/more.go").write_bytes(b"package more\n")
    (root / "usr/share/licenses/go/LICENSE").unlink()
    found = contradictions(request_for(installed=True))
    assert sorted(found) == [
        "/usr/lib/go/src/main.go",
        "/usr/lib/go/src/more.go",
        "/usr/share/licenses/go/LICENSE",
    ]
    digest = hashlib.sha256(b"package mine\n").hexdigest()
    assert found["/usr/lib/go/src/main.go"].startswith(f"sha256 {digest}, record in pacman's")


def test_another_place_of_the_database(root: Path, request_for: Requests) -> None:
    record(root, "srv/pacman")
    (root / "etc").mkdir()
    (root / "etc/pacman.conf").write_text("[options]\nDBPath = /srv/pacman/\n")
    assert contradictions(request_for(installed=True)) == {}


def test_a_system_without_go(root: Path, request_for: Requests) -> None:
    assert not DISTRO.recognises(request_for(installed=True))
    (root / "var/lib/pacman/local").mkdir(parents=True)
    with pytest.raises(InputError, match="go is not installed"):
        contradictions(request_for(installed=True))
    with pytest.raises(InputError, match="go-tools is not a name of Arch's Go"):
        contradictions(request_for("go-tools", installed=True))


def test_a_damaged_record(root: Path, request_for: Requests) -> None:
    entry = record(root)
    (entry / "mtree").write_bytes(b"")
    with pytest.raises(InputError, match="MTREE"):
        contradictions(request_for(installed=True))
    (entry / "mtree").unlink()
    with pytest.raises(InputError, match="mtree cannot be read"):
        contradictions(request_for(installed=True))


@pytest.fixture
def pkgdir(tmp_path: Path) -> Path:
    """A $pkgdir of makepkg: unpacked, not yet packed."""
    directory = tmp_path / "pkg/go"
    directory.mkdir(parents=True)
    unpack(directory, contents())
    return directory


@pytest.mark.parametrize("below", ["", "usr/lib/go"])
def test_an_unpacked_package(
    pkgdir: Path, request_for: Requests, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    monkeypatch.setenv("SAMEGO_ARCH_VERSION", "2:1.24.9-3")
    request = request_for(pkgdir / below)
    assert DISTRO.recognises(request)
    with DISTRO.open(request) as shipment:
        assert shipment.subject.packages == ()
        assert shipment.subject.target == Target("linux", "amd64")
        assert shipment.claims is None
        payload = shipment.read(frozenset())
        assert set(payload) == set(contents())
        assert all(entry.owner is None for entry in payload.values())
        assert not any("the package's version" in note for note in shipment.notes)


def test_an_unpacked_package_of_unknown_version(pkgdir: Path, request_for: Requests) -> None:
    with DISTRO.open(request_for(pkgdir)) as shipment:
        assert shipment.notes[0].startswith(
            "the package's version is not known: taken as 2:1.24.9-1"
        )


def test_the_recipe_tells_the_version(pkgdir: Path, request_for: Requests, tmp_path: Path) -> None:
    recipe = tmp_path / "PKGBUILD"
    recipe.write_text(
        "pkgname=go\nepoch=2\npkgver=1.24.9\npkgrel=4\narch=(x86_64)\n"
        "build() {\n cd go/src\n ./make.bash\n}\npackage() { :; }\n"
    )
    with DISTRO.open(request_for(pkgdir, source=recipe)) as shipment:
        assert shipment.inputs.origins["patches"] == "PKGBUILD of 2:1.24.9-4"
        assert shipment.notes == ()


def test_more_than_the_package_belongs_in_a_pkgdir(pkgdir: Path, request_for: Requests) -> None:
    (pkgdir / "opt").mkdir()
    (pkgdir / "opt/more").write_bytes(b"")
    with DISTRO.open(request_for(pkgdir)) as shipment:
        assert "opt/more" in shipment.read(frozenset())


def test_the_list_that_makepkg_leaves_there_is_no_file_of_the_package(
    pkgdir: Path, request_for: Requests
) -> None:
    (pkgdir / ".MTREE").write_bytes(gzip.compress(mtree(contents()), mtime=0))
    with DISTRO.open(request_for(pkgdir)) as shipment:
        assert set(shipment.read(frozenset())) == set(contents())
    # What only has its name is judged as any other file.
    (pkgdir / ".MTREE").write_bytes(b"#!/bin/sh\n")
    with DISTRO.open(request_for(pkgdir)) as shipment:
        assert ".MTREE" in shipment.read(frozenset())


def test_a_system_is_not_read_whole(pkgdir: Path, request_for: Requests) -> None:
    (pkgdir / "etc").mkdir()
    (pkgdir / "etc/passwd").write_bytes(b"")
    with DISTRO.open(request_for(pkgdir)) as shipment:
        payload = shipment.read(frozenset())
    files = {path for path, data in contents().items() if data is not None}
    assert {path for path in payload if not (pkgdir / path).is_dir() or path in files} == files


def test_other_peoples_goroot(
    pkgdir: Path, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("go/LICENSE", "go"):
        path = pkgdir / "usr/share/licenses" / name
        path.rmdir() if path.is_dir() else path.unlink()
    assert not DISTRO.recognises(request_for(pkgdir))
    monkeypatch.setenv("SAMEGO_ARCH_VERSION", "2:1.24.9-1")
    assert DISTRO.recognises(request_for(pkgdir))
    (pkgdir / "usr/lib/go/VERSION").unlink()
    assert not DISTRO.recognises(request_for(pkgdir))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Include = /etc/pacman.conf\n", "included by itself"),
        ("Include = /etc\n", "cannot be read"),
    ],
)
def test_a_configuration_that_does_not_hold(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/pacman.conf").write_text(text)
    with pytest.raises(ConfigError, match=words):
        PacmanConf(tmp_path)


def test_a_system_without_a_configuration(tmp_path: Path) -> None:
    assert PacmanConf(tmp_path).database == tmp_path / "var/lib/pacman"
    assert PacmanConf(tmp_path).servers("extra", "x86_64") == ()


def test_what_is_recognised(maker: ArchMaker, request_for: Requests, tmp_path: Path) -> None:
    expected = {
        "arch:extra/go": True,
        "arch:go": True,
        "go": True,
        "missing.pkg.tar.zst": True,
        "x.pkg.tar": True,
        str(maker.write()): True,
        str(tmp_path): False,
        "go1.24.9.linux-amd64.tar.gz": False,
        "x.pkg.tar.zst.sig": False,
        "debian:sid/golang-1.27": False,
        "\0": False,
    }
    assert {what: DISTRO.recognises(request_for(what)) for what in expected} == expected
    assert not DISTRO.recognises(request_for())
    assert not DISTRO.recognises(request_for("a.pkg.tar.zst", "b.deb"))


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (["missing.pkg.tar.zst"], "there is no file missing.pkg.tar.zst"),
        (["a.pkg.tar.zst", "arch:extra/go"], "one package, and several were named"),
        (["arch:extra"], "does not name an Arch toolchain"),
        (["go"], "go does not say which one is meant, and there is no such file"),
    ],
)
def test_what_cannot_be_opened(request_for: Requests, what: list[str], words: str) -> None:
    with pytest.raises(InputError, match=words), DISTRO.open(request_for(*what)):
        pass


def remarks(request: Request) -> dict[str, str]:
    with DISTRO.open(request) as shipment:
        return {remark.path: remark.standing.value for remark in shipment.self_description.remarks}


def test_what_pacmans_database_has_beside_files(root: Path, request_for: Requests) -> None:
    entry = record(root)
    request = request_for(installed=True)
    assert remarks(request) == {}
    (entry / "install").write_text("pre_remove() { id; }\n")
    with (entry / "desc").open("a") as desc:
        desc.write("%REPLACES%\ngo-pie\nglibc\n\n%DEPENDS%\nevil-daemon\n\n")
        desc.write("%PROVIDES%\ngo-pie\n\n%CONFLICTS%\napparmor\n\n%GROUPS%\nbase\n\n")
    with (entry / "files").open("a") as files:
        files.write("%BACKUP%\netc/passwd\td41d8cd98f00b204e9800998ecf8427e\n\n")
    assert remarks(request) == {
        "/.INSTALL": "unexplained",
        "/.PKGINFO:backup": "unexplained",
        "/.PKGINFO:conflict": "unproven",
        "/.PKGINFO:depend": "unproven",
        "/.PKGINFO:group": "unproven",
        "/.PKGINFO:replaces": "unexplained",
    }


@pytest.mark.parametrize("version", ["2:1.25.9-1", "7:1.24.9-1"])
def test_an_installed_package_that_is_not_what_it_says(
    version: str, root: Path, request_for: Requests
) -> None:
    record(root, version=version)
    with DISTRO.open(request_for(installed=True)) as shipment:
        told = shipment.self_description
    wrong = [said for said in told.statements if said.release != told.release]
    assert bool(wrong) is (version == "2:1.25.9-1")
    assert bool(told.remarks) is (version == "7:1.24.9-1")


def system(root: Path, tmp_path: Path) -> System:
    """A system that is not this machine."""
    work = tmp_path / "work"
    work.mkdir(exist_ok=True)
    return System(DiskRoot(root, name="/"), work)


def test_it_is_found_on_another_system(root: Path, request_for: Requests, tmp_path: Path) -> None:
    record(root)
    (root / "etc").mkdir()
    (root / "etc/pacman.conf").write_text(
        "[options]\nNoExtract = usr/lib/go/src/*\nInclude = ../../../../etc/hostname\n"
    )
    (root / "usr/lib/go/src/main.go").unlink()
    (found,) = DISTRO.toolchains(system(root, tmp_path), request_for())
    assert (found.goroot, found.claims) == ("usr/lib/go", "go 2:1.24.9-1 x86_64")
    shutil.rmtree(root / "var")  # its database was copied
    with found.open(request_for()) as shipment:
        assert shipment.withheld == {"usr/lib/go/src/main.go"}
        assert "usr/lib/go/VERSION" in shipment.read(frozenset())
        assert "in /etc/pacman.conf)" in " ".join(shipment.notes)


def test_one_that_pacman_does_not_know_is_found_too(
    root: Path, request_for: Requests, tmp_path: Path
) -> None:
    (found,) = DISTRO.toolchains(system(root, tmp_path), request_for())
    assert found.claims == "where Arch puts Go; pacman knows no package"
    shutil.rmtree(root / "usr/share/licenses")
    assert list(DISTRO.toolchains(system(root, tmp_path), request_for())) == []


def test_a_database_that_leads_elsewhere_is_refused(
    root: Path, request_for: Requests, tmp_path: Path
) -> None:
    (root / "etc").mkdir()
    (root / "etc/pacman.conf").write_text("[options]\nDBPath = ../../var/lib/pacman\n")
    with pytest.raises(InputError, match="database at"):
        list(DISTRO.toolchains(system(root, tmp_path), request_for()))


def test_no_link_in_a_database_leads_to_this_machines(
    root: Path, request_for: Requests, tmp_path: Path
) -> None:
    outside = record(tmp_path / "machine")
    local = root / "var/lib/pacman/local"
    local.mkdir(parents=True)
    (local / outside.name).symlink_to(outside)
    (found,) = DISTRO.toolchains(system(root, tmp_path), request_for())
    assert found.claims == "where Arch puts Go; pacman knows no package"
