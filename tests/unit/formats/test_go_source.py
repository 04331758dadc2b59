from __future__ import annotations

import pytest

from samego.formats.go_source import GoHead, read_head


def imports(text: str) -> tuple[str, ...] | None:
    head = read_head(text.encode())
    return head.imports if head is not None else None


def test_what_gofmt_writes() -> None:
    text = """// Copyright.

//go:build linux

/* package doc
import "not/this" */
package main // import "example.com/x"

import "fmt"
import (
	"os" // the system
	. "strings"
	_ "embed"
	x `a/b`
)

var s = "import"
"""
    assert read_head(text.encode()) == GoHead("main", ("fmt", "os", "strings", "embed", "a/b"), ())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("package p", ()),
        ('package p;import("a";b"c");import"d"\nfunc f() {}', ("a", "c", "d")),
        ('package p\nimport/**/"a"//x\n;import (\n)\nvar x', ("a",)),
        ('package p\nvar x = 1\nimport "late"', ()),
        ("", None),
        ('import "a"', None),
        ('package p\nimport ("a"', None),
        ("package p\nimport a b", None),
        ('package p\nimport "\\x61"', None),
        ('package p\nimport "\xff"', ("\xff",)),
    ],
)  # fmt: skip
def test_other_ways_to_write_it_are_read_or_not_at_all(
    text: str, found: tuple[str, ...] | None
) -> None:
    assert imports(text) == found


def test_what_is_no_text_is_not_read() -> None:
    assert read_head(b'package p\nimport "\xff\xfe"') is None


def test_patterns_that_embed() -> None:
    text = b'package p\n\n//go:embed a b/*.txt\n\t//go:embed "c d" `e`\nvar x string\n'
    head = read_head(text)
    assert head is not None
    assert head.embeds == ("a", "b/*.txt", "c d", "e")
