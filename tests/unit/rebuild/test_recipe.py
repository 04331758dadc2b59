from __future__ import annotations

import pytest

from samego.errors import BuildError
from samego.rebuild.recipe import (
    distributed_commands,
    known_targets,
    target_environment,
    tool_flags,
)
from samego.release import Release, Target
from support.archives import memory_tree
from support.toy_go import BUILD_GO

DIST = "src/cmd/dist/build.go"
RELEASE = Release.parse("go1.24.4")
SOURCE = memory_tree({DIST: BUILD_GO.encode()})


def test_the_flags_and_targets_are_the_sources_own() -> None:
    assert tool_flags(SOURCE) == "-trimpath -toy"
    assert [str(target) for target in known_targets(SOURCE)] == [
        "darwin-arm64",
        "linux-amd64",
        "linux-arm",
        "windows-amd64",
    ]


def test_everything_is_installed_where_the_source_has_no_list() -> None:
    assert distributed_commands(SOURCE) == ("cmd",)


def test_only_what_is_distributed_is_installed_where_the_source_lists_it() -> None:
    text = (
        BUILD_GO
        + 'var (\n\tbinExesIncludedInDistpack = []string{"cmd/go", "cmd/gofmt"}\n'
        + '\ttoolsIncludedInDistpack = []string{"cmd/asm", "cmd/vet"}\n)\n'
    )
    source = memory_tree({DIST: text.encode()})
    assert distributed_commands(source) == ("cmd/go", "cmd/gofmt", "cmd/asm", "cmd/vet")


def test_a_targets_environment_is_upstreams() -> None:
    environment = target_environment(SOURCE, RELEASE, Target("windows", "amd64"))
    assert environment["GOFLAGS"] == "-trimpath -toy"
    assert (environment["GOOS"], environment["CGO_ENABLED"]) == ("windows", "0")
    assert "GOARM" not in environment


@pytest.mark.parametrize(
    ("release", "goarm"),
    [
        ("go1.20.14", "6"),
        ("go1.21rc2", "7"),
        ("go1.21.0", "7"),
        ("go1.21.1", "6"),
        ("go1.24.4", "6"),
        ("go1.27rc1", "6"),
    ],
)
def test_what_linux_arm_was_posted_with_is_the_releases(release: str, goarm: str) -> None:
    environment = target_environment(SOURCE, Release.parse(release), Target("linux", "arm"))
    assert environment["GOARM"] == goarm


@pytest.mark.parametrize(
    "text", ["", "package main\n", BUILD_GO.replace("GOFLAGS=", "FLAGS=")], ids=str.__len__
)
def test_a_source_that_does_not_say_how_is_an_error(text: str) -> None:
    source = memory_tree({DIST: text.encode()} if text else {})
    with pytest.raises(BuildError, match="does not say"):
        tool_flags(source)


def test_a_source_without_targets_is_an_error() -> None:
    source = memory_tree({DIST: BUILD_GO.replace("cgoEnabled", "ports").encode()})
    with pytest.raises(BuildError, match="its targets"):
        known_targets(source)
