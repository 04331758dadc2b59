from __future__ import annotations

import difflib
from collections.abc import Iterator

import pytest

from samego.compare import where_text
from samego.compare.where_text import differing_lines
from samego.model.places.files import Lines
from support.words import places_of


def where(distro: bytes, upstream: bytes) -> str:
    return places_of(where_text.where(distro, upstream))


def test_two_places_are_shown_with_a_line_around_each() -> None:
    lines = [f"line {number}" for number in range(1, 61)]
    ours = [*lines[:12], "added", *lines[12:50], "two", "more", *lines[50:]]
    distro, upstream = ("".join(f"{line}\n" for line in text).encode() for text in (ours, lines))
    assert where(distro, upstream).splitlines() == [
        "from line 13 on: 41 lines, where upstream has 38 lines",
        "@@ -12,2 +12,3 @@",
        " line 12",
        "+added",
        " line 13",
        "@@ -50,2 +51,4 @@",
        " line 50",
        "+two",
        "+more",
        " line 51",
    ]


@pytest.mark.parametrize(
    ("distro", "upstream", "expected"),
    [
        (b"a\n", b"a\n", ["no difference"]),
        (b"", b"", ["no difference"]),
        (
            b"a\nB\nc\n",
            b"a\nb\nc\n",
            [
                "from line 2 on: 1 line, where upstream has 1 line",
                "@@ -1,3 +1,3 @@",
                " a",
                "-b",
                "+B",
                " c",
            ],
        ),
        (
            b"a",
            b"a\n",
            [
                "from line 1 on: 1 line, where upstream has 1 line",
                "@@ -1 +1 @@",
                "-a",
                "+a\\ No newline at end of file",
            ],
        ),
        (
            b"",
            b"a\n",
            ["from line 1 on: nothing, where upstream has 1 line", "@@ -1 +0,0 @@", "-a"],
        ),
        (
            b"\x1b[2J\xff\r\n",
            b"",
            [
                "from line 1 on: 1 line, where upstream has nothing",
                "@@ -0,0 +1 @@",
                "+\\x1b[2J\\xff\\r",
            ],
        ),
    ],
    ids=["same", "empty", "a line", "newline", "emptied", "control characters"],
)
def test_what_is_said(distro: bytes, upstream: bytes, expected: list[str]) -> None:
    assert where(distro, upstream).splitlines() == expected


def test_a_long_difference_is_cut() -> None:
    ours = b"".join(b"%d\n" % number for number in range(100))
    told = where(ours, b"").splitlines()
    assert len(told) == 14
    assert told[-1] == "... 89 more lines"
    huge = b"x\n" * 5000
    told = where(huge, b"").splitlines()
    assert told[0] == "from line 1 on: 5000 lines, where upstream has nothing"
    assert told[2:] == ["+x"] * 11 + ["... more lines"]


@pytest.mark.parametrize("lines", [1_000, 100_000])
def test_what_is_compared_line_by_line_is_bounded(
    lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[int] = []
    real = difflib.unified_diff

    def diff(before: list[str], after: list[str], lineterm: str, n: int) -> Iterator[str]:
        compared.append(max(len(before), len(after)))
        return real(before, after, lineterm=lineterm, n=n)

    monkeypatch.setattr(difflib, "unified_diff", diff)
    ours, theirs = (
        b"".join(b"%d\n" % (number * step % 100) for number in range(lines)) for step in (1, 7)
    )
    assert len(where(ours, theirs).splitlines()) == 14
    assert compared[0] <= 202


def test_long_lines_are_cut() -> None:
    told = where(b"x" * 10_000, b"y" * 10_000)
    assert max(map(len, told.splitlines())) == 163


def test_the_lines_are_values_that_the_sentence_is_made_from() -> None:
    found = differing_lines(b"a\nB\nc\n", b"a\nb\nc\n")
    assert found == Lines(2, 1, 1, ("@@ -1,3 +1,3 @@", " a", "-b", "+B", " c"))
    assert found is not None
    assert (found.changed, found.to_read, found.whole) == (("-b", "+B"), 2, True)
    assert differing_lines(b"a\n", b"a\n") is None


@pytest.mark.parametrize(("lines", "hidden"), [(11, 0), (12, 1), (200, 189), (201, None)])
def test_what_is_left_out_is_counted_as_far_as_it_was_compared(
    lines: int, hidden: int | None
) -> None:
    found = differing_lines(b"".join(b"%d\n" % n for n in range(lines)), b"")
    assert found is not None
    assert (found.first, found.distro, found.upstream, found.hidden) == (1, lines, 0, hidden)
    assert found.to_read == lines
    assert len(found.diff) == min(12, lines + 1)
