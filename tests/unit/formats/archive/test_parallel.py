from __future__ import annotations

import threading
from collections.abc import Container

import pytest

from samego.errors import InputError, SamegoError
from samego.formats.archive.parallel import read_all
from samego.model.tree import Tree
from support.archives import memory_tree


def test_trees_come_in_the_readers_order() -> None:
    first, second = memory_tree({}, name="first"), memory_tree({}, name="second")
    gate = threading.Event()

    def slow(known: Container[str]) -> Tree:
        assert gate.wait(10)
        assert "digest" in known
        return first

    def fast(known: Container[str]) -> Tree:
        assert "other" not in known
        gate.set()
        return second

    assert read_all([slow, fast], {"digest"}) == [first, second]


def test_one_failure_ends_the_others() -> None:
    ended = threading.Event()

    def failing(_known: Container[str]) -> Tree:
        raise InputError("truncated", hint="get it again")

    def endless(known: Container[str]) -> Tree:
        try:
            while "digest" not in known:
                pass
        except SamegoError:
            ended.set()
            raise
        raise AssertionError

    with pytest.raises(InputError, match="truncated"):
        read_all([failing, endless], ())
    assert ended.is_set()
