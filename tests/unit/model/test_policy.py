from __future__ import annotations

import pytest

from samego.errors import ConfigError
from samego.model.policy import LayoutRule, PartRule, Policy, glob_pattern, merge_settings
from samego.model.policy_file import load_policy
from samego.model.release import Release, Target

GOOD = """
schema = "samego.policy/1"
distro = "test"
goroot = "usr/lib/go-{line}"

[[layout]]
action = "added"
path = "{tools}/dist"
built_from = "cmd/dist"
until = "go1.25.0"
reason = "kept"
source = "rules"

[[layout]]
action = "left_out"
path = "src/**.rc"
reason = "removed"
source = "rules"

[[layout]]
action = "left_out"
path = "only-windows"
goos = "windows"
reason = "removed"
source = "rules"

[[settings]]
since = "go1.24.0"
reason = "old machines"
source = "goenv.sh"
[settings.variables]
GO386 = "softfloat"
GOARM = "5"

[[rewriters]]
tool = "strip"
excludes = ["**testdata**"]
reason = "dh_strip"
source = "rules"
"""


def load(text: str = GOOD, release: str = "go1.24.4") -> Policy:
    target = Target.parse("linux-amd64")
    return load_policy(text, name="policy.toml", release=Release.parse(release), target=target)


def test_what_holds_for_a_release() -> None:
    policy = load()
    assert (policy.distro, policy.goroot) == ("test", "usr/lib/go-1.24")
    rule = policy.find("added", "pkg/tool/linux_amd64/dist")
    assert rule is not None
    assert (rule.built_from, rule.reason) == ("cmd/dist", "kept")
    assert policy.find("left_out", "only-windows") is None
    assert merge_settings(policy, {"GOARM": "6"}) == {"GO386": "softfloat", "GOARM": "6"}


@pytest.mark.parametrize(
    ("release", "rules", "settings"),
    [("go1.23.9", 2, 0), ("go1.24.0", 2, 1), ("go1.24.9", 2, 1), ("go1.25.0", 1, 1)],
)
def test_since_is_inclusive_and_until_exclusive(release: str, rules: int, settings: int) -> None:
    policy = load(release=release)
    assert (len(policy.layout), len(policy.settings)) == (rules, settings)


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("src/**.rc", "src/a/b/all.rc", True),
        ("src/**.rc", "src/all.rc", True),
        ("src/**.rc", "src/all.rcx", False),
        ("src/*.rc", "src/a/all.rc", False),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("a.c", "abc", False),
        ("a[b]", "a[b]", True),
        ("LICENSE", "LICENSE\n", False),
    ],
)
def test_globs(glob: str, path: str, *, matches: bool) -> None:
    assert (glob_pattern(glob).fullmatch(path) is not None) is matches


def test_a_rewriter_leaves_alone_what_it_excludes() -> None:
    policy = load()
    assert policy.rewriter("strip", "bin/go") is not None
    assert policy.rewriter("strip", "src/debug/elf/testdata/x") is None
    assert policy.rewriter("other", "bin/go") is None


@pytest.mark.parametrize(
    ("change", "what"),
    [
        pytest.param(("samego.policy/1", "samego.policy/2"), "has schema", id="schema"),
        pytest.param(('distro = "test"', ""), "needs distro", id="no distro"),
        pytest.param(("schema =", "schema"), "is not TOML", id="syntax"),
        pytest.param(('"added"', '"excused"'), "has action 'excused'", id="action"),
        pytest.param(('source = "rules"', ""), "needs source", id="no source"),
        pytest.param(('"kept"', "3"), "needs reason, a string", id="a number"),
        pytest.param(("built_from", "build_from"), "unknown key 'build_from'", id="unknown key"),
        pytest.param(("goroot = ", "size = 3\ngoroot = "), "unknown key 'size'", id="at the top"),
        pytest.param(('"softfloat"', "387"), "variables", id="a variable"),
        pytest.param(('["**testdata**"]', '"x"'), "excludes", id="excludes"),
        pytest.param(("[[rewriters]]", "[rewriters]"), "array of tables", id="a table"),
    ],
)
def test_anything_else_is_refused(change: tuple[str, str], what: str) -> None:
    with pytest.raises(ConfigError, match=what) as caught:
        load(GOOD.replace(*change))
    assert "policy.toml" in str(caught.value)


_SPREAD = Policy(
    "test",
    "usr/lib/go",
    (
        LayoutRule("link", "src", "../../share/go/src", "", ""),
        LayoutRule("link", "pkg/include", "../../../share/go/include", "", ""),
        LayoutRule("link", "doc", "/usr/share/doc/go", "", ""),
        LayoutRule("moved", "README", "usr/share/doc/toy-go/README", "", ""),
    ),
    parts=(PartRule("toy-go", ("src", "pkg/**", "bin/**"), "", ""),),
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("usr/lib/go/bin/go", "bin/go"),
        ("usr/share/go/src/fmt/print.go", "src/fmt/print.go"),
        ("usr/share/go/include/a.h", "pkg/include/a.h"),
        ("usr/share/doc/go/a.html", "doc/a.html"),
        ("usr/share/doc/toy-go/README", "README"),
        ("usr/share/doc/goose", ""),
        ("usr/share/go/srcs/a.go", ""),
        ("usr/lib/go", ""),
    ],
)
def test_a_payload_path_in_upstreams_spelling(path: str, expected: str) -> None:
    assert _SPREAD.upstream_path(path) == expected


@pytest.mark.parametrize(
    ("given", "withheld", "expected"),
    [
        (["toy-src"], [], {"src", "pkg/include"}),
        (["toy-go"], [], set()),
        ([], [], set()),
        (["toy-go"], ["usr/lib/go/doc"], {"doc"}),
    ],
    ids=["another package's", "all there", "no packages", "not unpacked"],
)
def test_links_that_are_not_there_for_no_fault(
    given: list[str], withheld: list[str], expected: set[str]
) -> None:
    assert set(_SPREAD.absent_links(given, withheld)) == expected
