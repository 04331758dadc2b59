"""Patterns of paths: which they take, and how long that takes."""

from __future__ import annotations

import time

import pytest

from samego.model.waiver import Takes, Waiver, is_exact, takes_everything


def takes(pattern: str, path: str) -> bool:
    return Waiver(Takes.PATH, "why", "w", 1, pattern=pattern).matches(path)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("src/a.go", "src/a.go", True),
        ("src/a.go", "src/a.goo", False),
        ("src/a.go", "xsrc/a.go", False),
        ("src/a[1].go", "src/a[1].go", True),
        ("src/a[1].go", "src/a1.go", False),
        ("src/*.go", "src/a.go", True),
        ("src/*.go", "src/net/a.go", False),
        ("src/*", "src/", True),
        ("src/**", "src/net/a.go", True),
        ("src/**", "srcs/a.go", False),
        ("src/**/a.go", "src/a.go", True),
        ("src/**/a.go", "src/x/y/a.go", True),
        ("src/**/a.go", "src/xa.go", False),
        ("**/a.go", "a.go", True),
        ("**/a.go", "ba.go", False),
        ("**.go", "src/x/a.go", True),
        ("src/?.go", "src/a.go", True),
        ("src?a.go", "src/a.go", False),
        ("everything", "src/a.go", True),
        ("src/a.go", "src/a.go\n", False),
    ],
)
def test_a_pattern_takes_what_it_says(pattern: str, path: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert takes(pattern, path) is expected


def test_a_pattern_of_somebody_elses_ends_soon() -> None:
    began = time.process_time()
    assert not takes("**/" * 200 + "*a*" * 200 + "b", "a/" * 300)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("pattern", ["*", "**", "**/*", "/**", "?*", "./**", "**.*", "*/*"])
def test_wildcards_alone_take_everything(pattern: str) -> None:
    assert takes_everything(pattern)
    assert not is_exact(pattern)


@pytest.mark.parametrize("pattern", ["src/**", "**/*.go", "*.go", "src"])
def test_what_names_something_does_not(pattern: str) -> None:
    assert not takes_everything(pattern)


def test_everything_is_no_path() -> None:
    assert not is_exact("everything")
    assert is_exact("src/a.go")
