"""Sources that pass beside an executable of upstream's that is compiled from them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from samego.compare.contradictions import NAME, contradicted
from samego.formats.executable.go_executable import read_go_executable
from samego.model.finding import Finding, Side, proven
from samego.model.proof import Proof, Standing
from support.elf_files import Program, stripped_file, upstream_file
from support.rule_context import context, flipped, policy
from support.words import cause_of, told

#: An executable of cmd/nm with the package internal/buildcfg in it.
TINY, STRIPPED = upstream_file(Program()), stripped_file(Program())
SOURCE = "src/internal/buildcfg/cfg.go"
BEFORE = b"package runtime\n\n// A comment.\nfunc main() { x() }\n"
AFTER = BEFORE + b"\nfunc init() { leak() }\n"


def patched(path: str = SOURCE, side: Side = Side.BOTH) -> Finding:
    return proven(path, side, "text", Proof("patched_source", Standing.EXPLAINED, told("patched")))


def judge(
    distro: Mapping[str, bytes],
    upstream: Mapping[str, bytes],
    findings: list[Finding],
    binary: bytes = TINY,
) -> list[Finding]:
    where = context(
        {"bin/go": binary, **distro}, {"bin/go": TINY, **upstream}, policy(), release="go1.24.4"
    )
    return contradicted(findings, where)


def test_the_fixture_holds_what_it_should() -> None:
    executable = read_go_executable(TINY)
    assert executable is not None
    assert executable.functions.has_package("internal/buildcfg")
    assert not executable.functions.has_package("net")


def test_a_patched_source_beside_upstreams_executable_is_unproven() -> None:
    (finding,) = judge({SOURCE: AFTER}, {SOURCE: BEFORE}, [patched()])
    assert (finding.standing, finding.rule, finding.proof) == (Standing.UNPROVEN, NAME, None)
    assert cause_of(finding).startswith(
        "patched; but no build gives both: bin/go is compiled from it"
    )


def test_a_stripped_executable_is_upstreams_as_well() -> None:
    stripped = proven(
        "bin/go", Side.BOTH, "elf", Proof("elf_stripped", Standing.EQUIVALENT, told("s"))
    )
    found = judge({SOURCE: AFTER}, {SOURCE: BEFORE}, [patched(), stripped], STRIPPED)
    assert [finding.standing for finding in found] == [Standing.UNPROVEN, Standing.EQUIVALENT]


def test_a_source_that_only_one_side_has_counts_too() -> None:
    added, lacking = "src/internal/buildcfg/evil.go", "src/internal/buildcfg/gone.go"
    found = judge(
        {added: AFTER},
        {lacking: BEFORE},
        [patched(added, Side.DISTRO), patched(lacking, Side.UPSTREAM)],
    )
    # Without any other source at hand, what it lacks is not a difference.
    assert [finding.standing for finding in found] == [Standing.UNPROVEN, Standing.UNPROVEN]


def test_settings_that_cmd_dist_writes_count_though_they_are_constants() -> None:
    path = "src/internal/buildcfg/zbootstrap.go"
    before, after = b"package buildcfg\n\nconst D = `a`\n", b"package buildcfg\n\nconst D = `b`\n"
    (finding,) = judge({path: after}, {path: before}, [patched(path)])
    assert finding.standing is Standing.UNPROVEN


def test_a_source_of_the_main_package_counts() -> None:
    path = "src/cmd/nm/nm.go"
    (finding,) = judge({path: AFTER}, {path: BEFORE}, [patched(path)])
    assert finding.standing is Standing.UNPROVEN


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (SOURCE, BEFORE, BEFORE.replace(b"A comment", b"Another /* one")),
        (SOURCE, BEFORE, BEFORE.replace(b" { x() }", b" {\n\tx() // y\n}")),
        (
            "src/internal/buildcfg/c.go",
            b"package runtime\nconst a = 1\n",
            b"package runtime\nconst a = 2\n",
        ),
        ("src/net/net.go", BEFORE, AFTER),
        ("src/internal/buildcfg/x_windows.go", BEFORE, AFTER),
        ("src/internal/buildcfg/x_test.go", BEFORE, AFTER),
        (SOURCE, b"//go:build js\n\n" + BEFORE, b"//go:build js\n\n" + AFTER),
        ("src/internal/buildcfg/defs.h", b"#define A 1\n", b"#define A 2\n"),
    ],
    ids=["comment", "spacing", "constants", "not in it", "system", "test", "constraint", "header"],
)
def test_what_no_executable_needs_to_show_is_left(path: str, before: bytes, after: bytes) -> None:
    findings = [patched(path)]
    assert judge({path: after}, {path: before}, findings) == findings


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BEFORE, BEFORE.replace(b"// A comment.", b"//go:nosplit")),
        (BEFORE, BEFORE.replace(b"x()", b'x("//")')),
        (b"//go:build js\n\n" + BEFORE, BEFORE),
        (BEFORE, b"/*\n//go:build js\n*/\n" + AFTER),
        (BEFORE, BEFORE + b"var x = `// a\n` + leak()\n"),
    ],
    ids=["directive", "string", "constraint gone", "no constraint", "raw string"],
)
def test_what_only_looks_like_a_comment_counts(before: bytes, after: bytes) -> None:
    (finding,) = judge({SOURCE: after}, {SOURCE: before}, [patched()])
    assert finding.standing is Standing.UNPROVEN


def test_an_executable_that_differs_contradicts_nothing() -> None:
    findings = [patched()]
    changed = flipped(TINY, 0x1000)
    assert judge({SOURCE: AFTER}, {SOURCE: BEFORE}, findings, changed) == findings


def test_a_finding_that_does_not_pass_is_left_as_it_is() -> None:
    findings = [
        Finding(SOURCE, Standing.UNEXPLAINED, Side.BOTH, "text", "", told("nothing accounts"))
    ]
    assert judge({SOURCE: AFTER}, {SOURCE: BEFORE}, findings) == findings


def test_a_source_that_is_not_packed_contradicts_nothing() -> None:
    lacking = "src/internal/buildcfg/gone.go"
    proof = Proof("layout", Standing.EXPLAINED, told("not packed"))
    left_out = proven(lacking, Side.UPSTREAM, "text", proof)
    assert judge({}, {lacking: BEFORE}, [left_out]) == [left_out]
