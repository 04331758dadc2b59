"""What cmd/dist does before it installs a release's tools, read from that release's source.

cmd/dist (src/cmd/dist/build.go) sets and unsets variables in xinit and cmdbootstrap, writes a
go.mod into a work directory of its own and runs ``go install`` there (goCmd). Directory and
go.mod matter: before go1.24 they decide the DefaultGODEBUG that each executable records. So
nothing of it is written down here. A statement that is not in a known form is an error, never
passed over: a release to come may do something new.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from samego.errors import BuildError
from samego.model.release import Target
from samego.model.tree import Tree

BUILD_FILE, MAIN_FILE, MODULE_FILE = (
    "src/cmd/dist/build.go",
    "src/cmd/dist/main.go",
    "src/go.mod",
)
_COMMENT = re.compile(r"(?:^|\s+)//.*$")
_CHANGES = re.compile(r"\b(?:Setenv|Unsetenv|Clearenv)\b")
_SET = re.compile(r"os\.(Setenv|Unsetenv)\((.*)\)")
_SET_ONE, _UNSET_ONE = re.compile(r'"(\w+)", (.+)'), re.compile(r'"(\w+)"')
_LITERAL, _BELOW_GOROOT = re.compile(r'"([^"\\]*)"'), re.compile(r'pathf\("%s(/[^"%]*)", goroot\)')
#: ``b = os.Getenv("GO386")``, ``if b == "" {``, ``b = "sse2"``, ``}``, ``go386 = b``.
_WITH_DEFAULT = re.compile(
    r'^\tb :?= os\.Getenv\("(\w+)"\)\n\tif b == "" \{\n\t\tb = (.+)\n\t\}\n\t(\w+) = b$',
    re.MULTILINE,
)
_PLAIN = re.compile(r'^\t(\w+) :?= os\.Getenv\("(\w+)"\)$', re.MULTILINE)
_LAST_INSTALL = "\tgoInstall(toolenv(), goBootstrap, "
#: All of cmd, and from go1.25 on what a distribution holds.
_ALL_TOOLS = ('"cmd")', "toolsToInstall...)")
_TOOLENV = re.compile(r'append\(env, "(\w+)=([^"\\]*)"\)')
_GO_MOD = re.compile(r'os\.WriteFile\(pathf\("%s/go\.mod", workdir\), \[\]byte\((.+)\), 0666\)')
_VERSION = re.compile(r"^go (1\.\d+)$", re.MULTILINE)
_RUN = re.compile(r"^\trunEnv\((\w+), ", re.MULTILINE)
_CLANG = re.compile(r"^var clangos = \[\]string\{([^}]*)\}", re.MULTILINE)
_COMPILER = 'compilerEnvLookup("CC", defaultcc, goos, goarch)'
#: What cmd/dist finds out of a processor of 32-bit ARM; 7 on every other (util.go, xgetgoarm).
_GOARM = "xgetgoarm()"
#: Restores the user's cache where the tree has no VERSION file; a release has one.
_WITHOUT_VERSION = "oldgocache"


@dataclass(frozen=True, slots=True)
class CmdDist:
    """A release's cmd/dist, as far as it decides how the tools are built.

    ``statements`` set a variable to an expression, or to None: not at all; the last one of a
    name counts. ``variables`` are Go's to the environment variable that each is read from and
    the expression that stands in for it. ``tools`` are set for the tools alone. ``go_mod`` is
    what stands in the work directory's go.mod.
    """

    name: str
    go_mod: str
    statements: tuple[tuple[str, str | None], ...]
    variables: Mapping[str, tuple[str, str]]
    tools: Mapping[str, str]
    clang: frozenset[str]

    def environment(
        self, goroot: str, host: Target, target: Target, settings: Mapping[str, str]
    ) -> dict[str, str]:
        """What the go command sees when it installs the tools of a target.

        ``settings`` are those that make.bash is run with. What is not in the result is not set.
        """
        known = {
            "goroot": goroot,
            "gorootBin": f"{goroot}/bin",
            "goos": target.goos,
            "goarch": target.goarch,
            "gohostos": host.goos,
            "gohostarch": host.goarch,
            _GOARM: "7",
            _COMPILER: "clang" if target.goos in self.clang else "gcc",
        }
        found: dict[str, str] = {}
        for name, expression in self.statements:
            if expression is None:
                found.pop(name, None)
            elif expression != _WITHOUT_VERSION:
                found[name] = self._value(expression, known, settings)
        return {**found, **self.tools}

    def _value(self, expression: str, known: Mapping[str, str], settings: Mapping[str, str]) -> str:
        if expression in known:
            return known[expression]
        if literal := _LITERAL.fullmatch(expression):
            return literal[1]
        if below := _BELOW_GOROOT.fullmatch(expression):
            return known["goroot"] + below[1]
        if expression in self.variables:
            name, default = self.variables[expression]
            return settings.get(name) or self._value(default, known, settings)
        raise unreadable(self.name, f"what it sets a variable to ({expression})")


def read_cmd_dist(source: Tree) -> CmdDist:
    """Read it. Raises BuildError for a source that is not in the known form."""
    text = read(source, BUILD_FILE)
    xinit = _function(source, text, "xinit")
    bootstrap, _found, what = _function(source, text, "cmdbootstrap").rpartition(_LAST_INSTALL)
    if not what.startswith(_ALL_TOOLS):
        raise unreadable(source.name, "how its tools are installed")
    if _RUN.findall(_function(source, text, "goCmd")) != ["workdir"]:
        raise unreadable(source.name, "in which directory the go command is run")
    # The user's own terminal settings do not reach the tools either.
    main = read(source, MAIN_FILE)
    started = _function(source, main, "main") if main else ""
    clang = _CLANG.search(text)
    dist = CmdDist(
        source.name,
        _go_mod(source, xinit),
        tuple(
            statement
            for body in (started, xinit, bootstrap)
            for statement in _statements(source, body)
        ),
        {
            **{name: (variable, '""') for name, variable in _PLAIN.findall(xinit)},
            **{name: (variable, text) for variable, text, name in _WITH_DEFAULT.findall(xinit)},
        },
        _tools(source, text),
        frozenset(re.findall(r'"(\w+)"', clang[1])) if clang else frozenset(),
    )
    host = Target("linux", "amd64")
    dist.environment("/goroot", host, host, {})  # an unknown expression is refused before the build
    return dist


def unreadable(name: str, what: str) -> BuildError:
    """The error for a source whose cmd/dist does not say something in a known way."""
    return BuildError(
        f"{name} does not state in src/cmd/dist, in a known form, {what}",
        hint="use a release from go1.21 on, or a newer samego",
    )


def read(source: Tree, path: str) -> str:
    """A source's text; empty where there is none."""
    return source.read(path).decode("utf-8", "replace") if path in source else ""


def _function(source: Tree, text: str, name: str) -> str:
    body = re.search(rf"^func {name}\([^\n]*\{{$(.*?)^\}}$", text, re.MULTILINE | re.DOTALL)
    if body is None:
        raise unreadable(source.name, f"what its function {name} does")
    return body[1]


def _statements(source: Tree, body: str) -> Iterator[tuple[str, str | None]]:
    """What sets or unsets a variable, in order; a comment is no statement."""
    for line in body.splitlines():
        code = _COMMENT.sub("", line).strip()
        if not _CHANGES.search(code):
            continue
        match = _SET.fullmatch(code)
        one = match and (_SET_ONE if match[1] == "Setenv" else _UNSET_ONE).fullmatch(match[2])
        if not match or not one:
            raise unreadable(source.name, f"which variable it sets ({code})")
        yield one[1], one[2] if match[1] == "Setenv" else None


def _tools(source: Tree, text: str) -> Mapping[str, str]:
    """What toolenv adds for a release (whose VERSION begins with ``go``) that Go links alone."""
    body = _function(source, text, "toolenv")
    tools = dict(_TOOLENV.findall(body))
    if len(tools) != body.count("append(") or "GOFLAGS" not in tools or "os.Setenv" in body:
        raise unreadable(source.name, "how its tools are built")
    return tools


def _go_mod(source: Tree, xinit: str) -> str:
    """The go.mod of the work directory: strings, and the version that src/go.mod states."""
    written = _GO_MOD.findall(xinit)
    if len(written) != 1:
        raise unreadable(source.name, "what stands in the go.mod of its work directory")
    version = _VERSION.search(read(source, MODULE_FILE))
    text = ""
    for part in str(written[0]).split("+"):
        if literal := _LITERAL.fullmatch(part.replace(r"\n", "\n")):
            text += literal[1]
        elif part == "modVer" and "modVer := goModVersion()" in xinit and version:
            text += version[1]
        else:
            raise unreadable(source.name, "what stands in the go.mod of its work directory")
    return text
