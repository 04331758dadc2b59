"""What lies on disk is judged as the system sees it: modes, owners and attributes."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest

from support.toy_check import VERSION_FILE, Checked, check, write_upstream

FILES = {
    "VERSION": VERSION_FILE,
    "bin/go": b"\x7fELF go",
    "pkg/tool/linux_amd64/compile": b"\x7fELF compile",
    "src/main.go": b"package main\n",
}
#: A file capability (linux/capability.h, revision 2): cap_dac_override, effective and permitted.
CAPABILITY = bytes.fromhex("0100000202000000000000000000000000000000")


@pytest.fixture
def goroot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("GOPROXY", "off")
    root = tmp_path / "go"
    for path, data in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
        (root / path).chmod(0o644)
    for directory in (root, *(path for path in root.rglob("*") if path.is_dir())):
        directory.chmod(0o755)
    return root


def run(goroot: Path) -> Checked:
    return check(goroot.parent, write_upstream(goroot.parent, FILES), [goroot])


def test_a_plain_toolchain_has_no_finding(goroot: Path) -> None:
    assert run(goroot).standings == {}


@pytest.mark.parametrize(
    ("path", "mode"),
    [("", 0o777), ("bin", 0o1777), ("pkg/tool", 0o2755), ("src", 0o775), ("bin/go", 0o4755)],
)
def test_a_mode_that_lets_others_in(path: str, mode: int, goroot: Path) -> None:
    (goroot / path).chmod(mode)
    found = run(goroot)
    assert found.standings == {path or "/": "unexplained"}
    assert f"mode {mode:04o}" in found.finding(path or "/")["where"]


@pytest.mark.parametrize("path", ["", "bin", "bin/go", "src/main.go"])
def test_an_attribute(path: str, goroot: Path) -> None:
    name, value = "user.capability", b"x"
    if os.geteuid() == 0 and (goroot / path).is_file():
        name, value = "security.capability", CAPABILITY
    with contextlib.suppress(OSError):  # the machine's own label, where it can be set
        os.setxattr(goroot / "VERSION", "security.selinux", b"system_u:object_r:usr_t:s0")
    os.setxattr(goroot / path, name, value)
    found = run(goroot)
    assert found.standings == {path or "/": "unexplained"}
    assert name in found.finding(path or "/")["where"]
    assert value.hex()[:40] in found.finding(path or "/")["where"]
