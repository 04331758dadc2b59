"""What cmd/dist does, read from sources in the forms of go1.21 to go1.27."""

from __future__ import annotations

import pytest

from samego.errors import BuildError
from samego.model.release import Release, Target
from samego.model.tree import Tree
from samego.rebuild.cmd_dist import BUILD_FILE, MAIN_FILE, MODULE_FILE, read_cmd_dist
from samego.rules.generated.settings import upstream_settings
from support.archives import memory_tree
from support.toy_go import BUILD_GO

LINUX, DARWIN = Target("linux", "amd64"), Target("darwin", "arm64")
GO_MOD = '"module bootstrap"'


def source(text: str = BUILD_GO, **others: str) -> Tree:
    names = {"main": MAIN_FILE, "module": MODULE_FILE}
    files = {names[name]: other.encode() for name, other in others.items()}
    return memory_tree({BUILD_FILE: text.encode(), **files})


def test_a_cross_target_is_built_with_what_the_source_sets() -> None:
    dist = read_cmd_dist(source())
    assert dist.go_mod == "module bootstrap"
    assert dist.environment("/r", LINUX, DARWIN, {"GO386": "softfloat", "GOARM": ""}) == {
        "GO386": "softfloat",
        "GOARCH": "arm64",
        "GOARM": "7",
        "GOHOSTARCH": "amd64",
        "GOOS": "darwin",
        "GOROOT": "/r",
        "GOBIN": "/r/bin",
        "LANG": "C",
        "GOWORK": "off",
        "GOCACHE": "/r/pkg/obj/go-build",
        "CC": "clang",
        "GOEXPERIMENT": "",
        "CGO_ENABLED": "0",
        "GOFLAGS": "-trimpath -toy",
    }


def test_settings_are_taken_from_the_variables_that_the_source_reads() -> None:
    given = {"GOEXPERIMENT": "nodwarf5", "GOWORK": "/evil", "GODEBUG": "x"}
    found = read_cmd_dist(source()).environment("/r", LINUX, LINUX, given)
    assert (found["GOEXPERIMENT"], found["GO386"], found["CC"]) == ("nodwarf5", "sse2", "gcc")
    assert found["GOWORK"] == "off"
    assert "GODEBUG" not in found


def test_the_go_mod_of_newer_releases_states_the_version_of_std() -> None:
    text = BUILD_GO.replace(GO_MOD, r'"module bootstrap\n\ngo "+modVer+"\n"').replace(
        "func xinit() {", "func xinit() {\n\tmodVer := goModVersion()"
    )
    module = "module std\n\ngo 1.26\n\nrequire golang.org/x/crypto v0.1.0\n"
    assert read_cmd_dist(source(text, module=module)).go_mod == "module bootstrap\n\ngo 1.26\n"
    with pytest.raises(BuildError, match=r"go\.mod of its work directory"):
        read_cmd_dist(source(text))


def test_what_the_program_sets_when_it_starts_counts_too() -> None:
    main = 'func main() {\n\tos.Setenv("TERM", "dumb") // no escape codes\n}\n'
    found = read_cmd_dist(source(main=main)).environment("/r", LINUX, LINUX, {})
    assert found["TERM"] == "dumb"


def test_a_variable_that_is_unset_is_not_there() -> None:
    text = BUILD_GO.replace('\tos.Setenv("LANG", "C")', '\tos.Setenv("GOFLAGS", "-x")')
    found = read_cmd_dist(source(text.replace("GOFLAGS=-trimpath -toy", "GOFLAGS="))).environment(
        "/r", LINUX, LINUX, {}
    )
    assert found["GOFLAGS"] == ""
    assert "LANG" not in found


@pytest.mark.parametrize(
    ("release", "goarm"),
    [("go1.21rc2", "7"), ("go1.21.0", "7"), ("go1.21.1", "6"), ("go1.24.4", "6")],
)
def test_what_linux_arm_was_posted_with_is_the_releases(release: str, goarm: str) -> None:
    arm = Target("linux", "arm")
    settings = upstream_settings(Release.parse(release), arm)
    found = read_cmd_dist(source()).environment("/r", LINUX, arm, settings)
    assert found["GOARM"] == goarm


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (BUILD_GO, ""),
        ("func toolenv", "func otherenv"),
        ("GOFLAGS=", "FLAGS="),
        ('env = append(env, "CGO_ENABLED=0")', 'env = append(env, "CGO_ENABLED="+cgo)'),
        ("runEnv(workdir,", "runEnv(goroot,"),
        ("func goCmd", "func runGo"),
        ("func xinit", "func yinit"),
        ('goInstall(toolenv(), goBootstrap, "cmd")', "installAll()"),
        (GO_MOD, "stub"),
        ('"%s/go.mod", workdir', '"%s/go.mod", goroot'),
        ('os.Setenv("LANG", "C")', 'os.Setenv("LANG", language())'),
        ('os.Setenv("LANG", "C")', "os.Setenv(name, value)"),
        ('os.Setenv("LANG", "C")', "os.Clearenv()"),
        ('os.Setenv("LANG", "C")', 'if x { os.Setenv("LANG", "C") }'),
        ('os.Unsetenv("GOFLAGS")', "os.Unsetenv(name)"),
    ],
    ids=lambda text: text[:40],
)
def test_a_source_in_another_form_is_refused(old: str, new: str) -> None:
    assert old in BUILD_GO
    with pytest.raises(BuildError, match="does not state in src/cmd/dist, in a known form"):
        read_cmd_dist(source(BUILD_GO.replace(old, new)))
