"""The command that shows a failure: what a stranger's names may not do with it."""

from __future__ import annotations

import shlex

import pytest

from samego.model.failures import (
    FipsBuild,
    NoPin,
    SentFile,
    SnapshotScript,
    ToldFailure,
    UncheckedSum,
)
from samego.model.finding import Consequence, Effect, Side
from samego.model.value import Failure
from samego.words.failures import broken, command

NASTY = "x; touch owned; $(reboot) 'y\""


def pinned(failure: Failure, pinned_in: str = "lib/fips140/fips140.sum") -> Consequence:
    return Consequence(
        Effect.BREAKS, "lib/fips140/v1.zip", Side.BOTH, pinned_in, "a", "b", failure, Side.BOTH
    )


@pytest.mark.parametrize(
    "failure",
    [
        FipsBuild(NASTY, NASTY),
        UncheckedSum(NASTY, NASTY),
        SentFile(NASTY, NASTY),
        SnapshotScript(NASTY, NASTY),
        NoPin(NASTY),
    ],
    ids=lambda failure: type(failure).__name__,
)
@pytest.mark.parametrize("goroot", ["", f"/usr/{NASTY}"])
def test_no_name_is_more_than_a_word(failure: Failure, goroot: str) -> None:
    for text in (command(pinned(failure, f"lib/{NASTY}"), goroot), broken(failure)):
        # A shell that reads the words sees each name whole, or within one word.
        words = shlex.split(text, posix=True)
        assert all(NASTY in word for word in words if "reboot" in word or "touch" in word)


def test_ordinary_names_stand_as_they_are() -> None:
    shown = command(pinned(FipsBuild("v1.0.0", "v1.0.0.zip")), "/usr/lib/go-1.27")
    assert "GOFIPS140=v1.0.0 GOENV=off" in shown
    assert shown.endswith("/usr/lib/go-1.27/bin/go build main.go")
    assert broken(SentFile("net/http", "TestX")) == "go test net/http"


def test_a_command_that_came_as_it_stands_is_not_given() -> None:
    """A report of an earlier version has it as text, and may be a stranger's."""
    assert not command(pinned(ToldFailure("it fails", "rm -rf ~")), "/usr/lib/go")
