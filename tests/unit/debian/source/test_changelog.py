from __future__ import annotations

import gzip

import pytest

from samego.errors import InputError
from samego_debian.source import changelog
from support.debian_packages import CHANGELOG


def _entry(number: int, date: str) -> bytes:
    return (
        f"golang-1.24 (1.24.{number}-1) unstable; urgency=medium\n\n  * New.\n\n"
        f" -- A Packager <packager@example.org>  {date}\n\n"
    ).encode()


#: Six entries of two years, the newest first; and the days of each.
_DATES = (
    "Mon, 16 Jun 2025 17:04:18 +0530",
    "Thu, 17 Apr 2025 22:45:41 +0800",
    "Wed, 16 Apr 2025 22:45:41 +0800",
    "Sat, 01 Mar 2025 00:00:00 +0000",
    "Mon, 01 Jul 2024 00:00:00 +0000",
    "Sat, 01 Jul 2023 00:00:00 +0000",
)
LONG = b"".join(_entry(9 - number, date) for number, date in enumerate(_DATES))
_KEPT = LONG[: LONG.index(b"golang-1.24 (1.24.4-1)")]
_NOTICE = changelog.shortened_notice("golang-1.24-go")


def test_the_newest_entry() -> None:
    top = changelog.read_top(CHANGELOG, name="it")
    assert (top.source, top.version.text, top.timestamp) == ("golang-1.24", "1.24.4-1", 1750073658)


@pytest.mark.parametrize(
    ("packaged", "kept"),
    [
        (LONG, len(LONG)),
        (_KEPT + _NOTICE, len(_KEPT)),
        (_KEPT, None),
        (_KEPT[:-1] + _NOTICE, None),
        (_KEPT.replace(b"New", b"new", 1) + _NOTICE, None),
        (_KEPT + changelog.shortened_notice("golang-1.24-src"), None),
        (_NOTICE, None),
        (LONG[: LONG.index(b"golang-1.24 (1.24.6-1)")] + _NOTICE, None),
        (LONG[: LONG.index(b"golang-1.24 (1.24.5-1)")] + _NOTICE, None),
    ],
    ids=[
        "whole",
        "shortened",
        "no notice",
        "cut",
        "changed",
        "another's notice",
        "nothing kept",
        "fewer entries than are always kept",
        "an entry of the year before dropped",
    ],
)
def test_what_a_package_keeps_of_the_changelog(packaged: bytes, kept: int | None) -> None:
    assert changelog.kept_entries(packaged, "golang-1.24-go", LONG) == kept
    if kept is not None:
        assert changelog.packaged_changelog("golang-1.24-go", LONG, kept) == packaged


def test_compress_is_gzip_without_a_name_or_time() -> None:
    packed = changelog.compress(CHANGELOG)
    assert packed is not None
    assert packed[:10] == b"\x1f\x8b\x08\0\0\0\0\0\x02\x03"
    assert gzip.decompress(packed) == CHANGELOG


def test_compress_without_gzip_gives_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert changelog.compress(CHANGELOG) is None


@pytest.mark.parametrize(
    "data",
    [b"", b"plain", gzip.compress(CHANGELOG)[:-9], gzip.compress(CHANGELOG)[:-8] + b"\0" * 8],
    ids=["empty", "not gzip", "cut", "wrong sum"],
)
def test_a_damaged_packaged_changelog_is_refused(data: bytes) -> None:
    if not data:
        assert changelog.unpack(data, name="it") == b""
        return
    with pytest.raises(InputError, match="it is damaged"):
        changelog.unpack(data, name="it")


def test_a_bomb_is_refused() -> None:
    with pytest.raises(InputError, match="unpacks to over"):
        changelog.unpack(gzip.compress(bytes(17 << 20)), name="it")
