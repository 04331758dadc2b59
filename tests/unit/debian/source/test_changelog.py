from __future__ import annotations

import gzip

import pytest

from samego.errors import InputError
from samego_debian.source import changelog
from support.debian_packages import CHANGELOG

_FIRST = CHANGELOG[: CHANGELOG.index(b"golang-1.24 (1.24.2-2)")]
_NOTICE = changelog.shortened_notice("golang-1.24-go")


def test_the_newest_entry() -> None:
    top = changelog.read_top(CHANGELOG, name="it")
    assert (top.source, top.version.text, top.timestamp) == ("golang-1.24", "1.24.4-1", 1750073658)


@pytest.mark.parametrize(
    ("packaged", "kept"),
    [
        (CHANGELOG, len(CHANGELOG)),
        (_FIRST + _NOTICE, len(_FIRST)),
        (_FIRST, None),
        (_FIRST[:-1] + _NOTICE, None),
        (_FIRST.replace(b"New", b"new") + _NOTICE, None),
        (_FIRST + changelog.shortened_notice("golang-1.24-src"), None),
        (_NOTICE, None),
    ],
    ids=["whole", "shortened", "no notice", "cut", "changed", "another's notice", "nothing kept"],
)
def test_what_a_package_keeps_of_the_changelog(packaged: bytes, kept: int | None) -> None:
    assert changelog.kept_entries(packaged, "golang-1.24-go", CHANGELOG) == kept
    if kept is not None:
        assert changelog.packaged_changelog("golang-1.24-go", CHANGELOG, kept) == packaged


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
