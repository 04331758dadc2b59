"""How often an archive is read again, whatever is asked of it: counted, not timed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

import pytest

from samego.compare.engine import Sides, compare
from samego.formats.archive.passes import SPARING
from samego.formats.archive.spool import Spool
from samego.formats.archive.tar.reader import indexed_tar, read_tar
from samego.formats.tree.goroot import goroot_view
from samego.model.inputs import Context, Inputs, Patch
from samego.model.policy import Policy
from samego.model.release import Release, Target
from samego.model.tree import Tree
from samego.rules import patched_source
from samego.rules.patch_replay import words
from support.archives import memory_tree, tar_bytes

ROOT = "usr/lib/go"


class Counted:
    """Opens a tar's stream, and counts how often."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.opened = 0

    def __call__(self) -> BinaryIO:
        self.opened += 1
        return io.BytesIO(self._data)


@pytest.fixture
def spool() -> Iterator[Spool]:
    made = Spool()
    yield made
    made.close()


def indexed(count: int, spool: Spool) -> tuple[Tree, Counted]:
    data = tar_bytes(
        [("VERSION", {}, b"go1.24.4\n")]
        + [(f"f{number}", {}, b"%d" % number) for number in range(count)]
    )
    first = Spool()
    entries = dict(read_tar(lambda: io.BytesIO(data), name="first", spool=first))
    first.close()
    stream = Counted(data)
    return indexed_tar(stream, entries, name="posted", spool=spool), stream


@pytest.mark.parametrize("count", [10, 1000])
def test_reading_one_by_one_takes_a_bounded_number_of_passes(count: int, spool: Spool) -> None:
    tree, stream = indexed(count, spool)
    for number in reversed(range(count)):
        assert tree.read(f"f{number}") == b"%d" % number
    assert stream.opened == SPARING + 1


@pytest.mark.parametrize("count", [0, 100, 10_000])
def test_missing_files_cost_one_pass_however_many(count: int, spool: Spool) -> None:
    upstream, stream = indexed(count, spool)
    payload = memory_tree({f"{ROOT}/VERSION": b"go1.24.4\n"}, name="package")
    context = Context(
        Release.parse("go1.24.4"),
        Target.parse("linux-amd64"),
        Policy("test", ROOT, ()),
        Inputs(),
        payload,
        upstream,
    )
    found = compare(Sides(payload, goroot_view(payload, ROOT), upstream, (), None), context, ())
    assert len(found.findings) == count
    assert stream.opened == min(count, 1)


@pytest.mark.parametrize("count", [10, 1000])
def test_a_patch_is_read_once_however_many_files_differ(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bytes] = []

    def counted(data: bytes) -> frozenset[str]:
        read.append(data)
        return words(data)

    monkeypatch.setattr(patched_source, "words", counted)
    patches = [
        Patch(f"{number}.patch", b"--- a/x\n" * number, "here", exact=True) for number in range(300)
    ]
    files = {f"f{number}": b"%d" % number for number in range(count)}
    payload = memory_tree({f"{ROOT}/{path}": data + b"x" for path, data in files.items()})
    upstream = memory_tree(files)
    context = Context(
        Release.parse("go1.24.4"),
        Target.parse("linux-amd64"),
        Policy("test", ROOT, ()),
        Inputs(patches=tuple(patches)),
        payload,
        upstream,
    )
    found = compare(
        Sides(payload, goroot_view(payload, ROOT), upstream, (), None),
        context,
        (patched_source.PatchedSource(),),
    )
    assert len(found.findings) == count
    assert len(read) <= 2 * len(patches)  # two threads may begin at once
