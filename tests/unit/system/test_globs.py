from __future__ import annotations

import pytest

from samego.system.globs import matches


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("usr/*", "usr/share/doc", True),
        ("usr/?oc", "usr/doc", True),
        ("usr/[!a]oc", "usr/doc", True),
        ("usr/[a-c]oc", "usr/doc", False),
        ("usr/\\*", "usr/*", True),
        ("usr/\\*", "usr/a", False),
        ("doc", "usr/doc", False),
        ("*.go", ".go", True),
        ("\u00e9*", "\u00e9a", True),
    ],
)
def test_patterns_are_the_c_librarys(pattern: str, path: str, *, expected: bool) -> None:
    assert matches(pattern, path) is expected
