"""Build settings as cmd/dist sees them: environment names to values, and their defaults.

Source: src/cmd/dist/build.go of each release, xinit and compilerEnv. Settings that a
release does not know are ignored, as cmd/dist ignores them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from samego.model.release import Release, Target

#: okgoos and okgoarch of src/cmd/dist/build.go: the same from 1.21 to 1.27.
_GOOS = (
    "darwin|dragonfly|illumos|ios|js|wasip1|linux|android|solaris|freebsd|nacl|netbsd|openbsd"
    "|plan9|windows|aix"
)
_GOARCH = (
    "386|amd64|arm|arm64|loong64|mips|mipsle|mips64|mips64le|ppc64|ppc64le|riscv64|s390x|sparc64"
    "|wasm"
)
_FOR_TARGET = re.compile(f"(CC|CXX)_FOR_({_GOOS})_({_GOARCH})")
_DEFAULTS = {
    "GO386": "sse2",
    "GOAMD64": "v1",
    "GOARM": "7",
    "GOARM64": "v8.0",
    "GOMIPS": "hardfloat",
    "GOMIPS64": "hardfloat",
    "GOPPC64": "power8",
    "GORISCV64": "rva20u64",
    "GOFIPS140": "off",
    "PKG_CONFIG": "pkg-config",
}
#: What upstream's own builds set beyond GOOS and GOARCH, by target: each row holds from its
#: release on until the next row's. linux-arm is posted as armv6l and built with GOARM=6
#: (golang.org/x/build/internal/releasetargets), except by the release process that began with
#: go1.21's candidates and forgot it, until go1.21.1 (golang/go#62164; #62514 shows both files).
_POSTED: Mapping[Target, tuple[tuple[Release, Mapping[str, str]], ...]] = {
    Target("linux", "arm"): (
        (Release.parse("go1.2"), {"GOARM": "6"}),
        (Release.parse("go1.21rc1"), {"GOARM": "7"}),
        (Release.parse("go1.21.1"), {"GOARM": "6"}),
    ),
}


#: What cmd/dist and internal/buildcfg take (src/cmd/dist/build.go, xinit; src/internal/buildcfg/
#: cfg.go), and, for commands and paths, words without quotes, backslashes and control
#: characters: the values become source code.
_COMMAND = r"[A-Za-z0-9/][A-Za-z0-9/._+=:@ -]*"
_GRAMMAR = {
    "GO386": r"sse2|softfloat",
    "GOAMD64": r"v[1-4]",
    "GOARM": r"[567](,(softfloat|hardfloat))?",
    "GOARM64": r"v(8\.[0-9]|9\.[0-5])(,(lse|crypto))*",
    "GOMIPS": r"hardfloat|softfloat",
    "GOMIPS64": r"hardfloat|softfloat",
    "GOPPC64": r"power(8|9|10)",
    "GORISCV64": r"rva2[023]u64",
    "GOEXPERIMENT": r"[a-z][a-z0-9]*(,[a-z][a-z0-9]*)*",
    "GOFIPS140": r"off|latest|inprocess|certified|v[0-9]+(\.[0-9]+)*(-[0-9a-f]+)?",
    "GO_EXTLINK_ENABLED": r"[01]",
    "GO_LDSO": r"/[A-Za-z0-9/._+-]*",
    "CGO_ENABLED": r"[01]",
    "PKG_CONFIG": _COMMAND,
}


def well_formed(name: str, text: str) -> bool:
    """Whether cmd/dist accepts a setting's value; an empty one is no value."""
    if not text:
        return True
    compiler = name in ("CC", "CXX") or name.startswith(("CC_FOR_", "CXX_FOR_"))
    grammar = _COMMAND if compiler else _GRAMMAR.get(name)
    return grammar is not None and re.fullmatch(grammar, text, re.ASCII) is not None


def upstream_settings(release: Release, target: Target) -> Mapping[str, str]:
    """The settings under which upstream built what it posted of a release for a target."""
    rows = (row for first, row in reversed(_POSTED.get(target, ())) if first <= release)
    return next(rows, {})


def value(settings: Mapping[str, str], name: str) -> str:
    """A setting's value; cmd/dist takes its default for an empty one too."""
    return settings.get(name, "") or _DEFAULTS.get(name, "")


def compilers(settings: Mapping[str, str], kind: str) -> dict[str, str]:
    """The compilers by ``GOOS/GOARCH``, as compilerEnv reads them in a native build.

    ``kind`` is CC or CXX; the key "" is for all other targets.
    """
    table = {"": settings.get(f"{kind}_FOR_TARGET", "") or settings.get(kind, "")}
    for name, command in settings.items():
        match = _FOR_TARGET.fullmatch(name)
        if match and match[1] == kind and command:
            table[f"{match[2]}/{match[3]}"] = command
    return table


def architectures(release: Release) -> tuple[str, ...]:
    """The architecture settings in the order in which zbootstrap.go has them."""
    both = ("GO386", "GOAMD64", "GOARM")
    if release.minor < 23:  # noqa: PLR2004 - GOARM64 and GORISCV64 came with go1.23
        return (*both, "GOMIPS", "GOMIPS64", "GOPPC64")
    return (*both, "GOARM64", "GOMIPS", "GOMIPS64", "GOPPC64", "GORISCV64")


def quote(text: str) -> str:
    """A string literal as cmd/dist writes it (buildgo.go, quote)."""
    parts = [
        chr(byte) if byte in range(0x20, 0x7F) and byte not in b'"\\' else f"\\x{byte:02x}"
        for byte in text.encode("utf-8", "surrogateescape")
    ]
    return f'"{"".join(parts)}"'
