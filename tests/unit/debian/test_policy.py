from __future__ import annotations

import pytest

from samego.errors import InputError
from samego.model.policy import Policy, merge_settings
from samego.model.release import Release
from samego_debian.architectures import architecture, architectures, compilers, of_target
from samego_debian.policy import policy_for


def policy(release: str, arch: str = "amd64") -> Policy:
    return policy_for(Release.parse(release), architecture(arch))


def test_links_lead_where_the_line_lies() -> None:
    links = {rule.path: rule.to for rule in policy("go1.24.4").layout_rules("link")}
    assert links == {
        "api": "../../share/go-1.24/api",
        "doc": "../../share/doc/golang-1.24-doc/html",
        "lib": "../../share/go-1.24/lib",
        "misc": "../../share/go-1.24/misc",
        "pkg/include": "../../../share/go-1.24/pkg/include",
        "src": "../../share/go-1.24/src",
        "test": "../../share/go-1.24/test",
    }


@pytest.mark.parametrize(
    ("release", "left_out"),
    [("go1.21.13", True), ("go1.23.5", True), ("go1.24.0", True), ("go1.24.1", False)],
)
def test_lib_is_left_out_until_1_24_1(release: str, *, left_out: bool) -> None:
    rules = policy(release)
    assert (rules.find("left_out", "lib/time/zoneinfo.zip") is not None) is left_out
    assert ("lib" in {rule.path for rule in rules.layout_rules("link")}) is not left_out


@pytest.mark.parametrize(
    ("action", "path", "speaks"),
    [
        ("left_out", "src/all.rc", True),
        ("left_out", "src/cmd/x/deep.rc", True),
        ("left_out", "src/all.rcx", False),
        ("left_out", "misc/all.rc", False),
        ("left_out", "README.md", False),
        ("left_out", "src/LICENSE", False),
        ("moved", "README.md", True),
        ("added", "pkg/tool/linux_amd64/dist", True),
        ("added", "pkg/tool/linux_arm64/dist", False),
        ("added", "pkg/tool/linux_amd64/other", False),
        ("mode", "src/cmd/a/b.sh", True),
        ("mode", "test/a.sh", False),
        ("packaging", "usr/share/doc/golang-1.24-src/copyright", True),
        ("packaging", "usr/share/doc/golang-1.24-src/more/copyright", False),
        ("packaging", "DEBIAN/golang-1.24-go.postinst", False),
    ],
)
def test_what_the_layout_rules_speak_of(action: str, path: str, *, speaks: bool) -> None:
    assert (policy("go1.24.4").find(action, path) is not None) is speaks


def test_dist_is_no_longer_shipped_from_1_25_on() -> None:
    assert policy("go1.26.10").find("added", "pkg/tool/linux_amd64/dist") is None


@pytest.mark.parametrize(
    ("release", "path", "rewritten"),
    [
        ("go1.26.1", "src/archive/zip/testdata/dd.zip", False),
        ("go1.26.1", "lib/time/zoneinfo.zip", True),
        ("go1.26.3", "src/archive/zip/testdata/dd.zip", True),
        ("go1.26.3", "src/archive/zip/testdata/comment-truncated.zip", False),
    ],
)
def test_which_files_strip_nondeterminism_rewrites(
    release: str, path: str, *, rewritten: bool
) -> None:
    assert (policy(release).rewriter("strip-nondeterminism", path) is not None) is rewritten


def test_settings_of_1_24_are_softfloat_alone() -> None:
    assert merge_settings(policy("go1.24.4"), {}) == {"GO386": "softfloat"}


def test_settings_of_1_27_name_twelve_compilers() -> None:
    settings = merge_settings(policy("go1.27.3"), {})
    assert len(settings) == 1 + 2 * 12
    assert settings["CC_FOR_linux_arm"] == "arm-linux-gnueabihf-gcc"
    assert settings["CXX_FOR_linux_mips64le"] == "mips64el-linux-gnuabi64-g++"


def test_armel_and_armhf_differ() -> None:
    armel = merge_settings(policy("go1.27.3", "armel"), {})
    armhf = merge_settings(policy("go1.27.3", "armhf"), {})
    assert (armel["GOARM"], armhf["GOARM"]) == ("5", "6")
    assert armel["CC_FOR_linux_arm"] == "arm-linux-gnueabi-gcc"
    assert armhf["CC_FOR_linux_arm"] == "arm-linux-gnueabihf-gcc"


def test_targets_map_both_ways() -> None:
    for arch in architectures().values():
        assert of_target(arch.target).target == arch.target
    assert of_target(architecture("armel").target).name == "armhf"
    assert set(compilers(architecture("amd64"))) == set(compilers(architecture("armel")))


def test_an_unknown_architecture_names_the_known_ones() -> None:
    with pytest.raises(InputError, match="it is built for amd64, arm64"):
        architecture("sparc64")
