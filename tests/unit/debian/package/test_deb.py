from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from samego.errors import InputError
from samego.formats.archive.spool import Spool
from samego.model.tree import Tree
from samego_debian.package.deb import Deb
from support.debian_packages import COMPRESSORS, DebMaker, ar, control, tar

_CONTROL = ("control.tar.gz", gzip.compress(tar({"control": control("p", "1-1", "all")})))
_DATA = ("data.tar.gz", gzip.compress(tar({"usr": None})))
_BINARY = ("debian-binary", b"2.0\n")


def read(path: Path) -> Tree:
    with closing(Deb(path)) as deb, closing(Spool()) as spool:
        tree = deb.read(spool=spool, known=frozenset())
        for name in tree:
            if name.startswith("DEBIAN/"):
                tree.read(name)
        return tree


@pytest.mark.parametrize("suffix", COMPRESSORS)
def test_every_compression_gives_the_same_payload(maker: DebMaker, suffix: str) -> None:
    maker.suffix = suffix
    tree = read(maker.write("go"))
    assert set(tree) == set(maker.contents("go"))
    assert tree["usr/lib/go-1.24/src"].link == "../../share/go-1.24/src"
    assert tree["usr/lib/go-1.24/bin/go"].owner == (0, 0)


def test_the_control_file_says_what_it_is(maker: DebMaker) -> None:
    maker.version, maker.source = "1.24.4-1+b2", "golang-1.24 (1.24.4-1)"
    deb = Deb(maker.write("go"))
    deb.close()
    assert (deb.package, deb.version.text, deb.architecture) == (
        "golang-1.24-go",
        "1.24.4-1+b2",
        "amd64",
    )
    assert deb.source == ("golang-1.24", "1.24.4-1")


def test_decompression_stops_at_what_was_sought(maker: DebMaker) -> None:
    path = maker.write("go", maker.contents("go") | {"zz": bytes(1 << 20) + os.urandom(1 << 16)})
    with path.open("r+b") as file:  # the data's end is gone, its beginning still readable
        file.seek(-1000, os.SEEK_END)
        file.write(bytes(900))
    with closing(Deb(path)) as deb:
        found = deb.find(lambda name: name.endswith("/VERSION"))
        with pytest.raises(InputError, match="damaged"):
            deb.find(lambda name: name == "nowhere")
    assert found is not None
    assert found[1].startswith(b"go1.24.4\n")


def test_a_maintainer_script_stands_in_the_payload(maker: DebMaker) -> None:
    maker.control_members = {"postinst": b"#!/bin/sh\nrm -rf /\n", "triggers": b"activate x\n"}
    path = maker.write("go")
    tree = read(path)
    assert {name for name in tree if name.startswith("DEBIAN/")} == {
        "DEBIAN/golang-1.24-go.postinst",
        "DEBIAN/golang-1.24-go.triggers",
    }
    assert tree.read("DEBIAN/golang-1.24-go.postinst") == b"#!/bin/sh\nrm -rf /\n"


@pytest.mark.parametrize(
    "members",
    [
        pytest.param([_BINARY, _CONTROL], id="no data"),
        pytest.param([_BINARY, _DATA], id="no control"),
        pytest.param([_CONTROL, _DATA], id="no debian-binary"),
        pytest.param([_BINARY, _DATA, _CONTROL], id="another order"),
        pytest.param([_BINARY, _CONTROL, _DATA, _DATA], id="data twice"),
        pytest.param([_BINARY, _CONTROL, _DATA, ("extra", b"x")], id="a member more"),
        pytest.param([("debian-binary", b"3.0\n"), _CONTROL, _DATA], id="format 3"),
        pytest.param([_BINARY, ("control.tar.bz2", b"x"), _DATA], id="bz2"),
        pytest.param([_BINARY, ("control.tar.gz", b"x"), _DATA], id="control not gz"),
        pytest.param(
            [_BINARY, ("control.tar.gz", gzip.compress(tar({"md5sums": b""}))), _DATA],
            id="no control file",
        ),
        pytest.param(
            [_BINARY, ("control.tar.gz", gzip.compress(tar({"control": b"\xff\xfe"}))), _DATA],
            id="control not text",
        ),
        pytest.param(
            [_BINARY, ("control.tar.gz", gzip.compress(tar({"control": None}))), _DATA],
            id="control a directory",
        ),
        pytest.param(
            [_BINARY, ("control.tar.gz", gzip.compress(tar({"control": b"Package: p\n"}))), _DATA],
            id="no version",
        ),
        pytest.param([], id="empty archive"),
    ],
)
def test_other_members_are_refused(tmp_path: Path, members: list[tuple[str, bytes]]) -> None:
    path = tmp_path / "p.deb"
    path.write_bytes(ar(members))
    with pytest.raises(InputError, match=r"p\.deb"):
        read(path)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda data: data[:0], id="empty"),
        pytest.param(lambda data: b"PK" + data[2:], id="another magic"),
        pytest.param(lambda data: data[:30], id="in the first header"),
        pytest.param(lambda data: data[: len(data) // 2], id="half"),
        pytest.param(lambda data: data[:-30], id="end cut off"),
        pytest.param(lambda data: data + b"trailing", id="something after the end"),
        pytest.param(
            lambda data: data.replace(b"4         `\n", b"-4        `\n", 1), id="size -4"
        ),
        pytest.param(lambda data: data.replace(b"4         `\n", b"999999999 `\n", 1), id="size"),
        pytest.param(lambda data: data.replace(b"4         `\n", b"four      `\n", 1), id="word"),
    ],
)
def test_a_damaged_container_is_refused(maker: DebMaker, change: Callable[[bytes], bytes]) -> None:
    path = maker.write("go")
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(InputError, match=r"golang-1\.24-go"):
        read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.deb cannot be read"):
        Deb(tmp_path / "nothing.deb")
