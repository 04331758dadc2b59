"""Settings to plant in a build, with what the leak finder should call them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Chance = random.Random


@dataclass(frozen=True, slots=True)
class Planted:
    """One setting of a build.

    ``names`` are the finder's names of it: one of them must be said; empty for what it cannot
    know. ``also`` may be said besides. ``linker`` are flags within -ldflags; ``flags`` and
    ``environment`` overrule upstream's, None leaves out. ``edit`` changes a source: its path and
    a text that is put at its end, or a replacement. ``strip`` is a command after the build.
    """

    what: str
    names: frozenset[str]
    also: frozenset[str] = frozenset()
    environment: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, str | None] = field(default_factory=dict)
    linker: tuple[str, ...] = ()
    without_w: bool = False
    elsewhere: bool = False
    in_std: bool = False
    edit: tuple[str, str, str] = ("", "", "")
    strip: tuple[str, ...] = ()
    excludes: str = ""


@dataclass(frozen=True, slots=True)
class Program:
    """A program to build: of which release, its import path, and where upstream posts it."""

    release: str
    package: str
    posted: str


_TOOLS = "pkg/tool/linux_amd64"
#: Small ones: most settings have all that a program is made of compiled anew.
PROGRAMS = (
    *(
        Program("go1.21.13", f"cmd/{name}", f"{_TOOLS}/{name}")
        for name in ("pack", "buildid", "cgo")
    ),
    *(
        Program("go1.24.4", f"cmd/{name}", f"{_TOOLS}/{name}")
        for name in ("pack", "buildid", "cgo")
    ),
    Program("go1.27.3", "cmd/preprofile", f"{_TOOLS}/preprofile"),
)

#: All commands of a release: its posted executables are eight tools, go and gofmt.
WHOLE = (Program("go1.27.3", "cmd", ""),)

_EXPERIMENTS = {
    "go1.21.13": ("fieldtrack", "staticlockranking", "nocoverageredesign", "loopvar", "cacheprog"),
    "go1.24.4": ("fieldtrack", "noswissmap", "nospinbitmutex", "synctest", "noaliastypeparams"),
    "go1.27.3": ("fieldtrack", "nodwarf5", "nogreenteagc", "staticlockranking", "loopvar"),
}
_GOFLAGS = ("all=-l", "all=-N -l", "cmd/...=-dwarf=false -l", "all=-B", "all=-dwarf=false")
_WORDS = ("alpine", "musl", "openwrt", "nix", "void", "gentoo", "netgo", "osusergo", "hardened")
_LDFLAGS = frozenset({"-ldflags"})

Maker = Callable[[Chance, Program], "Planted | None"]


def _minor(program: Program) -> int:
    return int(program.release.split(".")[1])


def _named(*names: str) -> frozenset[str]:
    return frozenset(names)


def _amd64(chance: Chance, _program: Program) -> Planted:
    level = f"v{chance.randint(2, 4)}"
    return Planted(f"GOAMD64={level}", _named("GOAMD64"), environment={"GOAMD64": level})


def _experiment(chance: Chance, program: Program) -> Planted:
    name = chance.choice(_EXPERIMENTS[program.release])
    return Planted(
        f"GOEXPERIMENT={name}", _named("GOEXPERIMENT"), environment={"GOEXPERIMENT": name}
    )


def _cgo(_chance: Chance, _program: Program) -> Planted:
    given = {"CGO_ENABLED": "1"}
    return Planted("CGO_ENABLED=1", _named("CGO_ENABLED"), environment=given, excludes="external")


def _trimpath(_chance: Chance, _program: Program) -> Planted:
    flags = {"-trimpath": None}
    return Planted("no -trimpath", _named("-trimpath"), flags=flags, elsewhere=True)


def _gcflags(chance: Chance, _program: Program) -> Planted:
    value = chance.choice((*_GOFLAGS, None))
    what = f"-gcflags={value}" if value else "no -gcflags"
    return Planted(what, _named("-gcflags"), flags={"-gcflags": value})


def _tags(chance: Chance, _program: Program) -> Planted:
    tags = ",".join(chance.sample(_WORDS, chance.randint(1, 2)))
    return Planted(f"-tags={tags}", _named("-tags"), flags={"-tags": tags})


def _pie(_chance: Chance, _program: Program) -> Planted:
    flags = {"-buildmode": "pie"}
    return Planted("-buildmode=pie", _named("-buildmode"), flags=flags, excludes="external")


def _fips(chance: Chance, program: Program) -> Planted | None:
    if _minor(program) < 24:  # noqa: PLR2004 - GOFIPS140 came with go1.24
        return None
    value = chance.choice(("latest", "v1.0.0"))
    given = {"GOFIPS140": value}
    return Planted(f"GOFIPS140={value}", _named("GOFIPS140"), environment=given)


def _godebug(_chance: Chance, program: Program) -> Planted | None:
    if _minor(program) >= 24:  # noqa: PLR2004 - no DefaultGODEBUG is recorded since
        return None
    return Planted("built in GOROOT/src", _named("go.mod of the work directory"), in_std=True)


def _no_symbols(_chance: Chance, _program: Program) -> Planted:
    return Planted("-ldflags=-s", _named("-s"), linker=("-s",), excludes="symbols")


def _with_w(_chance: Chance, _program: Program) -> Planted:
    return Planted(
        "-ldflags without -w", _named("-ldflags without -w"), without_w=True, excludes="symbols"
    )


def _plain_dwarf(_chance: Chance, _program: Program) -> Planted:
    return Planted(
        "-ldflags=-compressdwarf=false",
        _named("-compressdwarf"),
        _named("-ldflags without -w"),
        linker=("-compressdwarf=false",),
        without_w=True,
        excludes="symbols",
    )


def _buildid(chance: Chance, _program: Program) -> Planted:
    value = chance.choice(("", "redacted", f"distro-{chance.randint(1, 99)}"))
    return Planted(
        f"-ldflags=-buildid={value}",
        _named("-buildid"),
        linker=(f"-buildid={value}",),
        excludes="id",
    )


def _gnu_id(chance: Chance, program: Program) -> Planted:
    value = chance.choice(("0x" + chance.randbytes(20).hex(), "none", "gobuildid"))
    usual = "gobuildid" if _minor(program) >= 24 else "none"  # noqa: PLR2004 - go1.24 writes one
    if value == usual:
        value = "0x" + chance.randbytes(8).hex()
    between = chance.choice("= ")
    return Planted(
        f"-ldflags=-B {value}", _named("-B"), linker=(f"-B{between}{value}",), excludes="id"
    )


def _string(chance: Chance, program: Program) -> Planted:
    value = f"-X=runtime.defaultGOROOT=/usr/lib/{chance.choice(_WORDS)}-{program.release}"
    return Planted(f"-ldflags={value}", _named("-X", "another linker flag"), linker=(value,))


def _external(_chance: Chance, _program: Program) -> Planted:
    return Planted(
        "-ldflags=-linkmode=external",
        _named("-linkmode=external"),
        _named("CGO_ENABLED", "hardening", "position independent", "-B", "rewritten"),
        environment={"CGO_ENABLED": "1"},
        linker=("-linkmode=external",),
        excludes="external",
    )


def _hardened(_chance: Chance, _program: Program) -> Planted:
    return Planted(
        "-ldflags=-linkmode=external -extldflags=-Wl,-z,now",
        _named("hardening"),
        _named("CGO_ENABLED", "-linkmode=external", "rewritten", "-B", "position independent"),
        environment={"CGO_ENABLED": "1"},
        linker=("-linkmode=external", "-extldflags=-Wl,-z,now"),
        excludes="external",
    )


def _stripped(chance: Chance, _program: Program) -> Planted:
    command = chance.choice((("strip",), ("strip", "--strip-unneeded"), ("strip", "-s")))
    return Planted(" ".join(command), _named("strip"), strip=command, excludes="symbols")


def _source(chance: Chance, program: Program) -> Planted:
    tool = program.package[4:]
    name = "main.go" if tool in ("cgo", "preprofile") else f"{tool}.go"
    path = f"src/{program.package}/{name}"
    number = chance.randint(100, 999)
    line = f"\nfunc init() {{\n\tif len(os.Args) > {number} {{\n\t\tos.Exit(7)\n\t}}\n}}\n"
    return Planted(f"a function more in {path}", _named("source"), edit=(path, "", line))


def _compilers(chance: Chance, program: Program) -> Planted | None:
    if program.package != "cmd/cgo":
        return None
    compiler = f"x86_64-{chance.choice(_WORDS)}-linux-musl-gcc"
    edit = ("src/cmd/cgo/zdefaultcc.go", '"gcc"', f'"{compiler}"')
    return Planted(f"CC={compiler} in zdefaultcc.go", _named("zdefaultcc.go"), edit=edit)


def _shuffled(chance: Chance, program: Program) -> Planted | None:
    """Something of which the finder knows nothing."""
    if _minor(program) < 23:  # noqa: PLR2004 - -randlayout came with go1.22, and works since go1.23
        return None
    flag = f"-randlayout={chance.randint(1, 10**6)}"
    return Planted(f"-ldflags={flag}", frozenset(), _named("-X"), linker=(flag,))


MAKERS: Sequence[Maker] = (
    _amd64, _experiment, _cgo, _trimpath, _gcflags, _tags, _pie, _fips, _godebug, _no_symbols,
    _with_w, _plain_dwarf, _buildid, _gnu_id, _string, _external, _hardened, _stripped, _source,
    _compilers, _shuffled,
)  # fmt: skip


def combination(
    chance: Chance,
    most: int = 3,
    programs: Sequence[Program] = PROGRAMS,
    makers: Sequence[Maker] = MAKERS,
) -> tuple[Program, tuple[Planted, ...]]:
    """A program and one to ``most`` settings that can be had together."""
    program = chance.choice(programs)
    wanted = chance.randint(1, most)
    found: list[Planted] = []
    for maker in chance.sample(makers, len(makers)):
        made = maker(chance, program)
        taken = {each.excludes for each in found} - {""}
        if made is not None and len(found) < wanted and made.excludes not in taken:
            found.append(made)
    return program, tuple(found)


#: What make.bash can be told, or a whole toolchain be installed with afterwards.
_WHOLE: Sequence[Maker] = (
    _amd64, _experiment, _trimpath, _gcflags, _tags, _fips, _no_symbols, _with_w, _buildid, _gnu_id,
    _stripped,
)  # fmt: skip


def whole_combination(chance: Chance, most: int = 3) -> tuple[Program, tuple[Planted, ...]]:
    """All commands of a release, and one to ``most`` settings for all of them."""
    return combination(chance, most, WHOLE, _WHOLE)


def expected(planted: Sequence[Planted]) -> list[tuple[frozenset[str], frozenset[str]]]:
    """What should be said of each setting, and what may be said besides.

    Without -trimpath the linker's flags are recorded, and stand for whatever they hold.
    """
    recorded = any("-trimpath" in each.flags for each in planted)
    rows = []
    for each in planted:
        linked = bool(each.linker) or each.without_w
        names = each.names | _LDFLAGS if linked and recorded and each.names else each.names
        rows.append((names, each.also | (_LDFLAGS if linked else frozenset())))
    return rows
