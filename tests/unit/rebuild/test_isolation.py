from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from samego.errors import BuildError, DiskFullError
from samego.rebuild.isolation import Build, Built, run_build


def run(tmp_path: Path, script: str, environment: Mapping[str, str], timeout: float = 60) -> Built:
    return run_build(
        Build(
            ["bash", "-c", script], tmp_path, environment, tmp_path / "s", tmp_path / "log", timeout
        )
    )


def test_a_build_sees_what_it_is_given_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOEXPERIMENT", "leaks")
    monkeypatch.setenv("GOFLAGS", "-leaks")
    built = run(tmp_path, 'env -0 > seen; echo -n "$HOME $TMPDIR" > own', {"GOOS": "plan9"})
    seen = dict(
        row.split("=", 1) for row in (tmp_path / "seen").read_text("utf-8").split("\0") if row
    )
    shell = {"PWD", "OLDPWD", "SHLVL", "_"}
    assert set(seen) - shell == {"PATH", "HOME", "TMPDIR", "LC_ALL", "GOOS"}
    assert (tmp_path / "own").read_text("utf-8") == f"{tmp_path}/s/home {tmp_path}/s/tmp"
    assert built.isolation.environment == ("GOOS", "HOME", "LC_ALL", "PATH", "TMPDIR")


def test_where_the_kernel_allows_it_there_is_no_network(tmp_path: Path) -> None:
    built = run(tmp_path, "cat /proc/net/dev > net", {})
    links = (tmp_path / "net").read_text("utf-8").splitlines()[2:]
    names = {line.partition(":")[0].strip() for line in links}
    assert (names == {"lo"}) == built.isolation.network.startswith("none")


def test_a_build_that_fails_shows_the_tail_of_its_log(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"status 3 \(.*here it broke\)") as caught:
        run(tmp_path, "for n in $(seq 50); do echo line$n; done; echo here it broke; exit 3", {})
    assert "line1 " not in caught.value.message
    assert str(tmp_path / "log") in caught.value.hint


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(DiskFullError):
        run(tmp_path, "echo 'write x: no space left on device'; exit 1", {})


def test_what_a_build_leaves_running_ends_with_it(tmp_path: Path) -> None:
    run(tmp_path, "sleep 600 & echo $! > child", {})
    pid = int((tmp_path / "child").read_text("utf-8"))
    for _ in range(100):
        if not _alive(pid):
            break
        time.sleep(0.05)
    assert not _alive(pid)


def test_a_build_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="more than 0 s"):
        run(tmp_path, "sleep 600", {}, timeout=0.2)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A child that ended and that nobody has waited for yet still has its number.
    return Path(f"/proc/{pid}/stat").read_text("utf-8").split(") ")[1][0] != "Z"
