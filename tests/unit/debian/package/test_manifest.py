from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from samego.distro.interface import Request
from samego.errors import InputError, VerificationError
from samego_debian import DISTRO
from samego_debian.package.manifest import read_manifest
from support.debian_packages import DebMaker

_SIGNED = """-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA512

{}
-----BEGIN PGP SIGNATURE-----

iQ
-----END PGP SIGNATURE-----
"""


def record(paths: list[Path], name: str, *, signed: bool = False) -> Path:
    """A record of these files, and of some that are no part of the toolchain."""
    rows = [
        f" {hashlib.sha256(path.read_bytes()).hexdigest()} {path.stat().st_size} {path.name}"
        for path in paths
    ]
    rows += [f" {'0' * 64} 5 {other}" for other in ("golang-1.24_1.24.4-1_all.deb", "x.dsc")]
    text = "Format: 1.8\nSource: golang-1.24\nChecksums-Sha256:\n" + "\n".join(rows) + "\n"
    path = paths[0].parent / name
    path.write_text(_SIGNED.format(text) if signed else text)
    return path


@pytest.mark.parametrize("signed", [False, True], ids=["plain", "clearsigned"])
@pytest.mark.parametrize("name", ["golang.changes", "golang.buildinfo"])
def test_a_record_names_the_packages_beside_it(
    maker: DebMaker, request_for: Callable[..., Request], name: str, *, signed: bool
) -> None:
    paths = maker.write_all()
    made = record(paths, name, signed=signed)
    assert read_manifest(made).packages == tuple(paths)
    with DISTRO.open(request_for(made)) as shipment:
        assert len(shipment.subject.packages) == 3


@pytest.mark.parametrize(("kinds", "taken"), [("source all amd64", True), ("all amd64", False)])
@pytest.mark.parametrize("name", ["golang.changes", "golang.buildinfo"])
def test_a_binary_build_brings_no_source_package(
    maker: DebMaker, request_for: Callable[..., Request], name: str, kinds: str, *, taken: bool
) -> None:
    packaging = maker.write_packaging(maker.directory)
    made = record([*maker.write_all(), packaging], name)
    made.write_text(made.read_text().replace("Checksums", f"Architecture: {kinds}\nChecksums", 1))
    with DISTRO.open(request_for(made)) as shipment:
        assert (shipment.packaging is not None) == taken
    # One that the record does not list lies there for another reason.
    made.write_text(made.read_text().replace(packaging.name, "other.debian.tar.xz"))
    with DISTRO.open(request_for(made)) as shipment:
        assert shipment.packaging is not None


def test_a_missing_package_is_named(maker: DebMaker) -> None:
    paths = maker.write_all()
    made = record(paths, "golang.changes")
    paths[1].unlink()
    with pytest.raises(InputError, match=r"golang-1\.24-src_1\.24\.4-1_all\.deb is missing"):
        read_manifest(made)


@pytest.mark.parametrize(
    "spelling", ["golang-1.24-src_1.24.4-1_all (1).deb", "golang-1.24-src_1.24.4-1_all.deb.part"]
)
def test_a_package_that_was_stored_under_another_name_is_found(
    maker: DebMaker, spelling: str
) -> None:
    paths = maker.write_all()
    made = record(paths, "golang.changes")
    stored = paths[1].rename(paths[1].with_name(spelling))
    assert read_manifest(made).packages == (paths[0], stored, paths[2])
    data = bytearray(stored.read_bytes())
    data[-1] ^= 1
    stored.write_bytes(data)
    with pytest.raises(InputError, match=r"golang-1\.24-src_1\.24\.4-1_all\.deb is missing"):
        read_manifest(made)


def test_a_changed_package_is_refused(maker: DebMaker) -> None:
    paths = maker.write_all()
    made = record(paths, "golang.changes")
    data = bytearray(paths[0].read_bytes())
    data[-1] ^= 1
    paths[0].write_bytes(data)
    with pytest.raises(VerificationError, match=r"golang-1\.24-go"):
        read_manifest(made)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no fields at all",
        "Checksums-Sha256:\n zz\n",
        "Checksums-Sha256:\n 00 many golang-1.24-go_1_amd64.deb\n",
        "Checksums-Sha256: x\n",
        "Checksums-Sha256:\n 00 5 other_1_all.deb\n",
        "\0\xff",
    ],
    ids=["empty", "prose", "one word", "size", "no rows", "no toolchain", "binary"],
)
@pytest.mark.parametrize("suffix", [".changes", ".buildinfo"])
def test_what_is_no_record_is_refused(tmp_path: Path, text: str, suffix: str) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_text(text)
    with pytest.raises(InputError, match=f"x{suffix}"):
        read_manifest(path)
