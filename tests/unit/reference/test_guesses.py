"""Trying guesses, with a toy go command that gives another executable for another setting."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from samego.model.candidate import Candidate, Setting, SettingKind, Strength, Trace, Tried
from samego.model.causes.differences import FollowsWith
from samego.model.finding import Finding, Side
from samego.model.inputs import Context
from samego.model.proof import Standing
from samego.model.release import Target
from samego.reference.guesses import MOST_BUILDS, combinations
from samego.reference.job import Host, ReferenceKind
from samego.reference.prove import Builder, prove_by_reference
from samego.reference.store import is_for, read_reference
from samego.report.lead import is_alarm
from samego.system.progress import Silent
from samego.upstream.channels.interface import Posted
from support.archives import memory_tree
from support.rule_context import context, flipped, policy
from support.toy_go import BUILD_GO
from support.words import cause_of, told

ELF = Path(__file__).resolve().parents[3] / "fixtures" / "elf"
SETTINGS = "src/internal/buildcfg/zbootstrap.go"
TINY = (ELF / "tiny").read_bytes()
OTHER = flipped(TINY, 0x1000)
#: Gives OTHER for GOAMD64=v3, and for -ldflags=-s and nothing else in it.
GO = """#!/bin/sh
echo "$GOAMD64 $*" >> "$GOROOT/calls"
from=linked
[ "$GOAMD64" = v3 ] && from=other
case "$*" in *"-ldflags=-s cmd"*) from=other ;; esac
cp "$GOROOT/src/$from" "$GOROOT/bin/new" && mv "$GOROOT/bin/new" "$GOROOT/bin/go"
cp "$GOROOT/calls" "$GOROOT/pkg/tool/linux_amd64/calls"
"""
UPSTREAM = {
    "VERSION": b"go1.24.4\n",
    "bin/go": TINY,
    "pkg/tool/linux_amd64/asm": b"",
    "src/cmd/dist/build.go": BUILD_GO.encode(),
    "src/linked": TINY,
    "src/other": OTHER,
    SETTINGS: b"const DefaultGO386 = `sse2`\n",
}
V3 = Candidate(
    "GOAMD64",
    Strength.STATED,
    (Setting(SettingKind.ENVIRONMENT, "GOAMD64", "v3"),),
    (Trace("key:GOAMD64", "v3", "v1"),),
    replayable=True,
)
V2 = replace(V3, settings=(Setting(SettingKind.ENVIRONMENT, "GOAMD64", "v2"),))
NO_SYMBOLS = replace(
    V3, name="-s", strength=Strength.SEEN, settings=(Setting(SettingKind.LINKER, "-s", "true"),)
)
EXTERNAL = replace(V3, name="-linkmode=external", settings=(), replayable=False)
MAYBE = replace(V3, name="-X", strength=Strength.FITS, replayable=False)


def opened(*candidates: Candidate) -> Finding:
    return Finding(
        "bin/go",
        Standing.UNEXPLAINED,
        Side.BOTH,
        "elf",
        "",
        told("nothing accounts for it"),
        candidates=candidates,
    )


def frame(executable: bytes = OTHER) -> Context:
    package = {**UPSTREAM, "bin/go": executable}
    return context(package, UPSTREAM, policy(), release="go1.24.4")


@pytest.fixture
def host() -> Host:
    tree = memory_tree({**UPSTREAM, "bin/go": GO.encode()}, modes={"bin/go": 0o755})
    posted = Posted(
        "module",
        "module",
        frame().release,
        Target.parse("linux-amd64"),
        "u",
        Path("z"),
        "a" * 64,
        (),
    )
    return Host(posted, tree, Target.parse("linux-amd64"))


def decide(finding: Finding, host: Host, directory: Path, where: Context | None = None) -> Finding:
    builder = Builder(ReferenceKind.QUICK, host, directory, Silent())
    (decided,) = prove_by_reference([finding], where or frame(), builder)
    return decided


def test_a_guess_that_gives_the_bytes_is_told_and_raises_nothing(
    host: Host, tmp_path: Path
) -> None:
    decided = decide(opened(V3), host, tmp_path)
    assert decided.standing is Standing.UNEXPLAINED
    assert decided.proof is None
    given = FollowsWith(((SettingKind.ENVIRONMENT, "GOAMD64", "v3"),), "go install cmd")
    assert decided.causes[1:] == (given,)
    assert [each.tried for each in decided.candidates] == [Tried.GIVES]
    assert "with GOAMD64=v3 it comes out the same, and nobody declares that" in cause_of(decided)
    assert is_alarm(decided), "it is not what the package says that it is built from"


def test_one_changed_byte_is_not_what_the_guess_gives(host: Host, tmp_path: Path) -> None:
    tampered = frame(flipped(OTHER, 0x1001))
    decided = decide(opened(V3), host, tmp_path, tampered)
    assert decided.standing is Standing.UNEXPLAINED
    assert [each.tried for each in decided.candidates] == [Tried.OTHER]
    assert is_alarm(decided)
    assert "does not follow from the package's own sources" in cause_of(decided)


def test_a_wrong_guess_leaves_the_alarm(host: Host, tmp_path: Path) -> None:
    decided = decide(opened(V2), host, tmp_path)
    assert is_alarm(decided)
    assert [each.tried for each in decided.candidates] == [Tried.OTHER]


def test_what_only_fits_and_what_cannot_be_set_is_not_tried(host: Host, tmp_path: Path) -> None:
    for candidates in ((MAYBE,), (V3, EXTERNAL)):
        decided = decide(opened(*candidates), host, tmp_path)
        assert is_alarm(decided)
        assert {each.tried for each in decided.candidates} == {Tried.NO}


def test_the_usual_spellings_of_the_linkers_flags_are_tried(host: Host, tmp_path: Path) -> None:
    decided = decide(opened(NO_SYMBOLS), host, tmp_path)
    assert decided.causes[-1] == FollowsWith(
        ((SettingKind.FLAG, "-ldflags", "-s"),), "go install cmd"
    )


def test_the_declared_settings_come_first_and_a_proof_leaves_nothing_to_guess(
    host: Host, tmp_path: Path
) -> None:
    decided = decide(opened(V3), host, tmp_path, frame(TINY))
    assert decided.standing is Standing.EXPLAINED
    assert decided.candidates == ()
    assert len(list((tmp_path / "built").iterdir())) == 1


def test_a_guess_is_tried_after_the_control_that_an_alarm_needs(host: Host, tmp_path: Path) -> None:
    decide(opened(V3), host, tmp_path)
    assert len(list((tmp_path / "controls").iterdir())) == 1


def test_a_guesss_build_is_of_these_commands_and_is_never_a_packages_own(
    host: Host, tmp_path: Path
) -> None:
    decide(opened(V3), host, tmp_path)
    built = [read_reference(place) for place in (tmp_path / "built").iterdir()]
    (guessed,) = [each for each in built if each.guessed]
    calls = (guessed.executable("pkg/tool/linux_amd64/calls") or b"").decode()
    assert "cmd/go" in calls
    assert calls.startswith("v3 install -trimpath ")
    assert not is_for(guessed, frame())
    assert [is_for(each, frame()) for each in built if not each.guessed] == [True]


# -- what is tried


def extras(*candidates: Candidate) -> list[list[tuple[str, str | None]]]:
    return [[(s.name, s.value) for s in extra] for extra in combinations(candidates)]


def linked(*flags: tuple[str, str | None]) -> Candidate:
    settings = tuple(Setting(SettingKind.LINKER, *flag) for flag in flags)
    return replace(NO_SYMBOLS, settings=settings)


def test_all_that_speaks_for_itself_is_tried_at_once() -> None:
    assert extras(V3, MAYBE) == [[("GOAMD64", "v3")]]
    assert extras(MAYBE) == []
    assert extras() == []
    assert extras(V3, linked(("-w", None))) == [[("GOAMD64", "v3"), ("-ldflags", None)]]


def test_the_linkers_flags_stand_before_and_behind_upstreams() -> None:
    assert [dict(extra)["-ldflags"] for extra in extras(NO_SYMBOLS)] == ["-s", "-w -s", "-s -w"]
    given = [dict(extra)["-ldflags"] for extra in extras(linked(("-B", "none")))]
    assert given == ["-w -B=none", "-B=none -w", "-w -B none", "-B none -w"]
    assert len(given) <= MOST_BUILDS


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (SettingKind.FLAG, "-gcflags", "all=-o /etc/passwd"),
        (SettingKind.FLAG, "-gcflags", "all=-N -cpuprofile=/etc/x"),
        (SettingKind.FLAG, "-ldflags", "-linkmode=external -extld=/bin/sh"),
        (SettingKind.FLAG, "-ldflags", "-s -o=/etc/x"),
        (SettingKind.FLAG, "-asmflags", "-o /etc/x"),
        (SettingKind.FLAG, "-tags", "a b"),
        (SettingKind.FLAG, "-toolexec", "/bin/sh"),
        (SettingKind.FLAG, "-buildmode", "plugin"),
        (SettingKind.LINKER, "-X", "a=b -extld=/bin/sh"),
        (SettingKind.LINKER, "-buildid", "x -extld=/bin/sh"),
        (SettingKind.ENVIRONMENT, "LD_PRELOAD", "/srv/x.so"),
        (SettingKind.ENVIRONMENT, "GOAMD64", "v3 v4"),
        (SettingKind.ENVIRONMENT, "GOFLAGS", "-toolexec=/bin/sh"),
        (SettingKind.ENVIRONMENT, "CGO_CFLAGS", "-fplugin=/tmp/x.so"),
        (SettingKind.GOROOT, "GOROOT", "/usr/../etc"),
        (SettingKind.GOROOT, "GOROOT", "/"),
        (SettingKind.GOROOT, "GOROOT", "/proc/self"),
        (SettingKind.GOROOT, "GOROOT", "go"),
        (SettingKind.GOROOT, "GOROOT", ""),
        (SettingKind.VERSION, "VERSION", "go1.24.4-x"),
    ],
)
def test_a_strangers_setting_that_could_do_harm_is_given_to_no_build(
    kind: SettingKind, name: str, value: str
) -> None:
    assert extras(replace(V3, settings=(Setting(kind, name, value),))) == []
