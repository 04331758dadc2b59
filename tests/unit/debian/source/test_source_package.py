from __future__ import annotations

import gzip
import hashlib
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from samego.errors import InputError, SamegoError
from samego_debian.architectures import architecture
from samego_debian.source.source_package import open_source
from samego_debian.version import DebianVersion
from support.debian_packages import CHANGELOG, DebMaker, tar

_LOOP = (
    b"for dpkgArch in $linuxArchList; do\n"
    b'\t\texport  "CC_FOR_linux_${goArch}=${gnuType}-gcc"\n'
    b"done\n"
)


_LONG = f"golang-1.24_{'1' * 300}.orig.tar.gz"


def write_package(directory: Path, *, orig: bool = True) -> Path:
    """A source package: .dsc, .debian.tar.xz and an upstream archive."""
    stem = "golang-1.24_1.24.4"
    content = {"debian": None, "debian/changelog": CHANGELOG, "debian/rules": b"exit 3\n"}
    files = {
        f"{stem}-1.debian.tar.xz": lzma.compress(tar(content)),
        f"{stem}.orig.tar.gz": gzip.compress(b"upstream"),
        f"{stem}.orig.tar.gz.asc": b"signature",
    }
    rows = [
        f" {hashlib.sha256(data).hexdigest()} {len(data)} {name}" for name, data in files.items()
    ]
    for name, data in files.items():
        if orig or ".orig." not in name:
            (directory / name).write_bytes(data)
    dsc = directory / f"{stem}-1.dsc"
    dsc.write_text(
        "Format: 3.0 (quilt)\nSource: golang-1.24\nVersion: 1.24.4-1\nChecksums-Sha256:\n"
        + "\n".join(rows)
        + "\n"
    )
    return dsc


@pytest.mark.parametrize("suffix", [".dsc", ".debian.tar.xz"])
def test_both_names_of_a_source_package(tmp_path: Path, suffix: str) -> None:
    dsc = write_package(tmp_path)
    source = open_source(dsc.with_name(dsc.name.replace(".dsc", suffix)))
    assert source.version == DebianVersion("1.24.4-1")
    assert source.exact("golang-1.24", DebianVersion("1.24.4-1+b1"))
    assert not source.exact("golang-1.24", DebianVersion("1.24.4-2"))
    assert not source.exact("golang-1.25", DebianVersion("1.24.4-1"))
    assert source.orig == tmp_path / "golang-1.24_1.24.4.orig.tar.gz"
    assert set(source.files) == {"changelog"}


def test_the_upstream_archive_may_be_missing(tmp_path: Path) -> None:
    assert open_source(write_package(tmp_path, orig=False)).orig is None


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda p: p.with_name(_tar(p)).unlink(), id="no debian.tar"),
        pytest.param(lambda p: _append(p.with_name(_tar(p))), id="another debian.tar"),
        pytest.param(lambda p: _append(p.with_name(_orig(p))), id="another orig"),
        pytest.param(lambda p: p.write_text("Source: x\n"), id="lists nothing"),
        pytest.param(lambda p: p.write_text("Checksums-Sha256:\n 0 0 ../x\n"), id="climbs"),
        pytest.param(lambda p: p.write_text("Checksums-Sha256:\n 0 x y\n"), id="no size"),
        pytest.param(lambda p: p.write_text(""), id="empty"),
        pytest.param(lambda p: p.write_bytes(b"Source: \xff\n"), id="no UTF-8"),
        pytest.param(lambda p: p.write_text("Checksums-Sha256: 0 0 x\n"), id="no list"),
        pytest.param(lambda p: p.write_text(f"Checksums-Sha256:\n 0 0 {_LONG}\n"), id="long"),
    ],
)
def test_a_source_package_that_is_not_whole_is_refused(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    dsc = write_package(tmp_path)
    spoil(dsc)
    with pytest.raises(SamegoError, match=r"golang-1\.24"):
        open_source(dsc)


def test_a_truncated_debian_tar_is_refused(tmp_path: Path) -> None:
    path = write_package(tmp_path).with_name("golang-1.24_1.24.4-1.debian.tar.xz")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match="damaged"):
        open_source(path)


@pytest.mark.parametrize(
    ("arch", "goenv", "expected"),
    [
        ("amd64", b"export GO386=softfloat\n", {"GO386": "softfloat"}),
        ("amd64", b"#export GO386=softfloat\n", {}),
        ("amd64", b"export GO386=$(rm -rf /)\n", {}),
        ("armel", b"GOEXPERIMENT=nodwarf5\n", {"GOEXPERIMENT": "nodwarf5", "GOARM": "5"}),
    ],
    ids=["plain", "comment", "computed", "armel"],
)
def test_settings_are_read_and_never_run(
    maker: DebMaker, arch: str, goenv: bytes, expected: dict[str, str]
) -> None:
    source = open_source(maker.write_source(helpers__goenv=b"", **{"helpers__goenv.sh": goenv}))
    assert source.settings(architecture(arch)) == expected


def test_the_compiler_loop_declares_the_table(maker: DebMaker) -> None:
    source = open_source(maker.write_source(**{"helpers__goenv.sh": _LOOP}))
    settings = source.settings(architecture("amd64"))
    assert len(settings) == 24
    assert settings["CC_FOR_linux_386"] == "i686-linux-gnu-gcc"


def test_no_goenv_declares_nothing(maker: DebMaker) -> None:
    root = maker.write_source()
    (root / "helpers/goenv.sh").unlink()
    assert open_source(root.parent).settings(architecture("amd64")) == {}


def test_overrides_are_expected_with_the_line_put_in(maker: DebMaker) -> None:
    root = maker.write_source(**{"golang-X.Y-go.lintian-overrides": b"golang-X.Y-go: x X-Y\n"})
    expected = open_source(root).expected("1.24")
    assert (
        expected["usr/share/lintian/overrides/golang-1.24-go"]
        == hashlib.sha256(b"golang-1.24-go: x 1.24\n").hexdigest()
    )
    assert not any(path.endswith(".gz") for path in expected)


def _tar(dsc: Path) -> str:
    return dsc.name.replace(".dsc", ".debian.tar.xz")


def _orig(dsc: Path) -> str:
    return dsc.name.replace("-1.dsc", ".orig.tar.gz")


def _append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")
