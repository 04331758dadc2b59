from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from samego.errors import LockError, UnsafePathError
from samego.system import ending, locks


def test_a_lock_is_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with locks.locked(tmp_path / "lock"):
            assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


def test_a_lock_that_others_can_open_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lock").touch(0o644)
    with pytest.raises(UnsafePathError, match="can be opened by other users"):
        locks.open_lock(tmp_path / "lock")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_lock_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lock").touch(0o600)
    os.chown(tmp_path / "lock", 65534, 65534)
    with pytest.raises(UnsafePathError, match="belongs to"):
        locks.open_lock(tmp_path / "lock")


def test_a_planted_link_or_pipe_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"kept")
    (tmp_path / "lock").symlink_to("victim")
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name in ("lock", "pipe"):
        with pytest.raises(UnsafePathError):
            locks.open_lock(tmp_path / name)
    assert (tmp_path / "victim").read_bytes() == b"kept"


def test_a_wait_has_a_deadline(tmp_path: Path) -> None:
    told: list[str] = []
    with (
        locks.locked(tmp_path / "lock"),
        pytest.raises(LockError, match=r"for more than 0\.05 s"),
        locks.locked(tmp_path / "lock", patience=0.05, waiting=lambda: told.append("waiting")),
    ):
        pass
    assert told == ["waiting"]
    with locks.locked(tmp_path / "lock", patience=0):
        pass


def test_shared_locks(tmp_path: Path) -> None:
    descriptors = [locks.open_lock(tmp_path / "lock") for _ in range(3)]
    assert locks.try_acquire(descriptors[0], shared=True)
    assert locks.try_acquire(descriptors[1], shared=True)
    assert not locks.try_acquire(descriptors[2])
    for descriptor in descriptors:
        os.close(descriptor)


@pytest.mark.parametrize("everything", [True, False], ids=["a signal", "the run's other thread"])
def test_a_wait_in_a_thread_ends_with_the_run(tmp_path: Path, *, everything: bool) -> None:
    stop = threading.Event()
    ended: list[type[BaseException]] = []

    def wait() -> None:
        with ending.until(stop):
            try:
                with locks.locked(tmp_path / "lock"):
                    pass
            except ending.RunEndedError as error:
                ended.append(type(error))

    with locks.locked(tmp_path / "lock"):
        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(0.05)
        try:
            (ending.end_all if everything else stop.set)()
            thread.join(10)
        finally:
            ending.begin()
    assert ended == [ending.RunEndedError]
