from __future__ import annotations

from pathlib import Path

import pytest

from samego.errors import BuildError
from samego.model.candidate import Setting, SettingKind
from samego.model.release import Release
from samego.rebuild.extra_settings import (
    changed_environment,
    goroot_final,
    goroot_of,
    is_harmless,
    shown_at,
)

USUAL = {"GOAMD64": "v1", "GOFLAGS": "-trimpath -ldflags=-w -gcflags=cmd/...=-dwarf=false"}


def flag(name: str, value: str | None) -> Setting:
    return Setting(SettingKind.FLAG, name, value)


def test_flags_stand_on_the_command_line_where_a_value_may_hold_spaces() -> None:
    environment, flags = changed_environment(USUAL, [flag("-gcflags", "all=-N -l")])
    assert environment == {"GOAMD64": "v1"}
    assert flags == ["-trimpath", "-ldflags=-w", "-gcflags=all=-N -l"]


def test_a_setting_overrules_and_none_leaves_out() -> None:
    extra = [
        flag("-trimpath", None),
        flag("-ldflags", "-s"),
        Setting(SettingKind.ENVIRONMENT, "GOAMD64", "v3"),
        Setting(SettingKind.GOROOT, "GOROOT", "/usr/lib/go"),
    ]
    environment, flags = changed_environment(USUAL, extra)
    assert environment == {"GOAMD64": "v3"}
    assert flags == ["-gcflags=cmd/...=-dwarf=false", "-ldflags=-s"]
    assert goroot_of(extra) == "/usr/lib/go"
    assert goroot_of([]) == ""


def test_what_could_do_harm_is_refused_even_where_nobody_asked_before() -> None:
    with pytest.raises(BuildError, match="is given to no build here"):
        changed_environment(USUAL, [flag("-toolexec", "/bin/sh")])


@pytest.mark.parametrize(
    "value",
    ["-s", "-w -s", "all=-s -w", "-buildid=", "-B none", "-B=0x12ab", "-X=main.x=/usr/lib/go-1.24"],
)
def test_usual_linker_flags_are_harmless(value: str) -> None:
    assert is_harmless(flag("-ldflags", value))


def test_releases_up_to_122_have_a_variable_for_where_goroot_will_lie() -> None:
    assert goroot_final(Release.parse("go1.22.4"), "/usr/lib/go") == {"GOROOT_FINAL": "/usr/lib/go"}
    assert goroot_final(Release.parse("go1.23.1"), "/usr/lib/go") == {}
    assert goroot_final(Release.parse("go1.22.4"), "") == {}


def test_goroot_is_shown_at_its_place_and_nothing_of_the_system_is(tmp_path: Path) -> None:
    command = shown_at(tmp_path / "goroot", "/usr/lib/go", tmp_path / "w", [tmp_path], ["go"])
    assert command[-2:] == ["--", "go"]
    assert "/usr" not in command
    at = command.index("/usr/lib/go")
    assert command[at - 2 : at] == ["--bind", str(tmp_path / "goroot")]


def test_goroot_does_not_hide_what_the_build_writes(tmp_path: Path) -> None:
    for place in (str(tmp_path), str(tmp_path.parent), "/proc/x", "relative"):
        with pytest.raises(BuildError, match="GOROOT cannot lie at"):
            shown_at(tmp_path / "goroot", place, tmp_path, [tmp_path], ["go"])
