from __future__ import annotations

from dataclasses import replace

from samego.model.proof import Standing, Tool
from samego.rules.reference_build import BuildEvidence, differing_build, prove_by_reference_build
from support.elf_files import PAGE, Program, stripped_file, upstream_file
from support.rule_context import flipped
from support.words import cause_of

REFERENCE = upstream_file(Program())
SETTINGS = "src/internal/buildcfg/zbootstrap.go"
EVIDENCE = BuildEvidence(
    "key", Tool("go1.24.4.linux-amd64", "go1.24.4"), "full", "make.bash", "GOOS=linux", "none"
)


def test_a_stripped_executable_of_the_reference_is_explained_and_says_how() -> None:
    proof = prove_by_reference_build(
        "bin/nm", stripped_file(Program()), REFERENCE, ["b", "a"], EVIDENCE
    )
    assert proof is not None
    assert proof.standing is Standing.EXPLAINED
    assert proof.rests_on == ("a", "b")
    assert proof.tools == (EVIDENCE.tool,)
    assert proof.details["witness_kind"] == "full"
    assert proof.details["built_by"] == "make.bash"
    assert "searched_settings" not in proof.details


def test_one_as_it_was_built_is_too() -> None:
    assert prove_by_reference_build("bin/nm", REFERENCE, REFERENCE, [], EVIDENCE) is not None


def test_searched_settings_are_named() -> None:
    searched = replace(EVIDENCE, searched="GO386=softfloat")
    proof = prove_by_reference_build("bin/nm", REFERENCE, REFERENCE, [SETTINGS], searched)
    assert proof is not None
    assert "with GO386=softfloat, the declared setting that fits" in cause_of(proof)
    assert proof.details["searched_settings"] == "GO386=softfloat"


def test_one_loaded_byte_is_too_much() -> None:
    changed = flipped(stripped_file(Program()), PAGE + 4)
    assert prove_by_reference_build("bin/nm", changed, REFERENCE, [], EVIDENCE) is None


def test_what_two_executables_say_of_their_builds() -> None:
    usual = Program()
    other = replace(
        usual, release="go1.24.4 X:noswissmap", settings={**usual.settings, "GOAMD64": "v3"}
    )
    assert differing_build(stripped_file(other), REFERENCE) == (
        ("GOAMD64", "v3", ""),
        ("GOEXPERIMENT", "noswissmap", ""),
    )
    assert differing_build(stripped_file(usual), REFERENCE) == ()
    assert differing_build(b"no executable", REFERENCE) == ()
