from __future__ import annotations

import itertools

import pytest

from samego.leaks.find import name_candidates
from samego.leaks.signature import LeakSignature, signatures
from samego.leaks.traces import EXTENTS
from samego.model.candidate import Candidate, Setting, SettingKind, Strength, Trace
from samego.model.release import Release, Target

RELEASE, TARGET = Release.parse("go1.26.10"), Target("linux", "amd64")
GOFMT = "bin/gofmt"

#: What each setting leaves at least: pairs of a trace's name and the distro's value.
LEFT: dict[str, dict[str, str]] = {
    "another release": {"release": "go1.26.9"},
    "VERSION": {"release": "go1.26.10-alpine1"},
    "boringcrypto": {"experiments": "boringcrypto"},
    "GOEXPERIMENT": {"experiments": "nodwarf5", "key:GOEXPERIMENT": "nodwarf5"},
    "GOAMD64": {"key:GOAMD64": "v3"},
    "GO386": {"key:GO386": "softfloat"},
    "GOARM": {"key:GOARM": "7"},
    "GOARM64": {"key:GOARM64": "v9.0"},
    "GOMIPS": {"key:GOMIPS": "softfloat"},
    "GOMIPS64": {"key:GOMIPS64": "softfloat"},
    "GOPPC64": {"key:GOPPC64": "power9"},
    "GORISCV64": {"key:GORISCV64": "rva23u64"},
    "GOFIPS140": {
        "key:GOFIPS140": "v1.0.0-c2097c7c",
        "key:-tags": "fips140v1.0",
        "key:DefaultGODEBUG": "fips140=on",
    },
    "-trimpath": {"key:-trimpath": "", "goroot": "/usr/lib/go"},
    "CGO_ENABLED": {"key:CGO_ENABLED": "1", "needed": "libc.so.6"},
    "CGO_CFLAGS": {"key:CGO_CFLAGS": "-O2"},
    "CGO_CPPFLAGS": {"key:CGO_CPPFLAGS": "-DX"},
    "CGO_CXXFLAGS": {"key:CGO_CXXFLAGS": "-O2"},
    "CGO_LDFLAGS": {"key:CGO_LDFLAGS": "-Wl,-z,relro"},
    "-gcflags": {"key:-gcflags": "all=-N -l"},
    "-asmflags": {"key:-asmflags": "-D x"},
    "-tags": {"key:-tags": "netgo"},
    "-pgo=off": {"key:-pgo": ""},
    "-pgo": {"key:-pgo": "other.pgo"},
    "-race": {"key:-race": "true"},
    "-msan": {"key:-msan": "true"},
    "-asan": {"key:-asan": "true"},
    "-cover": {"key:-cover": "true"},
    "-buildmode": {"key:-buildmode": "pie", "type": "position independent"},
    "-ldflags": {"key:-ldflags": "-s -w"},
    "-compiler": {"key:-compiler": "gccgo"},
    "go.mod of the work directory": {"key:DefaultGODEBUG": "panicnil=1"},
    "version control": {"key:vcs": "git", "key:vcs.revision": "0" * 40},
    "another program": {"program": "command-line-arguments"},
    "-buildid": {"build ID": "samego"},
    "-B": {"GNU build ID": "none", "section:.note.gnu.build-id": ""},
    "-linkmode=external": {"section:.eh_frame": "present", "section:.comment": "present"},
    "GO_LDSO": {"interpreter": "/lib/ld-musl-x86_64.so.1"},
    "hardening": {"bound at start": "yes"},
    "position independent": {"type": "position independent"},
    "-ldflags without -w": {"debugging": "compressed", "section:.debug_*": "present"},
    "-compressdwarf": {"debugging": "plain"},
    "-s": {"section:.symtab": "", "section:.strtab": ""},
    "strip": {"rewritten": "yes", "section:.symtab": ""},
    "rewritten": {"rewritten": "yes"},
    "zdefaultcc.go": {"functions": "cmd/go/internal/cfg.DefaultCC", "extent": "code"},
    "source": {"functions": "strings.Cut strings.Index", "extent": "code"},
    "zbootstrap.go": {
        "extent": "data",
        "code size": "same",
        "holds internal/buildcfg": "both",
    },
    "-X": {"extent": "data", "code size": "same"},
    "another linker flag": {"extent": "build ID"},
}
#: What goes along with a setting, of another signature: both are named then.
ALONG = {"zbootstrap.go": {"-X"}, "-compressdwarf": {"-ldflags without -w"}}


def named(
    left: dict[str, str], path: str = GOFMT, release: Release = RELEASE
) -> tuple[Candidate, ...]:
    late = ("functions", "code size", "holds internal/buildcfg")
    rows = [Trace(name, value, "upstream's") for name, value in left.items()]
    found = tuple(row for row in rows if row.name not in late)
    more = tuple(row for row in rows if row.name in late)
    return name_candidates(path, found, lambda: more, release, TARGET)


def path_of(signature: LeakSignature) -> str:
    return "bin/go" if signature.executables else GOFMT


def test_every_signature_has_its_traces_here() -> None:
    assert {each.name for each in signatures()} == LEFT.keys()


@pytest.mark.parametrize("name", sorted(LEFT))
def test_a_signature_fits_what_its_setting_leaves_and_no_other_does(name: str) -> None:
    path = next(path_of(each) for each in signatures() if each.name == name)
    found = [each.name for each in named(LEFT[name], path)]
    assert name in found
    assert set(found) - {name} <= ALONG.get(name, set())


@pytest.mark.parametrize(
    ("one", "other"),
    [*itertools.combinations(("GOAMD64", "-trimpath", "-s", "-buildid", "-gcflags"), 2)],
)
def test_two_settings_at_once_are_both_named(one: str, other: str) -> None:
    assert {each.name for each in named({**LEFT[one], **LEFT[other]})} == {one, other}


@pytest.mark.parametrize(
    ("key", "value", "name"),
    [
        ("-tags", "netgo,fips140v1.0", "-tags"),
        ("DefaultGODEBUG", "fips140=on,panicnil=1", "go.mod of the work directory"),
    ],
)
def test_what_gofips140_does_not_write_is_named_beside_it(key: str, value: str, name: str) -> None:
    left = {**LEFT["GOFIPS140"], f"key:{key}": value}
    assert {each.name for each in named(left)} == {"GOFIPS140", name}


@pytest.mark.parametrize("signature", signatures(), ids=lambda each: each.name)
def test_a_signature_is_well_formed(signature: LeakSignature) -> None:
    assert signature.extent in EXTENTS
    assert signature.when
    assert signature.settings
    for row in signature.settings:
        if "?" in (row.value or ""):
            assert not signature.replay
        if row.kind in (SettingKind.VERSION, SettingKind.OUTSIDE):
            assert not signature.replay or signature.name == "strip"


def test_the_setting_has_the_distros_value() -> None:
    (found,) = named({"key:GOAMD64": "v4"})
    assert found.settings == (Setting(SettingKind.ENVIRONMENT, "GOAMD64", "v4"),)
    (found,) = named(LEFT["-trimpath"])
    assert found.settings == (
        Setting(SettingKind.FLAG, "-trimpath", None),
        Setting(SettingKind.GOROOT, "GOROOT", "/usr/lib/go"),
    )
    (found,) = named({"key:-gcflags": ""})
    assert found.settings == (Setting(SettingKind.FLAG, "-gcflags", None),)
    (found,) = named({"build ID": ""})
    assert found.settings == (Setting(SettingKind.LINKER, "-buildid", ""),)
    found = named(LEFT["-ldflags without -w"])[0]
    assert found.settings == (Setting(SettingKind.LINKER, "-w", None),)


def test_what_is_stated_comes_before_what_is_seen_and_what_fits() -> None:
    found = named({**LEFT["-s"], **LEFT["GOAMD64"], **LEFT["strip"]})
    strengths = [each.strength for each in found]
    assert strengths == sorted(strengths, key=lambda each: each.rank)
    assert found[0].name == "GOAMD64"


def test_what_only_fits_is_named_where_the_others_leave_something_open_and_only_there() -> None:
    open_ = {**LEFT["-s"], **LEFT["source"]}
    assert [each.name for each in named(open_)] == ["-s", "source"]
    accounted = {**LEFT["GOAMD64"], **LEFT["source"]}
    assert [each.name for each in named(accounted)] == ["GOAMD64"]


def test_nothing_is_named_where_nothing_known_leaves_such_traces() -> None:
    assert named({"extent": "code", "code size": "another"}) == ()


def test_the_compiler_table_is_a_matter_of_the_go_command_and_cgo() -> None:
    left = LEFT["zdefaultcc.go"]
    assert [each.name for each in named(left, "pkg/tool/linux_amd64/cgo")] == ["zdefaultcc.go"]
    assert named(left, GOFMT) == ()


def test_the_absence_of_a_gnu_build_id_says_nothing_before_go_wrote_one() -> None:
    old = Release.parse("go1.23.9")
    assert named(LEFT["-B"], release=old) == ()
    given = {"GNU build ID": "of the Go build ID", "section:.note.gnu.build-id": "present"}
    (found,) = named(given, release=old)
    assert found.settings == (Setting(SettingKind.LINKER, "-B", "gobuildid"),)


def test_declared_settings_are_not_guessed() -> None:
    found = (Trace("key:GOAMD64", "v3", "v1"), Trace("extent", "code", ""))
    assert name_candidates(GOFMT, found, tuple, RELEASE, TARGET, declared={"GOAMD64"}) == ()


def test_where_the_code_is_accounted_for_only_what_speaks_for_itself_is_named() -> None:
    found = tuple(
        Trace(name, value, "")
        for name, value in {**LEFT["strip"], **LEFT["GOAMD64"], "extent": "code"}.items()
    )
    names = [
        each.name for each in name_candidates(GOFMT, found, tuple, RELEASE, TARGET, accounted=True)
    ]
    assert names == ["GOAMD64"]


def test_strengths_have_an_order() -> None:
    assert [each.rank for each in Strength] == [0, 1, 2]
