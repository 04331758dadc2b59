from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from samego.inputs.experiment import Experiment
from samego.inputs.probe import Seen
from samego.inputs.result import InputsResult, InputsVerdict, TargetInputs, VariedInput
from samego.inputs.surroundings import Surroundings
from samego.model.release import Release, Target
from samego.model.varied import Varied
from samego.report.inputs import render_json, render_text
from samego.report.load_inputs import parse_inputs

BUILD = Experiment(
    Surroundings(frozenset()), Path("x"), {"program": (1, "a" * 64)}, Seen({}), 1, 1, fresh=True
)
OTHER = replace(BUILD, files={"program": (1, "b" * 64)})
TIME = Varied("time", "the clock", "now", "then")
GOOD = TargetInputs(Target("linux", "amd64"), BUILD, "", BUILD, "", (TIME,), (), ())


def rendered(target: TargetInputs) -> str:
    """The text; the JSON must not contradict itself."""
    result = InputsResult(Release.parse("go1.26.10"), "", ("a", "b"), (target,), 1.0, "0.1.0")
    assert parse_inputs(render_json(result).encode(), name="r")["verdict"] == target.verdict.value
    return render_text(result)


def test_the_same_bytes() -> None:
    assert GOOD.verdict is InputsVerdict.SAME
    assert "1 thing varied at once, and upstream's posted bytes both times" in rendered(GOOD)


def test_what_changes_the_bytes_differs() -> None:
    target = replace(GOOD, varied=OTHER, culprits=("time",), where=("program: in .data",))
    assert target.verdict is InputsVerdict.DIFFERS
    assert "time changes what is built" in rendered(target)


def test_what_does_not_build_is_not_said_to_differ() -> None:
    target = replace(GOOD, varied=None, error="no libc", culprits=("time",), where=("no libc",))
    assert target.verdict is InputsVerdict.UNDECIDED
    assert "undecided: time keeps it from being built" in rendered(target)


def test_an_input_that_does_not_build_decides_nothing() -> None:
    failed = VariedInput("VERSION", "a suffix", (), (), "no libc")
    target = replace(GOOD, tried=(failed,))
    assert target.verdict is InputsVerdict.UNDECIDED
    assert "not known: no libc" in rendered(target)
    strange = replace(target, tried=(failed, VariedInput("GOAMD64", "v3", ("a",), ("a",))))
    assert strange.verdict is InputsVerdict.DIFFERS


def test_a_control_that_is_not_upstreams_decides_nothing() -> None:
    target = replace(GOOD, doubt="bin/go is another", varied=None)
    assert target.verdict is InputsVerdict.UNDECIDED
    assert "undecided: the plain build is not what upstream posted" in rendered(target)
