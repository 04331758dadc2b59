"""A series of patches applied by the distro's own tool, in the sandbox.

dpkg-source applies the whole series to a source tree (``--before-build``, the same code as
``-x``: Dpkg::Source::Quilt, apply); where it is not installed patch(1) does, called for each
patch as dpkg-source calls it (Dpkg::Source::Patch, apply). What a patch says is never read
here, but for one thing: the tree holds only the files of upstream's that a patch could name.
Any word of a patch counts as a name, so that no way to write a patch can name another file;
a patch with a name in quotes, which could be spelled in many ways, is not replayed.
"""

from __future__ import annotations

import functools
import hashlib
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from samego import sandbox
from samego.errors import SamegoError
from samego.model.inputs import Patch
from samego.model.proof import Tool
from samego.model.tree import Kind, Tree
from samego.sandbox import collect

#: Bytes of one file, and of the whole small tree.
_LARGEST, _ALL = 32 << 20, 256 << 20
_ENTRIES = 20_000
#: What applying a series may take.
LIMITS = sandbox.SandboxLimits(
    seconds=120, cpu=60, file=2 * _LARGEST, written=4 * _ALL, entries=2 * _ENTRIES
)
#: dpkg-source's name of a file as it was before a patch.
_BEFORE = ".dpkg-orig"

_FORMAT = b"3.0 (quilt)\n"
_CONTROL = (
    b"Source: samego\nMaintainer: samego <samego@localhost>\n\n"
    b"Package: samego\nArchitecture: any\nDescription: none\n"
)
_CHANGELOG = (
    b"samego (1-1) unstable; urgency=low\n\n  * None.\n\n"
    b" -- samego <samego@localhost>  Thu, 01 Jan 1970 00:00:00 +0000\n"
)
#: dpkg-source where it is, else patch(1) with its options. Versions first, on stdout.
_SCRIPT = """
patch --version | head -n 1 || exit
if command -v dpkg-source >/dev/null; then
    dpkg-source --version | head -n 1
    exec dpkg-source --before-build tree >&2
fi
cd tree && while read -r name; do
    PATCH_GET=0 patch -t -F 0 -N -p1 -u -V never -b -z .dpkg-orig \\
        <"debian/patches/$name" >&2 || exit
done <debian/patches/series
"""
#: Since 1.23 dpkg-source no longer calls itself Debian's.
_VERSION = re.compile(
    r"^(?:GNU (patch)|(?:Debian )?(dpkg-source) version) (\d\S*?)\.?$", re.MULTILINE
)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+~-]*(?:/[A-Za-z0-9][A-Za-z0-9._+~-]*)*")
#: A line that may hold a name for patch(1), which takes indented and quoted ones as well.
_QUOTED = re.compile(
    rb"^[ \tX]*(?:(?:\*\*\*|---|\+\+\+|diff|rename|copy|new|old)[ \t]|Index:).*[\"\\]",
    re.MULTILINE,
)
_WORD = re.compile(rb"[^\s\0]+")


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What the tool made of upstream's files.

    ``files`` maps the paths of the small tree to digests, ``given`` are the paths that were
    put into it. ``problem`` says why there is no result, and is empty where there is one.
    """

    files: Mapping[str, str]
    given: frozenset[str]
    tools: tuple[Tool, ...] = ()
    problem: str = ""


@functools.cache
def tools_here() -> tuple[Tool, ...]:
    """The tools that a replay would run, with their versions; none without a sandbox."""
    if not sandbox.available():
        return ()
    with collect.scratch() as directory:
        (directory / "tree/debian/patches").mkdir(parents=True)
        _write_packaging(directory / "tree/debian", ())
        done = sandbox.run(["sh", "-c", _SCRIPT], writable=directory, limits=LIMITS)
    return _tools(done.stdout)


def words(patch: bytes) -> frozenset[str]:
    """All words of a patch, and what is left of each without its first directory (``-p1``).

    Each as it is written and as the system reads it: without ``.``, ``..`` and double slashes.
    patch(1) takes the name in an ``Index:`` line without a blank before it as well.
    """
    found = set()
    for word in _WORD.findall(patch):
        whole = word.decode("utf-8", "surrogateescape")
        for text in {whole, whole.removeprefix("Index:")}:
            for name in (text, text.partition("/")[2].lstrip("/")):
                if name:
                    found |= {name, posixpath.normpath(name)}
    return frozenset(found)


def replay(patches: Sequence[Patch], upstream: Tree) -> ReplayResult:
    """Apply a whole series to upstream's files.

    Never raises for what is in a patch: ``problem`` says it. Raises SamegoError where
    upstream's files cannot be read.
    """
    problem = _unfit(patches)
    if not problem and not sandbox.available():
        problem = f"no sandbox is available here ({sandbox.unavailable_because()})"
    if problem:
        return ReplayResult({}, frozenset(), problem=problem)
    given = _named(patches, upstream)
    if sum(upstream[path].size for path in given) > _ALL or len(given) > _ENTRIES:
        return ReplayResult({}, given, problem="the patches name too many files")
    upstream.load(given)
    with collect.scratch() as directory:
        tree = directory / "tree"
        for path in given:
            _write(tree / path, upstream.read(path))
        _write_packaging(tree / "debian", patches)
        done = sandbox.run(["sh", "-c", _SCRIPT], writable=directory, limits=LIMITS)
        tools = _tools(done.stdout)
        if done.ended is not None:  # that says nothing of the patches
            return ReplayResult({}, given, problem=_why(done))
        if not done.ok or not tools:
            return ReplayResult({}, given, tools, _why(done))
        try:
            return _result(tree, given, upstream, tools)
        except SamegoError as error:
            return ReplayResult({}, given, tools, error.message)


def _unfit(patches: Sequence[Patch]) -> str:
    """Why a series cannot be replayed here; empty where it can."""
    for patch in patches:
        if not _NAME.fullmatch(patch.name) or patch.name == "series":
            return f"{patch.name!r} is no plain name of a patch"
        if _QUOTED.search(patch.data):
            return f"{patch.name} has a file name in quotes"
    return ""


def _named(patches: Sequence[Patch], upstream: Tree) -> frozenset[str]:
    """The files of upstream's that the patches could mean; those with white space always."""
    named = frozenset[str]().union(*(words(patch.data) for patch in patches))
    return frozenset(
        path
        for path, entry in upstream.items()
        if entry.kind is Kind.FILE
        and not path.startswith("debian/")
        and (path in named or len(path.split()) > 1)
    )


def _write_packaging(debian: Path, patches: Sequence[Patch]) -> None:
    _write(debian / "source/format", _FORMAT)
    _write(debian / "control", _CONTROL)
    _write(debian / "changelog", _CHANGELOG)
    for patch in patches:
        _write(debian / "patches" / patch.name, patch.data)
    _write(debian / "patches/series", "".join(f"{patch.name}\n" for patch in patches).encode())


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _result(
    tree: Path, given: frozenset[str], upstream: Tree, tools: tuple[Tool, ...]
) -> ReplayResult:
    files = {}
    for path in collect.files(tree, entries=2 * _ENTRIES):
        if path.startswith((".pc/", "debian/")) or path.endswith(_BEFORE):
            continue
        data = collect.read_file(tree, path, limit=2 * _LARGEST)
        if data is not None:
            files[path] = hashlib.sha256(data).hexdigest()
    made = files.keys() - given
    taken = [path for path in made if path in upstream]
    if taken:
        # In the whole tree the tool would have found another file there.
        return ReplayResult({}, given, tools, f"a patch makes {taken[0]}, which upstream has")
    return ReplayResult(files, given, tools)


def _tools(output: bytes) -> tuple[Tool, ...]:
    found = _VERSION.findall(output.decode("utf-8", "replace"))
    return tuple(
        Tool(patch or dpkg_source, version) for patch, dpkg_source, version in reversed(found)
    )


def _why(done: sandbox.Finished) -> str:
    if done.ended is not None:
        return f"applying the patches was ended: {done.ended.value}"
    lines = done.stderr.decode("utf-8", "replace").splitlines()
    errors = [line for line in lines if "error" in line or "FAILED" in line or "find file" in line]
    return (errors or lines or ["the tool says nothing"])[0].strip()
