"""The packages that makepkg has built from Arch's recipes, checked as a user would.

How they are made, and that it takes long the first time: support/makepkg.py.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from support.cli import HEAVY, Result, Samego, the_error
from support.inputs import Inputs, sha256_of
from support.makepkg import NODWARF5, STRIPPED, Recipe, arch_package
from support.pkg_repack import BUILDINFO, MTREE, claim, read, repack
from support.reference_cache import reference_cache

# The first of all tests that asks for a package builds Go.
pytestmark = [pytest.mark.network, pytest.mark.timeout(2 * 3600)]

PRINT = "usr/lib/go/src/fmt/print.go"
TOOLS = "pkg/tool/linux_amd64"
#: What make.bash leaves in pkg/tool and upstream takes out (src/cmd/distpack/pack.go).
HELPERS = {f"{TOOLS}/dist", f"{TOOLS}/distpack"}

Check = Callable[..., Result]


@pytest.fixture(scope="module")
def stripped(inputs: Inputs) -> Path:
    return arch_package(inputs, STRIPPED)


@pytest.fixture(scope="module")
def nodwarf5(inputs: Inputs) -> Path:
    return arch_package(inputs, NODWARF5)


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory, inputs: Inputs) -> Samego:
    """Samego with a cache that keeps reference builds from run to run."""
    cache = {"SAMEGO_CACHE": str(reference_cache(inputs.directory))}
    return Samego(tmp_path_factory.mktemp("arch"), cache, patience=2 * 3600, uncovered=HEAVY)


@pytest.fixture(scope="module")
def check(builder: Samego, inputs: Inputs) -> Check:
    def run(package: Path, *options: str | Path, recipe: Recipe = STRIPPED) -> Result:
        upstream = inputs.module_zip(recipe.release, "linux-amd64")
        given = ("--upstream", upstream, "--format", "json", "-q")
        return builder("check", package, *given, *options)

    return run


@pytest.fixture
def recipe_directory(inputs: Inputs, tmp_path: Path) -> Path:
    """The recipe as makepkg had it, with its source beside it."""
    return recipe_at(tmp_path / "recipe", STRIPPED, inputs)


def recipe_at(directory: Path, recipe: Recipe, inputs: Inputs) -> Path:
    directory.mkdir()
    shutil.copy(recipe.pkgbuild, directory)
    source = inputs.pool(f"golang-{recipe.line}", recipe.orig)
    (directory / f"{recipe.release}.src.tar.gz").symlink_to(source)
    return directory


def by_path(report: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {row["path"]: row for row in report["findings"]}


def executables(report: Mapping[str, Any]) -> Counter[tuple[str, str]]:
    """The standings and rules of the executables that differ in anything."""
    rows = report["findings"]
    return Counter((row["standing"], row["rule"]) for row in rows if row["kind"] == "elf")


def test_stripped_executables_are_equivalent_without_a_rebuild(
    check: Check, stripped: Path, recipe_directory: Path
) -> None:
    report = check(stripped, "--source", recipe_directory / "PKGBUILD").report
    (package,) = report["subject"]["packages"]
    assert (package["name"], package["version"]) == ("go", "2:1.24.9-1")
    assert (report["subject"]["release"], report["subject"]["target"]) == (
        "go1.24.9",
        "linux-amd64",
    )
    # All that upstream ships; its helpers are built here by nobody, so that they stay open.
    assert executables(report) == {
        ("equivalent", "elf_stripped"): 20,
        ("unproven", "added_tool"): 2,
    }
    open_ones = {row["path"] for row in report["findings"] if row["standing"] == "unproven"}
    assert open_ones == HELPERS
    assert report["counts"]["unexplained"] == 0
    assert report["counts"]["identical"] == 14152
    assert report["inputs"]["timestamp"] == 1_760_000_000


@pytest.mark.long
def test_a_rebuild_explains_all_of_it(check: Check, stripped: Path, recipe_directory: Path) -> None:
    given = ("--source", recipe_directory / "PKGBUILD", "--rebuild")
    report = check(stripped, *given).report
    assert (report["verdict"], report["passes"]) == ("explained", True)
    assert executables(report) == {
        ("equivalent", "elf_stripped"): 20,
        ("explained", "witness_build"): 2,
    }


@pytest.mark.long
def test_an_experiment_is_unproven_until_it_is_rebuilt(
    check: Check, nodwarf5: Path, inputs: Inputs, tmp_path: Path
) -> None:
    recipe = recipe_at(tmp_path / "recipe", NODWARF5, inputs) / "PKGBUILD"
    before = check(nodwarf5, "--source", recipe, recipe=NODWARF5).report
    assert (before["verdict"], before["passes"]) == ("unproven", False)
    assert before["inputs"]["settings"]["GOEXPERIMENT"] == "nodwarf5"
    assert executables(before) == {("unproven", "embedded_settings"): 10}
    assert before["counts"]["unexplained"] == 0
    after = check(nodwarf5, "--source", recipe, "--rebuild", recipe=NODWARF5).report
    assert (after["verdict"], after["passes"]) == ("explained", True)
    assert after["counts"]["unproven"] == 0
    proven = {row["path"] for row in before["findings"] if row["standing"] == "unproven"}
    assert {by_path(after)[path]["standing"] for path in proven} == {"explained"}


@pytest.mark.long  # test_arch_plugin has such a list in the ordinary run
def test_a_list_that_lies_is_found(check: Check, stripped: Path, tmp_path: Path) -> None:
    listing = gzip.decompress(read(stripped, MTREE)).decode()
    lying = claim(listing, PRINT, b"package fmt\n")
    package = repack(
        stripped, tmp_path / stripped.name, {MTREE: gzip.compress(lying.encode(), mtime=0)}
    )
    report = check(package).report
    finding = by_path(report)[f"/{PRINT}"]
    assert (finding["standing"], finding["kind"]) == ("unexplained", "claim")
    assert MTREE in finding["cause"]
    assert report["passes"] is False
    assert report["counts"]["unexplained"] == 1


@pytest.mark.parametrize(
    "mtree",
    [
        # What contradicts the list is in the ordinary run of test_arch_plugin.
        pytest.param(False, id="list as it was", marks=pytest.mark.long),
        pytest.param(True, id="list made to match"),
    ],
)
def test_a_byte_changed_after_makepkg_is_found(
    check: Check, stripped: Path, tmp_path: Path, *, mtree: bool
) -> None:
    data = bytearray(read(stripped, PRINT))
    data[len(data) // 2] ^= 1
    package = repack(stripped, tmp_path / stripped.name, {PRINT: bytes(data)}, mtree=mtree)
    report = check(package).report
    worst = {row["path"] for row in report["findings"] if row["standing"] == "unexplained"}
    assert worst == ({"src/fmt/print.go"} if mtree else {"src/fmt/print.go", f"/{PRINT}"})
    assert report["passes"] is False


def test_a_byte_in_an_executable_is_found(check: Check, stripped: Path, tmp_path: Path) -> None:
    path = "usr/lib/go/bin/gofmt"
    data = bytearray(read(stripped, path))
    data[0x2000] ^= 1  # in the text segment, which begins at 0x1000
    package = repack(stripped, tmp_path / stripped.name, {path: bytes(data)}, mtree=True)
    report = check(package).report
    assert by_path(report)["bin/gofmt"]["standing"] == "unexplained"
    assert report["passes"] is False


def test_a_recipe_that_is_not_the_packages_is_refused(
    check: Check, stripped: Path, recipe_directory: Path
) -> None:
    pkgbuild = recipe_directory / "PKGBUILD"
    pkgbuild.write_text(pkgbuild.read_text() + "\n")
    result = check(stripped, "--source", pkgbuild)
    assert result.status == 2, result.stdout
    assert BUILDINFO in the_error(result.stderr)


def test_a_recipe_is_never_run(
    check: Check, stripped: Path, recipe_directory: Path, tmp_path: Path
) -> None:
    """One that bash would obey in every way there is, and .BUILDINFO vouches for it."""
    mark = tmp_path / "run"
    pkgbuild = recipe_directory / "PKGBUILD"
    hostile = (
        f"touch {mark}\n"
        f"pkgdesc=$(touch {mark})\n"
        f"url=`touch {mark}`\n"
        f"[[ -n $(touch {mark}) ]]\n"
        f"arch+=(<(touch {mark}))\n"
        f"trap 'touch {mark}' EXIT\n"
        f"license=(${{x:=$(touch {mark})}})\n"
        f"eval 'touch {mark}'\n"
    )
    pkgbuild.write_text(pkgbuild.read_text() + hostile)
    record = read(stripped, BUILDINFO).decode()
    old, new = (sha256_of(path) for path in (STRIPPED.pkgbuild, pkgbuild))
    assert old in record
    changed = {BUILDINFO: record.replace(old, new).encode()}
    package = repack(stripped, tmp_path / stripped.name, changed, mtree=True)
    result = check(package, "--source", pkgbuild)
    assert result.status in {1, 2}, result.stderr
    assert not mark.exists()
    if result.status == 1:
        assert json.loads(result.stdout)["counts"]["unexplained"] == 0
