from __future__ import annotations

import pytest

from samego.errors import BuildError
from samego.rebuild.recipe import (
    distributed_commands,
    known_targets,
)
from support.archives import memory_tree
from support.toy_go import BUILD_GO

DIST = "src/cmd/dist/build.go"
SOURCE = memory_tree({DIST: BUILD_GO.encode()})


def test_the_targets_are_the_sources_own() -> None:
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


def test_a_source_without_targets_is_an_error() -> None:
    source = memory_tree({DIST: BUILD_GO.replace("cgoEnabled", "ports").encode()})
    with pytest.raises(BuildError, match="its targets"):
        known_targets(source)
