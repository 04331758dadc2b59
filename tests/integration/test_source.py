"""Real releases: where their source came from, and what planted changes are called."""

from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from support.cli import Samego
from support.made_clone import commit, git

pytestmark = pytest.mark.network

VENDORED = "src/vendor/golang.org/x/text/unicode/norm/iter.go"
GENERATED = "src/strconv/isprint.go"
SYSO = "src/runtime/race/race_linux_arm64.syso"
#: Vendored files, files with NUL bytes, ELF files of them, files that can be linked.
NUMBERS = {
    "go1.21.13": (795, 337, 52, 13),
    "go1.24.4": (951, 734, 53, 13),
    "go1.26.10": (1016, 742, 58, 15),
    "go1.27.3": (1081, 786, 58, 15),
}

_BETWEEN = ("go1.24.4", "go1.26.10")


def flipped(data: bytes) -> bytes:
    """The same with one bit changed."""
    return data[:-1] + bytes([data[-1] ^ 1])


@pytest.fixture(scope="module")
def orig(go124_source: Path) -> Path:
    return go124_source / "golang-1.24_1.24.4.orig.tar.gz"


@pytest.fixture(scope="module")
def mirror(orig: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The environment in which upstream's source archive can be had, as from go.dev."""
    directory = tmp_path_factory.mktemp("mirror")
    (directory / "go1.24.4.src.tar.gz").symlink_to(orig)
    return {"SAMEGO_MIRROR": str(directory)}


def repacked(orig: Path, place: Path, changes: Mapping[str, Callable[[bytes], bytes]]) -> Path:
    """An orig tarball with some files changed, below another directory."""
    left = dict(changes)
    with (
        tarfile.open(orig) as before,
        gzip.open(place, "wb", compresslevel=1) as file,
        tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as after,
    ):
        for info in before:
            path = info.name.removeprefix("go/")
            info.name, info.pax_headers = f"golang-1.24-1.24.4/{path}", {}
            content = before.extractfile(info)
            data = content.read() if content else b""
            if path in left:
                data = left.pop(path)(data)
                info.size = len(data)
            after.addfile(info, io.BytesIO(data))
    assert not left
    return place


def named(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(each["path"], each["what"]) for each in result["packing"]["differences"]]


@pytest.mark.parametrize(
    "release",
    # The oldest and the newest; those between take the same way.
    [
        pytest.param(release, marks=pytest.mark.long if release in _BETWEEN else ())
        for release in NUMBERS
    ],
)
def test_a_release_is_as_stated(
    samego: Samego, module_zip: Callable[[str, str], Path], release: str
) -> None:
    zipped = module_zip(release, "linux-amd64")
    result = samego("source", zipped, "--format", "json", "-q")
    assert result.status == 0, result.stderr
    found = result.report
    modules = [module for each in found["vendored"] for module in each["modules"]]
    opaque = found["opaque"]
    assert (
        sum(module["files"] for module in modules),
        sum(file["nul"] for file in opaque),
        sum(file["form"].startswith("ELF") for file in opaque),
        sum(file["use"] == "linked" for file in opaque),
    ) == NUMBERS[release]
    assert found["packing"]["outcome"] == "posted"
    assert not [file["path"] for file in opaque if file["use"] == "unknown"]
    # What a proxy serves may change; most of it is served.
    logged = [module for module in modules if module["rests_on"] == "log"]
    assert sum(module["identical"] for module in logged) > 500
    assert all(module["identical"] == module["files"] for module in logged)


def test_a_report_says_what_was_found_of_its_source(
    samego: Samego, go1244_module_zip: Path, trixie_go124_debs: list[Path]
) -> None:
    assert samego("source", go1244_module_zip, "-q").status == 0
    result = samego("check", *trixie_go124_debs, "--format", "json", "-q")
    (note,) = [each for each in result.report["notes"] if each.startswith("samego source of ")]
    assert "all of it that could be checked is as upstream states it" in note
    assert "vendored files identical to their modules" in note


def test_debians_orig_tarball_is_upstreams_file(samego: Samego, orig: Path) -> None:
    result = samego("source", orig, "-q")
    assert result.status == 0, result.stderr
    assert "is upstream's go1.24.4.src.tar.gz, byte for byte" in result.stdout


def test_a_source_package_names_its_orig_tarball(
    samego: Samego, go124_source: Path, tmp_path: Path
) -> None:
    result = samego("source", go124_source / "golang-1.24_1.24.4-1.dsc", "-q", "--offline")
    assert "is upstream's go1.24.4.src.tar.gz, byte for byte" in result.stdout
    alone = tmp_path / "golang-1.24_1.24.4-1.dsc"
    alone.write_bytes((go124_source / alone.name).read_bytes())
    result = samego("source", alone, "-q")
    assert (result.status, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")


def test_planted_changes_are_named(
    samego: Samego, orig: Path, mirror: Mapping[str, str], tmp_path: Path
) -> None:
    changes = {VENDORED: flipped, SYSO: flipped, "test/bom.go": flipped, GENERATED: flipped}
    planted = repacked(orig, tmp_path / "golang-1.24_1.24.4.orig.tar.gz", changes)
    command = ("source", planted, "--generate", "--format", "json", "-q")
    result = samego(*command, environment=mirror)
    assert result.status == 1, result.stderr
    found = result.report
    assert named(found) == [(path, "content") for path in sorted(changes)]
    assert found["packing"]["identical"] > 14_000
    assert found["packing"]["not_compared"] == 0
    vendored = [
        each["path"]
        for directory in found["vendored"]
        for module in directory["modules"]
        for each in module["differences"]
    ]
    assert vendored == [VENDORED]
    generated = {row["name"]: row["differences"] for row in found["generated"]}
    assert len(generated) > 5
    assert generated.pop("which characters can be printed") == [
        {"path": GENERATED, "what": "content"}
    ]
    assert not any(generated.values())
    assert not any(row["not_run_because"] for row in found["generated"])


@pytest.mark.long  # git keeps 14,000 files, twice; made clones show it in the ordinary run
def test_a_clone_gives_the_same_files_until_it_is_changed(
    samego: Samego, orig: Path, tmp_path: Path
) -> None:
    clone = tmp_path / "go"
    clone.mkdir()
    subprocess.run(["tar", "-xf", orig, "-C", tmp_path], check=True)
    (clone / "VERSION").unlink()
    git(clone, "init", "--quiet")
    commit(clone, {".gitattributes": b"* -text\n", ".github/x.md": b"x\n"})
    git(clone, "tag", "go1.24.4")
    command = ("source", orig, "--git", clone, "--format", "json", "-q")
    found = samego(*command).report["git"]
    assert found["outcome"] == "same_files", found["differences"][:5]
    assert found["identical"] == 14_135
    assert (found["added"], found["left_out"]) == (["VERSION"], [".gitattributes", ".github/x.md"])
    commit(clone, {"src/fmt/print.go": b"package fmt\n"})
    git(clone, "tag", "--force", "go1.24.4")
    result = samego(*command)
    assert result.status == 1
    assert result.report["git"]["differences"] == [{"path": "src/fmt/print.go", "what": "content"}]
