from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from samego.errors import ContradictedError, InputError
from samego.model.release import Release
from samego.report.load_source import parse_source
from samego.report.source import render_json
from samego.report.source_text import render_text
from samego.source.result import InGit, Packed, SourceResult, SourceVerdict, What
from samego.source.run import SourceOptions, trace_source
from samego.system.progress import Silent
from support.godev_server import Fault, module_zip
from support.made_clone import GIT_FILES, clone
from support.made_source import MODULES, NET, RELEASE, TEXT, VERSIONS, source_archive, source_files
from support.source_world import SourceWorld

MODULE_VERSION = f"v0.0.1-{RELEASE}.linux-amd64"
ORIG = "golang-1.24_1.24.99.orig.tar.gz"


def trace(world: SourceWorld, file: Path | None = None, git: Path | None = None) -> SourceResult:
    release = None if file else Release.parse(RELEASE)
    result = trace_source(SourceOptions(release, file, git, world.config), Silent())
    # What is found can be written, read back, and shown.
    assert parse_source(render_json(result).encode(), name="it")["verdict"] == result.verdict.value
    assert render_text(result).startswith(RELEASE)
    return result


def test_a_release_that_is_as_stated(world: SourceWorld) -> None:
    result = trace(world)
    assert result.verdict is SourceVerdict.AS_STATED
    assert result.verdict.exit_status == 0
    assert (result.packing.outcome, result.packing.name) == (
        Packed.POSTED,
        f"{RELEASE}.src.tar.gz",
    )
    assert result.packing.verified
    assert sum(each.identical for directory in result.vendored for each in directory.modules) == 11
    assert len(result.opaque) == 3


def test_a_second_run_asks_for_nothing_again(world: SourceWorld) -> None:
    trace(world)
    world.godev.requests.clear()
    trace(world)
    assert not [path for path, _range in world.godev.requests if path.endswith(".zip")]


def test_an_orig_tarball_is_upstreams_file_under_another_name(world: SourceWorld) -> None:
    orig = world.directory / ORIG
    orig.write_bytes(world.source.read_bytes())
    result = trace(world, orig)
    assert (result.verdict, result.packing.outcome) == (SourceVerdict.AS_STATED, Packed.POSTED)
    assert result.file == ORIG


@pytest.mark.parametrize("top", ["go/", "golang-1.24-1.24.99/", ""])
def test_the_same_files_in_another_packing(world: SourceWorld, top: str) -> None:
    tar = gzip.decompress(
        source_archive(world.directory, source_files(), "x.tgz", top).read_bytes()
    )
    repacked = world.directory / "golang-1.24_1.24.99.orig.tar.xz"
    repacked.write_bytes(lzma.compress(tar))
    result = trace(world, repacked)
    assert (result.verdict, result.packing.outcome) == (SourceVerdict.AS_STATED, Packed.SAME_FILES)
    assert result.packing.identical == len(source_files())
    assert result.packing.upstream is not None
    assert result.packing.upstream.name == f"{RELEASE}.src.tar.gz"


@pytest.mark.parametrize(
    ("path", "data", "what"),
    [
        ("src/fmt/print.go", b"package evil\n", What.CONTENT),
        ("src/fmt/evil.go", b"package fmt\n", What.EXTRA),
        ("bin/go", b"\x7fELF", What.EXTRA),
        ("pkg/include/evil.h", b"\n", What.EXTRA),
        ("src/go/build/zcgo.go", b"package build\n", What.EXTRA),
        ("src/runtime/race/race_linux_arm64.syso", b"\x7fELF" + bytes(60), What.CONTENT),
        ("src/vendor/golang.org/x/text/bidi/bidi.go", b"package evil\n", What.CONTENT),
    ],
)
def test_a_planted_change_in_an_orig_tarball_is_named(
    world: SourceWorld, path: str, data: bytes, what: What
) -> None:
    orig = source_archive(world.directory, {**source_files(), path: data}, ORIG)
    result = trace(world, orig)
    assert result.verdict is SourceVerdict.DIFFERS
    assert result.verdict.exit_status == 1
    assert [(each.path, each.what) for each in result.packing.differences] == [(path, what)]
    vendored = [
        each.path
        for directory in result.vendored
        for module in directory.modules
        for each in module.differences
    ]
    assert vendored == ([path] if path.startswith("src/vendor/") else [])
    assert path in render_text(result)


def test_links_are_named(world: SourceWorld) -> None:
    orig = world.directory / ORIG
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(world.source.read_bytes()))) as before:
        members = [(info, before.extractfile(info)) for info in before]
        with tarfile.open(orig, "w:gz") as after:
            for info, data in members:
                if info.name.endswith("print.go"):
                    info.type, info.linkname, info.size = tarfile.SYMTYPE, "evil.go", 0
                after.addfile(info, data)
            link = tarfile.TarInfo("go/src/fmt/more.go")
            link.type, link.linkname = tarfile.SYMTYPE, "print.go"
            after.addfile(link)
    assert [(each.path, each.what) for each in trace(world, orig).packing.differences] == [
        ("src/fmt/more.go", What.EXTRA),
        ("src/fmt/print.go", What.KIND),
    ]


def test_a_file_left_out_and_a_permission_are_named(world: SourceWorld) -> None:
    files = source_files()
    del files["lib/time/update.bash"]
    orig = source_archive(world.directory, files, ORIG)
    result = trace(world, orig)
    assert [(each.path, each.what) for each in result.packing.differences] == [
        ("lib/time/update.bash", What.MISSING)
    ]


def test_a_vendored_file_that_upstream_itself_changed_is_named(world: SourceWorld) -> None:
    path = "src/vendor/golang.org/x/net/idna/idna.go"
    archive = source_archive(world.directory, {**source_files(), path: b"package idna\n"})
    world.post(archive)
    result = trace(world)
    assert result.packing.outcome is Packed.POSTED
    assert result.verdict is SourceVerdict.DIFFERS


def test_without_upstreams_file_a_changed_one_is_undecided(world: SourceWorld) -> None:
    orig = source_archive(world.directory, {**source_files(), "src/x.go": b"package x\n"}, ORIG)
    world.godev.faults[f"/dl/{world.source.name}"] = Fault(status=503)
    result = trace(world, orig)
    assert (result.packing.outcome, result.verdict) == (
        Packed.UNDECIDED,
        SourceVerdict.UNDECIDED,
    )
    assert result.verdict.exit_status == 2
    assert world.godev.url not in render_json(result)


def _zip(module: str) -> str:
    return f"/proxy/{module}/@v/{VERSIONS[module]}.zip"


@pytest.mark.parametrize(
    ("faults", "verdict"),
    [
        ({NET: 403}, SourceVerdict.AS_STATED),
        ({NET: 404, TEXT: 403}, SourceVerdict.UNDECIDED),
        ({TEXT: 503}, SourceVerdict.UNDECIDED),
    ],
)
def test_modules_that_are_not_served_are_no_pass_and_no_difference(
    world: SourceWorld, faults: Mapping[str, int], verdict: SourceVerdict
) -> None:
    for module, status in faults.items():
        world.godev.faults[_zip(module)] = Fault(status=status, body="no")
    result = trace(world)
    assert result.verdict is verdict
    assert world.godev.url not in render_json(result).replace(f"{world.godev.url}/dl", "")


def test_what_was_fetched_serves_offline(world: SourceWorld) -> None:
    trace(world)
    offline = replace(world.config, offline=True)
    options = SourceOptions(None, world.source, None, offline)
    assert trace_source(options, Silent()).verdict is SourceVerdict.AS_STATED
    empty = replace(offline, cache_directory=world.directory / "empty")
    result = trace_source(replace(options, config=empty), Silent())
    assert (result.packing.outcome, result.verdict) == (
        Packed.UNDECIDED,
        SourceVerdict.UNDECIDED,
    )


def test_a_proxy_with_another_zip_than_the_logged_one_is_an_error(world: SourceWorld) -> None:
    world.serve(NET, {**MODULES[NET], "idna/idna.go": b"package evil\n"})
    with pytest.raises(ContradictedError, match=r"golang.org/x/net@v0\.32\.0 has h1:"):
        trace(world)


def test_without_the_logs_record_go_sum_decides(world: SourceWorld) -> None:
    world.forget(NET)
    assert trace(world).verdict is SourceVerdict.AS_STATED
    world.serve(NET, {**MODULES[NET], "idna/idna.go": b"package evil\n"})
    other = replace(world.config, cache_directory=world.directory / "other")
    result = trace_source(SourceOptions(Release.parse(RELEASE), None, None, other), Silent())
    assert result.verdict is SourceVerdict.UNDECIDED


@pytest.mark.parametrize("changed", [False, True])
def test_a_clone_is_held_against_the_source(world: SourceWorld, changed: bool) -> None:  # noqa: FBT001 - a case
    files = {**source_files(), **GIT_FILES}
    if changed:
        files["src/fmt/print.go"] = b"package evil\n"
    directory = clone(world.directory / "clone", files, RELEASE)
    result = trace(world, git=directory)
    assert result.git is not None
    assert result.git.outcome is (InGit.DIFFERS if changed else InGit.SAME_FILES)
    assert result.verdict is (SourceVerdict.DIFFERS if changed else SourceVerdict.AS_STATED)
    assert str(world.directory) not in render_json(result)


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """The module form of a release: sources, what cmd/dist writes, and a program."""
    built = {**files, "bin/go": b"\x7fELF", "src/internal/buildcfg/zbootstrap.go": b"package b\n"}
    renamed = {
        f"{path[:-6]}_go.mod" if path.endswith("go.mod") else path: data
        for path, data in built.items()
    }
    return module_zip(MODULE_VERSION, renamed)


@pytest.mark.parametrize(
    "path", ["src/fmt/print.go", "bin/go", "src/internal/buildcfg/zbootstrap.go"]
)
def test_a_changed_module_zip_is_held_against_the_logged_one(world: SourceWorld, path: str) -> None:
    world.log_toolchain(MODULE_VERSION, _zipped(source_files()))
    zipped = world.directory / f"{MODULE_VERSION}.zip"
    zipped.write_bytes(_zipped(source_files()))
    assert trace(world, zipped).packing.outcome is Packed.POSTED
    with zipfile.ZipFile(zipped) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files[f"golang.org/toolchain@{MODULE_VERSION}/{path}"] += b"\n"
    with zipfile.ZipFile(zipped, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    result = trace(world, zipped)
    assert [(each.path, each.what) for each in result.packing.differences] == [(path, What.CONTENT)]
    assert (result.form, result.complete, result.verdict) == (
        "module",
        False,
        SourceVerdict.DIFFERS,
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"no archive", "tar archive"), (gzip.compress(b"", mtime=0), "empty file")],
)
def test_what_is_no_source_is_refused(world: SourceWorld, data: bytes, said: str) -> None:
    file = world.directory / "x.tar.gz"
    file.write_bytes(data)
    with pytest.raises(InputError, match=said):
        trace(world, file)


def test_an_archive_of_something_else_is_refused(world: SourceWorld) -> None:
    other = source_archive(world.directory, {"README": b"x\n"}, "x.tar.gz")
    with pytest.raises(InputError, match="holds no source of Go"):
        trace(world, other)
    odd = source_archive(world.directory, {**source_files(), "VERSION": b"devel\n"}, "y.tar.gz")
    with pytest.raises(InputError, match="no release of Go"):
        trace(world, odd)
