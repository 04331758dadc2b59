from __future__ import annotations

import pytest

from samego.errors import UnknownReleaseError
from samego.model.release import (
    PostedName,
    Release,
    Target,
    archive_name,
    module_version,
    parse_module_version,
    source_name,
)

ORDER = ["go1.2.2", "go1.9", "go1.20rc1", "go1.20", "go1.20.1", "go1.21beta1", "go1.21rc2",
         "go1.21rc10", "go1.21.0", "go1.21.13", "go1.22.0", "go1.24.4", "go1.24.10"]  # fmt: skip


def test_releases_are_ordered_as_go_orders_them() -> None:
    assert sorted(map(Release.parse, reversed(ORDER))) == list(map(Release.parse, ORDER))


@pytest.mark.parametrize("name", ORDER)
def test_a_release_is_spelled_as_it_was_read(name: str) -> None:
    assert str(Release.parse(name)) == name
    assert str(Release.parse(name.removeprefix("go"))) == name


@pytest.mark.parametrize(
    "name",
    ["", "go", "go2.0", "go1", "go1.21", "go1.20.0", "go1.024", "go1.24.04", "go1.24.4 ",
     "go1.24rc0", "go1.24.4rc1", "1.24.4\n", "go1.24.4-1", "go1.\uff19.1"],
)  # fmt: skip
def test_other_spellings_are_refused(name: str) -> None:
    with pytest.raises(UnknownReleaseError):
        Release.parse(name)


def test_a_release_is_not_compared_with_text() -> None:
    with pytest.raises(TypeError):
        assert Release.parse("go1.24.4") < "go1.25.0"


@pytest.mark.parametrize(
    ("release", "bootstrap"),
    [("go1.27.3", "go1.24.6"), ("go1.26.0", "go1.24.6"), ("go1.25.1", "go1.22.6"),
     ("go1.24.4", "go1.22.6"), ("go1.23.1", "go1.20"), ("go1.22.0", "go1.20"),
     ("go1.21.0", "go1.17.13"), ("go1.20", "go1.17.13"), ("go1.19.13", "go1.4"),
     ("go1.5.1", "go1.4")],
)  # fmt: skip
def test_minimum_bootstrap(release: str, bootstrap: str) -> None:
    assert str(Release.parse(release).minimum_bootstrap) == bootstrap


def test_before_1_5_no_go_builds_go() -> None:
    with pytest.raises(UnknownReleaseError):
        _ = Release.parse("go1.4.3").minimum_bootstrap


@pytest.mark.parametrize(
    ("text", "target", "posted"),
    [("linux-amd64", "linux-amd64", "linux-amd64"), ("linux/arm64", "linux-arm64", "linux-arm64"),
     ("linux-armv6l", "linux-arm", "linux-armv6l"), ("linux-arm", "linux-arm", "linux-armv6l"),
     ("freebsd-arm", "freebsd-arm", "freebsd-arm"), ("windows-386", "windows-386", "windows-386")],
)  # fmt: skip
def test_targets(text: str, target: str, posted: str) -> None:
    parsed = Target.parse(text)
    assert (str(parsed), parsed.posted) == (target, posted)


@pytest.mark.parametrize(
    "text", ["", "linux", "linux-", "-amd64", "linux-amd64-x", "Linux-amd64", "a/b/c"]
)
def test_other_targets_are_refused(text: str) -> None:
    with pytest.raises(UnknownReleaseError):
        Target.parse(text)


@pytest.mark.parametrize(
    "name",
    ["go1.24.4.linux-amd64.tar.gz", "go1.24.4.linux-armv6l.tar.gz", "go1.21rc2.windows-386.zip",
     "go1.24.4.src.tar.gz", "go1.20.darwin-arm64.pkg", "go1.24.4.windows-amd64.msi"],
)  # fmt: skip
def test_posted_names_go_both_ways(name: str) -> None:
    assert str(PostedName.parse(name)) == name


@pytest.mark.parametrize(
    "name",
    ["", "go1.24.4.tar.gz", "go1.24.linux-amd64.tar.gz", "x.src.tar.gz", "go1.24.4.src.zip.exe"],
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(UnknownReleaseError):
        PostedName.parse(name)


def test_names_of_files_and_modules() -> None:
    release, arm = Release.parse("go1.24.4"), Target.parse("linux-arm")
    assert archive_name(release, arm) == "go1.24.4.linux-armv6l.tar.gz"
    assert archive_name(release, Target.parse("windows-amd64")) == "go1.24.4.windows-amd64.zip"
    assert source_name(release) == "go1.24.4.src.tar.gz"
    assert module_version(release, arm) == "v0.0.1-go1.24.4.linux-arm"
    assert parse_module_version("v0.0.1-go1.24.4.linux-arm") == (release, arm)
    assert arm.tool_directory == "pkg/tool/linux_arm"
    assert release.line == "1.24"


@pytest.mark.parametrize(
    "version", ["", "v0.0.1-", "v0.0.2-go1.24.4.linux-amd64", "go1.24.4.linux-amd64"]
)
def test_other_module_versions_are_refused(version: str) -> None:
    with pytest.raises(UnknownReleaseError):
        parse_module_version(version)


def test_binaries_are_reproducible_since_go121() -> None:
    found = [Release.parse(name).reproducible for name in ("go1.20.14", "go1.21rc2", "go1.27.3")]
    assert found == [False, True, True]
