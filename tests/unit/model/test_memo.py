from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from samego.model.memo import Memo


def test_it_is_worked_out_once_however_many_ask_at_the_same_time() -> None:
    memo, calls, gate = Memo(), [], threading.Barrier(4)

    def work() -> int:
        calls.append(threading.get_ident())
        time.sleep(0.05)
        return len(calls)

    def ask(_number: int) -> int:
        gate.wait()
        return memo.once("it", work)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(4))) == [1] * 4
    assert len(calls) == 1


def test_another_key_does_not_wait() -> None:
    memo, inside = Memo(), threading.Event()

    def slow() -> str:
        inside.set()
        return memo.once("other", lambda: "quick")

    assert memo.once("it", slow) == "quick"
    assert inside.is_set()


def test_what_failed_is_tried_again() -> None:
    memo = Memo()
    with pytest.raises(ZeroDivisionError):
        memo.once("it", lambda: 1 // 0)
    assert memo.once("it", lambda: 1) == 1
