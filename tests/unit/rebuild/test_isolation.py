from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from samego.errors import BuildError, DiskFullError
from samego.rebuild.isolation import Built, IsolatedBuild, _namespaces, run_build


def build(tmp_path: Path, script: str) -> IsolatedBuild:
    return IsolatedBuild(["bash", "-c", script], tmp_path, {}, tmp_path / "s", tmp_path / "log", 60)


def run(tmp_path: Path, script: str, environment: Mapping[str, str], timeout: float = 60) -> Built:
    return run_build(replace(build(tmp_path, script), environment=environment, timeout=timeout))


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


def test_where_the_kernel_allows_it_a_build_sees_its_own_processes_alone(tmp_path: Path) -> None:
    """As bwrap must, which looks its child up in /proc."""
    run(tmp_path, "echo $$ > own; echo /proc/[0-9]* > seen", {})
    own = (tmp_path / "own").read_text("utf-8").strip()
    alone = (tmp_path / "seen").read_text("utf-8") == f"/proc/{own}\n"
    assert alone == ("--mount-proc" in _namespaces())


def test_a_build_that_fails_shows_the_tail_of_its_log(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"status 3 \(.*here it broke\)") as caught:
        run(tmp_path, "for n in $(seq 50); do echo line$n; done; echo here it broke; exit 3", {})
    assert "line1 " not in caught.value.message
    assert str(tmp_path / "log") in caught.value.hint


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(DiskFullError):
        run(tmp_path, "exec cat /etc/passwd > /dev/full", {})


def test_what_a_build_leaves_running_ends_with_it(tmp_path: Path) -> None:
    run(tmp_path, "sleep 600 & (exec setsid sleep 600) & echo $$ > started", {})
    assert (tmp_path / "started").exists()
    assert gone(tmp_path)


@pytest.mark.parametrize("spaces", [True, False], ids=["namespaces", "none"])
def test_a_build_ends_with_samego_even_when_that_is_killed(tmp_path: Path, spaces: bool) -> None:  # noqa: FBT001 - pytest's parameter
    escaping = "(exec setsid sleep 600) &" if spaces and has_processes() else ""
    script = f"sleep 600 & {escaping} (sleep 600; true) & touch started; sleep 600"
    process = subprocess.Popen([sys.executable, "-c", _CHILD, tmp_path, script, str(spaces)])
    try:
        wait_for(lambda: (tmp_path / "started").exists() and len(below(tmp_path)) >= 4)
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()
    assert gone(tmp_path)


def test_a_build_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="more than 0 s"):
        run(tmp_path, "sleep 600 & sleep 600", {}, timeout=0.2)
    assert gone(tmp_path)


def test_a_build_that_takes_too_much_memory_fails(tmp_path: Path) -> None:
    script = "exec perl -e 'my $x = \"x\" x (1 << $ARGV[0]); print length($x)' "
    run_build(replace(build(tmp_path, script + "20"), memory=256 << 20))
    with pytest.raises(BuildError, match=r"(?i)out of memory"):
        run_build(replace(build(tmp_path, script + "29"), memory=256 << 20))


def test_a_build_that_writes_too_much_is_ended(tmp_path: Path) -> None:
    script = "head -c 3000000 /dev/zero > $TMPDIR/big; sleep 600"
    with pytest.raises(BuildError, match="wrote more than 2000000 bytes"):
        run_build(replace(build(tmp_path, script), room=2_000_000))
    assert gone(tmp_path)


def test_a_stop_from_another_thread_ends_it(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(BuildError, match="was ended"):
        run_build(replace(build(tmp_path, "sleep 600"), stop=stop))
    assert gone(tmp_path)


#: Runs a build in a process of its own, without namespaces where the last argument says so.
_CHILD = """
import sys
from pathlib import Path
from samego.rebuild import isolation
directory = Path(sys.argv[1])
if sys.argv[3] == "False":
    isolation._namespaces = lambda: ()
command = ["bash", "-c", sys.argv[2]]
build = isolation.IsolatedBuild(command, directory, {}, directory / "s", directory / "log")
isolation.run_build(build)
"""


def has_processes() -> bool:
    """Whether the kernel here lets a build have process numbers of its own."""
    return "--pid" in _namespaces()


def below(directory: Path) -> list[str]:
    """The commands of all processes that run in a directory."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # gone meanwhile, or a zombie
            if (path / "cwd").readlink() == directory:
                found.append((path / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def gone(directory: Path) -> bool:
    """Whether nothing runs in a directory any more, within seconds."""
    with suppress(TimeoutError):
        wait_for(lambda: not below(directory))
    return not below(directory)


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)
