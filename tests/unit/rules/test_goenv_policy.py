from __future__ import annotations

import pytest

from samego.model.inputs import Inputs
from samego.model.proof import Standing
from samego.rules.goenv_policy import GoenvPolicy
from support.rule_context import context, flipped, policy, prove
from support.words import cause_of

UPSTREAM = b"# Defaults.\nGOPROXY=https://proxy.example,direct\n\nGOTOOLCHAIN=auto\n"
DISTRO = UPSTREAM.replace(b"auto", b"local")
FRAME = context({}, {}, policy(settings={"go.env:GOTOOLCHAIN": "local", "GO386": "softfloat"}))


def test_a_declared_value_is_explained() -> None:
    proof = prove(GoenvPolicy(), "go.env", DISTRO, UPSTREAM, FRAME)
    assert proof is not None
    assert proof.standing is Standing.EXPLAINED
    assert cause_of(proof) == "the distro sets GOTOOLCHAIN=local"
    assert proof.details == {"GOTOOLCHAIN declared in": "debian/helpers/goenv.sh"}


def test_the_builds_own_inputs_win_over_the_policy() -> None:
    inputs = Inputs(settings={"go.env:GOTOOLCHAIN": "path"}, origins={"settings": "PKGBUILD"})
    frame = context({}, {}, FRAME.policy, inputs)
    distro = UPSTREAM.replace(b"auto", b"path")
    proof = prove(GoenvPolicy(), "go.env", distro, UPSTREAM, frame)
    assert proof is not None
    assert proof.details == {"GOTOOLCHAIN declared in": "PKGBUILD"}
    assert prove(GoenvPolicy(), "go.env", DISTRO, UPSTREAM, frame) is None


def test_any_changed_byte_is_refused() -> None:
    for at in range(len(DISTRO)):
        assert prove(GoenvPolicy(), "go.env", flipped(DISTRO, at), UPSTREAM, FRAME) is None


@pytest.mark.parametrize(
    "distro",
    [
        DISTRO + b"GOSUMDB=off\n",
        DISTRO.replace(b"# Defaults.\n", b""),
        DISTRO.replace(b"https://proxy.example", b"https://other.example"),
        DISTRO.replace(b"\n\n", b"\n"),
        DISTRO[:-1],
    ],
    ids=["variable added", "comment lost", "undeclared value", "blank line lost", "no newline"],
)
def test_other_lines_are_refused(distro: bytes) -> None:
    assert prove(GoenvPolicy(), "go.env", distro, UPSTREAM, FRAME) is None


@pytest.mark.parametrize("value", ["local\nGOSUMDB=off", "local\r", "\0"], ids=ascii)
def test_a_declared_value_cannot_bring_lines_of_its_own(value: str) -> None:
    frame = context({}, {}, policy(settings={"go.env:GOTOOLCHAIN": value}))
    distro = UPSTREAM.replace(b"auto", value.encode())
    assert prove(GoenvPolicy(), "go.env", distro, UPSTREAM, frame) is None


def test_a_variable_that_upstream_does_not_set_cannot_be_declared() -> None:
    frame = context({}, {}, policy(settings={"go.env:GOSUMDB": "off"}))
    assert prove(GoenvPolicy(), "go.env", UPSTREAM + b"GOSUMDB=off\n", UPSTREAM, frame) is None


def test_another_file_is_none_of_its_business() -> None:
    assert prove(GoenvPolicy(), "src/go.env", DISTRO, UPSTREAM, FRAME) is None
