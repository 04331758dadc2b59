from __future__ import annotations

import pytest

from samego.errors import InputError
from samego.upstream.sumdb.modpath import escape_path, escape_version, matches_prefix


@pytest.mark.parametrize(
    ("path", "escaped"),
    [
        ("golang.org/toolchain", "golang.org/toolchain"),
        ("github.com/Azure/azure-sdk", "github.com/!azure/azure-sdk"),
        ("a.b/C_d~e/v2", "a.b/!c_d~e/v2"),
    ],
)
def test_capitals_are_escaped(path: str, escaped: str) -> None:
    assert escape_path(path) == escaped


@pytest.mark.parametrize(
    "path",
    ["", "/a", "a/", "a//b", "../a", "a/../b", "a/.b", "a.", "a!b", "a b", "é", "a\n", "a?b"],
)
def test_what_is_no_module_path_is_refused(path: str) -> None:
    with pytest.raises(InputError, match="not a module path"):
        escape_path(path)


def test_versions_are_escaped() -> None:
    assert escape_version("v0.0.1-go1.24.4.linux-amd64") == "v0.0.1-go1.24.4.linux-amd64"
    assert escape_version("v1.0.0-RC1+meta") == "v1.0.0-!r!c1+meta"


@pytest.mark.parametrize(
    "version", ["", "1.0", "v", "v1/..", "v1..", "v1 ", "v1\n", "v1!a", "v1@2"]
)
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(InputError, match="not a module version"):
        escape_version(version)


@pytest.mark.parametrize(
    ("globs", "matches"),
    [
        ("", False),
        (",", False),
        ("golang.org", True),
        ("golang.org/", True),
        ("golang.org/toolchain", True),
        ("golang.org/toolchain/more", False),
        ("golang.org/tool", False),
        ("*", True),
        ("*.org", True),
        ("*.com", False),
        ("*/*", True),
        ("*/*/*", False),
        ("x,golang.*", True),
        ("golang?org", True),
        ("golang.org?toolchain", False),
        ("g[a-o]lang.org", True),
        ("g[^a-o]lang.org", False),
        ("g[z-a]lang.org", False),
        (r"golang\.org", True),
        (r"golang.or[\g]", True),
        (r"golang.or[\d]", False),
        ("golang.or[g", False),
        ("golang.or[]", False),
        ("golang.or[--a]", False),
        ("golang.org\\", False),
        ("golangxorg", False),
        ("(golang.org", False),
    ],
)
def test_globs_match_leading_elements_as_in_go(globs: str, matches: bool) -> None:  # noqa: FBT001 - a table of cases
    assert matches_prefix(globs, "golang.org/toolchain") is matches
