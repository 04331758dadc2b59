"""Tampering with a package: many independent changes, each on a path of its own.

:func:`seeded` makes changes of every sort over every kind of file in the package, from a
seed. Changes are placed in batches:
a batch is one set of packages, and no path is changed twice in it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from random import Random

from support.deb_repack import Deb, Member, new_file, new_link

# What lies where GOROOT is, and what GOROOT's links lead to.
_LINE = re.compile(
    r"usr/(?:lib/go-[\d.]+|share/go-[\d.]+(?=/(?:api|lib|misc|src|test|pkg/include)/))/(.*)",
    re.DOTALL,
)
_DOC = re.compile(r"usr/share/doc/golang-[\d.]+-doc/html/(.*)", re.DOTALL)
_README = re.compile(r"usr/share/doc/golang-[\d.]+-go/README\.md")
_PACKAGING = ("usr/share/doc/", "usr/share/lintian/")
_TAMPERED_MODES = (0o4000, 0o2000, 0o022, 0o111)


@dataclass(frozen=True, slots=True)
class Tamper:
    """One change that was made; ``path`` is the finding's path that must be named."""

    kind: str
    how: str
    path: str


@dataclass
class Batch:
    """The changes of one set of packages: by package, path in it and new entry."""

    changes: list[dict[str, Member | None]]
    tampers: list[Tamper] = field(default_factory=list)

    def repack(self, debs: Sequence[Deb], target: Path) -> list[Path]:
        """Write the set of packages to a directory."""
        pairs = zip(debs, self.changes, strict=True)
        return [deb.repack(target, changes) for deb, changes in pairs]


def finding_path(path: str) -> str:
    """The path that a finding on a package's path must carry."""
    if match := _LINE.fullmatch(path):
        return match[1]
    if match := _DOC.fullmatch(path):
        return f"doc/{match[1]}"
    if _README.fullmatch(path):
        return "README.md"
    return f"/{path}"


def kind_of(path: str, data: bytes) -> str:
    """A coarse kind of file, so that every kind gets its share of changes."""
    name = PurePosixPath(path)
    if path.startswith(_PACKAGING) and not _DOC.fullmatch(path):
        return "packaging"
    if "/bin/" in path or "/pkg/tool/" in path:
        return "executable"
    if re.fullmatch(r"z[a-z]+\.go", name.name):
        return "generated"
    if name.name in {"VERSION", "go.env"}:
        return name.name
    suffixes = {
        "source": {".go", ".s", ".S", ".c"},
        "header": {".h"},
        "archive": {".zip", ".tar", ".bz2", ".zst", ".jar"},
        "gz": {".gz"},
        "png": {".png"},
        "object": {".syso", ".obj", ".o", ".a", ".elf"},
        "script": {".pl", ".sh", ".bash"},
        "doc": {".html", ".md"},
    }
    for kind, some in suffixes.items():
        if name.suffix in some:
            return kind
    return "binary" if b"\0" in data[:4096] else "text"


class Tampering:
    """Places changes in batches, round-robin over those that still have the path."""

    def __init__(self, debs: Sequence[Deb], batches: int, seed: int) -> None:
        self.debs = debs
        self.batches = [Batch([{} for _ in debs]) for _ in range(batches)]
        self.random = Random(seed)  # noqa: S311 - repeatable choices, no secrets
        self._turn = itertools.cycle(range(batches))
        self._home = {path: n for n, deb in enumerate(debs) for path in deb.paths()}
        self.kinds: dict[str, list[str]] = {}
        for n, deb in enumerate(debs):
            for path in deb.paths():
                self.kinds.setdefault(kind_of(path, deb[path].data), []).append(path)
            assert n == self._home[deb.paths()[0]]

    def member(self, path: str) -> Member:
        """The entry as the package ships it."""
        return self.debs[self._home[path]][path]

    def place(self, kind: str, how: str, changes: Mapping[str, Member | None]) -> bool:
        """Put a change that touches these paths in a batch; False when all are taken.

        Paths that no package has go into the first package.
        """
        for _ in self.batches:
            batch = self.batches[next(self._turn)]
            homes = {path: self._home.get(path, 0) for path in changes}
            if any(path in batch.changes[home] for path, home in homes.items()):
                continue
            for path, member in changes.items():
                batch.changes[homes[path]][path] = member
                batch.tampers.append(Tamper(kind, how, finding_path(path)))
            return True
        return False


#: A way to change one file: the new entry of each path it touches, or None when this
#: file does not lend itself to it.
_Way = Callable[[Tampering, str], Mapping[str, Member | None] | None]


def _flip(work: Tampering, path: str) -> Mapping[str, Member | None] | None:
    data = bytearray(work.member(path).data)
    if not data:
        return None
    data[work.random.randrange(len(data))] ^= 1 << work.random.randrange(8)
    return {path: work.member(path).with_data(bytes(data))}


def _insert(work: Tampering, path: str) -> Mapping[str, Member | None]:
    data = work.member(path).data
    at = work.random.randrange(len(data) + 1)
    return {path: work.member(path).with_data(data[:at] + b"\n" + data[at:])}


def _delete(work: Tampering, path: str) -> Mapping[str, Member | None] | None:
    data = work.member(path).data
    if not data:
        return None
    at = work.random.randrange(len(data))
    return {path: work.member(path).with_data(data[:at] + data[at + 1 :])}


def _swap(work: Tampering, path: str) -> Mapping[str, Member | None] | None:
    mine = work.member(path)
    other = work.random.choice(work.kinds[kind_of(path, mine.data)])
    theirs = work.member(other)
    if theirs.data == mine.data or _off_limits(other):
        return None
    return {path: mine.with_data(theirs.data), other: theirs.with_data(mine.data)}


def _mode(work: Tampering, path: str) -> Mapping[str, Member | None] | None:
    member = work.member(path)
    bits = work.random.choice(_TAMPERED_MODES)
    if bits == 0o111 and path.endswith((".sh", ".bash")):
        # Debian declares that these become executable.
        return None
    return {path: member.with_mode(member.info.mode ^ bits)}


def _link_inside(work: Tampering, path: str) -> Mapping[str, Member | None] | None:
    other = work.random.choice(work.kinds["source"])
    if work.member(other).data == work.member(path).data:
        return None
    above = "../" * path.count("/")
    return {path: work.member(path).as_link(above + other)}


def _link_outside(work: Tampering, path: str) -> Mapping[str, Member | None]:
    return {path: work.member(path).as_link("/etc/passwd")}


def _remove(_work: Tampering, path: str) -> Mapping[str, Member | None] | None:
    # dist and distpack are Debian's own additions: without them it is closer to upstream.
    # What lies outside GOROOT need not be there at all.
    if path.endswith(("/dist", "/distpack")) or finding_path(path).startswith("/"):
        return None
    return {path: None}


def _add_beside(work: Tampering, path: str) -> Mapping[str, Member | None]:
    added = f"{PurePosixPath(path).parent}/zz_{work.random.randrange(10**6)}.go"
    return {added: new_file(added, b"package evil\n\nfunc init() { panic(1) }\n")}


def _add_link_beside(work: Tampering, path: str) -> Mapping[str, Member | None]:
    added = f"{PurePosixPath(path).parent}/zz_{work.random.randrange(10**6)}.s"
    return {added: new_link(added, PurePosixPath(path).name)}


def _add_outside(work: Tampering, _path: str) -> Mapping[str, Member | None]:
    folder = work.random.choice(
        ["etc/profile.d", "usr/bin", "usr/share/go-1.24", "usr/lib/python3/dist-packages", "boot"]
    )
    added = f"{folder}/x{work.random.randrange(10**6)}.sh"
    return {added: new_file(added, b"#!/bin/sh\nexport GOFLAGS=-toolexec=/tmp/x\n", 0o755)}


_WAYS: Mapping[str, _Way] = {
    "flip": _flip,
    "insert": _insert,
    "delete": _delete,
    "swap": _swap,
    "mode": _mode,
    "link inside": _link_inside,
    "link outside": _link_outside,
    "remove": _remove,
    "add": _add_beside,
    "add link": _add_link_beside,
    "add outside": _add_outside,
}
# One-byte changes are what the proofs are about: they come more often.
_ROUND = ("flip", "insert", "delete", "swap", "mode") * 3 + tuple(_WAYS)[5:]


def _off_limits(path: str) -> bool:
    """Whether a change here changes what is checked, not only what is found.

    VERSION names the release and Debian's changelog dates the build.
    """
    return path.endswith(("/VERSION", "/changelog.Debian.gz"))


def seeded(work: Tampering, count: int) -> None:
    """Place ``count`` changes: every way in turn, on every kind of file in turn."""
    kinds = itertools.cycle(sorted(work.kinds))
    placed = 0
    for how in itertools.cycle(_ROUND):
        kind = next(kinds)
        # A file that is too small, or taken in every batch, gives way to another one.
        for _ in range(20):
            path = work.random.choice(work.kinds[kind])
            if _off_limits(path):
                continue
            changes = _WAYS[how](work, path)
            if changes is not None and work.place(kind, how, changes):
                placed += 1
                break
        if placed == count:
            return


def everything(batches: Sequence[Batch]) -> Iterator[Tamper]:
    """All changes of all batches."""
    for batch in batches:
        yield from batch.tampers
