from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from samego.errors import InputError
from samego.model.release import Release
from samego_debian.version import DebianVersion, nearest

RELEASES = st.builds(
    lambda minor, patch, pre, number: (
        Release(minor, 0, pre, number) if pre else Release(minor, patch)
    ),
    st.integers(5, 99),
    st.integers(0, 99),
    st.sampled_from(["", "", "beta", "rc"]),
    st.integers(1, 9),
)
EPOCHS = st.sampled_from(["", "2:"])
REPACKS = st.sampled_from(["", "+dfsg", "+dfsg1", "+ds.1", "+repack"])
REVISIONS = st.sampled_from(["-1", "-3~bpo12+1", "-1ubuntu0.22.04.2", "-2+deb12u1", "-0.1"])
REBUILDS = st.sampled_from(["", "+b1", "+b12"])
ANYTHING = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=20)


def spelled(release: Release) -> str:
    middle = f"~{release.pre}{release.number}" if release.pre else f".{release.patch}"
    return f"1.{release.minor}{middle}"


@given(RELEASES, EPOCHS, REPACKS, REVISIONS, REBUILDS)
def test_the_release_survives_whatever_a_packager_adds(
    release: Release, epoch: str, repack: str, revision: str, rebuild: str
) -> None:
    source = f"{epoch}{spelled(release)}{repack}{revision}"
    version = DebianVersion(source + rebuild)
    assert version.release == release
    assert version.source == source


@given(ANYTHING)
def test_any_text_is_a_version_or_an_input_error(text: str) -> None:
    try:
        version = DebianVersion(text)
    except InputError:
        return
    assert version == DebianVersion(str(version))
    assert version.release is None or version.release.minor >= 0


@given(RELEASES, RELEASES)
def test_versions_are_ordered_as_their_releases_are(one: Release, other: Release) -> None:
    if one.pre == other.pre == "" or one.minor != other.minor:
        a, b = (DebianVersion(f"{spelled(r)}-1") for r in (one, other))
        assert (a < b) == (one < other)


@given(st.lists(RELEASES, unique=True, max_size=8), RELEASES)
def test_nearest_keeps_every_candidate(releases: list[Release], wanted: Release) -> None:
    candidates = [DebianVersion(f"{spelled(release)}-1") for release in releases]
    found = nearest(DebianVersion(f"{spelled(wanted)}-1"), candidates)
    assert set(found) == set(candidates)
    assert len(found) == len(candidates)
