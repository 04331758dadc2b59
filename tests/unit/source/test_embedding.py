from __future__ import annotations

import pytest

from samego.source.embedding import embedded

PATHS = [
    "pkg/a.txt",
    "pkg/b.bin",
    "pkg/html/index.html",
    "pkg/html/_hidden",
    "pkg/html/.dot",
    "pkg/html/deep/x.css",
    "pkg/_data/y.zst",
    "other/a.txt",
]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a.txt", ["pkg/a.txt"]),
        ("*.txt", ["pkg/a.txt"]),
        ("html", ["pkg/html/deep/x.css", "pkg/html/index.html"]),
        (
            "html/*",
            ["pkg/html/.dot", "pkg/html/_hidden", "pkg/html/deep/x.css", "pkg/html/index.html"],
        ),
        (
            "all:html",
            ["pkg/html/.dot", "pkg/html/_hidden", "pkg/html/deep/x.css", "pkg/html/index.html"],
        ),
        ("_data/*.zst", ["pkg/_data/y.zst"]),
        ("none", []),
    ],
)
def test_patterns_take_in_what_the_go_command_embeds(pattern: str, expected: list[str]) -> None:
    assert sorted(embedded("pkg", [pattern], PATHS)) == expected


def test_a_package_in_the_root_embeds_from_there() -> None:
    assert sorted(embedded("", ["*.txt"], ["a.txt", "b/c.txt"])) == ["a.txt"]
