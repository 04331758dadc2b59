"""Reference builds, made by a toy go command that "compiles" by picking a finished executable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from samego.config import Config
from samego.errors import BuildError, CacheError, ControlError, SandboxError
from samego.formats.archive.spool import Spool
from samego.model.candidate import Setting, SettingKind
from samego.model.causes.differences import Unaccounted
from samego.model.finding import Finding, Side, combined, unexplained
from samego.model.inputs import Context
from samego.model.proof import Standing
from samego.model.release import Release, Target
from samego.model.tree import Tree
from samego.model.value import Told
from samego.reference import control, store
from samego.reference.control import Control, control_key, read_control
from samego.reference.job import Host, ReferenceKind, changed_builders, package_sources
from samego.reference.prove import Builder, needs_reference, prove_by_reference
from samego.reference.settings import settings_to_try
from samego.reference.store import ReferenceBuild, get_reference, read_reference
from samego.rules import reference_build
from samego.rules.generated.files import GENERATORS, buildcfg, compilers_of_go
from samego.rules.generated.settings import upstream_settings
from samego.system.progress import Silent
from samego.upstream.channels.interface import Posted
from samego.verify.reference import ReferenceMeans, hold_against_reference
from support.archives import memory_tree
from support.rule_context import context, flipped, policy
from support.toy_go import BUILD_GO
from support.words import cause_of, told

ELF = Path(__file__).resolve().parents[3] / "fixtures" / "elf"
SETTINGS = "src/internal/buildcfg/zbootstrap.go"
COMPILER = "src/cmd/compile/main.go"
TARGET = Target.parse("linux-amd64")
#: Gives the fixture where the package's settings are in place, and notes each call. With
#: upstream's settings it leaves upstream's own executables as they are.
GO = """#!/bin/sh
echo "$*" >> "$GOROOT/calls"
case "$*" in *compile*) exit 0 ;; esac
grep -q sse2 "$GOROOT/src/internal/buildcfg/zbootstrap.go" && exit 0
grep -q softfloat "$GOROOT/src/internal/buildcfg/zbootstrap.go" || { echo no settings; exit 3; }
cp "$GOROOT/src/linked" "$GOROOT/bin/new" && mv "$GOROOT/bin/new" "$GOROOT/bin/go"
cp "$GOROOT/calls" "$GOROOT/pkg/tool/linux_amd64/calls"
"""
#: Generates the settings, and gives the fixture; a toolchain is wanted to start from.
MAKE_BASH = """set -e
test -x "$GOROOT_BOOTSTRAP/bin/go"
env | sort > ../env
cd ..
mkdir -p bin pkg/tool/linux_amd64
echo "const DefaultGO386 = \\`${GO386:-sse2}\\`" > src/internal/buildcfg/zbootstrap.go
if [ -n "$GO386" ]; then cp src/linked bin/go
else cp "$GOROOT_BOOTSTRAP/bin/go" bin/go; fi
touch pkg/tool/linux_amd64/asm
cp src/cmd/compile/main.go pkg/tool/linux_amd64/compile
mv env pkg/tool/linux_amd64/env
"""
UPSTREAM = {
    "VERSION": b"go1.24.4\n",
    "bin/go": GO.encode(),
    "pkg/tool/linux_amd64/asm": b"",
    "src/cmd/dist/build.go": BUILD_GO.encode(),
    "src/make.bash": MAKE_BASH.encode(),
    "src/linked": (ELF / "tiny").read_bytes(),
    COMPILER: b"package main\n",
    SETTINGS: b"const DefaultGO386 = `sse2`\n",
}
PACKAGE = {
    SETTINGS: b"const DefaultGO386 = `softfloat`\n",
    "bin/go": (ELF / "tiny.stripped").read_bytes(),
}
OPEN = Finding(
    "bin/go",
    Standing.UNPROVEN,
    Side.BOTH,
    "elf",
    "embedded_settings",
    told("embeds"),
    rests_on=(SETTINGS,),
)


def frame(package: Mapping[str, bytes]) -> Context:
    return context({**UPSTREAM, **package}, UPSTREAM, policy(), release="go1.24.4")


#: The same, whatever the settings are.
PATIENT = GO.replace("grep -q sse2", "false").replace("grep -q softfloat", "grep -q DefaultGO386")
#: Does something else than upstream's did, whatever it is given.
WRONG = GO.replace("&& exit 0", "&& { echo >> $GOROOT/pkg/tool/linux_amd64/asm; exit 0; }")
#: What makes a whole build wrong too.
ALSO_WRONG = MAKE_BASH.replace("touch pkg", "echo > pkg")
RELEASE = Release.parse("go1.24.4")


def with_go(go: str) -> Tree:
    return memory_tree({**UPSTREAM, "bin/go": go.encode()}, modes={"bin/go": 0o755})


@pytest.fixture
def host() -> Host:
    posted = Posted("module", "module", frame({}).release, TARGET, "u", Path("z"), "a" * 64, ())
    return Host(posted, with_go(GO), TARGET)


def built(
    where: Context, host: Host, directory: Path, kind: ReferenceKind = ReferenceKind.QUICK
) -> ReferenceBuild:
    (settings,) = settings_to_try(where)
    return get_reference(where, host, settings, kind, directory, Silent())


def builder(host: Host, directory: Path, kind: ReferenceKind = ReferenceKind.QUICK) -> Builder:
    return Builder(kind, host, directory, Silent())


def decide(package: Mapping[str, bytes], host: Host, directory: Path) -> Finding:
    assert needs_reference([OPEN])
    (finding,) = prove_by_reference([OPEN], frame(package), builder(host, directory))
    return finding


def test_an_executable_that_follows_from_the_sources_is_explained(
    host: Host, tmp_path: Path
) -> None:
    finding = decide(PACKAGE, host, tmp_path)
    assert (finding.standing, finding.rule) == (Standing.EXPLAINED, "witness_build")
    assert finding.rests_on == (SETTINGS,)
    assert finding.proof is not None
    assert "GOOS=linux" in str(finding.proof.details["environment"])
    assert not list(tmp_path.glob(".build-*"))


def test_one_that_does_not_is_the_alarm(host: Host, tmp_path: Path) -> None:
    tampered = flipped(PACKAGE["bin/go"], 0x1000)
    finding = decide({**PACKAGE, "bin/go": tampered}, host, tmp_path)
    assert finding.standing is Standing.UNEXPLAINED
    assert "does not follow from the package's own sources" in cause_of(finding)
    assert finding.proof is None
    assert finding.where


def test_a_reference_is_built_once(host: Host, tmp_path: Path) -> None:
    first = built(frame(PACKAGE), host, tmp_path)
    (first.directory / "files" / "marker").write_bytes(b"")
    again = built(frame(PACKAGE), host, tmp_path)
    assert again.key == first.key
    assert (again.directory / "files" / "marker").exists()
    assert first.stages == 1
    assert first.executable("bin/go") == (ELF / "tiny").read_bytes()
    assert first.executable("bin/none") is None


def test_a_reference_is_of_all_that_it_is_made_of(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each change, alone, is another build: one kept for the other would prove nothing."""

    def key(
        where: Context = frame(PACKAGE),  # noqa: B008 - never changed
        host: Host = host,
        kind: ReferenceKind = ReferenceKind.QUICK,
        stages: int = 1,
        **settings: str,
    ) -> str:
        (stated,) = settings_to_try(where)
        stated = replace(stated, values={**stated.values, **settings})
        return get_reference(where, host, stated, kind, tmp_path, Silent(), stages=stages).key

    other = replace(host, posted=replace(host.posted, sha256="b" * 64))
    changed = frame({**PACKAGE, COMPILER: b"package main // changed\n"})
    keys = [
        key(),
        key(host=other),
        key(where=changed),
        key(GOAMD64="v2"),
        key(stages=2),
        key(kind=ReferenceKind.FULL),
    ]
    assert len(set(keys)) == len(keys)
    assert key() == keys[0]
    assert key(kind=ReferenceKind.FULL, stages=2) == keys[-1], "make.bash has its own stages"
    monkeypatch.setattr(store, "BUILDER", "another way of building")
    assert key() not in keys


def test_a_reference_is_of_its_target() -> None:
    (settings,) = settings_to_try(frame(PACKAGE))
    keys = {
        store._key(Target.parse(name), "a", {}, settings, ReferenceKind.QUICK, 1)
        for name in ("linux-amd64", "linux-arm64", "freebsd-amd64")
    }
    assert len(keys) == 3


def test_a_guess_is_of_its_settings_and_of_what_is_built_with_them() -> None:
    (plain,) = settings_to_try(frame(PACKAGE))
    flag, linked = Setting(SettingKind.FLAG, "-trimpath", ""), Setting(SettingKind.LINKER, "-s", "")
    keys = {
        store._key(TARGET, "a", {}, replace(plain, **guess), ReferenceKind.QUICK, 1)
        for guess in (
            {},
            {"extra": (flag,)},
            {"extra": (linked,)},
            {"extra": (flag,), "commands": ("cmd/go",)},
        )
    }
    assert len(keys) == 4


def test_a_changed_compiler_is_built_first_and_rested_on(host: Host, tmp_path: Path) -> None:
    package = {**PACKAGE, COMPILER: b"package main // changed\n"}
    reference = built(frame(package), host, tmp_path)
    calls = reference.executable("pkg/tool/linux_amd64/calls")
    assert calls == b"install cmd/compile cmd/asm cmd/link\ninstall cmd\n"
    assert reference.stages == 2
    assert COMPILER in decide(package, host, tmp_path).rests_on


def test_the_whole_build_decides_alike_and_says_that_it_was_whole(
    host: Host, tmp_path: Path
) -> None:
    quick = decide(PACKAGE, host, tmp_path)
    whole = builder(host, tmp_path, ReferenceKind.FULL)
    (full,) = prove_by_reference([OPEN], frame(PACKAGE), whole)
    assert (full.standing, full.rule, cause_of(full)) == (
        quick.standing,
        quick.rule,
        cause_of(quick),
    )
    assert full.proof is not None
    assert quick.proof is not None
    assert full.proof.details["witness_kind"] == "full"
    assert full.proof.details["built_by"] == "make.bash"
    assert quick.proof.details["witness_kind"] == "quick"
    assert full.proof.digest == quick.proof.digest
    assert full.proof.details["witness"] != quick.proof.details["witness"]


def test_the_whole_build_has_the_packages_settings_and_sources_and_no_others(
    host: Host, tmp_path: Path
) -> None:
    package = {**PACKAGE, COMPILER: b"package main // changed\n", "src/code_test.go": b"x"}
    reference = built(frame(package), host, tmp_path, ReferenceKind.FULL)
    assert reference.stages == 3  # of make.bash: toolchain1, 2 and 3
    assert reference.executable("pkg/tool/linux_amd64/compile") == package[COMPILER]
    environment = (reference.executable("pkg/tool/linux_amd64/env") or b"").decode().splitlines()
    assert "GO386=softfloat" in environment
    assert "GOOS=linux" in environment
    assert not any(line.startswith("GOFLAGS") for line in environment)
    assert reference.environment == {"GO386": "softfloat", "GOOS": "linux", "GOARCH": "amd64"}
    assert reference.other_generated == ()
    assert COMPILER in reference.sources


def test_generated_sources_that_come_out_otherwise_are_told(host: Host, tmp_path: Path) -> None:
    doctored = {**PACKAGE, SETTINGS: PACKAGE[SETTINGS] + b"func init() {}\n"}
    reference = built(frame(doctored), host, tmp_path, ReferenceKind.FULL)
    assert reference.other_generated == (SETTINGS,)
    tampered = {**doctored, "bin/go": flipped(PACKAGE["bin/go"], 0x1000)}
    (finding,) = prove_by_reference(
        [OPEN], frame(tampered), builder(host, tmp_path, ReferenceKind.FULL)
    )
    assert f"cmd/dist does not write {SETTINGS} as the package ships it" in cause_of(finding)


def test_a_changed_go_command_has_the_last_word(host: Host, tmp_path: Path) -> None:
    changed = flipped(PACKAGE["bin/go"], 0x1000)
    package = {**PACKAGE, "src/cmd/go/main.go": b"package main", "bin/go": changed}
    (alarm,) = prove_by_reference([OPEN], frame(package), builder(host, tmp_path))
    assert alarm.standing is Standing.UNEXPLAINED
    assert "make.bash gives other bytes here" in cause_of(alarm)


# -- the control


def test_an_alarm_rests_on_the_control_and_a_match_needs_none(host: Host, tmp_path: Path) -> None:
    decide(PACKAGE, host, tmp_path)
    assert not (tmp_path / "controls").exists()
    tampered = {**PACKAGE, "bin/go": flipped(PACKAGE["bin/go"], 0x1000)}
    first = decide(tampered, host, tmp_path)
    assert "(on upstream's own source it gives upstream's files)" in cause_of(first)
    (kept,) = (tmp_path / "controls").iterdir()
    before = kept.stat()
    assert decide(tampered, host, tmp_path) == first
    assert kept.stat().st_mtime_ns == before.st_mtime_ns


def wrong(host: Host, make_bash: str = MAKE_BASH) -> tuple[Host, Context]:
    """A way of building that does not give upstream's own, and a package that differs by it."""
    upstream = {**UPSTREAM, "bin/go": WRONG.encode(), "src/make.bash": make_bash.encode()}
    tree = memory_tree(upstream, modes={"bin/go": 0o755})
    tampered = {**upstream, **PACKAGE, "bin/go": flipped(PACKAGE["bin/go"], 0x1000)}
    return replace(host, tree=tree), context(tampered, upstream, policy(), release="go1.24.4")


def test_a_wrong_way_of_building_is_stopped_by_its_control(host: Host, tmp_path: Path) -> None:
    bad, where = wrong(host, ALSO_WRONG)
    with pytest.raises(ControlError) as caught:
        prove_by_reference([OPEN], where, builder(bad, tmp_path))
    told = caught.value.message
    assert told.startswith("could not decide: this build method does not reproduce upstream's own")
    assert "make.bash for linux-amd64: 1 of 2 executables" in told
    assert "pkg/tool/linux_amd64/asm: from line 1 on" in told
    assert caught.value.exit_status == 2
    assert len(list((tmp_path / "controls").iterdir())) == 2, "the quick way, then the whole"


def test_the_whole_build_decides_where_the_quick_way_fails_its_control(
    host: Host, tmp_path: Path
) -> None:
    bad, where = wrong(host)
    (alarm,) = prove_by_reference([OPEN], where, builder(bad, tmp_path))
    assert alarm.standing is Standing.UNEXPLAINED
    assert "make.bash gives other bytes here" in cause_of(alarm)


def test_a_control_is_of_one_way_toolchain_and_posted_executables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    where = frame(PACKAGE)
    other = context(PACKAGE, {**UPSTREAM, "bin/go": b"x"}, policy(), release="go1.24.4")
    quick, full = ReferenceKind
    keys = [
        control_key("a", quick, 1, where),
        control_key("a", quick, 2, where),
        control_key("a", full, 1, where),
        control_key("b", quick, 1, where),
        control_key("a", quick, 1, other),
        control_key("a", quick, 1, replace(where, release=Release.parse("go1.24.5"))),
        control_key("a", quick, 1, replace(where, target=Target.parse("linux-amd64"))),
    ]
    assert keys.pop() == keys[0]
    assert len(set(keys)) == len(keys)
    assert control_key("a", full, 3, where) == control_key("a", full, 1, where)
    monkeypatch.setattr(control, "BUILDER", "another way of building")
    assert control_key("a", quick, 1, where) not in keys


def test_a_second_check_with_a_given_reference_accuses_only_after_a_control_too(
    host: Host, tmp_path: Path
) -> None:
    where = frame({**PACKAGE, "bin/go": flipped(PACKAGE["bin/go"], 0x1000)})
    claim = replace(OPEN, standing=Standing.UNEXPLAINED, rule=reference_build.NAME)
    config = Config(cache_directory=tmp_path / "cache")
    with closing(Spool(tmp_path)) as spool:
        means = ReferenceMeans(config, spool, Silent())
        means = replace(means, given=built(where, host, means.directory).directory)
        found, untold = hold_against_reference([claim], [OPEN], where, means)
        assert found == (OPEN,)
        assert [item.paths for item in untold] == [("bin/go",)]
        prove_by_reference([OPEN], where, builder(host, means.directory))  # which runs the control
        found, untold = hold_against_reference([claim], [OPEN], where, means)
    assert [finding.standing for finding in found] == [Standing.UNEXPLAINED]
    assert untold == ()


def test_a_damaged_control_is_an_error(tmp_path: Path) -> None:
    assert read_control(tmp_path / "none.json") is None
    (tmp_path / "bad.json").write_text("[]", "utf-8")
    with pytest.raises(CacheError, match=r"the control bad\.json cannot be read"):
        read_control(tmp_path / "bad.json")


def test_a_control_without_posted_executables_does_not_pass() -> None:
    control = Control(ReferenceKind.QUICK, TARGET, 0, {})
    assert not control.passes
    assert "none was posted" in control.error().message


@pytest.mark.parametrize(
    ("count", "named"),
    [
        (1, "1 of 9 executables of upstream's unchanged source differ: tool0; tool0: here 0"),
        (3, "tool0, tool1, tool2; tool0: here 0"),
        (5, "5 of 9 executables of upstream's unchanged source differ: tool0, tool1, tool2 and 2"),
    ],
)
def test_a_control_that_does_not_pass_names_what_differs(count: int, named: str) -> None:
    differing = {f"tool{number}": f"here {number}\nand there" for number in range(count)}
    control = Control(ReferenceKind.QUICK, TARGET, 9 - count, differing)
    assert not control.passes
    assert named in control.error().message


def test_an_executable_compiled_with_other_settings_rests_on_them(
    host: Host, tmp_path: Path
) -> None:
    tool = replace(OPEN, rule="added_tool", rests_on=())
    newer = {**PACKAGE, SETTINGS: PACKAGE[SETTINGS] + b"const DefaultGOAMD64 = `v3`\n"}
    for package, rests_on in ((PACKAGE, ()), (newer, (SETTINGS,))):
        (finding,) = prove_by_reference([tool], frame(package), builder(host, tmp_path))
        assert (finding.standing, finding.rests_on) == (Standing.EXPLAINED, rests_on)


UNKNOWN = unexplained("bin/go", Side.BOTH, "elf", Unaccounted())


def test_an_executable_that_no_rule_accounts_for_is_held_against_the_reference_too(
    host: Host, tmp_path: Path
) -> None:
    (proven,) = prove_by_reference([UNKNOWN], frame(PACKAGE), builder(host, tmp_path))
    assert (proven.standing, proven.rule) == (Standing.EXPLAINED, "witness_build")
    assert proven.rests_on == (SETTINGS,), "on all that differs, as nobody saw on what"
    tampered = {**PACKAGE, "bin/go": flipped(PACKAGE["bin/go"], 0x1000)}
    (alarm,) = prove_by_reference([UNKNOWN], frame(tampered), builder(host, tmp_path))
    assert (alarm.standing, alarm.rule) == (Standing.UNEXPLAINED, "witness_build")


@pytest.mark.parametrize(
    "left",
    [
        combined(
            UNKNOWN,
            unexplained("bin/go", Side.BOTH, "mode", Unaccounted(), where=told("mode 4755")),
        ),
        combined(
            UNKNOWN,
            unexplained("bin/go", Side.BOTH, "link", Unaccounted(), where=told("is a link")),
        ),
        combined(OPEN, replace(OPEN, kind="packaging", rule="", causes=told("something else"))),
        unexplained("bin/go", Side.BOTH, "text", Unaccounted()),
        unexplained("bin/go", Side.DISTRO, "elf", Told("only the package has this file")),
    ],
    ids=["its mode too", "a link too", "more unproven", "no executable", "only the package's"],
)
def test_what_a_rebuild_cannot_decide_is_left_as_it_is(left: Finding) -> None:
    assert not needs_reference([left])


def test_builders_are_sources_of_the_go_command_that_no_build_generates() -> None:
    own, generated = "src/cmd/go/main.go", "src/cmd/go/internal/cfg/zdefaultcc.go"
    before = {**UPSTREAM, own: b"package main\n", generated: b"package cfg\n"}
    after = {**before, generated: b"package cfg // other\n", COMPILER: b"package main // other\n"}
    assert changed_builders(context(after, before, policy(), release="go1.24.4")) == ()
    after[own] = b"package main // other\n"
    assert changed_builders(context(after, before, policy(), release="go1.24.4")) == (own,)


def test_data_that_a_source_embeds_is_put_in_place_and_rested_on(
    host: Host, tmp_path: Path
) -> None:
    embeds = {"src/cmd/page/main.go": b"package main\n\n//go:embed static\nvar files embed.FS\n"}
    data, other = "src/cmd/page/static/a/index.html", "src/cmd/plain/README"
    before = {**UPSTREAM, **embeds, data: b"<p>", other: b"a", "src/cmd/plain/main.go": b"x"}
    after = {**before, **PACKAGE, data: b"<p>patched", other: b"b"}
    where = context(after, before, policy(), release="go1.24.4")
    (settings,) = settings_to_try(where)
    assert package_sources(where, settings) == {data: b"<p>patched", SETTINGS: PACKAGE[SETTINGS]}
    tree = memory_tree(before, modes={"bin/go": 0o755})
    (finding,) = prove_by_reference([OPEN], where, builder(replace(host, tree=tree), tmp_path))
    assert finding.rests_on == (data, SETTINGS)


# -- settings that the package does not state


def unstated(declared: Mapping[str, str], **package: bytes) -> Context:
    """A package without its zbootstrap.go, of a release whose is as cmd/dist writes it."""
    settings = (buildcfg({}, RELEASE) or "").encode()
    upstream = {**UPSTREAM, "bin/go": UPSTREAM["src/linked"], SETTINGS: settings}
    files = {**upstream, "bin/go": PACKAGE["bin/go"], **package}
    del files[SETTINGS]
    return context(files, upstream, policy(settings=declared), release="go1.24.4")


def test_settings_are_searched_for_among_the_declared_ones(host: Host, tmp_path: Path) -> None:
    missing = replace(OPEN, rests_on=(SETTINGS, COMPILER))
    where = unstated({"GO386": "softfloat"})
    assert [each.candidate for each in settings_to_try(where)] == ["GO386=softfloat", "no setting"]
    (finding,) = prove_by_reference([missing], where, builder(host, tmp_path))
    assert finding.standing is Standing.EXPLAINED
    assert "GO386=softfloat, the declared setting that fits" in cause_of(finding)
    assert finding.rests_on == (COMPILER,), "what is not there was not built from"
    assert finding.proof is not None
    assert finding.proof.details["searched_settings"] == "GO386=softfloat"
    assert len(list((tmp_path / "built").iterdir())) == 1, "the first that fits ends the search"


@pytest.mark.parametrize(
    ("fits", "candidate"),
    [
        ("softfloat", "GO386=softfloat"),
        ("sse2", "no setting"),
        ("DefaultGO386", "GO386=softfloat"),
    ],
)
def test_of_candidates_that_do_not_fit_all_the_one_that_fits_most_is_taken(
    host: Host, tmp_path: Path, fits: str, candidate: str
) -> None:
    """Whether it is tried first or last; of two that fit alike, the first one."""
    go = f"""#!/bin/sh
grep -q {fits} "$GOROOT/{SETTINGS}" || exit 0
cp "$GOROOT/src/linked" "$GOROOT/bin/new" && mv "$GOROOT/bin/new" "$GOROOT/bin/go"
"""
    lacking = replace(OPEN, path="pkg/tool/linux_amd64/nm")
    where = unstated({"GO386": "softfloat"}, **{lacking.path: PACKAGE["bin/go"]})
    partly = builder(replace(host, tree=with_go(go)), tmp_path)
    found, left = prove_by_reference([OPEN, lacking], where, partly)
    assert len(list((tmp_path / "built").iterdir())) == 2
    assert (found.standing, left.standing) == (Standing.EXPLAINED, Standing.UNPROVEN)
    assert found.proof is not None
    assert found.proof.details["searched_settings"] == candidate


def test_settings_that_nobody_declared_are_not_guessed(host: Host, tmp_path: Path) -> None:
    changed = flipped(PACKAGE["bin/go"], 0x1000)
    where = unstated({"GO386": "softfloat", "GOARM": "5"}, **{"bin/go": changed})
    patient = replace(host, tree=with_go(PATIENT))
    (finding,) = prove_by_reference([OPEN], where, builder(patient, tmp_path))
    assert finding.standing is Standing.UNEXPLAINED
    assert "none of the declared settings (GO386=softfloat GOARM=5, or no setting)" in cause_of(
        finding
    )
    assert len(list((tmp_path / "built").iterdir())) == 3, "two candidates, and the control"


def test_without_sources_at_hand_nothing_is_called_an_alarm(host: Host, tmp_path: Path) -> None:
    upstream = {**UPSTREAM, SETTINGS: (buildcfg({}, RELEASE) or "").encode()}
    patient = builder(replace(host, tree=with_go(PATIENT)), tmp_path)
    for binary, standing in (
        (PACKAGE["bin/go"], Standing.EXPLAINED),
        (flipped(PACKAGE["bin/go"], 0x1000), Standing.UNPROVEN),
    ):
        where = context({"bin/go": binary}, upstream, policy(), release="go1.24.4")
        assert package_sources(where, settings_to_try(where)[0]).keys() <= {SETTINGS}
        (finding,) = prove_by_reference([replace(OPEN, rests_on=())], where, patient)
        assert finding.standing is standing
    assert "also name the package that has them" in cause_of(finding)


def test_a_generator_that_does_not_give_upstreams_file_is_not_believed() -> None:
    upstream = {**UPSTREAM, SETTINGS: b"another form\n"}
    declared = policy(settings={"GO386": "softfloat"})
    (only,) = settings_to_try(context({}, upstream, declared, release="go1.24.4"))
    assert (only.generated, only.candidate) == ({}, "")


def test_a_generator_that_is_not_believed_does_not_stop_the_next_one() -> None:
    first, *_, last = GENERATORS
    usual = (GENERATORS[last](upstream_settings(RELEASE, TARGET), RELEASE) or "").encode()
    upstream = {**UPSTREAM, first: b"another form\n", last: usual}
    del upstream[SETTINGS]
    declared = policy(settings={"CC_FOR_linux_arm64": "cc-arm64"})
    where = context({}, {**upstream, first: b"another form\n"}, declared, release="go1.24.4")
    assert {path for each in settings_to_try(where) for path in each.generated} == {last}


def test_a_package_whose_own_code_runs_is_built_in_the_sandbox(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Generated settings that cmd/dist writes itself are no code of the package's."""
    boxed: list[tuple[str, ...]] = []

    @contextmanager
    def refused(_scratch: Path, _toolchain: Path, foreign: tuple[str, ...]) -> Iterator[None]:
        boxed.append(foreign)
        if foreign:
            raise SandboxError("no sandbox", hint="none")
        yield

    monkeypatch.setattr("samego.reference.quick.box", refused)
    with pytest.raises(SandboxError):
        built(frame(PACKAGE), host, tmp_path)
    assert boxed == [(SETTINGS,)]
    where = unstated({"GO386": "softfloat"})
    settings = settings_to_try(where)[0]
    get_reference(where, host, settings, ReferenceKind.QUICK, tmp_path, Silent())
    assert boxed == [(SETTINGS,)]


def test_compilers_are_read_from_their_table() -> None:
    stated = {"CC_FOR_linux_arm64": "cc-arm64", "CC_FOR_TARGET": "my-gcc", "PKG_CONFIG": "pc"}
    text = compilers_of_go(stated, RELEASE) or ""
    table = {"src/cmd/go/internal/cfg/zdefaultcc.go": text.encode()}
    (settings,) = settings_to_try(context(table, {}, policy(), release="go1.24.4"))
    assert settings.chosen == stated
    usual = {"src/cmd/go/internal/cfg/zdefaultcc.go": (compilers_of_go({}, RELEASE) or "").encode()}
    (settings,) = settings_to_try(context(usual, {}, policy(), release="go1.24.4"))
    assert settings.chosen == {}


def test_what_the_rebuild_does_not_give_stays_unproven(host: Host, tmp_path: Path) -> None:
    missing = replace(OPEN, path="pkg/tool/linux_amd64/nm")
    files = {**PACKAGE, missing.path: PACKAGE["bin/go"]}
    (finding,) = prove_by_reference([missing], frame(files), builder(host, tmp_path))
    assert finding.standing is Standing.UNPROVEN
    assert "does not produce nm" in cause_of(finding)


def test_a_build_that_fails_says_why_and_leaves_nothing(host: Host, tmp_path: Path) -> None:
    unknown = {**PACKAGE, SETTINGS: b"const DefaultGO386 = `no such`\n"}
    with pytest.raises(BuildError, match=r"status 3 .*no settings"):
        built(frame(unknown), host, tmp_path)
    assert not list(tmp_path.glob(".build-*"))
    assert not list((tmp_path / "built").glob("*"))


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    (tmp_path / "key").mkdir()
    (tmp_path / "key" / "reference.json").write_text("{}", "utf-8")
    with pytest.raises(CacheError, match="the reference build key cannot be read"):
        read_reference(tmp_path / "key")
