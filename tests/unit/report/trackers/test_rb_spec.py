from __future__ import annotations

import json

import pytest

from samego.errors import InputError
from samego.report.trackers.build import TrackedBuild
from samego.report.trackers.rb_spec import render
from support.builds import FAILED, NO_ENVIRONMENT, NO_TOOL, build, debian, rebuilt

#: How the importer of tests.reproducible-builds.org translates; other words stay.
IMPORTED = {"unreproducible": "FTBR", "notforus": "NFU", "waitdep": "depwait"}


def test_a_row_has_exactly_these_six_fields() -> None:
    assert json.loads(render([build(rebuilt(debian()))])) == [
        {
            "package": "golang-1.24",
            "version": "1.24.4-1",
            "architecture": "amd64",
            "status": "reproducible",
            "build_date": 1795453200,
            "build_duration": 1234,
        }
    ]


@pytest.mark.parametrize(
    ("given", "imported"),
    [
        (build(rebuilt(debian())), "reproducible"),
        (build(rebuilt(debian(), "golang-1.24-doc")), "FTBR"),
        (build(debian(), FAILED), "FTBFS"),
        (build(debian(), NO_ENVIRONMENT), "depwait"),
    ],
)
def test_what_the_importer_makes_of_the_words(given: TrackedBuild, imported: str) -> None:
    (row,) = json.loads(render([given]))
    assert IMPORTED.get(row["status"], row["status"]) == imported


def test_what_nobody_decided_has_no_row() -> None:
    assert json.loads(render([build(debian()), build(debian(), NO_TOOL)])) == []


def test_suites_cannot_be_told_apart() -> None:
    with pytest.raises(InputError, match="has no suites"):
        render([build(debian()), build(debian(), suite="sid")])
