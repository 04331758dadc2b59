from __future__ import annotations

import pytest

from samego.errors import InputError
from samego.model.release import Release
from samego_debian.version import DebianVersion, nearest


@pytest.mark.parametrize(
    ("text", "release", "source"),
    [
        ("1.24.4-1", Release(24, 4), "1.24.4-1"),
        ("1.22.12-3~bpo12+1", Release(22, 12), "1.22.12-3~bpo12+1"),
        ("1.24.4-1+b2", Release(24, 4), "1.24.4-1"),
        ("1.21~rc2-1", Release(21, 0, "rc", 2), "1.21~rc2-1"),
        ("2:1.15+dfsg-1", Release(15), "2:1.15+dfsg-1"),
        ("1.13~beta1-2", Release(13, 0, "beta", 1), "1.13~beta1-2"),
        ("1.24.5+really1.24.4-1", Release(24, 4), "1.24.5+really1.24.4-1"),
        ("1.22.2-2ubuntu0.4", Release(22, 2), "1.22.2-2ubuntu0.4"),
        ("1.24+b3", Release(24), "1.24"),
        ("1.24~git20250101-1", None, "1.24~git20250101-1"),
        ("20240101-1", None, "20240101-1"),
    ],
)
def test_release_and_source_version(text: str, release: Release | None, source: str) -> None:
    version = DebianVersion(text)
    assert version.release == release
    assert version.source == source


@pytest.mark.parametrize("text", ["", "a b", "1.2_3", "1:", "-", "1.24\n"])
def test_what_policy_forbids_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not a Debian version"):
        DebianVersion(text)


def test_nearest_prefers_the_newest_older_version() -> None:
    names = ["1.27.0-1", "1.27.1-2", "1.27.1-1", "1.27.4-1", "1.27.5-1"]
    found = nearest(DebianVersion("1.27.3-1"), [DebianVersion(name) for name in names])
    assert [str(v) for v in found] == ["1.27.1-2", "1.27.1-1", "1.27.0-1", "1.27.4-1", "1.27.5-1"]
