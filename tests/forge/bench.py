"""A copy of a world to work on, and the list of all ways to forge.

A way is a function that takes a bench, changes its packages and returns the names of
which a check has to say at least one: paths of findings, paths in the package, or fields.
It returns None where this choice does not lend itself to the change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from forge.packed import BUILDINFO, MTREE, PKGINFO, Deb, Part, Pkg
from forge.tape import Member
from forge.worlds import Package, World
from support.tamper import kind_of

Names = tuple[str, ...]
BOTH = ("debian", "arch")
_METADATA = (PKGINFO, BUILDINFO, MTREE)


class Bench:
    """The packages of a world, to be changed, and a random choice of where."""

    def __init__(self, world: World, random: Random) -> None:
        self.world = world
        self.random = random
        self.packages: list[Package] = [package.copy() for package in world.packages]

    @property
    def go(self) -> Package:
        """The package with the executables."""
        return self.packages[0]

    @property
    def deb(self) -> Deb:
        """One of Debian's packages, more often the one with the executables."""
        found = self.packages[self.random.choice((0, 0, 1, 2))]
        assert isinstance(found, Deb)
        return found

    @property
    def pkg(self) -> Pkg:
        """Arch's package."""
        found = self.packages[0]
        assert isinstance(found, Pkg)
        return found

    def names(self, *paths: str) -> Names:
        """What may be said of paths in a package: their own names and their findings'."""
        return tuple(dict.fromkeys([*map(self.world.finding_path, paths), *paths]))

    def members(self, wanted: Callable[[Member], bool]) -> list[tuple[Part, Member]]:
        """All members of the payload that are wanted, with the part that holds them."""
        return [
            (package.data, member)
            for package in self.packages
            for member in package.data.members
            if member.path not in _METADATA and wanted(member)
        ]

    def pick(self, wanted: Callable[[Member], bool]) -> tuple[Part, Member]:
        """One of them."""
        return self.random.choice(self.members(wanted))

    def file(self, *kinds: str, inside: bool = False) -> tuple[Part, Member]:
        """A regular file, of one of these kinds or of any kind, each as likely."""
        found: dict[str, list[tuple[Part, Member]]] = {}
        for part, member in self.members(lambda member: member.is_file and bool(member.data)):
            if inside and self.world.finding_path(member.path).startswith("/"):
                continue
            kind = self.kind(member)
            if kind in kinds or (not kinds and kind not in {"VERSION", "packaging"}):
                found.setdefault(kind, []).append((part, member))
        return self.random.choice(found[self.random.choice(sorted(found))])

    def kind(self, member: Member) -> str:
        """The kind of a file, by its name."""
        return kind_of(member.path, member.data)

    def at(self, below: str) -> tuple[Part, Member]:
        """A file by its path below GOROOT."""
        ((part, member),) = self.members(lambda m: self.world.finding_path(m.path) == below)
        return part, member

    def put(self, part: Part, member: Member, data: bytes) -> Names:
        """Give a file other bytes; the names to say."""
        assert data != member.data, member.path
        part.swap(member.path, member.with_data(data))
        return self.names(member.path)

    def like(self, kind: str, path: str) -> Member:
        """A new member of a kind (the type flag) at a path: a real one under another name."""
        model = self.pick(lambda m: m.kind == kind and m.head[-512:] == m.head)[1]
        prefix = "./" if self.world.name == "debian" else ""
        slash = "/" if kind == "5" else ""
        name = f"{prefix}{path}{slash}".encode()
        member = model.put("name", name).put("prefix", b"")
        made = Member(path, member.head)
        return made if kind != "0" else made.with_data(b"")

    def new_file(self, path: str, data: bytes, mode: int = 0o644) -> Member:
        """A new regular file."""
        return self.like("0", path).with_data(data).with_mode(mode)

    def new_link(self, path: str, target: str) -> Member:
        """A new symbolic link."""
        return self.like("2", path).put("linkname", target.encode())

    def add(self, member: Member) -> Names:
        """Put a member (and the directories above it) at the end of the first package."""
        part = self.go.data
        known = {found.path for _, found in self.members(lambda _member: True)}
        above = member.path.split("/")[:-1]
        for depth in range(1, len(above) + 1):
            folder = "/".join(above[:depth])
            if folder not in known:
                part.members.append(self.like("5", folder).with_mode(0o755))
        part.members.append(member)
        return self.names(member.path)


@dataclass(frozen=True, slots=True)
class Way:
    """A way to forge: which field of what, how, in which worlds, how often it is taken."""

    field: str
    how: str
    change: Callable[[Bench], Names | None]
    worlds: tuple[str, ...]
    weight: int


WAYS: list[Way] = []


def forgery(
    field: str, how: str, worlds: tuple[str, ...] = BOTH, weight: int = 1
) -> Callable[[Callable[[Bench], Names | None]], Callable[[Bench], Names | None]]:
    """Add a function to the list of ways."""

    def add(change: Callable[[Bench], Names | None]) -> Callable[[Bench], Names | None]:
        WAYS.append(Way(field, how, change, worlds, weight))
        return change

    return add
