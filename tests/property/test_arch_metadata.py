"""Arch's metadata: whatever the bytes are, an answer or an InputError; and nothing is lost."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samego.errors import InputError
from samego.model.tree import Kind
from samego_arch.package.buildinfo import parse_buildinfo
from samego_arch.package.mtree import parse_mtree
from samego_arch.package.pkginfo import parse_pkginfo
from samego_arch.version import ArchVersion, FileName
from support.arch_packages import ArchMaker, contents, mtree

FIXTURES = Path(__file__).parents[2] / "fixtures/arch"
METADATA = ArchMaker(Path()).metadata()

names = st.text(
    st.characters(blacklist_characters="/\\\0", blacklist_categories=["Cs"]),
    min_size=1,
    max_size=30,
).filter(lambda name: name.strip(".") != "")
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
data = st.one_of(st.none(), st.binary(max_size=9), names)


@given(st.dictionaries(paths, data, max_size=8))
def test_a_list_of_files_comes_back(content: dict[str, bytes | str | None]) -> None:
    found = parse_mtree(gzip.compress(mtree(content)), name="x")
    assert set(found) == set(content)
    for path, value in content.items():
        entry = found[path]
        if value is None:
            assert (entry.kind, entry.mode) == (Kind.DIRECTORY, 0o755)
        elif isinstance(value, str):
            assert (entry.kind, entry.link) == (Kind.LINK, value)
        else:
            digest = hashlib.sha256(value).hexdigest()
            assert (entry.kind, entry.size, entry.sha256) == (Kind.FILE, len(value), digest)


@pytest.mark.parametrize(
    ("parse", "whole"),
    [
        (lambda raw: parse_pkginfo(raw, name="x"), METADATA[".PKGINFO"]),
        (lambda raw: parse_buildinfo(raw, name="x"), METADATA[".BUILDINFO"]),
        (lambda raw: parse_mtree(raw, name="x"), METADATA[".MTREE"]),
        (lambda raw: parse_mtree(gzip.compress(raw, 1), name="x"), mtree(contents())),
    ],
    ids=["PKGINFO", "BUILDINFO", "MTREE", "MTREE unpacked"],
)
@given(splice=st.data())
def test_a_spliced_file_is_read_or_refused(
    parse: Callable[[bytes], object], whole: bytes, splice: st.DataObject
) -> None:
    start = splice.draw(st.integers(0, len(whole)))
    end = splice.draw(st.integers(start, min(len(whole), start + 40)))
    put = splice.draw(
        st.one_of(st.binary(max_size=20), st.sampled_from([b"$(", b"`", b"{", b"'", b"<<x", b"\\"]))
    )
    try:
        parse(whole[:start] + put + whole[end:])
    except InputError as error:
        assert error.hint  # noqa: PT017 - whatever is raised is of this kind


versions = st.builds(
    lambda epoch, ver, rel: f"{epoch}{ver}-{rel}",
    st.one_of(st.just(""), st.integers(0, 3).map(lambda number: f"{number}:")),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._+]{0,8}", fullmatch=True).filter(str.isascii),
    st.integers(1, 12),
)


@given(versions, versions)
def test_two_versions_are_in_one_order(one: str, two: str) -> None:
    a, b = ArchVersion(one), ArchVersion(two)
    assert (a < b) + (a == b) + (a > b) == 1
    if a == b:
        assert hash(a) == hash(b)
    assert str(FileName.parse(f"go-{one}-x86_64.pkg.tar.zst")) == f"go-{one}-x86_64.pkg.tar.zst"
