"""What go.mod, go.sum, modules.txt and git's trees say is read, or refused in words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samego.errors import InputError
from samego.source.git_objects import (
    DIRECTORY,
    FILE,
    LINK,
    PROGRAM,
    GitEntry,
    object_name,
    tree_entries,
)
from samego.source.go_files import parse_go_mod, parse_go_sum, parse_modules_txt

LINES = st.lists(
    st.sampled_from(
        [
            b"# a.b/c v1.0.0",
            b"# a.b/c v1 => d v2",
            b"## explicit; go 1.18",
            b"a.b/c",
            b"a.b/c/d",
            b"require (",
            b")",
            b"\ta.b/c v1.0.0 // indirect",
            b"require a.b/c v1.0.0",
            b"go 1.24",
            b"replace a => b",
            b"a.b/c v1.0.0 h1:x",
            b"",
        ]
    )
    | st.binary(max_size=20)
).map(b"\n".join)
NAMES = st.text(min_size=1, max_size=12).filter(
    lambda name: not {"/", "\0"} & set(name) and name not in {".", ".."} and name.isprintable()
)


@pytest.mark.parametrize("parse", [parse_go_mod, parse_go_sum, parse_modules_txt])
@given(data=LINES)
def test_any_lines_are_read_or_refused_by_name(parse: Callable[..., object], data: bytes) -> None:
    said = "the file is read"
    try:
        parse(data, name="the file")
    except InputError as error:
        said = error.message
    assert "the file" in said


@given(
    st.sampled_from(["sha1", "sha256"]),
    st.lists(
        st.tuples(st.sampled_from([FILE, PROGRAM, LINK, DIRECTORY]), NAMES, st.binary()),
        unique_by=lambda entry: entry[1],
    ),
)
def test_a_tree_is_read_as_it_was_written(form: str, entries: list[tuple[int, str, bytes]]) -> None:
    written = [
        GitEntry(mode, name, hashlib.new(form, data).hexdigest()) for mode, name, data in entries
    ]
    data = b"".join(
        b"%o %s\0%s" % (mode, name.encode(), bytes.fromhex(oid)) for mode, name, oid in written
    )
    assert list(tree_entries(data, form)) == written


@given(st.sampled_from(["sha1", "sha256"]), st.binary(max_size=200))
def test_any_bytes_are_a_tree_or_none(form: str, data: bytes) -> None:
    try:
        found = list(tree_entries(data, form))
    except ValueError:
        return
    assert all("/" not in each.name for each in found)


def test_objects_have_gits_names() -> None:
    # What git hash-object says of the empty blob and tree, in both formats.
    assert object_name("blob", b"", "sha1") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert object_name("tree", b"", "sha1") == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    assert object_name("blob", b"", "sha256") == (
        "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"
    )
