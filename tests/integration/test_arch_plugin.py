"""Arch's plugin with a real package: made by makepkg, installed by pacman, and tampered with.

The package is Arch's recipe over upstream's real source (support/makepkg.py).
"""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import zstandard

from support.bsd_tar import bsd_tar
from support.cli import HEAVY, Result, Samego
from support.inputs import Inputs
from support.makepkg import STRIPPED, arch_package

# The first of all tests that asks for it builds Go.
pytestmark = [pytest.mark.network, pytest.mark.timeout(2 * 3600)]

#: Its files but those that upstream's archive has too: dist and distpack are stripped as well.
EXECUTABLES = 20
MEMBER = "usr/lib/go/src/fmt/print.go"
GOROOT_MEMBER = MEMBER.removeprefix("usr/lib/go/")


@dataclass(frozen=True, slots=True)
class Workshop:
    """The package, its recipe's directory, and samego with upstream's file at hand."""

    package: Path
    recipe: Path
    samego: Samego

    def check(self, *arguments: str | Path, **environment: str) -> Result:
        """Check with the recipe."""
        return self.samego(
            *("check", "--format", "json", "--source", self.recipe, *arguments),
            environment=environment,
        )


@pytest.fixture(scope="module")
def workshop(inputs: Inputs, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    home = tmp_path_factory.mktemp("arch")
    recipe, mirror = home / "recipe", home / "mirror"
    for directory in (recipe, mirror):
        directory.mkdir()
    source = inputs.pool(f"golang-{STRIPPED.line}", STRIPPED.orig)
    (recipe / f"{STRIPPED.release}.src.tar.gz").symlink_to(source)
    shutil.copyfile(STRIPPED.pkgbuild, recipe / "PKGBUILD")
    upstream = inputs.module_zip(STRIPPED.release, "linux-amd64")
    (mirror / upstream.name).symlink_to(upstream)
    samego = Samego(home, {"SAMEGO_MIRROR": str(mirror)}, uncovered=HEAVY)
    return Workshop(arch_package(inputs, STRIPPED), recipe, samego)


def standings(report: dict[str, Any]) -> Counter[tuple[str, str]]:
    return Counter((finding["kind"], finding["standing"]) for finding in report["findings"])


def is_the_package(report: dict[str, Any]) -> None:
    """Everything of the package is accounted for, but two tools that upstream does not post."""
    found = standings(report)
    assert found["elf", "equivalent"] == EXECUTABLES
    unproven = [f["path"] for f in report["findings"] if f["standing"] == "unproven"]
    assert unproven == ["pkg/tool/linux_amd64/dist", "pkg/tool/linux_amd64/distpack"]
    counts = report["counts"]
    assert counts["identical"] == 14152
    assert (counts["equivalent"], counts["explained"]) == (EXECUTABLES, 9)
    assert counts["unexplained"] == 0
    assert report["verdict"] == "unproven"


def test_the_package(workshop: Workshop) -> None:
    report = workshop.check(workshop.package).report
    is_the_package(report)
    (package,) = report["subject"]["packages"]
    assert (package["name"], package["version"]) == ("go", "2:1.24.9-1")
    assert report["inputs"]["settings"] == {"GOAMD64": "v1", "GOROOT_FINAL": "/usr/lib/go"}
    assert report["upstream"]["verified"]


@pytest.mark.long  # test_manager_settings checks what pacman installed, untouched and changed
def test_what_pacman_installs(workshop: Workshop, tmp_path: Path) -> None:
    root = tmp_path / "root"
    database = root / "var/lib/pacman"
    database.mkdir(parents=True)
    command: list[str | Path] = ["pacman", "--root", root, "--dbpath", database]
    command += ["--config", "/dev/null", "--cachedir", tmp_path, "--noconfirm"]
    command += ["-U", workshop.package]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and "root" in done.stderr:
        pytest.skip("pacman installs as root alone")
    assert done.returncode == 0, done.stderr
    is_the_package(workshop.check("--installed", SAMEGO_ARCH_ROOT=str(root)).report)
    is_the_package(workshop.check("--distro", "arch", root / "usr/lib/go").report)

    changed = root / MEMBER
    changed.write_bytes(changed.read_bytes() + b"\n")
    report = workshop.check("--installed", SAMEGO_ARCH_ROOT=str(root)).report
    unexplained = {f["path"]: f for f in report["findings"] if f["standing"] == "unexplained"}
    assert set(unexplained) == {GOROOT_MEMBER, f"/{MEMBER}"}
    assert unexplained[f"/{MEMBER}"]["kind"] == "claim"


def test_an_unpacked_package(workshop: Workshop, tmp_path: Path) -> None:
    directory = tmp_path / "pkg"
    directory.mkdir()
    subprocess.run(["bsdtar", "-xf", workshop.package, "-C", directory], check=True)
    for name in (".BUILDINFO", ".MTREE", ".PKGINFO"):
        (directory / name).unlink()
    is_the_package(workshop.check(directory, SAMEGO_ARCH_VERSION="2:1.24.9-1").report)


Change = Callable[[tarfile.TarInfo, bytes], Iterator[tuple[tarfile.TarInfo, bytes]]]


def repacked(package: Path, target: Path, change: Change) -> Path:
    """The package with members changed, as somebody would who has tar and zstd."""
    out = target / package.name
    members: list[tuple[tarfile.TarInfo, bytes]] = []
    with (
        package.open("rb") as file,
        zstandard.ZstdDecompressor().stream_reader(file) as stream,
        tarfile.open(fileobj=stream, mode="r|") as before,
    ):
        for member in before:
            held = before.extractfile(member) if member.isreg() else None
            members += change(member, held.read() if held else b"")
    out.write_bytes(zstandard.ZstdCompressor(level=1).compress(bsd_tar(members)))
    return out


def one_more_byte(info: tarfile.TarInfo, data: bytes) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    yield info, data + b"\n" if info.name == MEMBER else data


def another_mode(info: tarfile.TarInfo, data: bytes) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    if info.name == MEMBER:
        info.mode = 0o755
    yield info, data


def one_file_less(info: tarfile.TarInfo, data: bytes) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    if info.name != MEMBER:
        yield info, data


@pytest.mark.parametrize(
    "change",
    [
        another_mode,
        # One more whole package each; test_arch_packages changes a byte in the ordinary run.
        pytest.param(one_more_byte, marks=pytest.mark.long),
        pytest.param(one_file_less, marks=pytest.mark.long),
    ],
)
def test_a_package_that_was_changed_after_makepkg(
    workshop: Workshop, tmp_path: Path, change: Change
) -> None:
    report = workshop.check(repacked(workshop.package, tmp_path, change)).report
    unexplained = {f["path"]: f for f in report["findings"] if f["standing"] == "unexplained"}
    assert set(unexplained) == {GOROOT_MEMBER, f"/{MEMBER}"}
    claim = unexplained[f"/{MEMBER}"]
    assert claim["cause"] == "the package contradicts its own .MTREE"
    assert ".MTREE" in claim["where"]
    assert report["verdict"] == "unexplained"


def test_an_mtree_that_lies(workshop: Workshop, tmp_path: Path) -> None:
    """The files are as they were; only what the package says of one of them is not."""

    def lie(info: tarfile.TarInfo, data: bytes) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
        if info.name == ".MTREE":
            lines = subprocess.run(["gzip", "-dc"], input=data, capture_output=True, check=True)
            before = f"./{MEMBER} ".encode()
            line = next(row for row in lines.stdout.split(b"\n") if row.startswith(before))
            last = line[-1:]
            changed = lines.stdout.replace(line, line[:-1] + (b"0" if last != b"0" else b"1"))
            data = subprocess.run(
                ["gzip", "-nc"], input=changed, capture_output=True, check=True
            ).stdout
        yield info, data

    report = workshop.check(repacked(workshop.package, tmp_path, lie)).report
    unexplained = [f["path"] for f in report["findings"] if f["standing"] == "unexplained"]
    assert unexplained == [f"/{MEMBER}"]
    assert report["counts"]["identical"] == 14152


def test_another_recipe_is_refused(workshop: Workshop, tmp_path: Path) -> None:
    """A mismatch with .BUILDINFO is told, with both digests, and nothing of it runs."""
    ran = tmp_path / "ran"
    text = (workshop.recipe / "PKGBUILD").read_text()
    (tmp_path / "PKGBUILD").write_text(f"{text}\neval 'touch {ran}'\nx=$(touch {ran})\n")
    result = workshop.samego("check", "--source", tmp_path, workshop.package)
    assert result.status == 2
    assert "is not the PKGBUILD that the package was built from" in result.stderr
    assert not ran.exists()
