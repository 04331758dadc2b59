"""A file of waivers: each line, and what is wrong with one."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from samego.compare.waiver_file import read_waivers
from samego.errors import InputError
from samego.model.waiver import Takes, Waiver

TODAY = dt.date(2027, 1, 31)


def read(directory: Path, text: str | bytes) -> tuple[Waiver, ...]:
    path = directory / "samego.waivers"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_waivers(path, TODAY)


def test_each_form(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "# Why: nobody looks.\n\n"
        "path src/crypto/tls/*.go until 2027-06-30: the fix of a hole: not released yet\n"
        "cause any_epoch in src/**: reviewed\r\n"
        "  rule reference_build for golang-1.27 : no machine here can build it\n"
        "breaks lib/fips140/v1.26.0.zip for golang-1.27=1.27.3-1: nobody uses it\n"
        'path "with blank": quoted\n',
    )
    name = "samego.waivers"
    assert found == (
        Waiver(
            Takes.PATH,
            "the fix of a hole: not released yet",
            name,
            3,
            pattern="src/crypto/tls/*.go",
            until=dt.date(2027, 6, 30),
        ),
        Waiver(Takes.CAUSE, "reviewed", name, 4, name="any_epoch", pattern="src/**"),
        Waiver(
            Takes.RULE,
            "no machine here can build it",
            name,
            5,
            name="reference_build",
            package="golang-1.27",
        ),
        Waiver(
            Takes.BREAKS,
            "nobody uses it",
            name,
            6,
            pattern="lib/fips140/v1.26.0.zip",
            package="golang-1.27=1.27.3-1",
        ),
        Waiver(Takes.PATH, "quoted", name, 7, pattern="with blank"),
    )


@pytest.mark.parametrize(
    ("day", "expired"),
    [("2027-01-30", True), ("2027-01-31", False), ("2027-02-01", False)],
)
def test_a_waiver_holds_through_its_last_day(tmp_path: Path, day: str, expired: bool) -> None:  # noqa: FBT001 - a table
    (found,) = read(tmp_path, f"path src/a.go until {day}: why\n")
    assert found.expired is expired


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("path src/a.go", "gives no reason"),
        ("path src/a.go:", "gives no reason"),
        ("path src/a.go:   ", "gives no reason"),
        ("path: why", "is no waiver"),
        ("src/a.go: why", "is no waiver"),
        ("waive src/a.go: why", "'waive src/a.go' is no waiver"),
        ("path *: why", "'*' takes every path"),
        ("path **/*: why", "takes every path"),
        ("path '': why", "takes every path"),
        ("cause any_epoch in **: why", "takes every path"),
        ("path src/: why", "is a directory"),
        ("cause nonsense: why", "'nonsense' is no kind of cause"),
        ("cause *: why", "'*' is no kind of cause"),
        ("rule *: why", "'*' is no rule"),
        ("breaks lib/*.zip: why", "is a pattern"),
        ("breaks everything: why", "is a pattern"),
        ("path a b: why", "'b' is not understood"),
        ("path a in src/**: why", "'in' is not understood"),
        ("path a until: why", "'until' is not understood"),
        ("path a until 2027-02-30: why", "'2027-02-30' is no day"),
        ("path a until 31.1.2027: why", "is no day"),
        ("path a until 2027-01-31 until 2027-02-01: why", "'until' is not understood"),
        ("path a for *: why", "'*' is no package"),
        ('path "a: why', "a quotation mark is not closed"),
        ("path a: \x1b[31mwhy", "cannot be printed"),
        ("path " + "a" * 3000 + ": why", "too long"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(InputError) as error:
        read(tmp_path, f"# first\n{line}\n")
    assert error.value.message.startswith(f"{tmp_path / 'samego.waivers'}, line 2: ")
    assert words in error.value.message
    assert error.value.hint
    assert error.value.message.isprintable()


@pytest.mark.parametrize("data", [b"\xff\xfe", b"path a: why\0\n", b"x" * (1 << 20)])
def test_what_is_no_such_file_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InputError):
        read(tmp_path, data)


def test_a_place_that_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "missing"):
        with pytest.raises(InputError, match=path.name):
            read_waivers(path)


def test_a_link_is_followed_only_where_the_user_named_it(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("path src/a.go: why\n")
    link = tmp_path / "samego.waivers"
    link.symlink_to("there")
    assert len(read_waivers(link)) == 1
    with pytest.raises(InputError, match="is not a regular file"):
        read_waivers(link, follow=False)
