"""How a release builds its own tools: read from its source, not guessed.

cmd/dist builds the tools of a release with fixed GOFLAGS (src/cmd/dist/build.go, func
toolenv); the settings that they embed stand in the generated zbootstrap.go.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from samego.errors import BuildError
from samego.goroot.tree import Tree
from samego.release import Target
from samego.rules.source_inputs import declared_settings

_DIST = "src/cmd/dist/build.go"
_TOOLENV = re.compile(r"^func toolenv\(\) \[\]string \{$(.*?)^\}$", re.MULTILINE | re.DOTALL)
_GOFLAGS = re.compile(r'"GOFLAGS=([^"]*)"')
#: Which GOARCH each setting of zbootstrap.go is for (src/internal/buildcfg/cfg.go).
_ARCH_OF_SETTING = {
    "GO386": ("386",),
    "GOAMD64": ("amd64",),
    "GOARM": ("arm",),
    "GOARM64": ("arm64",),
    "GOMIPS": ("mips", "mipsle"),
    "GOMIPS64": ("mips64", "mips64le"),
    "GOPPC64": ("ppc64", "ppc64le"),
    "GORISCV64": ("riscv64",),
}


def tool_flags(source: Tree) -> str:
    """The GOFLAGS with which a release builds its tools.

    Raises BuildError when the source does not say so in the known way.
    """
    if _DIST in source:
        body = _TOOLENV.search(source.read(_DIST).decode("utf-8", "replace"))
        flags = _GOFLAGS.findall(body[1]) if body else []
        if len(flags) == 1:
            return str(flags[0])
    raise BuildError(
        f"{source.name} does not say in {_DIST} how its tools are built",
        hint="use a release from go1.21 on, or report this",
    )


def build_environment(package: Tree, source: Tree, target: Target) -> Mapping[str, str]:
    """The go command's environment that builds ``target``'s tools as the package declares.

    The settings are those of the package's own zbootstrap.go: whether they are declared
    settings is another finding's question, which the proof rests on.
    """
    environment = {
        "GOOS": target.goos,
        "GOARCH": target.goarch,
        "CGO_ENABLED": "0",
        "GOFLAGS": tool_flags(source),
        "GOTOOLCHAIN": "local",
        "GOPROXY": "off",
        "GOENV": "off",
        "GO111MODULE": "",
    }
    environment.update(
        (name, value)
        for name, value in declared_settings(package).items()
        if target.goarch in _ARCH_OF_SETTING.get(name, ()) or (name == "GOEXPERIMENT" and value)
    )
    return environment
