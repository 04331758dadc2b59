from __future__ import annotations

from dataclasses import replace

import pytest

from samego.leaks.executable import read_shown
from samego.leaks.find import find_candidates
from samego.leaks.traces import extent, traces
from samego.model.candidate import Setting, SettingKind, Trace
from samego.model.release import Release, Target
from support.elf_files import EVERY_FORM, Program, stripped_file, upstream_file

UPSTREAM = {
    "-buildmode": "exe",
    "-compiler": "gc",
    "-trimpath": "true",
    "CGO_ENABLED": "0",
    "GOAMD64": "v1",
    "GOARCH": "amd64",
    "GOOS": "linux",
}
POSTED = Program(settings=UPSTREAM)
NM = "pkg/tool/linux_amd64/nm"


def names(program: Program, *, data: bytes = b"", upstream: Program = POSTED) -> list[str]:
    found = find_candidates(
        NM,
        data or upstream_file(program),
        upstream_file(upstream),
        Release.parse("go1.24.4"),
        Target("linux", "amd64"),
    )
    return [each.name for each in found]


def with_settings(**changed: str) -> Program:
    given = {**UPSTREAM, **{key.replace("_TRIM", "-trim"): text for key, text in changed.items()}}
    return replace(POSTED, settings={key: text for key, text in given.items() if text})


def test_equal_files_have_no_candidate() -> None:
    assert names(POSTED) == []


def test_the_build_information_tells() -> None:
    assert names(with_settings(GOAMD64="v3")) == ["GOAMD64"]
    assert names(with_settings(CGO_ENABLED="1", GOAMD64="v2")) == ["GOAMD64", "CGO_ENABLED"]
    bare = with_settings(_TRIMpath="")
    assert names(bare) == ["-trimpath", "-ldflags"]
    # Without -trimpath the linker's flags are recorded: upstream's own are no trace.
    assert names(replace(bare, settings={**bare.settings, "-ldflags": "-w"})) == ["-trimpath"]


def test_a_value_in_quotes_is_read_as_go_wrote_it() -> None:
    program = replace(POSTED, settings={**UPSTREAM, "-gcflags": '"all=-N -l"'})
    (found,) = find_candidates(
        NM,
        upstream_file(program),
        upstream_file(POSTED),
        Release.parse("go1.24.4"),
        Target("linux", "amd64"),
    )
    assert found.settings == (Setting(SettingKind.FLAG, "-gcflags", "all=-N -l"),)
    assert found.traces == (Trace("key:-gcflags", "all=-N -l", ""),)


@pytest.mark.parametrize(
    ("release", "name"),
    [
        ("go1.24.5", "another release"),
        ("go1.24.4-alpine", "VERSION"),
        ("devel go1.25-8a1b2c3", "VERSION"),
    ],
)
def test_another_version_is_read_whatever_it_is_called(release: str, name: str) -> None:
    assert names(replace(POSTED, release=release)) == [name]


def test_experiments_stand_behind_the_version() -> None:
    assert names(replace(POSTED, release="go1.24.4 X:fieldtrack")) == ["GOEXPERIMENT"]
    assert names(replace(POSTED, release="go1.24.4-X:boringcrypto")) == ["boringcrypto"]


def test_a_stripped_file_is_not_one_that_was_linked_without_symbols() -> None:
    assert names(POSTED, data=stripped_file(POSTED, debug_link=None)) == ["strip"]


def test_a_function_of_another_size_names_its_source() -> None:
    functions = [(name, size + 8 * (name == "main.main")) for name, size in POSTED.functions]
    (found,) = find_candidates(
        NM,
        upstream_file(replace(POSTED, functions=functions)),
        upstream_file(POSTED),
        Release.parse("go1.24.4"),
        Target("linux", "amd64"),
    )
    assert (found.name, found.settings[0].value) == ("source", "main.main")


def test_a_changed_constant_may_be_set_by_the_linker() -> None:
    changed = POSTED.rodata.replace(b"soft", b"hard")
    assert names(replace(POSTED, rodata=changed)) == ["zbootstrap.go", "-X"]
    plain = replace(POSTED, functions=[row for row in POSTED.functions if "buildcfg" not in row[0]])
    assert names(replace(plain, rodata=changed), upstream=plain) == ["-X"]


@pytest.mark.parametrize("program", EVERY_FORM.values(), ids=EVERY_FORM)
def test_every_form_of_elf_is_read(program: Program) -> None:
    changed = replace(program, settings={**program.settings, "GOAMD64": "v3"})
    assert names(changed, upstream=program) == ["GOAMD64"]


def test_what_is_no_go_executable_has_no_candidates() -> None:
    posted = upstream_file(POSTED)
    for data in (
        b"",
        b"\x7fELF",
        posted[:100],
        b"#!/bin/sh\n",
        posted.replace(b"Go buildinf", b"x" * 11),
    ):
        assert names(POSTED, data=data or b"x") == []


def test_the_extent_is_how_far_a_difference_goes() -> None:
    posted = read_shown(upstream_file(POSTED))
    assert posted is not None
    for program, far in (
        (POSTED, "not loaded"),
        (with_settings(GOAMD64="v3"), "build information"),
        (replace(POSTED, data=b"other variables"), "data"),
        (replace(POSTED, functions=[*POSTED.functions, ("main.x", 16)]), "code"),
    ):
        shown = read_shown(upstream_file(program))
        assert shown is not None
        assert extent(shown, posted) == far
        assert traces(shown, posted)[-1] == Trace("extent", far, "")
