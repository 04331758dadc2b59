"""The table of words holds for everything that can come, and never calls a failure a difference."""

from __future__ import annotations

import pytest

from samego.model.reproduction import Artifact, Match, Obstacle, Outcome, Reproduction
from samego.rebuild.compare_members import RebuildOutcome as FileOutcome
from samego.report.trackers.statuses import UNTESTED, outcome_word, word, words

FORMS = ("debian", "arch", "rebuilderd-v0", "rb-spec", "junit")
#: What each format says of a package that does not reproduce.
UNREPRODUCIBLE = {"FTBR", "FTBR_0", "FTBR_1", "FTBR_2", "BAD", "unreproducible", "failure", "FAIL"}
UNDECIDED = [
    *(
        Reproduction(None, obstacle=obstacle)
        for obstacle in Obstacle
        if obstacle is not Obstacle.NONE
    ),
    Reproduction(None, (Artifact("a", Match.ABSENT),)),
    Reproduction(None, (Artifact("a", Match.ALTERED),)),
    None,
]


@pytest.mark.parametrize("form", FORMS)
def test_every_outcome_has_a_word_or_none_on_purpose(form: str) -> None:
    assert {outcome.value for outcome in Outcome} | {UNTESTED} <= words(form).keys()
    causes = {f"not_run.{obstacle.value}" for obstacle in Obstacle}
    finer = {"different.some", "different.buildinfo"}
    extra = words(form).keys() - {outcome.value for outcome in Outcome} - {UNTESTED}
    assert extra <= causes | finer


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("given", UNDECIDED)
def test_nothing_undecided_is_unreproducible_or_good(form: str, given: Reproduction | None) -> None:
    good = outcome_word(form, Outcome.SAME)
    assert word(form, given) not in UNREPRODUCIBLE | {good}
    assert outcome_word(form, Outcome.DIFFERENT) in UNREPRODUCIBLE


def test_some_of_several_files() -> None:
    artifacts = (Artifact("a", Match.SAME), Artifact("b", Match.DIFFERENT))
    assert word("arch", Reproduction(None, artifacts)) == "FTBR_2"
    assert word("debian", Reproduction(None, artifacts)) == "FTBR"


def test_every_outcome_of_a_rebuilt_file_has_a_word() -> None:
    table = words("gorebuild")
    assert table.keys() == {outcome.value for outcome in FileOutcome} | {"failed"}
    assert [key for key, status in table.items() if status == "FAIL"] == ["differs"]
