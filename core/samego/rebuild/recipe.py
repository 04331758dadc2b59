"""Which targets and commands a release has: read from its source, not guessed.

src/cmd/dist/build.go says which targets there are (cgoEnabled, broken) and, from go1.25 on,
which commands a distribution holds (binExesIncludedInDistpack, toolsIncludedInDistpack). How
they are built is there too: :mod:`samego.rebuild.cmd_dist`.
"""

from __future__ import annotations

import re

from samego.model.release import Target
from samego.model.tree import Tree
from samego.rebuild.cmd_dist import BUILD_FILE, read, unreadable

_PORTS = re.compile(r"^var cgoEnabled = map\[string\]bool\{$(.*?)^\}$", re.MULTILINE | re.DOTALL)
_BROKEN = re.compile(r"^var broken = map\[string\]bool\{$(.*?)^\}$", re.MULTILINE | re.DOTALL)
_PORT = re.compile(r'^\s*"([a-z0-9]+/[a-z0-9]+)":\s*(?:true|false),', re.MULTILINE)
_COMMANDS = re.compile(
    r"^\s*(?:binExes|tools)IncludedInDistpack\s*=\s*\[\]string\{([^}]*)\}", re.MULTILINE
)
_COMMAND = re.compile(r'"(cmd/[a-z0-9_]+)"')
#: Operating systems whose tools need a C cross compiler (mustLinkExternal): never posted.
_LINKED_BY_C = frozenset({"android", "ios"})


def known_targets(source: Tree) -> tuple[Target, ...]:
    """The targets that a release can be built for without a C compiler, sorted.

    Ports that the source marks as broken are left out, as ``go tool dist list`` does. Raises
    BuildError when the source does not say so in the known way.
    """
    text = read(source, BUILD_FILE)
    ports, broken = _PORTS.search(text), _BROKEN.search(text)
    if ports is None:
        raise unreadable(source.name, "its targets")
    unusable = set(_PORT.findall(broken[1])) if broken else set()
    targets = {Target.parse(name) for name in _PORT.findall(ports[1]) if name not in unusable}
    return tuple(sorted(target for target in targets if target.goos not in _LINKED_BY_C))


def distributed_commands(source: Tree) -> tuple[str, ...]:
    """What ``go install`` is given for a target: the commands that a distribution holds.

    Before go1.25 no list of them stands in the source, and all of ``cmd`` is installed.
    """
    commands = [
        name
        for row in _COMMANDS.findall(read(source, BUILD_FILE))
        for name in _COMMAND.findall(row)
    ]
    return tuple(commands) if "cmd/go" in commands else ("cmd",)
