"""What an h1 hash does not bind in a zip, and what the go command would not unpack."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from samego.errors import HostileArchiveError, InputError
from samego.formats.archive.module_names import MAX_GO_MOD, MAX_TOTAL, check_module_names
from samego.formats.archive.module_zip import goroot_path, posted_mode
from samego.formats.archive.zip import index_zip, read_zip

PREFIX = "golang.org/toolchain@v0.0.1-go1.24.4.linux-amd64/"
NAMES = ("bin/go", "src/_go.mod", "src/make.bash", "VERSION")


def module(*, mode: int = 0, comment: bytes = b"", extra: bytes = b"") -> bytes:
    """A module zip whose members carry these modes, comments and extra fields."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in NAMES:
            info = zipfile.ZipInfo(PREFIX + name)
            info.create_system, info.external_attr = 3, mode << 16
            info.comment, info.extra = comment, extra
            archive.writestr(info, name.encode() * 9)
    return raw.getvalue()


def tree_modes(path: Path) -> dict[str, int | None]:
    members = index_zip(path, name="m.zip")
    tree = read_zip(path, members, name="m", strip=PREFIX, rename=goroot_path, mode_of=posted_mode)
    return {path: entry.mode for path, entry in tree.items()}


@pytest.mark.parametrize(
    "mode",
    [
        0,
        0o100644,
        0o104755,
        0o102755,
        0o100777,
        0o100000,
        stat.S_IFLNK | 0o777,
        stat.S_IFDIR | 0o755,
    ],
    ids=oct,
)
def test_modes_in_a_module_zip_say_nothing(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "m.zip"
    path.write_bytes(module(mode=mode))
    assert tree_modes(path) == {
        "bin/go": 0o755,
        "src/go.mod": 0o644,
        "src/make.bash": 0o755,
        "VERSION": 0o644,
    }


def at_end(data: bytes) -> int:
    return data.rindex(b"PK\x05\x06")


def changed(place: Callable[[bytes], int], value: bytes) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        at = place(data)
        return data[:at] + value + data[at + len(value) :]

    return change


FORGED: dict[str, Callable[[bytes], bytes]] = {
    "junk before": lambda data: b"#!/bin/sh\n" + data,
    "junk behind": lambda data: data + b"\0",
    "comment": lambda data: data[:-2] + b"\x03\0abc",
    "local name": changed(lambda _data: 30, b"golang.org/toolchaim"),
    "local method": changed(lambda _data: 8, b"\x09\0"),
    "local crc": changed(lambda _data: 14, b"abcd"),
    "local size": changed(lambda _data: 22, b"\1\0\0\0"),
    "local time": changed(lambda _data: 10, b"\1\1"),
    "unknown flag": lambda data: changed(lambda d: d.index(b"PK\1\2") + 8, b"\0\x10")(
        changed(lambda _d: 6, b"\0\x10")(data)
    ),
    "count": changed(lambda data: at_end(data) + 8, b"\1\0\1\0"),
    "other disk": changed(lambda data: at_end(data) + 4, b"\1\0"),
    "offset": changed(lambda data: data.index(b"PK\1\2") + 42, b"\1\0\0\0"),
    "member comment": lambda _data: module(comment=b"x"),
    "zip64 sizes": lambda _data: module(extra=b"\1\0\x08\0" + bytes(8)),
    "unicode name": lambda _data: module(extra=b"\x75\x70\x06\0\1" + bytes(4) + b"a"),
    "extra cut off": lambda _data: module(extra=b"\x55\x54\x09\0\1"),
    "no zip": lambda _data: b"<html>",
    "empty": lambda _data: b"",
}


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED)
def test_a_zip_that_can_be_read_in_two_ways_is_refused(
    tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "m.zip"
    path.write_bytes(module())
    index_zip(path, name="m")
    path.write_bytes(change(module()))
    with pytest.raises(InputError, match="not a readable zip"):
        index_zip(path, name="m")


def test_data_behind_a_member_s_stream_is_refused(tmp_path: Path) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr(PREFIX + "a", b"\x03\x00" + b"hidden")
    data = bytearray(raw.getvalue())
    central = data.index(b"PK\1\2")
    # An empty deflate stream with bytes behind it, said to be of no size and CRC 0.
    for at in (8, central + 10):
        data[at] = 8
    for at in (14, central + 16):
        data[at : at + 4] = bytes(4)
    for at in (22, central + 24):
        data[at : at + 4] = bytes(4)
    path = tmp_path / "m.zip"
    path.write_bytes(data)
    with pytest.raises(InputError, match="does not end where"):
        index_zip(path, name="m")


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (["a", "A"], "one file for some systems"),
        (["src/x/a", "SRC/y"], "one file for some systems"),
        (["a/b", "a"], "one file for some systems"),
        (["a/", "a"], "one file for some systems"),
        (["stra\u00dfe", "STRASSE"], "one file for some systems"),
        (["src/go.mod"], "another module"),
        (["GO.MOD"], "another module"),
        (["../a"], "a member named"),
        (["a//b"], "a member named"),
        (["./a"], "a member named"),
        (["/a"], "a member named"),
        (["a\\b"], "refuses to unpack"),
        (["a\0b"], "refuses to unpack"),
        (["a:b"], "refuses to unpack"),
        (["src/con"], "refuses to unpack"),
        (["src/COM1.txt/x"], "refuses to unpack"),
        (["a."], "refuses to unpack"),
        (["..."], "a member named|refuses to unpack"),
        (["a\u0301"], "refuses to unpack"),
    ],
)
def test_names_that_the_go_command_refuses_are_refused(names: list[str], why: str) -> None:
    sizes = dict.fromkeys([f"{PREFIX}{name}" for name in names], 0)
    with pytest.raises(HostileArchiveError, match=why):
        check_module_names(sizes, PREFIX, name="m")


@pytest.mark.parametrize(
    "sizes",
    [
        {PREFIX + "a": MAX_TOTAL + 1},
        {PREFIX + "go.mod": MAX_GO_MOD + 1},
        {PREFIX + "LICENSE": (16 << 20) + 1},
        {PREFIX + "a/": 1},
        {"golang.org/toolchain@v0.0.1-go1.24.5.linux-amd64/a": 1},
    ],
)
def test_sizes_and_prefixes_beyond_the_go_command_s_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(HostileArchiveError):
        check_module_names(sizes, PREFIX, name="m")


def test_what_a_toolchain_holds_is_taken() -> None:
    names = (*NAMES, "src/a b/.c~d!_{}", "test/\u4e16\u754c.go", "lib/", "lib/x")
    check_module_names(dict.fromkeys([f"{PREFIX}{name}" for name in names], 0), PREFIX, name="m")
