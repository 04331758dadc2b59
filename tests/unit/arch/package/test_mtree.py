""".MTREE: as real makepkgs write it, and as nobody does."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from samego.errors import InputError
from samego.model.tree import Entry, Kind
from samego_arch.package.mtree import parse_mtree
from support.arch_packages import contents, mtree

FIXTURES = Path(__file__).parents[4] / "fixtures/arch"


def packed(lines: bytes) -> bytes:
    return gzip.compress(lines, mtime=0)


@pytest.mark.parametrize(("version", "paths"), [("6.0.2", 27), ("7.0.0", 30)])
def test_what_makepkg_writes(version: str, paths: int) -> None:
    data = (FIXTURES / f"metadata-{version}/MTREE").read_bytes()
    entries = parse_mtree(data, name="x")
    assert len(entries) == paths
    assert entries["usr/lib/go/test/\u00defoo.go"] == Entry(
        "usr/lib/go/test/\u00defoo.go",
        Kind.FILE,
        0o644,
        4,
        "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
        owner=(0, 0),
    )
    assert entries["usr/bin/go"].link == "/usr/lib/go/bin/go"
    assert entries["usr/bin/go"].mode is None
    assert entries["usr/lib/go/bin/go"].mode == 0o755
    assert entries["usr/lib/go/pkg/linux_amd64_race"].kind is Kind.DIRECTORY


def test_the_support_writes_the_same_form() -> None:
    entries = parse_mtree(packed(mtree({**contents(), "a b#=\n": b"x"})), name="x")
    assert set(entries) == {*contents(), "a b#=\n"}


GOOD = b"./a time=1.0 size=1 sha256digest=" + b"0" * 64
SET = b"#mtree\n/set type=file uid=0 gid=0 mode=644\n"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (b"", "truncated"),
        (b"#mtree", "truncated"),
        (b"/set type=file\n", "truncated"),
        (SET + GOOD, "truncated"),
        (SET + b"./a size=1\n", "line 3 has no sha256digest"),
        (SET + b"./a sha256digest=" + b"0" * 64 + b"\n", "line 3 has no size"),
        (b"#mtree\n" + GOOD + b"\n", "line 2 has no gid"),
        (SET + b"./a type=link\n", "has no link"),
        (SET + b"./a type=char\n", "the type 'char'"),
        (SET + GOOD + b" sha1digest=00\n", "sha1digest"),
        (SET + GOOD + b" size=1\n", "size=1"),
        (SET + GOOD + b" nochange\n", "nochange"),
        (SET + GOOD + b"  uid=0\n", "line 3 has b''"),
        (SET + GOOD.replace(b"size=1", b"size=-1") + b"\n", "size=-1"),
        (SET + GOOD.replace(b"size=1", b"size=0x1") + b"\n", "size=0x1"),
        (SET + GOOD.replace(b"0" * 64, b"0" * 63) + b"\n", "sha256digest="),
        (SET + GOOD + b" mode=0888\n", "mode=0888"),
        (SET + GOOD + b"\n" + GOOD + b"\n", "lists 'a' twice"),
        (SET + GOOD.replace(b"./a", b"./../a") + b"\n", "member named"),
        (SET + GOOD.replace(b"./a", b".//etc/a") + b"\n", "member named"),
        (SET + GOOD.replace(b"./a", b"./\\056\\056/a") + b"\n", "member named"),
        (SET + GOOD.replace(b"./a", b"./a\\000") + b"\n", "member named"),
        (SET + GOOD.replace(b"./a", b"./a\\9") + b"\n", "lone backslash"),
        (SET + GOOD.replace(b"./a", b"./a\\400") + b"\n", "lone backslash"),
        (SET + GOOD.replace(b"./a", b"/a") + b"\n", "line 3 is"),
        (SET + b"\n", "line 3 is"),
        (SET + b"/unset mode\n", "line 3"),
        (SET + b"..\n", "line 3 is"),
    ],
)
def test_what_makepkg_does_not_write(lines: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_mtree(packed(lines), name="x")


def test_damage() -> None:
    whole = packed(SET + GOOD + b"\n")
    assert parse_mtree(whole, name="x")["a"].size == 1
    for cut in (1, 5, len(whole) - 1):
        with pytest.raises(InputError, match="MTREE"):
            parse_mtree(whole[:cut], name="x")


def test_a_bomb() -> None:
    with pytest.raises(InputError, match="larger than any Go toolchain"):
        parse_mtree(packed(bytes(80 << 20)), name="x")
