"""Around the payload: the ar archive of a .deb, and how streams are compressed."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable, Mapping

import zstandard

from forge.bench import BOTH, Bench, Names, forgery
from forge.packed import ArMember, Edit, xz, zstd, zstd_stream
from forge.tape import write_tape

_DEB = ("debian",)
_SKIPPABLE = b"\x50\x2a\x4d\x18\4\0\0\0evil"


def _ar(how: str, change: Callable[[list[ArMember]], list[ArMember]], *names: str) -> None:
    def forged(bench: Bench) -> Names | None:
        deb = bench.deb
        deb.ar = change
        return (deb.name, *names)

    forgery("ar", how, _DEB)(forged)


def _with(number: int, **values: object) -> Callable[[list[ArMember]], list[ArMember]]:
    """Another value in the header of one member."""

    def change(members: list[ArMember]) -> list[ArMember]:
        for name, value in values.items():
            setattr(members[number], name, value)
        return members

    return change


_EVIL = ArMember("_evil", b"evil\n")
for _how, _change in {
    "an extra member at the end": lambda m: [*m, ArMember("evil", b"x")],
    "an extra member with an underscore": lambda m: [m[0], _EVIL, *m[1:]],
    "an extra member with an underscore at the end": lambda m: [*m, _EVIL],
    "a signature that nobody checks": lambda m: [*m, ArMember("_gpgorigin", b"x" * 64)],
    "two data archives": lambda m: [*m, m[2]],
    "two control archives": lambda m: [m[0], m[1], m[1], m[2]],
    "data before control": lambda m: [m[0], m[2], m[1]],
    "the format's version last": lambda m: [m[1], m[2], m[0]],
    "no format's version": lambda m: m[1:],
    "no control archive": lambda m: [m[0], m[2]],
    "no data archive": lambda m: m[:2],
    "a plain data.tar beside it": lambda m: [*m[:2], ArMember("data.tar", bytes(10240)), m[2]],
    "an unknown compression": lambda m: [*m[:2], ArMember("data.tar.lz4", m[2].data)],
    "a name with a slash": lambda m: [ArMember(f"{x.name}/", x.data) for x in m],
}.items():
    _ar(_how, _change)
_HEADERS: Mapping[str, Mapping[str, object]] = {
    "a time of another form": {"time": "-1"},
    "an owner": {"owner": "1000"},
    "a group": {"group": "1000"},
    "a mode": {"mode": "100755"},
    "a mode that is no number": {"mode": "evil"},
    "a size that is too small": {"size": "100"},
    "a size that is too large": {"size": "99999999"},
    "a size with a sign": {"size": "+512"},
    "a size that is no number": {"size": "evil"},
    "a header without its end": {"magic": b"xx"},
}
for _how, _values in _HEADERS.items():
    _ar(_how, _with(2, **_values))
for _version in (b"2.0", b"2.1\n", b"3.0\n", b"2.0\nevil\n", b"2.0 \n", b"0.939000\n", b"\n2.0\n"):
    _ar(f"format version {_version!r}", _with(0, data=_version))


@forgery("ar", "the byte that fills up, or bytes around the archive", _DEB, weight=3)
def around(bench: Bench) -> Names | None:
    deb = bench.deb
    edit: Edit = bench.random.choice(
        (
            lambda raw: raw + b"evil",
            lambda raw: raw + b"\n",
            lambda raw: b"\n" + raw,
            lambda raw: raw.replace(b"!<arch>\n", b"!<thin>\n", 1),
            lambda raw: raw.replace(b"!<arch>\n", b"!<ARCH>\n", 1),
            lambda raw: raw[:-1],
            lambda raw: raw[: len(raw) // 2],
            lambda raw: raw + raw,
        )
    )
    deb.edits["file"] = edit
    return (deb.name,)


#: For a .deb its member's name decides how it is read; libarchive goes by the bytes alone.
_BY_NAME = ("compressed with gzip", "not compressed")


def _stream(how: str, edit: Edit) -> None:
    """Another compressed form of the payload in either format."""

    def change(bench: Bench) -> Names | None:
        package = bench.random.choice(bench.packages)
        package.edits["data.packed"] = edit
        return (package.name, "data.tar")

    forgery("compression", how, _DEB if how in _BY_NAME else BOTH)(change)


def _unpacked(packed: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(packed)


for _how, _edit in {
    "a second empty frame": lambda raw: raw + zstd(b""),
    "a second frame with a tar": lambda raw: raw + zstd(bytes(10240)),
    "a frame that is skipped, after it": lambda raw: raw + _SKIPPABLE,
    "a frame that is skipped, before it": lambda raw: _SKIPPABLE + raw,
    "bytes after it": lambda raw: raw + b"evil",
    "zero bytes after it": lambda raw: raw + bytes(64),
    "bytes before it": lambda raw: b"\0" + raw,
    "cut short": lambda raw: raw[: len(raw) - 5],
    "compressed twice": zstd,
    "compressed with gzip": lambda raw: gzip.compress(_unpacked(raw), 1),
    "compressed with bzip2": lambda raw: bz2.compress(_unpacked(raw), 1),
    "compressed with the old lzma": lambda raw: lzma.compress(
        _unpacked(raw), format=lzma.FORMAT_ALONE, preset=0
    ),
    "gzip with a hidden name": lambda raw: _named_gzip(_unpacked(raw)),
    "two xz streams": lambda raw: xz(_unpacked(raw)) + xz(b""),
    "xz with padding": lambda raw: xz(_unpacked(raw)) + bytes(4),
    "not compressed": _unpacked,
    "another checksum": lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]),
    "compressed, then with gzip": lambda raw: gzip.compress(raw, 1),
    "split in two frames": lambda raw: _in_two(_unpacked(raw)),
}.items():
    _stream(_how, _edit)


def _named_gzip(data: bytes) -> bytes:
    packed = gzip.compress(data, 1, mtime=0)
    return packed[:3] + bytes([packed[3] | 8]) + packed[4:10] + b"evil\0" + packed[10:]


def _in_two(data: bytes) -> bytes:
    half = len(data) // 1024 * 512
    return zstd_stream(data[:half]) + zstd_stream(data[half:])


@forgery(
    "compression",
    "a control archive that is gzip by its bytes and plain by its name",
    _DEB,
    weight=2,
)
def two_faced(bench: Bench) -> Names | None:
    """dpkg goes by the name: for it the first header's name begins with gzip's magic."""
    deb = bench.deb
    member = bench.like("0", "x").put("name", b"\x1f\x8b\x08\0evil").with_data(b"#!/bin/sh\n")
    tar = write_tape([member, *deb.control.members], deb.control.end)

    def change(members: list[ArMember]) -> list[ArMember]:
        return [members[0], ArMember("control.tar", tar), members[2]]

    deb.ar = change
    return (deb.name, "control.tar")


@forgery("compression", "the control archive under another extension", _DEB, weight=2)
def other_extension(bench: Bench) -> Names | None:
    deb = bench.deb
    name = bench.random.choice(
        ("control.tar.gz", "control.tar.xz", "control.tar", "control.tar.bz2")
    )

    def change(members: list[ArMember]) -> list[ArMember]:
        return [members[0], ArMember(name, members[1].data), members[2]]

    deb.ar = change
    return (deb.name, "control.tar")
