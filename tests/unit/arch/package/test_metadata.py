""".PKGINFO and .BUILDINFO: as real makepkgs write them, and as nobody does."""

from __future__ import annotations

from pathlib import Path

import pytest

from samego.errors import InputError, VerificationError
from samego_arch.package.buildinfo import BuildRecord, check_agrees, parse_buildinfo
from samego_arch.package.pkginfo import parse_pkginfo
from support.arch_packages import ArchMaker

FIXTURES = Path(__file__).parents[4] / "fixtures/arch"
MAKEPKGS = ("6.0.2", "7.0.0")


def real(version: str, name: str) -> bytes:
    return (FIXTURES / f"metadata-{version}" / name).read_bytes()


@pytest.mark.parametrize("version", MAKEPKGS)
def test_what_makepkg_writes(version: str) -> None:
    info = parse_pkginfo(real(version, "PKGINFO"), name="x")
    assert (info.name, info.version.text, info.architecture) == ("go", "2:1.24.9-1", "x86_64")
    assert (info.builddate, info.size) == (1760000000, 71388)
    build = parse_buildinfo(real(version, "BUILDINFO"), name="x")
    assert build.builddir == "/build"
    assert build.buildtool == f"makepkg {version}"
    assert "emptydirs" in build.options
    assert build.buildenv[0] == "!distcc"
    assert build.installed == ()
    check_agrees(build, info, name="x")


PKGINFO = ArchMaker(Path()).metadata()[".PKGINFO"]
BUILDINFO = ArchMaker(Path()).metadata()[".BUILDINFO"]
OTHER = b"0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (PKGINFO, b"", "truncated"),
        (b"makedepend = go\n", b"makedepend = go", "truncated"),
        (b"pkgname = go\n", b"", "has no pkgname"),
        (b"pkgname = go\n", b"pkgname = go\npkgname = go\n", "more than one pkgname"),
        (b"pkgname = go\n", b"pkgname = -go\n", "its pkgname is '-go'"),
        (b"pkgname = go\n", b"pkgname = ../go\n", "its pkgname is"),
        (b"pkgname = go\n", b"pkgname=go\n", "line 2 is 'pkgname=go'"),
        (b"pkgname = go\n", b" pkgname = go\n", "line 2"),
        (b"pkgname = go\n", b"pkgname = go\r\n", "line 2"),
        (b"pkgname = go\n", b"pkgname = go\0\n", "line 2"),
        (b"pkgname = go\n", b"pkgname = g\xff\n", "not UTF-8"),
        (b"pkgver = 2:1.24.9-1\n", b"pkgver = 1.24.9\n", "not a version of an Arch package"),
        (b"pkgver = 2:1.24.9-1\n", b"pkgver = 2:1.24/9-1\n", "not a version of an Arch package"),
        (b"builddate = 1760000000\n", b"builddate = -1\n", "its builddate is '-1'"),
        (b"builddate = 1760000000\n", "builddate = \u0661\n".encode(), "its builddate is"),
        (b"arch = x86_64\n", b"arch = X86\n", "its arch is 'X86'"),
        (b"size = ", b"size = 1e", "its size is"),
        (b"license = ", b"x\n" * (3 << 20), "it has "),
    ],
)
def test_a_pkginfo_that_makepkg_does_not_write(old: bytes, new: bytes, words: str) -> None:
    data = PKGINFO.replace(old, new)
    assert data != PKGINFO
    with pytest.raises(InputError, match=words):
        parse_pkginfo(data, name="x")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"format = 2\n", b"format = 3\n", "its format is '3'"),
        (b"format = 2\n", b"", "has no format"),
        (b"pkgbuild_sha256sum = ", b"pkgbuild_sha256sum = 0", "its pkgbuild_sha256sum is"),
        (b"pkgarch = x86_64\n", b"", "has no pkgarch"),
        (b"builddir = /build\n", b"builddir = /build\nbuilddir = /x\n", "more than one builddir"),
        (b"packager = ", b"packager: ", "line 7"),
    ],
)
def test_a_buildinfo_that_makepkg_does_not_write(old: bytes, new: bytes, words: str) -> None:
    data = BUILDINFO.replace(old, new)
    assert data != BUILDINFO
    with pytest.raises(InputError, match=words):
        parse_buildinfo(data, name="x")


def test_lists_keep_their_order() -> None:
    build = parse_buildinfo(BUILDINFO, name="x")
    assert build.installed[1] == "go-2:1.24.8-1-x86_64"
    assert build.options == ("!strip", "staticlibs")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"pkgver = 2:1.24.9-1", b"pkgver = 2:1.24.9-2", "pkgver is 2:1.24.9-1"),
        (b"pkgname = go", b"pkgname = go-pie", "pkgname is go in"),
        (b"pkgbase = go", b"pkgbase = go-all", "pkgbase is go in"),
        (b"pkgarch = x86_64", b"pkgarch = any", "arch is x86_64"),
        (b"builddate = 1760000000", b"builddate = 1760000001", "builddate is 1760000000"),
        (b"packager = A", b"packager = Another", "packager is A"),
    ],
)
def test_records_of_two_builds(old: bytes, new: bytes, words: str) -> None:
    info = parse_pkginfo(PKGINFO, name="x")
    build: BuildRecord = parse_buildinfo(BUILDINFO.replace(old, new), name="x")
    with pytest.raises(VerificationError, match=words):
        check_agrees(build, info, name="x")
