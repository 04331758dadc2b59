"""Damaged macOS packages: an error in words, or the files that are there; nothing else."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from samego.errors import SamegoError
from samego.formats.archive.pkg import read_pkg
from samego.formats.archive.spool import Spool
from support.installers import cpio, macos_members, pkg

FILES = {"VERSION": b"go1.24.4\n", "bin/go": b"program", "test/\u00defoo.go": b"package a\n"}
PAYLOAD = cpio(macos_members(FILES))
DIRECTORY = tempfile.TemporaryDirectory(prefix="samego-test-")
PATH = Path(DIRECTORY.name) / "go.pkg"
WHOLE = pkg(PATH, PAYLOAD).read_bytes()

#: Where a change is made, in parts of the whole, and the byte that is put there.
CHANGES = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4
)


def changed(data: bytes, changes: list[tuple[float, int]]) -> bytes:
    result = bytearray(data)
    for part, byte in changes:
        result[int(part * len(data))] = byte
    return bytes(result)


def read() -> set[str]:
    with closing(Spool()) as spool:
        try:
            return set(read_pkg(PATH, name="go.pkg", spool=spool))
        except SamegoError:
            return set()


@given(CHANGES)
def test_a_damaged_container_is_read_or_refused(changes: list[tuple[float, int]]) -> None:
    PATH.write_bytes(changed(WHOLE, changes))
    read()


@given(CHANGES)
def test_a_damaged_payload_never_leaves_its_place(changes: list[tuple[float, int]]) -> None:
    pkg(PATH, changed(PAYLOAD, changes))
    assert not [path for path in read() if path.startswith("/") or ".." in path.split("/")]
