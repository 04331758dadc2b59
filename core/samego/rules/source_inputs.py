"""Which sources of two trees differ, by the package that they are compiled into."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from samego.model.inputs import Context
from samego.model.release import Target
from samego.model.tree import Kind, Tree
from samego.rules.build_tags import may_be_compiled
from samego.rules.generated.files import GENERATORS

#: Where the settings lie that cmd/dist was run with (cmd/dist/buildruntime.go,
#: mkbuildcfg), and where the C compilers' names (cmd/dist/buildgo.go).
SETTINGS_FILE = "src/internal/buildcfg/zbootstrap.go"
COMPILERS_FILE = "zdefaultcc.go"
#: What cmd/dist writes below src (cmd/dist/build.go, gentab), with or without a setting in it.
GENERATED = frozenset({*GENERATORS, "src/time/tzdata/zzipdata.go"})

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

_SOURCES = (".go", ".s", ".h", ".c", ".pgo")
#: What has a build constraint, and how large it may be to be read for it.
_CONSTRAINED = (".go", ".s")
_MAX_CONSTRAINED = 4 << 20
_EMBED = b"//go:embed "
_MAX_SETTINGS = 1 << 20
_CONSTANT = re.compile(r"const [dD]efault([A-Z0-9_]+) = (?:`([^`]*)`|\"([^\"]*)\")")
# internal/syslist/syslist.go: the names that a file name's last parts may restrict to.
_KNOWN_OS = re.compile(
    "aix|android|darwin|dragonfly|freebsd|hurd|illumos|ios|js|linux|nacl|netbsd|openbsd|plan9"
    "|solaris|wasip1|windows|zos"
)
_KNOWN_ARCH = re.compile(
    "386|amd64|amd64p32|arm|armbe|arm64|arm64be|loong64|mips|mipsle|mips64|mips64le|mips64p32"
    "|mips64p32le|ppc|ppc64|ppc64le|riscv|riscv64|s390|s390x|sparc|sparc64|wasm"
)


def differing_sources(context: Context) -> dict[str, list[str]]:
    """The non-test sources that differ, as sorted paths by import path.

    A source that only one side has differs too, but for upstream's where the package at
    hand has no sources at all (see :func:`has_sources`). Left out are files that are not
    built into a package for the context's target, by their name or on both sides by their
    build constraint, and testdata.
    """
    found = context.memo.once("differing sources", lambda: _differing_sources(context))
    return {package: list(paths) for package, paths in found.items()}


def _differing_sources(context: Context) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    complete = has_sources(context.distro)
    named = [
        path
        for path in context.differing_files
        if (complete or path in context.distro)
        and _is_source(path)
        and _is_built(path, context.target)
    ]
    for tree in _sides(context):
        tree.load([path for path in named if path in tree and path.endswith(_CONSTRAINED)])
    for path in named:
        if any(_may_be_compiled(path, tree, context) for tree in _sides(context)):
            package = posixpath.dirname(path).removeprefix("src/")
            found.setdefault(package, []).append(path)
    return found


def embedded_data(context: Context) -> tuple[str, ...]:
    """The files that differ and that a source may embed (``//go:embed``), sorted.

    A pattern names files below its own directory: each that has a source with such a line
    above it may be meant.
    """
    return context.memo.once("embedded data", lambda: tuple(_embedded_data(context)))


def _embedded_data(context: Context) -> Iterator[str]:
    if not has_sources(context.distro):
        return
    sources = [_go_files(tree) for tree in _sides(context)]
    embeds: dict[str, bool] = {}
    for path in context.differing_files:
        parts = path.split("/")
        if parts[0] != "src" or path.endswith(_SOURCES) or "testdata" in parts:
            continue
        above = ["/".join(parts[:depth]) for depth in range(2, len(parts))]
        for directory in above:
            if directory not in embeds:
                embeds[directory] = any(
                    _any_embeds(tree, files.get(directory, ()))
                    for tree, files in zip(_sides(context), sources, strict=True)
                )
        if any(embeds[directory] for directory in above):
            yield path


def _any_embeds(tree: Tree, paths: Sequence[str]) -> bool:
    """Whether one of these sources has a line that embeds files."""
    tree.load(paths)
    return any(_EMBED in tree.read(path) for path in paths)


def _go_files(tree: Tree) -> Mapping[str, Sequence[str]]:
    """A tree's Go sources by their directory."""
    found: dict[str, list[str]] = {}
    for path, entry in tree.items():
        if path.endswith(".go") and entry.kind is Kind.FILE and entry.size <= _MAX_CONSTRAINED:
            found.setdefault(posixpath.dirname(path), []).append(path)
    return found


def _sides(context: Context) -> tuple[Tree, Tree]:
    return context.distro, context.upstream


def _may_be_compiled(path: str, tree: Tree, context: Context) -> bool:
    """Whether a side's source, if it has it, may be compiled for the target."""
    entry = tree.get(path)
    if entry is None or entry.kind is not Kind.FILE:
        return False
    if not path.endswith(_CONSTRAINED) or entry.size > _MAX_CONSTRAINED:
        return True
    return may_be_compiled(tree.read(path), context.target, context.release)


def has_sources(tree: Tree) -> bool:
    """Whether a tree has sources, and not only what cmd/dist generates.

    A distro may ship them in another package than the executables, which was not given.
    """
    return any(_is_source(path) and path not in GENERATED for path in tree)


def declared_settings(tree: Tree) -> dict[str, str]:
    """The settings that a tree's zbootstrap.go declares: GO386 to softfloat, ...

    Empty where the file is missing, too large, or not understood.
    """
    entry = tree.get(SETTINGS_FILE)
    if entry is None or entry.kind is not Kind.FILE or entry.size > _MAX_SETTINGS:
        return {}
    return stated_settings(tree.read(SETTINGS_FILE))


def stated_settings(data: bytes) -> dict[str, str]:
    """The settings that a zbootstrap.go states; empty where it is not understood."""
    settings: dict[str, str] = {}
    for line in data.decode("utf-8", "replace").splitlines():
        match = _CONSTANT.fullmatch(line)
        if match is not None:
            settings[match[1]] = match[2] if match[2] is not None else match[3]
    return settings


def differing_settings(context: Context) -> dict[str, str]:
    """The settings whose values differ, with the distro's values."""
    if not _settings_differ(context):
        return {}
    ours, theirs = declared_settings(context.distro), declared_settings(context.upstream)
    return {name: value for name, value in ours.items() if theirs.get(name) != value}


def compiler_settings(settings: Mapping[str, str], target: Target) -> dict[str, str]:
    """Those of a zbootstrap.go's settings that change the code compiled for a target."""
    return {
        name: value
        for name, value in settings.items()
        if target.goarch in _ARCH_OF_SETTING.get(name, ()) or (name == "GOEXPERIMENT" and value)
    }


def compiled_otherwise(context: Context) -> bool:
    """Whether the package's zbootstrap.go changes how all of its executables are compiled.

    What they are compiled from need not hold the settings then: they still rest on them.
    """
    if SETTINGS_FILE not in context.distro or not _settings_differ(context):
        return False
    ours, theirs = declared_settings(context.distro), declared_settings(context.upstream)
    return compiler_settings(ours, context.target) != compiler_settings(theirs, context.target)


def _settings_differ(context: Context) -> bool:
    """Whether the two zbootstrap.go differ; to read the same one twice may cost a pass."""
    ours, theirs = (tree.get(SETTINGS_FILE) for tree in _sides(context))
    return ours is None or theirs is None or ours.sha256 != theirs.sha256


def _is_source(path: str) -> bool:
    return path.startswith("src/") and path.endswith(_SOURCES)


def _is_built(path: str, target: Target) -> bool:
    directory, name = posixpath.split(path)
    parts = directory.split("/")
    if "testdata" in parts or any(part.startswith(("_", ".")) for part in parts):
        return False
    stem = name.partition(".")[0]
    if name.startswith(("_", ".")) or stem.endswith("_test"):
        return False
    return is_named_for(path, target)


def is_named_for(path: str, target: Target) -> bool:
    """Whether a source's name lets it be compiled for a target (``zsyscall_linux_arm64.go``)."""
    stem = posixpath.basename(path).partition(".")[0]
    words = stem.split("_")[1:]
    if words and _KNOWN_ARCH.fullmatch(words[-1]) and words.pop() != target.goarch:
        return False
    return not words or not _KNOWN_OS.fullmatch(words[-1]) or _is_os(words[-1], target.goos)


def _is_os(word: str, goos: str) -> bool:
    # go/build, matchTag: these systems also take another's files.
    others = {"android": "linux", "illumos": "solaris", "ios": "darwin"}
    return word in (goos, others.get(goos))
