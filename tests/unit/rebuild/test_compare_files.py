"""What was built, compared with what was posted: toy archives, and authorities that a test is."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from samego.errors import NetworkError, NotPostedError, VerificationError
from samego.formats.archive.dirhash import hash1
from samego.formats.archive.zip import index_zip
from samego.model.causes.rebuilt_files import NobodyLists
from samego.model.release import Release, Target
from samego.model.verification import Verification
from samego.rebuild.compare_files import Comparer, FileResult, keep_reproduced
from samego.rebuild.compare_members import MOST_NAMED, RebuildOutcome, compare_trees
from samego.rebuild.targets import Product
from samego.upstream.channels.goproxy import Proxies
from samego.upstream.channels.gosettings import GoSetting, GoSettings
from samego.upstream.channels.interface import Posted
from samego.upstream.checksums.module_zip import ModuleVerifier
from samego.upstream.open_tree import Opener
from samego.upstream.sumdb.client import Lookup
from samego.words.causes import said
from support.archives import memory_tree
from support.macho_files import executable, signed
from support.toy_go import sha256

RELEASE, LINUX = Release.parse("go1.24.4"), Target("linux", "amd64")
DARWIN = Target("darwin", "arm64")
ARCHIVE, MODULE = "go1.24.4.linux-amd64.tar.gz", "v0.0.1-go1.24.4.linux-amd64.zip"
FILES = {"bin/go": b"\x7fELF program", "VERSION": b"go1.24.4\n", "src/a.go": b"package a\n"}


@dataclass
class World:
    """Everything that others say: sums, h1 hashes, posted files."""

    sums: dict[str, str] = field(default_factory=dict)
    h1: dict[str, tuple[str, str]] = field(default_factory=dict)
    posted: dict[tuple[str, Target], Posted] = field(default_factory=dict)
    unreachable: bool = False

    def sum_of(self, name: str) -> str | None:
        if self.unreachable:
            raise NetworkError("the index does not answer", hint="")
        return self.sums.get(name)

    def name_of(self, sha256: str) -> str | None:
        return next((name for name, known in self.sums.items() if known == sha256), None)

    def verification(self) -> Verification:
        return Verification("sha256", "this test")

    def lookup(self, module: str, version: str) -> Lookup:
        if self.unreachable:
            raise NetworkError("the database does not answer", hint="")
        if version not in self.h1:
            raise NotPostedError(f"no {module}@{version}", hint="")
        zip_h1, mod_h1 = self.h1[version]
        return Lookup("sums.example", module, version, 7, zip_h1, mod_h1, 9, ())

    def fetch(self, form: str, target: Target) -> Posted:
        if (form, target) not in self.posted:
            raise NotPostedError(f"no {form} for {target}", hint="")
        return self.posted[form, target]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def comparer(world: World, tmp_path: Path, opener: Opener) -> Comparer:
    settings = GoSettings(
        Proxies((), "off", "this test"),
        GoSetting("GOSUMDB", "x", "this test"),
        GoSetting("GONOSUMDB", "", "this test"),
    )
    modules = ModuleVerifier(
        world, settings, lambda path, _sum, _h1: index_zip(path, name=path.name)
    )
    return Comparer(RELEASE, (world,), modules, opener, world.fetch, tmp_path / "work")


def tar(path: Path, files: Mapping[str, bytes], *, stamp: int = 0) -> Path:
    path.parent.mkdir(exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(f"go/{name}")
            info.size, info.mtime = len(data), stamp
            info.mode = 0o755 if name.startswith("bin/") else 0o644
            archive.addfile(info, io.BytesIO(data))
    return path


def module(path: Path, files: Mapping[str, bytes], *, stamp: int = 1980) -> Path:
    path.parent.mkdir(exist_ok=True)
    prefix = f"golang.org/toolchain@{path.name.removesuffix('.zip')}/"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(prefix + name, (stamp, 1, 1, 0, 0, 0)), data)
    return path


def h1_of(path: Path) -> str:
    digests = index_zip(path, name=path.name)
    return hash1((name, member.sha256) for name, member in digests.items())


def posted(path: Path, form: str, target: Target = LINUX) -> Posted:
    return Posted("test", form, RELEASE, target, path.as_uri(), path, sha256(path), ())


def judge(comparer: Comparer, path: Path, target: Target = LINUX) -> FileResult:
    product = Product(path, path.stat().st_size, sha256(path))
    (result,) = comparer.compare(target, {path.name: product})
    return result


def test_the_announced_sum_is_the_proof_and_needs_no_download(
    comparer: Comparer, world: World, tmp_path: Path
) -> None:
    path = tar(tmp_path / ARCHIVE, FILES)
    world.sums[ARCHIVE] = sha256(path)
    result = judge(comparer, path)
    assert (result.outcome, result.posted) == (RebuildOutcome.REPRODUCED, sha256(path))
    assert result.verified == (Verification("sha256", "this test"),)


def test_one_changed_byte_is_found_and_named(
    comparer: Comparer, world: World, tmp_path: Path
) -> None:
    path = tar(tmp_path / ARCHIVE, {**FILES, "src/a.go": b"package b\n"})
    theirs = tar(tmp_path / "theirs" / ARCHIVE, FILES)
    world.sums[ARCHIVE] = sha256(theirs)
    world.posted["archive", LINUX] = posted(theirs, "archive")
    result = judge(comparer, path)
    assert result.outcome is RebuildOutcome.DIFFERS
    assert said(result.cause) == "1 differences, 2 files equal"
    assert result.where[0].startswith("src/a.go: ")


def test_equal_files_in_another_archive_do_not_reproduce_it(
    comparer: Comparer, world: World, tmp_path: Path
) -> None:
    path = tar(tmp_path / ARCHIVE, FILES, stamp=5)
    theirs = tar(tmp_path / "theirs" / ARCHIVE, FILES, stamp=6)
    world.sums[ARCHIVE] = sha256(theirs)
    world.posted["archive", LINUX] = posted(theirs, "archive")
    result = judge(comparer, path)
    assert result.outcome is RebuildOutcome.DIFFERS
    assert "the archive around them is another" in said(result.cause)


def test_a_file_that_is_not_the_posted_one_differs_even_unseen(
    comparer: Comparer, world: World, tmp_path: Path
) -> None:
    world.sums[ARCHIVE] = "0" * 64
    result = judge(comparer, tar(tmp_path / ARCHIVE, FILES))
    assert result.outcome is RebuildOutcome.DIFFERS
    assert "not available here (no archive for linux-amd64)" in said(result.cause)


def test_a_signed_archive_that_is_not_at_hand_is_not_judged(
    comparer: Comparer, world: World, tmp_path: Path
) -> None:
    name = "go1.24.4.darwin-arm64.tar.gz"
    world.sums[name] = "0" * 64
    result = judge(comparer, tar(tmp_path / name, FILES), DARWIN)
    assert result.outcome is RebuildOutcome.NOT_COMPARED
    assert "signed" in said(result.cause)


@pytest.mark.parametrize(
    ("tampered", "outcome"),
    [
        ({}, RebuildOutcome.EQUIVALENT),
        ({"bin/go": b""}, RebuildOutcome.DIFFERS),
        ({"VERSION": b"go1.24.5\n"}, RebuildOutcome.DIFFERS),
        ({"pkg/more": b"x"}, RebuildOutcome.DIFFERS),
    ],
    ids=["signature alone", "not an executable", "text", "one more file"],
)
def test_a_signed_archive_is_compared_with_its_signatures_set_aside(
    comparer: Comparer,
    world: World,
    tmp_path: Path,
    tampered: dict[str, bytes],
    outcome: RebuildOutcome,
) -> None:
    name = "go1.24.4.darwin-arm64.tar.gz"
    path = tar(tmp_path / name, {**FILES, "bin/go": executable(page=1)})
    posted_go = signed(team="EQHXZ8M8AV")
    theirs = tar(tmp_path / "theirs" / name, {**FILES, "bin/go": posted_go, **tampered})
    world.sums[name] = sha256(theirs)
    world.posted["archive", DARWIN] = posted(theirs, "archive", DARWIN)
    result = judge(comparer, path, DARWIN)
    assert result.outcome is outcome
    if outcome is RebuildOutcome.EQUIVALENT:
        assert said(result.cause) == (
            "1 executables differ in their code signature alone, 2 files equal"
        )


def test_without_a_sum_nothing_is_said(comparer: Comparer, world: World, tmp_path: Path) -> None:
    path = tar(tmp_path / ARCHIVE, FILES)
    assert judge(comparer, path).outcome is RebuildOutcome.NOT_POSTED
    world.unreachable = True
    result = judge(comparer, path)
    assert result.outcome is RebuildOutcome.NOT_COMPARED
    assert "the index does not answer" in said(result.cause)


def test_an_installer_of_which_nobody_can_be_asked_is_told(
    comparer: Comparer, world: World, tmp_path: Path
) -> None:
    path = tar(tmp_path / "go1.24.4.darwin-arm64.tar.gz", FILES)
    world.unreachable = True
    product = Product(path, path.stat().st_size, sha256(path))
    _archive, installer = comparer.compare(DARWIN, {path.name: product})
    assert (installer.name, installer.sha256) == ("go1.24.4.darwin-arm64.pkg", "")
    assert installer.outcome is RebuildOutcome.NOT_COMPARED
    assert said(installer.cause) == "whether it was posted is not known: the index does not answer"


def test_an_installer_is_not_compared_with_the_module_form(
    comparer: Comparer, world: World
) -> None:
    world.sums["go1.24.4.darwin-arm64.pkg"] = "0" * 64
    (installer,) = comparer.compare(DARWIN, {})
    assert installer.outcome is RebuildOutcome.NOT_COMPARED
    assert "module form" in said(installer.cause)


def test_a_link_that_one_side_has_is_a_difference() -> None:
    ours, theirs = memory_tree({"a": b"1"}), memory_tree({"a": b"1"}, links={"b": "/etc"})
    found = compare_trees(ours, theirs)
    assert (found.outcome, found.where) == (RebuildOutcome.DIFFERS, ("b: only upstream has it",))


def test_a_module_zip_is_proven_by_the_database(
    comparer: Comparer, world: World, tmp_path: Path
) -> None:
    path = module(tmp_path / MODULE, FILES)
    world.h1["v0.0.1-go1.24.4.linux-amd64"] = (h1_of(path), "h1:mod")
    result = judge(comparer, path)
    assert (result.outcome, result.posted) == (RebuildOutcome.REPRODUCED, h1_of(path))
    assert "every member is the same" in said(result.cause)
    world.posted["module", LINUX] = posted(path, "module")
    assert said(judge(comparer, path).cause) == "the same bytes as the posted file"


def test_a_module_zip_of_the_same_members_written_differently_is_told(
    comparer: Comparer, world: World, tmp_path: Path
) -> None:
    path = module(tmp_path / MODULE, FILES)
    theirs = module(tmp_path / "theirs" / MODULE, FILES, stamp=1990)
    world.h1["v0.0.1-go1.24.4.linux-amd64"] = (h1_of(path), "h1:mod")
    world.posted["module", LINUX] = posted(theirs, "module")
    assert judge(comparer, path).outcome is RebuildOutcome.EQUIVALENT


def test_a_module_zip_that_is_another_is_taken_apart(
    comparer: Comparer, world: World, tmp_path: Path
) -> None:
    path = module(tmp_path / MODULE, {**FILES, "VERSION": b"go1.24.5\n"})
    theirs = module(tmp_path / "theirs" / MODULE, FILES)
    world.h1["v0.0.1-go1.24.4.linux-amd64"] = (h1_of(theirs), "h1:mod")
    assert judge(comparer, path).outcome is RebuildOutcome.DIFFERS
    world.posted["module", LINUX] = posted(theirs, "module")
    result = judge(comparer, path)
    assert (result.outcome, result.posted) == (RebuildOutcome.DIFFERS, h1_of(theirs))
    assert result.where[0].startswith("VERSION: ")


@pytest.mark.parametrize(
    ("unreachable", "outcome"),
    [(False, RebuildOutcome.NOT_COMPARED), (True, RebuildOutcome.NOT_COMPARED)],
)
def test_a_module_zip_that_nobody_knows_is_not_judged(
    comparer: Comparer,
    world: World,
    tmp_path: Path,
    unreachable: bool,  # noqa: FBT001 - a table
    outcome: RebuildOutcome,
) -> None:
    world.unreachable = unreachable
    assert judge(comparer, module(tmp_path / MODULE, FILES)).outcome is outcome


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("module golang.org/toolchain\n", RebuildOutcome.REPRODUCED),
        ("module x\n", RebuildOutcome.DIFFERS),
    ],
)
def test_a_go_mod_has_an_h1_of_its_own(
    comparer: Comparer, world: World, tmp_path: Path, text: str, outcome: RebuildOutcome
) -> None:
    mod = hash1([("go.mod", hashlib.sha256(b"module golang.org/toolchain\n").hexdigest())])
    world.h1["v0.0.1-go1.24.4.linux-amd64"] = ("h1:zip", mod)
    path = tmp_path / MODULE.replace(".zip", ".mod")
    path.write_text(text, "utf-8")
    assert judge(comparer, path).outcome is outcome


def test_an_info_has_no_sum(comparer: Comparer, tmp_path: Path) -> None:
    path = tmp_path / MODULE.replace(".zip", ".info")
    path.write_text("{}", "utf-8")
    assert judge(comparer, path).outcome is RebuildOutcome.NOT_COMPARED


def test_authorities_that_contradict_each_other_are_an_error(
    comparer: Comparer, world: World, tmp_path: Path
) -> None:
    other = World(sums={ARCHIVE: "1" * 64})
    world.sums[ARCHIVE] = "0" * 64
    both = replace(comparer, authorities=(world, other))
    with pytest.raises(VerificationError, match=r"has sha256 0+ by this test"):
        judge(both, tar(tmp_path / ARCHIVE, FILES))


def test_modes_and_one_sided_files_count() -> None:
    ours = memory_tree({"a": b"1", "b": b"2"}, modes={"a": 0o755, "b": 0o644})
    theirs = memory_tree({"a": b"1", "c": b"2"}, modes={"a": 0o644, "c": 0o644})
    found = compare_trees(ours, theirs)
    assert found.where == (
        "b: only the rebuild has it",
        "c: only upstream has it",
        "a: mode 755, upstream's 644",
    )


def test_a_thousand_differences_are_counted_and_some_named() -> None:
    ours = memory_tree({f"f{n:04}": b"1" for n in range(1000)})
    theirs = memory_tree({f"f{n:04}": b"2" for n in range(1000)})
    found = compare_trees(ours, theirs)
    assert said(found.cause) == "1000 differences, 0 files equal"
    assert len(found.where) == MOST_NAMED + 1
    assert found.where[-1] == f"and {1000 - MOST_NAMED} more"


def test_only_what_is_upstreams_is_kept(tmp_path: Path) -> None:
    path = tar(tmp_path / ARCHIVE, FILES)
    product = Product(path, path.stat().st_size, sha256(path))
    keep = tmp_path / "posted"
    for outcome in RebuildOutcome:
        result = FileResult(ARCHIVE, 1, "0" * 64, outcome, NobodyLists())
        if outcome is not RebuildOutcome.REPRODUCED:
            keep_reproduced(result, product, keep)
            assert not keep.exists()
    for _ in range(2):
        keep_reproduced(
            FileResult(ARCHIVE, 1, "", RebuildOutcome.REPRODUCED, NobodyLists()), product, keep
        )
        assert sha256(keep / ARCHIVE) == product.sha256
