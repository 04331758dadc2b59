"""Upstream's real module, unpacked as the go command unpacks it into its module cache."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.cli import Samego

pytestmark = pytest.mark.network
NAME = "golang.org/toolchain@v0.0.1-go1.24.4.linux-amd64"
#: What a check says of it: the findings by path, and whether it passes.
Told = tuple[dict[str, Any], bool]


@pytest.fixture(scope="module")
def toolchain(go1244_module_zip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("mod")
    with zipfile.ZipFile(go1244_module_zip) as archive:
        archive.extractall(root)
    directory = root / NAME
    for kept in directory.rglob("_go.mod"):
        kept.with_name("go.mod").write_bytes(kept.read_bytes())
    for path in directory.rglob("*"):
        if path.is_file():
            command = path.is_relative_to(directory / "bin") or "pkg/tool" in str(path)
            path.chmod(0o555 if command else 0o444)
    return directory


@pytest.fixture
def check(samego: Samego, toolchain: Path, go1244_module_zip: Path) -> Callable[[], Told]:
    def told() -> Told:
        result = samego("check", toolchain, "--upstream", go1244_module_zip, "--format", "json")
        assert result.status in {0, 1}, result.stderr
        report = result.report
        return {finding["path"]: finding for finding in report["findings"]}, report["passes"]

    return told


def test_what_the_go_command_unpacked_is_upstreams(check: Callable[[], Told]) -> None:
    findings, passes = check()
    assert passes
    assert {finding["standing"] for finding in findings.values()} <= {"explained"}


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("bin/go", "byte"),
        ("src/crypto/tls/conn.go", "byte"),
        ("src/cmd/_go.mod", "byte"),
        ("bin/gofmt", "mode"),
    ],
)
def test_one_change_in_it_is_found(
    toolchain: Path, check: Callable[[], Told], path: str, change: str
) -> None:
    file = toolchain / path
    before, mode = file.read_bytes(), file.stat().st_mode
    file.chmod(0o644)
    try:
        if change == "byte":
            file.write_bytes(bytes([before[0] ^ 1]) + before[1:])
            file.chmod(mode)
        else:
            file.chmod(0o4555)
        findings, passes = check()
    finally:
        file.chmod(0o644)
        file.write_bytes(before)
        file.chmod(mode)
    assert not passes
    assert [p for p, f in findings.items() if f["standing"] == "unexplained"] == [path]
