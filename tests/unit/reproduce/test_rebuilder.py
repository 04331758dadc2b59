from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from types import FrameType

import pytest

from samego.errors import InputError, ToolError
from samego.reproduce import rebuilder


def test_a_tool_says_what_it_says_into_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    status = rebuilder.run(["sh", "-c", "echo out; echo err >&2; exit 3"], log)
    assert status == 3
    assert rebuilder.tail(log) == ("out", "err")


def test_its_processes_end_when_samego_does(tmp_path: Path) -> None:
    class Ended(BaseException):
        pass

    def end(_number: int, _frame: FrameType | None) -> None:
        if (tmp_path / "child").exists():
            signal.setitimer(signal.ITIMER_REAL, 0)
            raise Ended

    script = f"sleep 60 & echo $! >{tmp_path}/part; mv {tmp_path}/part {tmp_path}/child; wait"
    before = signal.signal(signal.SIGALRM, end)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
        with pytest.raises(Ended):
            rebuilder.run(["sh", "-c", script], tmp_path / "log")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _runs(child):
        time.sleep(0.01)
    assert not _runs(child)


def _runs(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_tool_that_cannot_be_started(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="cannot be started"):
        rebuilder.run([str(tmp_path / "nothing")], tmp_path / "log")


def test_a_long_log_is_told_by_its_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"".join(b"line %06d\n" % number for number in range(50_000)) + b"x" * 9999)
    lines = rebuilder.tail(log)
    assert len(lines) == 40
    assert lines[-2] == "line 049999"
    assert len(lines[-1]) == 400


def test_a_line_counts_where_it_begins(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(b"see debian/rules clean\n")
    second.write_bytes(b"\n debian/rules clean\n")
    assert not rebuilder.has_line([first], [b" debian/rules"])
    assert rebuilder.has_line([first, second], [b" debian/rules"])


def test_only_a_new_or_empty_directory_is_written_to(tmp_path: Path) -> None:
    made = rebuilder.prepare(tmp_path / "a/b")
    assert made.is_dir()
    assert made.is_absolute()
    assert rebuilder.prepare(made) == made
    (made / "old.deb").touch()
    with pytest.raises(InputError, match="not empty"):
        rebuilder.prepare(made)
    with pytest.raises(InputError, match="cannot be used"):
        rebuilder.prepare(made / "old.deb")


def test_links_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "directory").mkdir()
    os.mkfifo(tmp_path / "pipe")
    assert rebuilder.files_in(tmp_path) == {"file": tmp_path / "file"}
    with pytest.raises(InputError, match="cannot be read"):
        rebuilder.files_in(tmp_path / "nothing")
