"""What two executables show otherwise, as traces by name.

    key:GOAMD64     a key of the build information (value, or empty for none)
    release         what it calls its Go
    experiments     the experiments behind that
    program         the main package's import path
    goroot          where GOROOT lay while it was built
    type            ``executable`` or ``position independent``
    interpreter     the dynamic linker's path
    needed          the libraries that it asks for
    bound at start  whether all of these are bound when it starts
    section:.symtab a section that only one has
    debugging       ``compressed`` or ``plain``, where both or the distro's have such sections
    rewritten       the section headers are not where Go's linker puts them
    build ID        Go's build ID where it is none that the go command makes
    GNU build ID    where it is not made of Go's
    package:NAME    a package that only one has code of (of those that a signature asks for)
    extent          how far the difference goes: ``code``, ``data``, ``build information``,
                    ``build ID``, ``not loaded``

The build information of a program without -trimpath records more than of one with it
(cmd/go/internal/load/pkg.go, setBuildInfo): what follows from that alone is no trace.
"""

from __future__ import annotations

import json
import posixpath
import struct
from collections.abc import Collection, Iterable, Iterator, Mapping

from samego.formats.executable.elf_values import Elf, ElfSection
from samego.leaks.executable import ShownExecutable
from samego.model.candidate import Trace

#: Linker flags of upstream's builds, from go1.21 on (cmd/dist/build.go, toolenv).
UPSTREAM_LDFLAGS = "-w"
#: From the least that a difference can be to the most.
EXTENTS = ("not loaded", "build ID", "build information", "data", "code")
_NOTES = (".note.go.buildid", ".note.gnu.build-id")
_BUILD_INFO = ".go.buildinfo"
_PRESENT = "present"
#: A value is cut to this length: what a build information holds is a stranger's.
_LONG = 2000
#: Sections that a linker other than Go's writes, or the system's start-up code, say one thing.
_GROUPED = {
    ".debug_": "section:.debug_*",
    ".zdebug_": "section:.debug_*",
}


def traces(
    ours: ShownExecutable, theirs: ShownExecutable, packages: Iterable[str] = ()
) -> tuple[Trace, ...]:
    """The traces of the distro's executable against upstream's. Total.

    ``packages`` are the import paths that are looked for in the function tables.
    """
    found = (*_plain(ours, theirs), *_packages(ours, theirs, packages))
    return tuple(
        Trace(each.name[:_LONG], each.distro[:_LONG], each.upstream[:_LONG]) for each in found
    )


def _plain(ours: ShownExecutable, theirs: ShownExecutable) -> Iterator[Trace]:
    yield from _keys(ours, theirs)
    pairs = {
        "release": (ours.version, theirs.version),
        "experiments": (ours.experiments, theirs.experiments),
        "program": (ours.path, theirs.path),
        "goroot": (ours.goroot, theirs.goroot),
        "type": (_type(ours), _type(theirs)),
        "interpreter": (ours.interpreter, theirs.interpreter),
        "needed": (" ".join(ours.needed), " ".join(theirs.needed)),
        "bound at start": (_yes(ours.bound_at_start), _yes(theirs.bound_at_start)),
        "debugging": (_debugging(ours), _debugging(theirs)),
        "rewritten": (_yes(ours.rewritten), _yes(theirs.rewritten)),
    }
    yield from (Trace(name, *values) for name, values in pairs.items() if values[0] != values[1])
    if ours.odd_build_id and ours.build_id != theirs.build_id:
        yield Trace("build ID", ours.build_id, theirs.build_id)
    if ours.gnu_build_id != theirs.gnu_build_id:
        yield Trace("GNU build ID", ours.gnu_build_id, theirs.gnu_build_id)
    mine, other = _sections(ours), _sections(theirs)
    yield from (Trace(name, _PRESENT, "") for name in sorted(mine - other))
    yield from (Trace(name, "", _PRESENT) for name in sorted(other - mine))
    yield Trace("extent", extent(ours, theirs), "")


def _keys(ours: ShownExecutable, theirs: ShownExecutable) -> Iterator[Trace]:
    mine, other = (
        {key: _unquoted(value) for key, value in each.settings.items()} for each in (ours, theirs)
    )
    if "-trimpath" in other and "-trimpath" not in mine:
        other["-ldflags"] = UPSTREAM_LDFLAGS
        if "-pgo" in mine:
            mine["-pgo"] = posixpath.basename(mine["-pgo"])
    for key in sorted(mine.keys() | other.keys()):
        if mine.get(key, "") != other.get(key, ""):
            yield Trace(f"key:{key}", mine.get(key, ""), other.get(key, ""))


def _unquoted(value: str) -> str:
    """A value with spaces in it is written as a Go string (runtime/debug/mod.go, quoteValue)."""
    if not value.startswith('"'):
        return value
    try:
        return str(json.loads(value))
    except ValueError:
        return value


def _type(shown: ShownExecutable) -> str:
    return "position independent" if shown.position_independent else "executable"


def _yes(whether: bool) -> str:  # noqa: FBT001 - it is all that there is to say
    return "yes" if whether else "no"


def _debugging(shown: ShownExecutable) -> str:
    if not any(name.startswith((".debug_", ".zdebug_")) for name in shown.sections):
        return ""
    return "compressed" if shown.compressed else "plain"


def _sections(shown: ShownExecutable) -> set[str]:
    found = set()
    for name in shown.sections:
        group = next((group for start, group in _GROUPED.items() if name.startswith(start)), None)
        # What lies in a position-independent file's relocated part is the same section.
        found.add(group or f"section:{name.removeprefix('.data.rel.ro') or name}")
    return found


def _packages(
    ours: ShownExecutable, theirs: ShownExecutable, packages: Iterable[str]
) -> Iterator[Trace]:
    if ours.functions is None or theirs.functions is None:
        return
    for package in packages:
        mine, other = (
            _PRESENT if table.has_package(package) else ""
            for table in (ours.functions, theirs.functions)
        )
        if mine != other:
            yield Trace(f"package:{package}", mine, other)


def extent(ours: ShownExecutable, theirs: ShownExecutable) -> str:
    """How far the difference goes: one of EXTENTS.

    Pointers that follow sections to other places are none: up to go1.23 another table of section
    names is enough for that.
    """
    mine, other = _loaded(ours), _loaded(theirs)
    moved = {mine[name].addr - other[name].addr for name in mine.keys() & other.keys()}
    differing = {
        name
        for name in mine.keys() | other.keys()
        if _differs(ours.elf, mine.get(name), theirs.elf, other.get(name), moved)
    }
    if ".text" in differing:
        return "code"
    if differing - {*_NOTES, _BUILD_INFO}:
        return "data"
    if _BUILD_INFO in differing:
        return "build information"
    return "build ID" if differing else "not loaded"


def _loaded(shown: ShownExecutable) -> Mapping[str, ElfSection]:
    return {section.name: section for section in shown.elf.alloc_sections}


def _differs(
    ours: Elf,
    mine: ElfSection | None,
    theirs: Elf,
    other: ElfSection | None,
    moved: Collection[int],
) -> bool:
    """Whether two sections differ in more than addresses that have ``moved`` so far."""
    if mine is None or other is None:
        return True
    data, posted = ours.content(mine), theirs.content(other)
    if data == posted:
        return False
    word = ours.form.word
    if len(data) != len(posted) or not any(moved) or mine.name in (".text", *_NOTES):
        return True
    order = "<" if ours.form.little else ">"
    layout = f"{order}{len(data) // word}{'Q' if word == 8 else 'I'}"  # noqa: PLR2004 - bytes of an address
    rows = (struct.unpack_from(layout, each) for each in (data, posted))
    tail = len(data) // word * word
    return data[tail:] != posted[tail:] or not all(
        one == another or one - another in moved for one, another in zip(*rows, strict=True)
    )
