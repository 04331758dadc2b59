"""The leak finder and --rebuild on real executables: what is named, tried and proven."""

from __future__ import annotations

import shlex
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from support.cli import Samego

pytestmark = pytest.mark.network
ROOT = Path(__file__).resolve().parents[2]
NAME = "golang.org/toolchain@v0.0.1-go1.24.4.linux-amd64"
PACK = "pkg/tool/linux_amd64/pack"


@pytest.fixture(scope="module")
def toolchain(go1244_module_zip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Upstream's toolchain, unpacked as a GOROOT."""
    root = tmp_path_factory.mktemp("goroot")
    with zipfile.ZipFile(go1244_module_zip) as archive:
        archive.extractall(root)
    directory = root / NAME
    for kept in directory.rglob("_go.mod"):
        kept.rename(kept.with_name("go.mod"))
    for path in (*directory.glob("bin/*"), *directory.glob("pkg/tool/*/*")):
        path.chmod(0o755)
    return directory


def checked(samego: Samego, toolchain: Path, upstream: Path, *options: str) -> dict[str, Any]:
    """What is said of pack."""
    result = samego("check", toolchain, "--upstream", upstream, *options, "--format", "json")
    assert result.status == 1, result.stderr
    (finding,) = [each for each in result.report["findings"] if each["path"] == PACK]
    return dict(finding)


def test_a_lie_in_the_build_information_is_a_guess_and_nothing_else(
    samego: Samego, toolchain: Path, go1244_module_zip: Path
) -> None:
    posted = (toolchain / PACK).read_bytes()
    (toolchain / PACK).write_bytes(posted.replace(b"GOAMD64=v1", b"GOAMD64=v3"))
    try:
        finding = checked(samego, toolchain, go1244_module_zip)
        text = samego("check", toolchain, "--upstream", go1244_module_zip).stdout
    finally:
        (toolchain / PACK).write_bytes(posted)
    assert finding["standing"] == "unexplained"
    (guess,) = finding["candidates"]
    assert (guess["name"], guess["strength"], guess["tried"]) == ("GOAMD64", "stated", "not tried")
    assert guess["settings"] == [{"kind": "environment", "name": "GOAMD64", "value": "v3"}]
    assert shlex.split(finding["command"])[:3] == ["samego", "check", "--rebuild"]
    assert "may be: GOAMD64=v3 (it says so itself)" in text
    assert f"try what may have made {PACK} another" in text


@pytest.mark.long
def test_a_setting_that_nobody_declares_is_named_and_found_by_a_rebuild(
    samego: Samego, toolchain: Path, go1244_module_zip: Path, tmp_path: Path
) -> None:
    posted = (toolchain / PACK).read_bytes()
    (tmp_path / "go.mod").write_text("module bootstrap\ngo 1.24\n", "utf-8")
    command = [str(toolchain / "bin/go"), "build", "-trimpath", "-ldflags=-s"]
    command += ["-gcflags=cmd/...=-dwarf=false", "-o", str(tmp_path / "pack"), "cmd/pack"]
    variables = {"GOROOT": str(toolchain), "GOTOOLCHAIN": "local", "GOENV": "off"}
    subprocess.run(
        command,
        check=True,
        cwd=tmp_path,
        env={**variables, "HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "CGO_ENABLED": "0"},
    )
    built = (tmp_path / "pack").read_bytes()
    middle = len(built) // 3
    changed = built[:middle] + bytes([built[middle] ^ 1]) + built[middle + 1 :]
    try:
        found = []
        for data in (built, changed):
            (toolchain / PACK).write_bytes(data)
            found.append(checked(samego, toolchain, go1244_module_zip, "--rebuild"))
    finally:
        (toolchain / PACK).write_bytes(posted)
    assert [each["standing"] for each in found] == ["unexplained", "unexplained"]
    assert [each["candidates"][0]["tried"] for each in found] == ["gives it", "gives another"]
    kinds = [[cause["kind"] for cause in each["causes"]] for each in found]
    assert kinds == [["does_not_follow", "follows_with"], ["does_not_follow"]]


@pytest.mark.long
def test_settings_drawn_by_chance_are_found_and_no_claim_of_proof_is_wrong(tmp_path: Path) -> None:
    program = str(ROOT / "benchmarks" / "leaks.py")
    ran = subprocess.run(
        [sys.executable, program, "--seed", "5", "--cases", "12", "--directory", str(tmp_path)],
        check=False,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "tests"), "PATH": "/usr/local/go/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    sums = {
        words[0].strip(): int(words[1])
        for words in (line.rsplit(maxsplit=1) for line in ran.stdout.splitlines())
        if len(words) == 2 and words[1].isdigit()
    }
    assert sums["wrong claims of proof"] == 0
    assert sums["proven by a build"] > 0
    assert sums["settings named"] * 4 >= sums["settings planted"] * 3
