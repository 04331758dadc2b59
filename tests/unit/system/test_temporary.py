from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from samego.check import run
from samego.rebuild.workspace import scratch_directory, unpack
from samego.sandbox import collect
from samego.system.temporary import temporary_directory
from support.archives import memory_tree

Opened = Callable[[Path], AbstractContextManager[object]]


def unpacked(directory: Path) -> AbstractContextManager[object]:
    unpack(memory_tree({"a": b""}), directory / "toolchain")
    raise AssertionError("the signal was lost")


#: Whatever makes a directory for its run; all are given the same place.
MAKERS: dict[str, Opened] = {
    "plain": temporary_directory,
    "the system's": lambda _: temporary_directory(),
    "check": lambda _: run.work_directory(),
    "a build": scratch_directory,
    "a sandbox": lambda _: collect.scratch(),
    "a toolchain": unpacked,
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("moment", ["just made", "about to be made"])
def test_a_signal_while_a_directory_is_made_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Opened, moment: str
) -> None:
    made = tempfile.mkdtemp

    def interrupted(**given: str | Path | None) -> str:
        if moment == "about to be made":
            signal.raise_signal(signal.SIGINT)
        name = made(prefix=str(given["prefix"]), dir=given["dir"] or tmp_path)
        signal.raise_signal(signal.SIGINT)
        return str(name)

    monkeypatch.setattr(tempfile, "mkdtemp", interrupted)
    with pytest.raises(KeyboardInterrupt), make(tmp_path):
        pytest.fail("the signal was lost")
    assert list(tmp_path.iterdir()) == []


def test_a_signal_while_a_directory_goes_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rmtree, calls = shutil.rmtree, 0

    def interrupted(path: Path, *, ignore_errors: bool) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise KeyboardInterrupt
        rmtree(path, ignore_errors=ignore_errors)

    monkeypatch.setattr(shutil, "rmtree", interrupted)
    with pytest.raises(KeyboardInterrupt), temporary_directory(tmp_path) as directory:
        (directory / "file").touch()
    assert list(tmp_path.iterdir()) == []


def test_signals_come_through_once_the_directory_is_there(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), temporary_directory(tmp_path):
        signal.raise_signal(signal.SIGINT)
    assert list(tmp_path.iterdir()) == []
