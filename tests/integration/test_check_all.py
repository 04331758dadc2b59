"""Every toolchain of a system, on real ones: dpkg's, upstream's modules, altered and mixed ones."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from support.cli import Samego
from support.images import Maker, directory, layer, link, member, tree_layer
from support.shared import roomy_memory
from support.systems import (
    dpkg_system,
    flip,
    linked_copy,
    module_cache,
    rewrite,
    unpacked_archive,
)

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(os.geteuid() != 0, reason="dpkg --root and owners take root"),
]
MODULE = "golang.org/toolchain@v0.0.1-go1.24.4.linux-amd64"


def a_directory(tmp_path_factory: pytest.TempPathFactory, name: str) -> Path:
    """A new directory for a gigabyte of small files: in memory where there is room."""
    memory = roomy_memory(3 << 30)
    return (
        Path(tempfile.mkdtemp(dir=memory, prefix=f"samego-{name}-"))
        if memory
        else tmp_path_factory.mktemp(name)
    )


@pytest.fixture(scope="module")
def root(
    trixie_go124_debs: list[Path],
    go1244_module_zip: Path,
    go1273_module_zip: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Path]:
    """A system with seven toolchains, and a machine around it that must not be looked at."""
    top = a_directory(tmp_path_factory, "seven")
    root = dpkg_system(top / "root", trixie_go124_debs)
    genuine = module_cache(go1244_module_zip, root / "root/go/pkg/mod")
    altered = linked_copy(genuine, root / "home/ann/go/pkg/mod" / MODULE)
    flip(altered / "src/crypto/tls/conn.go")
    # Who unpacks a release over another one has files of both.
    stale = unpacked_archive(go1273_module_zip, root / "usr/local/go")
    cached = linked_copy(stale, root / "opt/hostedtoolcache/go/1.27.3/x64")
    cached.with_name("x64.complete").touch()
    older = unpacked_archive(go1244_module_zip, top / "older")
    for path in older.rglob("*"):
        if path.is_file():
            place = stale / path.relative_to(older)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True)
            os.link(path, place)
    unknown = linked_copy(older, root / "home/ann/sdk/go1.24.99")
    rewrite(unknown / "VERSION", b"go1.24.99\n")
    settings = linked_copy(older, root / "opt/go")
    rewrite(
        settings / "go.env",
        (settings / "go.env").read_bytes().replace(b"GOTOOLCHAIN=auto", b"GOTOOLCHAIN=local"),
    )
    (root / "usr/bin").mkdir(exist_ok=True)
    (root / "usr/bin/go").symlink_to("../lib/go-1.24/bin/go")
    # What leads out of the root leads to no toolchain of the machine's.
    (root / "home/eve").symlink_to("../../older")
    (root / "opt/go1.99").symlink_to(older)
    yield root
    shutil.rmtree(top)  # more than a gigabyte


def by_place(survey: Mapping[str, Any]) -> dict[str, Any]:
    return {each["where"]: each for each in survey["toolchains"]}


def unexplained(each: Mapping[str, Any]) -> set[str]:
    return {f["path"] for f in each["report"]["findings"] if f["standing"] == "unexplained"}


def test_seven_toolchains_of_a_root(samego: Samego, root: Path) -> None:
    places = {"SAMEGO_DEBIAN_SOURCES": "mirror"}
    words: list[str | Path] = ["check", "--all", "--root", root, "--format", "json"]
    result = samego(*words, environment=places)
    assert result.status == 2, result.stderr
    survey = json.loads(result.stdout)
    found = by_place(survey)
    assert {where: each["verdict"] for where, each in found.items()} == {
        "/usr/lib/go-1.24": "unproven",
        f"/root/go/pkg/mod/{MODULE}": "identical",
        f"/home/ann/go/pkg/mod/{MODULE}": "unexplained",
        "/usr/local/go": "unexplained",
        "/opt/hostedtoolcache/go/1.27.3/x64": "identical",
        "/home/ann/sdk/go1.24.99": "error",
        "/opt/go": "unexplained",
    }
    debian = found["/usr/lib/go-1.24"]
    assert (debian["claims"], debian["also"]) == ("golang-1.24 1.24.4-1 amd64", ["/usr/bin/go"])
    counts = debian["report"]["counts"]
    assert (counts["identical"], counts["unproven"], counts["unexplained"]) == (10702, 16, 0)
    assert unexplained(found[f"/home/ann/go/pkg/mod/{MODULE}"]) == {"src/crypto/tls/conn.go"}
    assert unexplained(found["/opt/go"]) == {"go.env"}
    stale = found["/usr/local/go"]
    assert stale["claims"] == "go1.24.4 linux-amd64"
    assert {f["side"] for f in stale["report"]["findings"] if f["standing"] == "unexplained"} == {
        "distro"
    }
    causes = [f["causes"] for f in stale["report"]["findings"] if f["standing"] == "unexplained"]
    assert len(causes) == 1771
    assert all(each == [{"kind": "bytes_of", "release": "go1.27.3"}] for each in causes)
    # What is in the cache names it too, without a network.
    alone = samego("check", root / "usr/local/go", "--offline", "--format", "json")
    assert [f["causes"] for f in alone.report["findings"]] == causes
    assert "go1.24.99" in found["/home/ann/sdk/go1.24.99"]["error"]["message"]
    # One opening of upstream's side for five toolchains of one release.
    assert result.stderr.count("fetching go1.24.4.linux-amd64") <= 1
    assert str(root.parent / "older") not in result.stdout


@pytest.mark.long  # the same survey again, in words that small systems show too
def test_the_same_as_text(samego: Samego, root: Path) -> None:
    result = samego("check", "--all", "--root", root)
    assert result.status == 2
    first, *lines = result.stdout.splitlines()
    assert first == f"7 toolchains in {root}: 2 pass, 4 do not pass, 1 could not be decided"
    line = next(line for line in lines if line.startswith("  /opt/hostedtoolcache/"))
    assert "go1.27.3 linux-amd64" in line
    assert "identical, passes" in line
    line = next(line for line in lines if line.startswith("  /usr/local/go"))
    assert "unexplained, does not pass (1,771 files of go1.27.3, to the byte)" in line


@pytest.fixture(scope="module")
def image(
    trixie_go124_debs: list[Path],
    go1244_module_zip: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Path]:
    """An image for two platforms: of one, later layers changed, removed and linked files."""
    top = a_directory(tmp_path_factory, "image")
    alone = [path for path in trixie_go124_debs if path.name.startswith("golang-1.24-go_")]
    system = dpkg_system(top / "system", alone)
    unpacked_archive(go1244_module_zip, top / "other/usr/local/go")
    go = (top / "other/usr/local/go/bin/go").read_bytes()
    lower = [tree_layer(system), tree_layer(top / "other")]
    tool = "usr/lib/go-1.24/pkg/tool/linux_amd64/asm"
    changed = (system / tool).read_bytes()
    shutil.rmtree(system)
    shutil.rmtree(top / "other")
    upper = layer(
        [
            member("usr/local/go/bin/go", go[:-1] + bytes([go[-1] ^ 1]), 0o755),
            member("usr/local/go/src/fmt/.wh.print.go"),
            member("usr/lib/go-1.24/pkg/tool/linux_amd64/asm", changed[:-1] + b"!", 0o755),
        ]
    )
    hard = layer(
        [
            directory("usr/local/go/lib"),
            member("usr/local/go/lib/added", b"an added file\n"),
            link("usr/local/go/lib/again", "usr/local/go/lib/added", hard=True),
        ]
    )
    # As they are: what compressed layers are is shown where images are read, on small ones.
    maker = Maker(compress="")
    maker.image(lower, env=["PATH=/usr/local/go/bin:/usr/bin", "GOPATH=/go"])
    maker.image([*lower, upper, hard], platform=("linux", "arm64"))
    yield maker.archive(top / "image.tar")
    shutil.rmtree(top)


def test_an_image_is_checked_for_each_platform(samego: Samego, image: Path) -> None:
    result = samego("check", image, "--format", "json")
    assert result.status == 1, result.stderr
    found = {
        (each["system"], each["where"]): each for each in json.loads(result.stdout)["toolchains"]
    }
    assert {place: each["verdict"] for place, each in found.items()} == {
        ("linux-amd64", "/usr/lib/go-1.24"): "unproven",
        ("linux-amd64", "/usr/local/go"): "identical",
        ("linux-arm64", "/usr/lib/go-1.24"): "unexplained",
        ("linux-arm64", "/usr/local/go"): "unexplained",
    }
    clean = found["linux-amd64", "/usr/lib/go-1.24"]
    assert clean["claims"] == "golang-1.24 1.24.4-1 amd64"
    assert clean["report"]["counts"]["unexplained"] == 0
    assert unexplained(found["linux-arm64", "/usr/local/go"]) == {
        "bin/go",
        "src/fmt/print.go",
        "lib/added",
        "lib/again",
    }
    assert unexplained(found["linux-arm64", "/usr/lib/go-1.24"]) == {"pkg/tool/linux_amd64/asm"}


@pytest.mark.long  # both platforms are above; how one is chosen is shown on small images
def test_one_platform_of_an_image(samego: Samego, image: Path) -> None:
    result = samego("check", image, "--target", "linux-arm64")
    assert result.status == 1
    assert "2 toolchains in image.tar: 2 do not pass" in result.stdout


def test_a_platform_that_an_image_has_not(samego: Samego, image: Path) -> None:
    nothing = samego("check", image, "--target", "linux-s390x")
    assert nothing.status == 2
    assert "image.tar has no image for linux-s390x" in nothing.stderr
