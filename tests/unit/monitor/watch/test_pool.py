"""Runs side by side: their memory, their end, and what is left of them."""

from __future__ import annotations

import mmap
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from samego.monitor.watch.pool import EndedRun, Pool, PoolLimits
from samego.system.processes import family, memory_of

MIB = 1 << 20
LIMIT = 200 * MIB
#: Called as samego.monitor.watch.child is: bytes, the parent, and what to do.
PROGRAM = f"""
import subprocess, sys, time
sys.path.insert(0, {str(Path(__file__).parents[4] / "core")!r})
from samego.monitor.watch.child import limit
limit(int(sys.argv[1]), int(sys.argv[2]))
exec(sys.argv[3])
"""
HOLDS = 'import time; b = b"x" * (120 << 20); time.sleep(30)'
CHILD = f"subprocess.run([sys.executable, '-c', {HOLDS!r}]); print('had it')"


def pool(directory: Path, jobs: int = 1, patience: float = 60.0, limit: int = LIMIT) -> Pool:
    program = (sys.executable, "-c", PROGRAM)
    return Pool(directory, PoolLimits(jobs, limit, patience), os.environ, program=program)


def run(directory: Path, *codes: str, **settings: float) -> list[EndedRun[int]]:
    jobs = [(number, (code,)) for number, code in enumerate(codes)]
    given = {name: int(value) if name != "patience" else value for name, value in settings.items()}
    return list(pool(directory, **given).run(jobs))  # type: ignore[arg-type]  # the names decide


def test_what_runs_write_comes_back_with_their_status(tmp_path: Path) -> None:
    directory = tmp_path / "runs"
    found = run(directory, "print('a')", "print('b'); sys.exit(1)", jobs=2)
    by_job = sorted((ended.job, ended.status, ended.output, ended.message) for ended in found)
    assert by_job == [(0, 0, b"a\n", ""), (1, 1, b"b\n", "")]
    assert not directory.exists()


def test_the_last_thing_that_a_failed_run_said_is_why(tmp_path: Path) -> None:
    code = "sys.stderr.write('first\\nerror: no \\x1b room\\nhint: free some\\n\\n'); sys.exit(2)"
    silent = "sys.exit(2)"
    killed = "import os; os.kill(os.getpid(), 11)"
    found = [ended.message for ended in run(tmp_path / "runs", code, silent, killed)]
    assert found == [
        "no \\x1b room: free some",
        "ended with status 2 and no message",
        "was ended by SIGSEGV",
    ]


def test_a_run_gets_no_more_memory_than_its_share(tmp_path: Path) -> None:
    (ended,) = run(tmp_path / "runs", "b = b'x' * (300 << 20); print('had it')")
    assert ended.output == b""
    assert "MemoryError" in ended.message


def test_all_that_a_run_has_started_counts_together(tmp_path: Path) -> None:
    two = f"p = subprocess.Popen([sys.executable, '-c', {HOLDS!r}]); {CHILD}"
    (ended,) = run(tmp_path / "runs", two)
    assert ended.message == "needs more memory than 200 MiB, a run's share"


def test_one_of_these_alone_has_room(tmp_path: Path) -> None:
    (ended,) = run(tmp_path / "runs", CHILD.replace("30", "0.3"))
    assert (ended.status, ended.message) == (0, "")


def test_a_run_that_does_not_end_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    code = (
        "p = subprocess.Popen(['sleep', '77'], start_new_session=True);"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(p.pid)); time.sleep(77)"
    )
    (ended,) = run(tmp_path / "runs", code, patience=1.5)
    assert "did not end within" in ended.message
    assert not is_running(int((tmp_path / "pid").read_text()))


def test_whoever_stops_asking_ends_the_rest_in_order(tmp_path: Path) -> None:
    unwinds = (
        "import signal\n"
        "def end(*_): raise SystemExit(3)\n"
        "signal.signal(15, end)\n"
        "try:\n"
        f"    open({str(tmp_path / 'began')!r}, 'w'); time.sleep(77)\n"
        f"finally: open({str(tmp_path / 'ended')!r}, 'w')\n"
    )
    began = str(tmp_path / "began")
    waits = f"import os\nwhile not os.path.exists({began!r}): time.sleep(0.02)"
    runs = pool(tmp_path / "runs", jobs=2).run([(0, (unwinds,)), (1, (waits,))])
    assert next(runs).job == 1
    assert (tmp_path / "began").exists()
    runs.close()
    assert (tmp_path / "ended").exists()
    assert not (tmp_path / "runs").exists()


def test_one_that_does_not_end_in_order_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("samego.monitor.watch.pool._GRACE", 0.5)
    stays = (
        "import os, signal; signal.signal(15, signal.SIG_IGN);"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(77)"
    )
    waits = f"import os\nwhile not os.path.exists({str(tmp_path / 'pid')!r}): time.sleep(0.05)"
    runs = pool(tmp_path / "runs", jobs=2).run([(0, (stays,)), (1, (waits,))])
    assert next(runs).job == 1
    runs.close()
    assert not is_running(int((tmp_path / "pid").read_text()))
    assert not (tmp_path / "runs").exists()


def test_at_most_so_many_run_at_a_time(tmp_path: Path) -> None:
    code = (
        f"import os; d = {str(tmp_path)!r}; n = len([x for x in os.listdir(d) if x[0] == 'n']);"
        "p = d + '/n' + str(os.getpid()); open(p, 'w').close(); time.sleep(0.2); os.remove(p);"
        "print(n)"
    )
    found = run(tmp_path / "runs", *[code] * 5, jobs=2)
    assert len(found) == 5
    assert max(int(ended.output) for ended in found) == 1


def test_what_a_killed_pool_left_is_cleared(tmp_path: Path) -> None:
    left = tmp_path / "runs/tmpabc"
    left.mkdir(parents=True)
    (left / "stdout").write_text("half")
    pool(tmp_path / "runs")
    assert not left.exists()


def test_a_run_ends_when_its_pool_is_killed(tmp_path: Path) -> None:
    pid = os.fork()
    if pid == 0:  # pragma: no cover - it is killed
        code = f"import os; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()));"
        list(pool(tmp_path / "runs").run([(0, (f"{code} time.sleep(77)",))]))
        os._exit(0)
    end = time.monotonic() + 30
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert time.monotonic() < end
        time.sleep(0.05)
    run_pid = int((tmp_path / "pid").read_text())
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    while is_running(run_pid):
        assert time.monotonic() < end, "the run outlived its pool"
        time.sleep(0.05)


@pytest.mark.parametrize("sharing", [mmap.MAP_PRIVATE, mmap.MAP_SHARED])
def test_a_process_is_a_family_of_its_own_memory(sharing: int) -> None:
    mine = family(os.getpid())
    assert mine[0] == os.getpid()
    before = memory_of([os.getpid()])
    # A bytearray may be put where the allocator already holds pages: nothing would grow.
    with mmap.mmap(-1, 64 * MIB, flags=sharing | mmap.MAP_ANONYMOUS) as block:
        for page in range(0, 64 * MIB, mmap.PAGESIZE):
            block[page] = 1
        assert 60 * MIB < memory_of([os.getpid()]) - before < 80 * MIB


def test_a_process_that_is_not_there_has_no_memory() -> None:
    assert memory_of([2**22 + 1]) == 0


def is_running(pid: int) -> bool:
    """Whether it is there and no zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("memory", [LIMIT])
def test_no_run_at_all_is_no_wait(tmp_path: Path, memory: int) -> None:
    began = time.monotonic()
    assert list(pool(tmp_path / "runs", limit=memory).run([])) == []
    assert time.monotonic() - began < 1
