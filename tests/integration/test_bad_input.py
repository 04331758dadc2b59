"""Bad input: exit status 2 and one clear line, never a traceback, nothing left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.cli import PROGRAM, Result, Samego, the_error
from support.deb_repack import new_file, write_deb

pytestmark = pytest.mark.network

# Nothing listens on the discard port of this machine.
_NOBODY = "https://127.0.0.1:9"
_NO_NETWORK = {"GOPROXY": _NOBODY, "SAMEGO_GODEV_URL": _NOBODY, "SAMEGO_TIMEOUT": "5"}
_CONTROL = """\
Package: {package}
Version: 1.0-1
Architecture: amd64
Maintainer: Nobody <nobody@example.org>
Description: a test
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Directories of one test: samego's home, where it runs, where it keeps what is short-lived."""

    home: Path
    cwd: Path
    scratch: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"TMPDIR": str(self.scratch)}

    def run(
        self, *arguments: str | Path, environment: Mapping[str, str | None] | None = None
    ) -> Result:
        """Run samego here and see that it left nothing but its cache."""
        result = Samego(self.home, self.environment)(
            *arguments, cwd=self.cwd, environment=environment
        )
        assert "Traceback" not in result.stderr
        self.assert_clean()
        return result

    def assert_clean(self) -> None:
        assert list(self.cwd.iterdir()) == []
        assert list(self.scratch.iterdir()) == []


def _check(packages: Sequence[Path], *more: str | Path) -> list[str | Path]:
    return ["check", "-q", *packages, *more]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path / "home", tmp_path / "cwd", tmp_path / "scratch")
    for directory in (place.home, place.cwd, place.scratch):
        directory.mkdir()
    return place


def _assert_refused(result: Result, *words: str, status: int = 2) -> None:
    assert result.status == status, result.stderr
    assert result.stdout == ""
    assert the_error(result.stderr)
    assert "bug of samego" not in result.stderr
    for word in words:
        assert word in result.stderr


def test_a_missing_file(place: Place) -> None:
    _assert_refused(place.run("check", "-q", "golang-1.24-go.deb"), "golang-1.24-go.deb")


def test_an_empty_directory(place: Place, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    _assert_refused(place.run("check", "-q", tmp_path / "empty"), "empty")


@pytest.mark.parametrize("kept", [0, 5, 8, 100, 5_000, 1 << 20, -1], ids=str)
def test_a_truncated_deb(
    kept: int, place: Place, trixie_go124_debs: list[Path], go1244_module_zip: Path
) -> None:
    go, *others = trixie_go124_debs
    cut = place.home / go.name
    cut.write_bytes(go.read_bytes()[:kept])
    result = place.run("check", "-q", cut, *others, "--upstream", go1244_module_zip)
    _assert_refused(result, go.name)


def test_a_damaged_deb(
    place: Place, trixie_go124_debs: list[Path], go1244_module_zip: Path
) -> None:
    go, *others = trixie_go124_debs
    data = bytearray(go.read_bytes())
    data[len(data) // 2] ^= 0xFF
    damaged = place.home / go.name
    damaged.write_bytes(data)
    result = place.run("check", "-q", damaged, *others, "--upstream", go1244_module_zip)
    _assert_refused(result, go.name)


@pytest.mark.parametrize(
    ("package", "files"),
    [
        pytest.param("hello", {"usr/bin/hello": b"#!/bin/sh\n"}, id="another package"),
        pytest.param("golang-1.24-go", {"usr/bin/hello": b""}, id="Go in name only"),
        pytest.param("golang-1.24-go", {}, id="nothing in it"),
        pytest.param("golang-1.24-go", {"usr/lib/go-1.24/VERSION": b"x\n"}, id="no version in it"),
        pytest.param("golang-1.24-go", {"usr/lib/go-1.24/VERSION": b"\xff" * 9}, id="no text"),
    ],
)
def test_a_deb_that_is_no_go_toolchain(
    package: str, files: Mapping[str, bytes], place: Place
) -> None:
    deb = write_deb(
        place.home / f"{package}_1.0-1_amd64.deb",
        _CONTROL.format(package=package),
        [new_file(path, data) for path, data in files.items()],
    )
    _assert_refused(place.run("check", "-q", deb))


def test_documentation_alone_is_no_toolchain(place: Place, trixie_go124_debs: list[Path]) -> None:
    _assert_refused(place.run("check", "-q", trixie_go124_debs[2]))


def test_a_file_that_is_no_package(place: Place) -> None:
    path = place.home / "notes.txt"
    path.write_text("nothing\n", encoding="utf-8")
    _assert_refused(place.run("check", "-q", path), "notes.txt")


def test_packages_of_two_versions(
    place: Place, trixie_go124_debs: list[Path], sid_go127_debs: list[Path]
) -> None:
    named = (trixie_go124_debs[0], sid_go127_debs[1], "--release", "go1.24.4")
    _assert_refused(place.run("check", "-q", *named), "1.24.4-1", "1.27.3-1")


def test_the_same_package_twice(
    place: Place, trixie_go124_debs: list[Path], tmp_path: Path
) -> None:
    copy = tmp_path / "again_1.24.4-1_amd64.deb"
    shutil.copy(trixie_go124_debs[0], copy)
    _assert_refused(place.run("check", "-q", trixie_go124_debs[0], copy), "both a go package")


@pytest.mark.parametrize("release", ["go1.24", "1.24.4-1", "go2.0.0", "latest", "go1.24.4\n"])
def test_a_release_that_go_does_not_spell_so(
    release: str, place: Place, trixie_go124_debs: list[Path]
) -> None:
    result = place.run("check", "-q", *trixie_go124_debs, f"--release={release}")
    _assert_refused(result)


def test_a_release_that_nobody_posted(place: Place, trixie_go124_debs: list[Path]) -> None:
    result = place.run(
        *_check(trixie_go124_debs[:1], "--release", "go1.24.999", "--channel", "module")
    )
    _assert_refused(result, "go1.24.999")


def test_offline_with_nothing_at_hand(place: Place, trixie_go124_debs: list[Path]) -> None:
    _assert_refused(place.run("check", "-q", "--offline", trixie_go124_debs[0]))


def test_no_network(place: Place, trixie_go124_debs: list[Path]) -> None:
    result = place.run("check", "-q", trixie_go124_debs[0], environment=_NO_NETWORK)
    _assert_refused(result, "127.0.0.1")


def test_a_file_that_is_not_what_was_announced(
    place: Place, trixie_go124_debs: list[Path], tmp_path: Path
) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    name = "go1.24.4.linux-amd64.tar.gz"
    shutil.copy(trixie_go124_debs[2], mirror / name)
    result = place.run(
        *_check(trixie_go124_debs[:1], "--channel", "mirror"),
        environment={"SAMEGO_MIRROR": str(mirror)},
    )
    _assert_refused(result, name)


def test_upstream_files_of_one_changed_byte(
    place: Place, trixie_go124_debs: list[Path], go1244_module_zip: Path
) -> None:
    data = bytearray(go1244_module_zip.read_bytes())
    data[len(data) // 2] ^= 1
    changed = place.home / go1244_module_zip.name
    changed.write_bytes(data)
    result = place.run("check", "-q", trixie_go124_debs[0], "--upstream", changed)
    _assert_refused(result, changed.name)


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _scrambled(path: Path) -> None:
    path.write_bytes(bytes(byte ^ 0x55 for byte in path.read_bytes()[: 1 << 20]))


@pytest.mark.parametrize("damage", [_emptied, _cut, _scrambled])
def test_a_corrupt_cache(
    damage: Callable[[Path], None], filled_home: Path, place: Place, trixie_go124_debs: list[Path]
) -> None:
    shutil.copytree(filled_home, place.home, dirs_exist_ok=True)
    blobs = [path for path in _files(place.home) if path.stat().st_size > 1 << 20]
    assert blobs
    for path in blobs:
        path.chmod(0o600)
        damage(path)
    command = _check(trixie_go124_debs[:1], "--offline", "--channel", "module")
    _assert_refused(place.run(*command))


def test_corrupt_small_files_of_the_cache_do_not_change_the_answer(
    filled_home: Path, place: Place, trixie_go124_debs: list[Path]
) -> None:
    """Indexes and records are made anew, or refused: they never count unseen."""
    shutil.copytree(filled_home, place.home, dirs_exist_ok=True)
    for path in _files(place.home):
        if path.stat().st_size and path.suffix == ".index":
            path.chmod(0o600)
            data = bytearray(path.read_bytes())
            data[len(data) // 2] ^= 1
            path.write_bytes(data)
    command = _check(trixie_go124_debs[:1], "--channel", "module", "--format", "json")
    damaged, whole = place.run(*command), Samego(filled_home)(*command)
    assert damaged.report["findings"] == whole.report["findings"]


def _files(directory: Path) -> Sequence[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def filled_home(tmp_path_factory: pytest.TempPathFactory, trixie_go124_debs: list[Path]) -> Path:
    """A home whose cache holds upstream's module for golang-1.24."""
    home = tmp_path_factory.mktemp("filled-home")
    result = Samego(home)("check", "-q", trixie_go124_debs[0], "--channel", "module")
    assert result.status == 1, result.stderr
    return home


def test_a_full_disk(place: Place, trixie_go124_debs: list[Path], go1244_module_zip: Path) -> None:
    """The cache, and what is short-lived, lie on a disk of one megabyte."""
    small = place.home / "small"
    small.mkdir()
    # In a mount namespace of its own, so that nothing has to be undone.
    script = 'mount -t tmpfs -o size=1m tmpfs "$1" && mkdir "$1/tmp" && shift && exec "$@"'
    shell: list[str | Path] = ["sh", "-c", script, "-", small]
    namespace = ["unshare", "--user", "--map-root-user", "--mount", *shell]
    if subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody mount a disk")
    arguments = _check(trixie_go124_debs, "--upstream", go1244_module_zip)
    ended = subprocess.run(
        [*namespace, PROGRAM, *arguments, "--cache", small / "cache"],
        cwd=place.cwd,
        env=Samego(place.home).environ({"TMPDIR": str(small / "tmp")}),
        capture_output=True,
        text=True,
        check=False,
    )
    _assert_refused(Result(ended.returncode, ended.stdout, ended.stderr), "no disk space is left")
    place.assert_clean()


def test_a_full_disk_behind_stdout(
    place: Place, trixie_go124_debs: list[Path], go1244_module_zip: Path
) -> None:
    arguments = _check(trixie_go124_debs[:1], "--upstream", go1244_module_zip)
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [PROGRAM, *arguments],
            cwd=place.cwd,
            env=Samego(place.home).environ(place.environment),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    _assert_refused(Result(ended.returncode, "", ended.stderr), "no disk space is left")
    place.assert_clean()


def test_a_result_that_cannot_be_written_leaves_no_file(
    place: Place, trixie_go124_debs: list[Path]
) -> None:
    nowhere = place.home / "nowhere" / "report.json"
    _assert_refused(place.run("check", "-q", *trixie_go124_debs, "-o", nowhere), "nowhere")


@pytest.mark.parametrize(
    ("number", "status", "wait"),
    [
        pytest.param(
            number,
            status,
            wait,
            id=f"{name}-{wait}",
            # Both at once; later, each of the moments by one of them.
            marks=pytest.mark.long if (name, wait) in {("INT", 0.5), ("TERM", 1.2)} else (),
        )
        for name, number, status in (("INT", signal.SIGINT, 130), ("TERM", signal.SIGTERM, 143))
        for wait in (0, 0.5, 1.2)
    ],
)
def test_ctrl_c(
    number: signal.Signals, status: int, wait: float, place: Place, whole_check: list[str | Path]
) -> None:
    with Samego(place.home, place.environment).start(whole_check, cwd=place.cwd) as process:
        # Its directory for what is short-lived is there: from now on it has to tidy up.
        while process.poll() is None and not any(place.scratch.iterdir()):
            time.sleep(0.01)
        time.sleep(wait)
        # As a terminal does it: the whole group hears of it.
        os.killpg(process.pid, number)
        stdout, stderr = process.communicate(timeout=60)
    _assert_refused(Result(process.returncode, stdout, stderr), status=status)
    place.assert_clean()


@pytest.fixture
def whole_check(
    trixie_go124_debs: list[Path], go1244_module_zip: Path, go124_source: Path
) -> list[str | Path]:
    """A check with everything."""
    more = ("--upstream", go1244_module_zip, "--source", next(go124_source.glob("*.dsc")))
    return _check(trixie_go124_debs, *more)
