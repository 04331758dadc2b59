from __future__ import annotations

import itertools

import pytest

from samego.errors import InputError
from samego.model.release import Release
from samego_arch.version import ArchVersion, FileName

#: From the oldest to the newest, as pacman's vercmp(8) and its test suite order them.
ORDER = [
    "1.27.0-1",
    "2:1.9-1",
    "2:1.24beta1-1",
    "2:1.24rc1-1",
    "2:1.24.0-1",
    "2:1.24.1-1",
    "2:1.24.1-1.1",
    "2:1.24.1-2",
    "2:1.24.9-1",
    "2:1.24.10-1",
    "2:1.25.1-1",
    "2:1.25.1-2",
    "3:1.0-1",
]


def test_the_order_is_pacmans() -> None:
    versions = [ArchVersion(text) for text in ORDER]
    assert sorted(versions, key=lambda v: v) == versions
    for older, newer in itertools.combinations(versions, 2):
        assert older < newer
        assert older != newer


def test_equal_versions_are_one() -> None:
    assert ArchVersion("2:1.24.9-1") == ArchVersion("2:1.24.09-1")
    assert len({ArchVersion("2:1.24.9-1"), ArchVersion("2:1.24.09-1")}) == 1


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ("2:1.24.9-1", Release(24, 9)),
        ("1.20-3", Release(20)),
        ("2:1.21.0-1", Release(21)),
        ("2:1.25rc1-1", Release(25, pre="rc", number=1)),
        ("2:1.21-1", None),
        ("2:1.25.r10.gabcdef-1", None),
        ("2:tip-1", None),
    ],
)
def test_the_release_in_a_version(text: str, release: Release | None) -> None:
    assert ArchVersion(text).release == release


@pytest.mark.parametrize(
    "text", ["", "1.24", "1.24-", "-1", "a:1-1", "1:2:3-1", "1.2-3-4", "1/2-1", "1 2-1", "1-1\n"]
)
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(InputError, match="not a version of an Arch package"):
        ArchVersion(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("go-2:1.27.0-1-x86_64.pkg.tar.zst", ("go", "2:1.27.0-1", "x86_64", ".pkg.tar.zst")),
        ("go-2%3A1.27.0-1-x86_64.pkg.tar.zst", ("go", "2:1.27.0-1", "x86_64", ".pkg.tar.zst")),
        ("go-1.10.3-1-i686.pkg.tar.xz", ("go", "1.10.3-1", "i686", ".pkg.tar.xz")),
        ("go-tools-2:1-1-any.pkg.tar", ("go-tools", "2:1-1", "any", ".pkg.tar")),
        ("go-2:1.27.0-1-x86_64.pkg.tar.zst.sig", None),
        ("go-2:1.27.0-x86_64.pkg.tar.zst", None),
        ("a/go-2:1.27.0-1-x86_64.pkg.tar.zst", None),
        ("go%2F-2:1.27.0-1-x86_64.pkg.tar.zst", None),
    ],
)
def test_file_names(text: str, parts: tuple[str, str, str, str] | None) -> None:
    found = FileName.parse(text)
    if parts is None:
        assert found is None
    else:
        assert found == FileName(*parts)
        assert str(found) == text.replace("%3A", ":")
