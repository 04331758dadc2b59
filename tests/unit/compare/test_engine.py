from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from samego.compare.engine import Comparison, Sides, compare
from samego.distro.interface import Packaging
from samego.formats.tree.goroot import goroot_view
from samego.model.finding import Effect, Finding, Side, Uncompared, Why
from samego.model.inputs import Context, Inputs
from samego.model.policy import LayoutRule, PartRule, Policy
from samego.model.proof import Proof, Standing
from samego.model.release import Release, Target
from samego.model.tree import Entry, Kind, Tree
from samego.rules.interface import Blob, Rule
from support.archives import memory_tree
from support.elf_files import Program, stripped_file, upstream_file
from support.words import cause_of, told, where_of

ROOT = "usr/lib/go"
VERSION = b"go1.24.4\n"


class UpperCase:
    """Proves that the distro's file is upstream's in upper case."""

    name = "upper"

    def prove(self, distro: Blob, upstream: Blob, context: Context) -> Proof | None:
        del context
        if distro.read() != upstream.read().upper():
            return None
        return Proof(self.name, Standing.EQUIVALENT, told("in upper case"), rests_on=("VERSION",))


def layout(action: str, path: str, to: str = "", built_from: str = "") -> LayoutRule:
    return LayoutRule(action, path, to, f"{action} by test", "the test", built_from)


@dataclass(frozen=True)
class Given:
    """What is at hand of a toolchain: its packages, and what was not unpacked of them."""

    names: frozenset[str] = frozenset()
    parts: tuple[PartRule, ...] = ()
    withheld: frozenset[str] = frozenset()


def run(
    distro: Tree,
    upstream: Tree,
    *rules: LayoutRule,
    leaves_out: tuple[str, ...] = (),
    packaging: Packaging | None = None,
    provers: tuple[Rule, ...] = (UpperCase(),),
    given: Given | None = None,
) -> Comparison:
    given = given or Given()
    policy = Policy("test", ROOT, rules, parts=given.parts)
    context = Context(
        Release.parse("go1.24.4"),
        Target.parse("linux-amd64"),
        policy,
        Inputs(),
        distro,
        upstream,
    )
    view = goroot_view(distro, ROOT, assumed=policy.absent_links(given.names, given.withheld))
    sides = Sides(
        distro,
        view,
        upstream,
        leaves_out,
        packaging,
        given=given.names,
        withheld=given.withheld,
    )
    return compare(sides, context, provers)


def package(files: Mapping[str, bytes], **options: object) -> Tree:
    files = {f"{ROOT}/VERSION": VERSION} | {
        (path[1:] if path.startswith("/") else f"{ROOT}/{path}"): data
        for path, data in files.items()
    }
    return memory_tree(files, name="package", **options)  # type: ignore[arg-type]  # test options


def posted(files: Mapping[str, bytes], **options: object) -> Tree:
    return memory_tree({"VERSION": VERSION} | dict(files), name="upstream", **options)  # type: ignore[arg-type]  # test options


def only(comparison: Comparison) -> Finding:
    (finding,) = comparison.findings
    return finding


def test_the_same_tree_has_no_findings() -> None:
    result = run(package({"a": b"a"}), posted({"a": b"a"}))
    assert (result.findings, result.identical, result.not_compared) == ((), 2, ())


def test_a_proof_gives_its_standing_and_what_it_rests_on() -> None:
    finding = only(run(package({"a": b"TEXT"}), posted({"a": b"text"})))
    assert (finding.path, finding.standing, finding.rule) == ("a", Standing.EQUIVALENT, "upper")
    assert finding.rests_on == ("VERSION",)
    assert where_of(finding) == ""


def test_what_no_rule_proves_is_unexplained_and_says_where() -> None:
    finding = only(run(package({"a": b"one\ntwo\n"}), posted({"a": b"one\n2\n"})))
    assert finding.standing is Standing.UNEXPLAINED
    assert finding.side is Side.BOTH
    assert "two" in where_of(finding)


@pytest.mark.parametrize("mode", [0o755, 0o4644, 0o666, 0o600])
def test_a_mode_that_nobody_declared_is_unexplained(mode: int) -> None:
    finding = only(run(package({"a": b"a"}, modes={f"{ROOT}/a": mode}), posted({"a": b"a"})))
    assert finding.standing is Standing.UNEXPLAINED
    assert f"mode {mode:04o}" in where_of(finding)


class Guesses:
    """Knows a cause, and proves nothing of it."""

    name = "guesses"

    def prove(self, distro: Blob, upstream: Blob, context: Context) -> Proof | None:
        del distro, upstream, context
        return Proof(self.name, Standing.UNPROVEN, told("it may be"), rebuild=True)


NM = "pkg/tool/linux_amd64/nm"
POSTED = Program(settings={"-compiler": "gc", "GOAMD64": "v1", "GOOS": "linux"})
NEWER = replace(POSTED, settings={**POSTED.settings, "GOAMD64": "v3"})


def test_an_executable_that_nothing_proves_says_what_may_have_made_it_another() -> None:
    distro, upstream = package({NM: upstream_file(NEWER)}), posted({NM: upstream_file(POSTED)})
    finding = only(run(distro, upstream))
    assert [each.name for each in finding.candidates] == ["GOAMD64"]
    assert finding.standing is Standing.UNEXPLAINED
    assert finding.rule == ""
    assert finding.proof is None
    unproven = only(run(distro, upstream, provers=(Guesses(),)))
    assert [each.name for each in unproven.candidates] == ["GOAMD64"]
    assert unproven.standing is Standing.UNPROVEN


def test_what_is_proven_and_what_is_no_executable_has_no_candidates() -> None:
    lower, upper = upstream_file(POSTED), upstream_file(POSTED).upper()
    assert only(run(package({NM: upper}), posted({NM: lower}))).candidates == ()
    assert only(run(package({"VERSION": b"x"}), posted({"VERSION": b"y"}))).candidates == ()


def test_a_declared_mode_is_explained_and_only_that_mode() -> None:
    rule = layout("mode", "**.sh", "0755")
    tree = package({"a.sh": b"a"}, modes={f"{ROOT}/a.sh": 0o755})
    assert only(run(tree, posted({"a.sh": b"a"}), rule)).standing is Standing.EXPLAINED
    tree = package({"a.sh": b"a"}, modes={f"{ROOT}/a.sh": 0o4755})
    assert only(run(tree, posted({"a.sh": b"a"}), rule)).standing is Standing.UNEXPLAINED


def test_a_proven_file_with_a_wrong_mode_does_not_pass() -> None:
    tree = package({"a": b"TEXT"}, modes={f"{ROOT}/a": 0o777})
    finding = only(run(tree, posted({"a": b"text"})))
    assert finding.standing is Standing.UNEXPLAINED
    assert "in upper case" in cause_of(finding)


def test_a_foreign_owner_is_unexplained() -> None:
    tree = package({"a": b"a"})
    entry = tree[f"{ROOT}/a"]
    changed = Entry(entry.path, Kind.FILE, entry.mode, entry.size, entry.sha256, owner=(1000, 0))
    tree = tree.with_entries(dict(tree) | {entry.path: changed}, carries_modes=True)
    assert "uid 1000" in where_of(only(run(tree, posted({"a": b"a"}))))


@pytest.mark.parametrize("path", ["a", "d"])
def test_an_extended_attribute_is_never_identical(path: str) -> None:
    tree = package({"a": b"a", "d/b": b"b"}, directories={f"{ROOT}/d": 0o755})
    entry = replace(tree[f"{ROOT}/{path}"], xattrs=(("security.capability", b"\1\0"),))
    tree = tree.with_entries(dict(tree) | {entry.path: entry}, carries_modes=True)
    finding = only(run(tree, posted({"a": b"a", "d/b": b"b"})))
    assert (finding.path, finding.standing) == (path, Standing.UNEXPLAINED)
    assert "security.capability (2 bytes: 0100)" in where_of(finding)


def test_a_world_writable_directory_is_unexplained() -> None:
    tree = package({"d/a": b"a"}, directories={f"{ROOT}/d": 0o777})
    finding = only(run(tree, posted({"d/a": b"a"})))
    assert (finding.path, finding.standing) == ("d", Standing.UNEXPLAINED)


def test_a_file_that_only_the_package_has() -> None:
    finding = only(run(package({"evil": b"#!/bin/sh\n"}), posted({})))
    assert (finding.path, finding.standing, finding.side) == (
        "evil",
        Standing.UNEXPLAINED,
        Side.DISTRO,
    )


def test_a_declared_added_tool_is_not_excused_by_its_name() -> None:
    rule = layout("added", "pkg/tool/*/dist", built_from="cmd/dist")
    finding = only(run(package({"pkg/tool/x/dist": b"not a Go program"}), posted({}), rule))
    assert finding.standing is Standing.UNEXPLAINED


@pytest.mark.parametrize(
    ("mode", "standing"), [(0o755, Standing.UNPROVEN), (0o4755, Standing.UNEXPLAINED)]
)
def test_what_explains_an_added_tool_does_not_explain_its_mode(
    mode: int, standing: Standing
) -> None:
    rule = layout("added", "pkg/tool/*/dist", built_from="cmd/dist")
    tool = stripped_file(replace(Program(), path="cmd/dist"), debug_link=None)
    tree = package({"pkg/tool/x/dist": tool}, modes={f"{ROOT}/pkg/tool/x/dist": mode})
    finding = only(run(tree, posted({}), rule))
    assert finding.standing is standing
    assert ("mode 4755" in where_of(finding)) is (standing is Standing.UNEXPLAINED)


def test_a_file_that_only_upstream_has() -> None:
    assert only(run(package({}), posted({"PATENTS": b""}))).standing is Standing.UNEXPLAINED
    finding = only(run(package({}), posted({"PATENTS": b""}), layout("left_out", "PATENTS")))
    assert (finding.standing, finding.side) == (Standing.EXPLAINED, Side.UPSTREAM)


def test_what_the_form_leaves_out_is_not_compared() -> None:
    result = run(package({"api/a": b"a"}), posted({}), leaves_out=("api/", "doc/"))
    assert (result.findings, result.not_compared) == ((), (Uncompared("api/a"),))
    tree = package({"api/a": b"a"}, modes={f"{ROOT}/api/a": 0o4755})
    result = run(tree, posted({}), leaves_out=("api/", "doc/"))
    assert (only(result).standing, result.not_compared) == (Standing.UNEXPLAINED, ())


PARTS = (
    PartRule("toy-go", ("bin/**", "src/zgenerated.go"), "", ""),
    PartRule("toy-src", ("src/**",), "", ""),
)


@pytest.mark.parametrize(
    ("given", "lacking", "left"),
    [
        ({"toy-go"}, ["PATENTS", "bin/go", "src/zgenerated.go"], ["src/a.go"]),
        ({"toy-src"}, ["PATENTS", "src/a.go"], ["bin/go", "src/zgenerated.go"]),
        ({"toy-go", "toy-src"}, ["PATENTS", "bin/go", "src/a.go", "src/zgenerated.go"], []),
        (set(), ["PATENTS", "bin/go", "src/a.go", "src/zgenerated.go"], []),
    ],
    ids=["one half", "the other half", "both", "no packages"],
)
def test_what_is_in_a_package_that_was_not_given_is_not_lacking(
    given: set[str], lacking: list[str], left: list[str]
) -> None:
    paths = ("PATENTS", "bin/go", "src/a.go", "src/zgenerated.go")
    upstream = posted(dict.fromkeys(paths, b"x"))
    result = run(package({}), upstream, given=Given(frozenset(given), PARTS))
    assert [finding.path for finding in result.findings] == lacking
    assert [each.path for each in result.not_compared] == left
    assert all(each.why is Why.PACKAGE_NOT_GIVEN for each in result.not_compared)


def test_what_lies_behind_a_dangling_link_is_not_compared() -> None:
    tree = package({}, links={f"{ROOT}/src": "../../share/go/src"})
    result = run(tree, posted({"src/a.go": b"a"}), layout("link", "src", "../../share/go/src"))
    assert result.not_compared == (Uncompared("src/a.go", Why.PACKAGE_NOT_GIVEN),)
    assert only(result).standing is Standing.EXPLAINED


SHARED = layout("link", "src", "../../share/go/src")


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ({}, {}),
        ({"/usr/share/go/src/a.go": b"other"}, {"src/a.go": Standing.UNEXPLAINED}),
        # What the half brings itself in the place of the link is not looked past.
        (
            {"/usr/lib/go/src/b.go": b"b"},
            {
                "src/a.go": Standing.UNEXPLAINED,
                "src/b.go": Standing.UNEXPLAINED,
                "/usr/share/go/src/a.go": Standing.UNEXPLAINED,
            },
        ),
    ],
    ids=["untouched", "changed", "a directory in the link's place"],
)
def test_the_half_that_brings_no_links_is_compared_behind_them(
    inside: dict[str, bytes], expected: dict[str, Standing]
) -> None:
    files = {"/usr/share/go/src/a.go": b"a"} | inside
    half = memory_tree({path[1:]: data for path, data in files.items()}, name="half")
    upstream = posted({"src/a.go": b"a", "bin/go": b"go"})
    parts = (PartRule("toy-go", ("VERSION", "bin/**", "src"), "", ""), *PARTS[1:])
    result = run(half, upstream, SHARED, given=Given(frozenset({"toy-src"}), parts))
    assert {finding.path: finding.standing for finding in result.findings} == expected
    assert {each.path for each in result.not_compared} == {"VERSION", "bin/go"}
    assert result.identical == (0 if expected else 1)


def test_what_was_not_to_be_unpacked_is_not_compared_and_its_neighbours_are() -> None:
    upstream = posted(dict.fromkeys(("src/a.go", "src/b.go", "lib/c"), b"x"))
    withheld = frozenset({"usr/share/go/src/a.go", f"{ROOT}/lib/c", "usr/share/man/go.1"})
    tree = package({"/usr/share/go/src/d.go": b"d"}, links={f"{ROOT}/src": "../../share/go/src"})
    result = run(tree, upstream, SHARED, given=Given(withheld=withheld))
    assert result.not_compared == (
        Uncompared("lib/c", Why.NOT_UNPACKED),
        Uncompared("src/a.go", Why.NOT_UNPACKED),
    )
    findings = {f.path: f.standing for f in result.findings if f.path != "src"}
    assert findings == dict.fromkeys(("src/b.go", "src/d.go"), Standing.UNEXPLAINED)


def test_what_is_there_is_judged_also_where_it_was_not_to_be_unpacked() -> None:
    withheld = frozenset({f"{ROOT}/bin/go"})
    result = run(
        package({"bin/go": b"evil"}), posted({"bin/go": b"go"}), given=Given(withheld=withheld)
    )
    assert only(result).standing is Standing.UNEXPLAINED
    assert result.not_compared == ()


def test_behind_a_link_that_was_not_unpacked_all_is_compared() -> None:
    tree = package({"/usr/share/go/src/a.go": b"a", "/usr/share/go/src/b.go": b"evil"})
    upstream = posted({"src/a.go": b"a", "src/b.go": b"b"})
    result = run(tree, upstream, SHARED, given=Given(withheld=frozenset({f"{ROOT}/src"})))
    assert result.identical == 2  # VERSION and src/a.go
    assert (only(result).path, only(result).standing) == ("src/b.go", Standing.UNEXPLAINED)


def test_a_link_must_lead_exactly_where_it_is_declared() -> None:
    files = {"/usr/share/go/src/a.go": b"a", "/srv/src/a.go": b"a"}
    rule = layout("link", "src", "../../share/go/src")
    good = package(files, links={f"{ROOT}/src": "../../share/go/src"})
    upstream = posted({"src/a.go": b"a"})
    outside = {"/srv/src/a.go": Standing.UNEXPLAINED}
    result = run(good, upstream, rule)
    assert {f.path: f.standing for f in result.findings} == outside | {"src": Standing.EXPLAINED}
    bad = package(files, links={f"{ROOT}/src": "/srv/src"})
    result = run(bad, upstream, rule)
    assert {f.path: f.standing for f in result.findings} == {
        "src": Standing.UNEXPLAINED,
        "/usr/share/go/src/a.go": Standing.UNEXPLAINED,
    }


def test_a_file_replaced_by_a_link_to_the_same_bytes_is_unexplained() -> None:
    tree = package({"real": b"a"}, links={f"{ROOT}/a": "real"})
    standings = {f.path: f.standing for f in run(tree, posted({"a": b"a"})).findings}
    assert standings == {"a": Standing.UNEXPLAINED, "real": Standing.UNEXPLAINED}


def test_a_moved_file_is_compared_where_it_lies() -> None:
    rule = layout("moved", "README.md", "usr/share/doc/go/README.md")
    tree = package({"/usr/share/doc/go/README.md": b"read me"})
    finding = only(run(tree, posted({"README.md": b"read me"}), rule))
    assert (finding.path, finding.standing) == ("README.md", Standing.EXPLAINED)
    tampered = package({"/usr/share/doc/go/README.md": b"read this"})
    finding = only(run(tampered, posted({"README.md": b"read me"}), rule))
    assert finding.standing is Standing.UNEXPLAINED


COPYRIGHT = "usr/share/doc/go/copyright"


_RIGHT, _WRONG = hashlib.sha256(b"c").hexdigest(), "0" * 64


@pytest.mark.parametrize(
    ("packaging", "standing"),
    [
        (None, None),
        (Packaging({COPYRIGHT: _RIGHT}, "its source"), Standing.EXPLAINED),
        (Packaging({COPYRIGHT: _WRONG}, "its source"), Standing.UNEXPLAINED),
        (Packaging({}, "its source"), Standing.UNEXPLAINED),
        (Packaging({}, "its source", undecided=frozenset({COPYRIGHT})), None),
        (Packaging({COPYRIGHT: _RIGHT}, "another", exact=False), Standing.EXPLAINED),
        (Packaging({COPYRIGHT: _WRONG}, "another", exact=False), None),
        (Packaging({}, "another", exact=False), None),
        (
            Packaging({}, "late", derive=lambda _p: ({COPYRIGHT: _RIGHT}, frozenset())),
            Standing.EXPLAINED,
        ),
        (
            Packaging({}, "late", derive=lambda _p: ({COPYRIGHT: _WRONG}, frozenset())),
            Standing.UNEXPLAINED,
        ),
    ],
)
def test_the_distros_own_packaging(packaging: Packaging | None, standing: Standing | None) -> None:
    tree = package({f"/{COPYRIGHT}": b"c"})
    result = run(tree, posted({}), layout("packaging", COPYRIGHT), packaging=packaging)
    if standing is None:
        assert (result.findings, result.not_compared) == ((), (Uncompared(f"/{COPYRIGHT}"),))
    else:
        assert [(f.path, f.standing) for f in result.findings] == [(f"/{COPYRIGHT}", standing)]
        assert result.not_compared == ()


def test_a_file_where_the_packaging_has_a_link_is_unexplained() -> None:
    rule = layout("packaging", "usr/bin/go", "/usr/lib/go/bin/go")
    finding = only(run(package({"/usr/bin/go": b"#!/bin/sh\n"}), posted({}), rule))
    assert (finding.path, finding.standing) == ("/usr/bin/go", Standing.UNEXPLAINED)


def test_metadata_is_judged_elsewhere_but_for_its_permissions() -> None:
    result = run(package({"/.PKGINFO": b""}), posted({}), layout("metadata", ".PKGINFO"))
    assert (result.findings, result.not_compared) == ((), (Uncompared("/.PKGINFO"),))


def test_anything_else_outside_goroot_is_unexplained() -> None:
    tree = package({"/etc/profile.d/x.sh": b"", "/DEBIAN/postinst": b""}, links={"usr/bin/go": "x"})
    result = run(tree, posted({}), layout("packaging", COPYRIGHT))
    assert {f.path for f in result.findings} == {
        "/etc/profile.d/x.sh",
        "/DEBIAN/postinst",
        "/usr/bin/go",
    }
    assert {f.standing for f in result.findings} == {Standing.UNEXPLAINED}


def test_a_file_that_misses_its_pin_is_never_equivalent() -> None:
    good = b"zip"
    pin = f"v1.0.0.zip {hashlib.sha256(good).hexdigest()}\n".encode()
    upstream = posted({"lib/fips140/fips140.sum": pin, "lib/fips140/v1.0.0.zip": good})
    tree = package({"lib/fips140/fips140.sum": pin, "lib/fips140/v1.0.0.zip": b"ZIP"})
    finding = only(run(tree, upstream))
    assert finding.standing is Standing.EXPLAINED
    (consequence,) = finding.consequences
    assert consequence.effect is Effect.LATENT
    assert consequence.pinned == hashlib.sha256(good).hexdigest()


class Silent:
    """A rule that has nothing to say of any file."""

    name = "silent"

    def prove(self, distro: Blob, upstream: Blob, context: Context) -> Proof | None:
        del distro, upstream, context
        return None


def test_a_rule_without_a_proof_leaves_the_file_to_the_next_one() -> None:
    result = run(package({"a": b"X"}), posted({"a": b"x"}), provers=(Silent(), UpperCase()))
    assert only(result).rule == "upper"


@pytest.mark.parametrize(("largest", "alone"), [(5, False), (4, True)])
def test_pairs_beyond_a_size_are_judged_one_at_a_time(
    monkeypatch: pytest.MonkeyPatch, largest: int, *, alone: bool
) -> None:
    """The size is that of both files together."""
    held = []

    class Lock:
        def __enter__(self) -> None:
            held.append(True)

        def __exit__(self, *_: object) -> None:
            return None

    monkeypatch.setattr("samego.compare.engine._LARGE", largest)
    monkeypatch.setattr("samego.compare.engine._one_large_pair", Lock())
    run(package({"a": b"XYZ"}), posted({"a": b"xy"}))
    assert bool(held) is alone


def test_directories_outside_goroot_are_judged_by_what_is_in_them() -> None:
    """Above an undeclared file only the file is named; an empty one must be declared."""
    above = {"etc": 0o755, "etc/profile.d": 0o755}
    (file,) = run(package({"/etc/profile.d/x.sh": b""}, directories=above), posted({})).findings
    assert file.path == "/etc/profile.d/x.sh"
    rule = layout("packaging", COPYRIGHT)
    empty = dict.fromkeys(["usr/share", "usr/share/doc", "usr/share/other"], 0o755)
    (other,) = run(package({}, directories=empty), posted({}), rule).findings
    assert (other.path, other.standing) == ("/usr/share/other", Standing.UNEXPLAINED)
