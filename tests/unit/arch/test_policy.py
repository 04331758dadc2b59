from __future__ import annotations

from importlib.resources import files

import pytest
import tomli

from samego.errors import ConfigError
from samego.model.policy import merge_settings
from samego.model.policy_file import load_policy
from samego.model.release import Release, Target
from samego_arch.architectures import ARCHITECTURES, architecture
from samego_arch.policy import policy_for
from samego_arch.version import ArchVersion

TEXT = files("samego_arch").joinpath("policy.toml").read_text(encoding="utf-8")
X86_64 = architecture("x86_64")


def settings(version: str, arch: str = "x86_64") -> dict[str, str]:
    release = ArchVersion(version).release
    assert release is not None
    return merge_settings(policy_for(release, ArchVersion(version), architecture(arch)), {})


def test_every_row_says_why_and_where() -> None:
    data = tomli.loads(TEXT)
    rows = [row for table in data.values() if isinstance(table, list) for row in table]
    assert len(rows) == 23
    assert all(row["reason"] and row["source"] for row in rows)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("2:1.22.12-1", {"GOAMD64": "v1", "GOROOT_FINAL": "/usr/lib/go"}),
        ("2:1.23.0-1", {"GOAMD64": "v1"}),
        ("2:1.25.1-1", {"GOAMD64": "v1"}),
        ("2:1.25.1-2", {"GOAMD64": "v1", "GOEXPERIMENT": "nodwarf5"}),
        ("2:1.27.0-1", {"GOAMD64": "v1", "GOEXPERIMENT": "nodwarf5"}),
        # Without its epoch a version is older than all of Arch's.
        ("1.27.0-1", {"GOAMD64": "v1"}),
    ],
)
def test_settings_depend_on_the_packages_version(version: str, expected: dict[str, str]) -> None:
    assert settings(version) == expected


def test_settings_depend_on_the_architecture() -> None:
    assert settings("2:1.24.9-1", "armv7h") == {"GOARM": "7"}
    assert settings("2:1.24.9-1", "aarch64") == {}
    assert len({arch.target for arch in ARCHITECTURES.values()}) == len(ARCHITECTURES)


@pytest.mark.parametrize(
    ("version", "patched"),
    [("2:1.25.9-1", 0), ("2:1.26.0-1", 1), ("2:1.26.6-1", 1), ("2:1.27.0-1", 0)],
)
def test_the_patch_of_the_1_26_packages(version: str, patched: int) -> None:
    release = ArchVersion(version).release
    assert release is not None
    assert len(policy_for(release, ArchVersion(version), X86_64).patches) == patched


@pytest.mark.parametrize(("release", "kept"), [("go1.24.9", True), ("go1.25.1", False)])
def test_dist_and_distpack_until_1_24(release: str, kept: bool) -> None:  # noqa: FBT001 - a column
    policy = policy_for(Release.parse(release), ArchVersion("2:1.24.9-1"), X86_64)
    for tool in ("dist", "distpack"):
        rule = policy.find("added", f"pkg/tool/linux_amd64/{tool}")
        assert (rule is not None) == kept
    assert policy.find("added", "pkg/tool/linux_amd64/other") is None


@pytest.mark.parametrize(
    ("path", "declared"),
    [("usr/src/debug/go", True), ("usr/src/debug/go/x", False), ("usr/src/debug", False)],
)
def test_the_directory_that_makepkg_7_leaves(path: str, declared: bool) -> None:  # noqa: FBT001 - a column
    """Debian's older makepkg, by which the tests' packages are built, leaves none."""
    version = ArchVersion("2:1.27.0-1")
    assert version.release is not None
    policy = policy_for(version.release, version, architecture("x86_64"))
    assert (policy.find("directory", path) is not None) == declared


def test_a_policy_by_version_needs_one() -> None:
    with pytest.raises(ConfigError, match=r"2:1\.25\.1-2"):
        load_policy(
            TEXT, name="x", release=Release(25, 1), target=Target("linux", "amd64"), at_least=None
        )
