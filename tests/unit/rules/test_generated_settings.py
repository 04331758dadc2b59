from __future__ import annotations

import hashlib

import pytest

from samego.model.inputs import Inputs
from samego.model.proof import Standing
from samego.model.release import Release, Target
from samego.rules.generated.experiments import FLAGS_FILE, experiments
from samego.rules.generated.files import GENERATORS
from samego.rules.generated.settings import compilers, quote, upstream_settings, well_formed
from samego.rules.generated_settings import GeneratedSettings
from support.archives import memory_tree
from support.rule_context import DIGESTS, context, flipped, generated, policy, prove
from support.words import cause_of

BUILDCFG = "src/internal/buildcfg/zbootstrap.go"
CGO = "src/cmd/cgo/zdefaultcc.go"
GO = "src/cmd/go/internal/cfg/zdefaultcc.go"
RELEASES = ("1.21.13", "1.22.12", "1.23.5", "1.24.4", "1.25.14", "1.26.10", "1.27.3")

#: debian/helpers/goenv.sh of golang-1.27: GNU types by Go's architecture.
GNU_TYPES = {
    "386": "i686-linux-gnu",
    "amd64": "x86_64-linux-gnu",
    "arm": "arm-linux-gnueabihf",
    "arm64": "aarch64-linux-gnu",
    "loong64": "loongarch64-linux-gnu",
    "mips": "mips-linux-gnu",
    "mips64le": "mips64el-linux-gnuabi64",
    "mipsle": "mipsel-linux-gnu",
    "ppc64": "powerpc64-linux-gnu",
    "ppc64le": "powerpc64le-linux-gnu",
    "riscv64": "riscv64-linux-gnu",
    "s390x": "s390x-linux-gnu",
}
DEBIAN = {
    "GO386": "softfloat",
    "GOTOOLCHAIN": "local",
    **{f"CC_FOR_linux_{arch}": f"{gnu}-gcc" for arch, gnu in GNU_TYPES.items()},
    **{f"CXX_FOR_linux_{arch}": f"{gnu}-g++" for arch, gnu in GNU_TYPES.items()},
}


def both(release: str, path: str) -> tuple[bytes, bytes]:
    """Debian's file and upstream's."""
    return (
        generated(release, "distro", path, DEBIAN),
        generated(release, "upstream", path, {}),
    )


@pytest.mark.parametrize("release", RELEASES)
def test_upstreams_settings_give_upstreams_files(release: str) -> None:
    seen = 0
    for path in GENERATORS:
        if f"upstream/{path}" in DIGESTS[f"go{release}"]:
            assert generated(f"go{release}", "upstream", path, {})
            seen += 1
    assert seen == (6 if Release.parse(release).minor < 25 else 5)


@pytest.mark.parametrize(
    ("release", "path"),
    [
        ("go1.21.13", BUILDCFG),
        ("go1.23.5", BUILDCFG),
        ("go1.24.4", BUILDCFG),
        ("go1.26.10", BUILDCFG),
        ("go1.27.3", BUILDCFG),
        ("go1.27.3", CGO),
        ("go1.27.3", GO),
    ],
)
def test_debians_settings_give_debians_files(release: str, path: str) -> None:
    frame = context({}, {}, policy(settings=DEBIAN), release=release)
    ours, theirs = both(release, path)
    proof = prove(GeneratedSettings(), path, ours, theirs, frame)
    assert proof is not None
    assert proof.standing is Standing.EXPLAINED
    assert proof.details["declared_in"] == "debian/helpers/goenv.sh"
    if path == BUILDCFG:
        assert cause_of(proof) == "generated with the declared GO386=softfloat"
        assert set(proof.details) == {"GO386", "declared_in"}
    else:
        assert cause_of(proof).endswith("and 21 more")
        assert proof.details["CXX_FOR_linux_s390x"] == "s390x-linux-gnu-g++"


@pytest.mark.parametrize("path", [BUILDCFG, CGO])
def test_any_changed_byte_is_refused(path: str) -> None:
    frame = context({}, {}, policy(settings=DEBIAN))
    ours, theirs = both("go1.27.3", path)
    for at in range(len(ours)):
        assert prove(GeneratedSettings(), path, flipped(ours, at), theirs, frame) is None


def test_the_generator_is_not_believed_where_it_does_not_give_upstreams_file() -> None:
    frame = context({}, {}, policy(settings=DEBIAN))
    ours, theirs = both("go1.27.3", BUILDCFG)
    assert prove(GeneratedSettings(), BUILDCFG, ours, theirs + b"\n", frame) is None


@pytest.mark.parametrize("settings", [{}, {"GO386": "sse2"}, {**DEBIAN, "GOAMD64": "v3"}], ids=str)
def test_undeclared_or_other_settings_are_refused(settings: dict[str, str]) -> None:
    frame = context({}, {}, policy(settings=settings))
    ours, theirs = both("go1.27.3", BUILDCFG)
    assert prove(GeneratedSettings(), BUILDCFG, ours, theirs, frame) is None


#: A release's experiments, in the form of its own source.
FLAGS = b"""package goexperiment

// Flags is the set of experiments.
type Flags struct {
\tFieldTrack        bool
\tStaticLockRanking bool

\t// Dwarf5 is one.
\tDwarf5 bool
}

type Other struct {
\tEvil bool
}
"""


@pytest.mark.parametrize(
    ("value", "flags", "proven"),
    [
        ("nodwarf5", FLAGS, True),
        ("fieldtrack,nodwarf5", FLAGS, True),
        ("none,staticlockranking", FLAGS, True),
        ("noregabi", FLAGS, True),
        ("evil", FLAGS, False),
        ("nodwarf5,evil", FLAGS, False),
        ("nonodwarf5", FLAGS, False),
        ("swissmap", FLAGS, False),
        ("nodwarf5", FLAGS.replace(b"Dwarf5 bool", b"Dwarf4 bool"), False),
        ("nodwarf5", b"package goexperiment\n", False),
        ("nodwarf5", None, False),
    ],
)
def test_only_experiments_that_the_release_knows(
    value: str,
    flags: bytes | None,
    proven: bool,  # noqa: FBT001 - a case
) -> None:
    theirs = generated("go1.27.3", "upstream", BUILDCFG, {})
    ours = theirs.replace(b"GOEXPERIMENT = ``", f"GOEXPERIMENT = `{value}`".encode())
    inputs = Inputs(settings={"GOEXPERIMENT": value})
    frame = context({}, {}, policy(), inputs)
    others = {FLAGS_FILE: flags} if flags else {}
    proof = prove(GeneratedSettings(), BUILDCFG, ours, theirs, frame, others)
    assert (proof is not None) is proven


def test_declared_inputs_are_named_as_the_origin() -> None:
    inputs = Inputs(
        settings={"GO386": "softfloat", "GOEXPERIMENT": "nodwarf5"},
        origins={"settings": "the source package"},
    )
    theirs = generated("go1.27.3", "upstream", BUILDCFG, {})
    ours = theirs.replace(b"sse2", b"softfloat").replace(
        b"GOEXPERIMENT = ``", b"GOEXPERIMENT = `nodwarf5`"
    )
    frame = context({}, {}, policy(settings={"GO386": "sse2"}), inputs)
    proof = prove(GeneratedSettings(), BUILDCFG, ours, theirs, frame, {FLAGS_FILE: FLAGS})
    assert proof is not None
    assert proof.details == {
        "GO386": "softfloat",
        "GOEXPERIMENT": "nodwarf5",
        "declared_in": "the source package",
    }


@pytest.mark.parametrize("release", ["go1.20.14", "go1.28.0"])
def test_releases_that_nobody_looked_at_are_refused(release: str) -> None:
    frame = context({}, {}, policy(settings=DEBIAN), release=release)
    theirs = generated("go1.24.4", "upstream", CGO, {})
    assert prove(GeneratedSettings(), CGO, theirs, theirs, frame) is None


def test_another_path_or_a_file_that_the_release_lacks_is_refused() -> None:
    frame = context({}, {}, policy(settings=DEBIAN))
    theirs = generated("go1.27.3", "upstream", CGO, {})
    assert prove(GeneratedSettings(), "src/x.go", theirs, theirs, frame) is None
    assert prove(GeneratedSettings(), "src/go/build/zcgo.go", theirs, theirs, frame) is None


def test_linux_arm_is_posted_with_goarm_6() -> None:
    release = Release.parse("go1.27.3")
    assert upstream_settings(release, Target.parse("linux-armv6l")) == {"GOARM": "6"}
    assert upstream_settings(release, Target.parse("linux-arm64")) == {}
    frame = context({}, {}, policy(settings={"GOARM": "5"}), target="linux-arm")
    posted = generated("go1.27.3", "upstream", BUILDCFG, {}).replace(b"GOARM = `7`", b"GOARM = `6`")
    armel = posted.replace(b"GOARM = `6`", b"GOARM = `5`")
    proof = prove(GeneratedSettings(), BUILDCFG, armel, posted, frame)
    assert proof is not None
    assert proof.details["GOARM"] == "5"


def test_linux_arm_s_file_is_known_as_go1_21_1_wrote_it_with_goarm_7() -> None:
    text = GENERATORS[BUILDCFG]({"GOARM": "7"}, Release.parse("go1.21.1"))
    # golang/go#62514 states the sum of what a build without GOARM=6 gives.
    assert hashlib.sha256(str(text).encode()).hexdigest() == (
        "9b9b164a90356243047a503d31db564a28b1755bd29abae578e41de887f51411"
    )


def test_go1_21_0_was_posted_for_linux_arm_with_goarm_7() -> None:
    frame = context({}, {}, policy(settings={"GOARM": "5"}), target="linux-arm", release="go1.21.0")
    generate = GENERATORS[BUILDCFG]
    posted, armel = (str(generate({"GOARM": arm}, frame.release)).encode() for arm in ("7", "5"))
    assert prove(GeneratedSettings(), BUILDCFG, armel, posted, frame) is not None
    wrong = posted.replace(b"GOARM = `7`", b"GOARM = `6`")
    assert wrong != posted
    assert prove(GeneratedSettings(), BUILDCFG, armel, wrong, frame) is None


def test_compilers_are_read_as_cmd_dist_reads_them() -> None:
    settings = {
        "CC": "cc",
        "CC_FOR_linux_arm64": "aarch64-gcc",
        "CC_FOR_linux_vax": "vax-gcc",
        "CC_FOR_hurd_amd64": "x",
        "CXX_FOR_linux_arm64": "aarch64-g++",
        "CC_FOR_linux_386": "",
    }
    assert compilers(settings, "CC") == {"": "cc", "linux/arm64": "aarch64-gcc"}
    assert compilers({**settings, "CC_FOR_TARGET": "t"}, "CC")[""] == "t"
    assert compilers(settings, "CXX") == {"": "", "linux/arm64": "aarch64-g++"}


def test_a_compiler_for_all_targets_replaces_the_choice_by_system() -> None:
    text = GENERATORS[CGO]({"CC": 'a "b" \\ \t'}, Release.parse("go1.27.3"))
    assert text is not None
    assert '\treturn "a \\x22b\\x22 \\x5c \\x09"\n}\nfunc defaultCXX' in text
    assert quote("é") == '"\\xc3\\xa9"'


def test_cgo_enabled_moves_from_zcgo_to_zbootstrap() -> None:
    old = GENERATORS["src/go/build/zcgo.go"]({"CGO_ENABLED": "1"}, Release.parse("go1.24.4"))
    new = GENERATORS[BUILDCFG]({"CGO_ENABLED": "1"}, Release.parse("go1.25.0"))
    assert old is not None
    assert new is not None
    assert 'defaultCGO_ENABLED = "1"' in old
    assert 'DefaultCGO_ENABLED = "1"' in new


@pytest.mark.parametrize(
    ("name", "text", "good"),
    [
        ("GO386", "softfloat", True),
        ("GO386", "sse2`\n\nfunc init() { println(1) }\n\nconst x = `", False),
        ("GO386", "387", False),
        ("GOARM", "6,softfloat", True),
        ("GOARM", "8", False),
        ("GOAMD64", "v5", False),
        ("GOEXPERIMENT", "nodwarf5,noswissmap", True),
        ("GOEXPERIMENT", "x`", False),
        ("GO_LDSO", "/lib/ld-musl.so.1", True),
        ("GO_LDSO", "/lib/x\\y", False),
        ("CC_FOR_linux_arm64", "aarch64-linux-gnu-gcc -O2", True),
        ("CC_FOR_linux_arm64", 'gcc"', False),
        ("CC", "gcc\tx", False),
        ("PKG_CONFIG", "pkg-config\n", False),
        ("GO_UNKNOWN", "1", False),
    ],
)
def test_only_values_that_cmd_dist_takes_become_code(name: str, text: str, good: bool) -> None:  # noqa: FBT001 - a case
    assert well_formed(name, text) is good


def test_experiments_are_read_from_a_regular_file_of_ordinary_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = b"package goexperiment\n\ntype Flags struct {\n\tFieldTrack bool\n}\n"
    assert experiments(memory_tree({FLAGS_FILE: text})) == {"fieldtrack", "regabi"}
    assert experiments(memory_tree({})) == frozenset()
    assert experiments(memory_tree({}, links={FLAGS_FILE: "/dev/zero"})) == frozenset()
    monkeypatch.setattr("samego.rules.generated.experiments._LARGEST", len(text) - 1)
    assert experiments(memory_tree({FLAGS_FILE: text})) == frozenset()
