"""How a release builds its own tools: read from its source, not guessed.

cmd/dist builds the tools of a release with fixed GOFLAGS (src/cmd/dist/build.go, func
toolenv); the settings that they embed stand in the generated zbootstrap.go. The same file
says which targets there are (cgoEnabled, broken) and, from go1.25 on, which commands a
distribution holds (binExesIncludedInDistpack, toolsIncludedInDistpack).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from samego.errors import BuildError
from samego.goroot.tree import Tree
from samego.release import Release, Target
from samego.rules.generated.settings import upstream_settings
from samego.rules.source_inputs import compiler_settings

_DIST = "src/cmd/dist/build.go"
_TOOLENV = re.compile(r"^func toolenv\(\) \[\]string \{$(.*?)^\}$", re.MULTILINE | re.DOTALL)
_GOFLAGS = re.compile(r'"GOFLAGS=([^"]*)"')
_PORTS = re.compile(r"^var cgoEnabled = map\[string\]bool\{$(.*?)^\}$", re.MULTILINE | re.DOTALL)
_BROKEN = re.compile(r"^var broken = map\[string\]bool\{$(.*?)^\}$", re.MULTILINE | re.DOTALL)
_PORT = re.compile(r'^\s*"([a-z0-9]+/[a-z0-9]+)":\s*(?:true|false),', re.MULTILINE)
_COMMANDS = re.compile(
    r"^\s*(?:binExes|tools)IncludedInDistpack\s*=\s*\[\]string\{([^}]*)\}", re.MULTILINE
)
_COMMAND = re.compile(r'"(cmd/[a-z0-9_]+)"')
#: Operating systems whose tools need a C cross compiler (mustLinkExternal): never posted.
_LINKED_BY_C = frozenset({"android", "ios"})


def tool_flags(source: Tree) -> str:
    """The GOFLAGS with which a release builds its tools.

    Raises BuildError when the source does not say so in the known way.
    """
    body = _TOOLENV.search(_dist(source))
    flags = _GOFLAGS.findall(body[1]) if body else []
    if len(flags) == 1:
        return str(flags[0])
    raise _unreadable(source, "how its tools are built")


def known_targets(source: Tree) -> tuple[Target, ...]:
    """The targets that a release can be built for without a C compiler, sorted.

    Ports that the source marks as broken are left out, as ``go tool dist list`` does. Raises
    BuildError when the source does not say so in the known way.
    """
    text = _dist(source)
    ports, broken = _PORTS.search(text), _BROKEN.search(text)
    if ports is None:
        raise _unreadable(source, "its targets")
    unusable = set(_PORT.findall(broken[1])) if broken else set()
    targets = {Target.parse(name) for name in _PORT.findall(ports[1]) if name not in unusable}
    return tuple(sorted(target for target in targets if target.goos not in _LINKED_BY_C))


def distributed_commands(source: Tree) -> tuple[str, ...]:
    """What ``go install`` is given for a target: the commands that a distribution holds.

    Before go1.25 no list of them stands in the source, and all of ``cmd`` is installed.
    """
    commands = [name for row in _COMMANDS.findall(_dist(source)) for name in _COMMAND.findall(row)]
    return tuple(commands) if "cmd/go" in commands else ("cmd",)


def target_environment(source: Tree, release: Release, target: Target) -> Mapping[str, str]:
    """The go command's environment that builds ``target``'s tools as upstream did."""
    return {**_environment(source, target), **upstream_settings(release, target)}


def _dist(source: Tree) -> str:
    return source.read(_DIST).decode("utf-8", "replace") if _DIST in source else ""


def _unreadable(source: Tree, what: str) -> BuildError:
    return BuildError(
        f"{source.name} does not say in {_DIST} {what}",
        hint="use a release from go1.21 on, or report this",
    )


def build_environment(
    settings: Mapping[str, str], source: Tree, target: Target
) -> Mapping[str, str]:
    """The go command's environment that builds ``target``'s tools with these settings.

    Of a package they are those of its own zbootstrap.go: whether they are declared ones is
    another finding's question, which the proof rests on.
    """
    environment = _environment(source, target)
    environment.update(compiler_settings(settings, target))
    return environment


def _environment(source: Tree, target: Target) -> dict[str, str]:
    return {
        "GOOS": target.goos,
        "GOARCH": target.goarch,
        "CGO_ENABLED": "0",
        "GOFLAGS": tool_flags(source),
        "GOTOOLCHAIN": "local",
        "GOPROXY": "off",
        "GOENV": "off",
        "GO111MODULE": "",
    }
