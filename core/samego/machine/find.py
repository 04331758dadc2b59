"""Every toolchain of a system, each once, however many ways lead to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial

from samego.distro.finders import FindsToolchains, Found, System
from samego.distro.interface import Request, Shipment
from samego.distro.version_file import MAX_SIZE, NAME
from samego.errors import SamegoError
from samego.formats.tree.matching import Refused, matches
from samego.formats.tree.root import Root
from samego.machine.environment import values_for
from samego.machine.places import PlaceKind, Places, filled_in, load_places
from samego.machine.unpackaged import open_place
from samego.model.tree import Kind

_SHOWN = 60
#: The place of a toolchain that was found by its files, in none of the usual places.
_ELSEWHERE = PlaceKind("elsewhere")


@dataclass(frozen=True, slots=True)
class Toolchain:
    """One toolchain of a system.

    ``goroot`` is the real path of its GOROOT, from the root; ``also`` are the other paths that lead
    there. ``found`` is the kind of place ("module cache") or the plugin that knows it, ``claims``
    is what its package says it is, ``stated`` what its VERSION says. ``open`` opens it.
    """

    goroot: str
    found: str
    claims: str
    stated: str
    also: tuple[str, ...]
    open: Callable[[Request], AbstractContextManager[Shipment]]


@dataclass(frozen=True, slots=True)
class Finds:
    """What was found on a system, sorted by path.

    ``unread`` are places that could not be read, each with the reason. ``strays`` are go commands
    that lie in no GOROOT. ``failed`` are plugins that could not read what is installed, each with
    its error.
    """

    toolchains: tuple[Toolchain, ...]
    unread: tuple[tuple[str, str], ...] = ()
    strays: tuple[str, ...] = ()
    failed: tuple[tuple[str, SamegoError], ...] = ()


@dataclass
class _Search:
    system: System
    found: dict[str, tuple[str, str, Callable[[Request], AbstractContextManager[Shipment]]]] = (
        field(default_factory=dict)
    )
    ways: dict[str, dict[str, None]] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    strays: dict[str, None] = field(default_factory=dict)

    def refuse(self, path: str, error: OSError) -> None:
        self.unread.setdefault("/" + path.strip("/"), error.strerror or str(error))

    def ask(self, plugin: FindsToolchains, request: Request) -> SamegoError | None:
        """Add what a plugin finds; the plugin's error where it fails."""
        try:
            for found in plugin.toolchains(self.system, request):
                self.installed(plugin.name, found)
        except SamegoError as error:
            return error
        return None

    def installed(self, plugin: str, found: Found) -> None:
        real = self._real(found.goroot) or found.goroot
        self._way(real, found.goroot)
        self.found.setdefault(real, (plugin, found.claims, found.open))

    def place(self, place: PlaceKind, path: str) -> None:
        real = self._real(path)
        if real and real not in self.found:
            if not self._is_goroot(real):
                return
            opening = partial(open_place, self.system, real, place.beside)
            self.found[real] = (place.what, "", opening)
        if real in self.found:
            self._way(real, path)

    def program(self, place: PlaceKind, path: str) -> None:
        real = self._real(path)
        if real is None:
            return
        goroot = real.removesuffix("/bin/go")
        if goroot == real or (goroot not in self.found and not self._is_goroot(goroot)):
            self.strays["/" + path.strip("/")] = None
            return
        self.place(place, goroot)
        way = "/" + path.strip("/")
        if way != f"/{real}" and way.removesuffix("/bin/go") not in self.ways.get(goroot, ()):
            self._way(goroot, path)

    def _real(self, path: str) -> str | None:
        try:
            return self.system.root.real(path)
        except OSError as error:
            self.refuse(path, error)
            return None

    def _way(self, real: str, path: str) -> None:
        path = path.strip("/")
        if path != real:
            self.ways.setdefault(real, {})["/" + path] = None

    def _is_goroot(self, path: str) -> bool:
        """Whether a directory holds a toolchain: tools, or a go command with its release."""

        def has(name: str) -> bool:
            return self.system.root.real(f"{path}/{name}") is not None

        try:
            if has("pkg/tool"):
                return True
            return (has("bin/go") or has("bin/go.exe")) and (has(NAME) or has("src/cmd/go"))
        except OSError as error:
            self.refuse(path, error)
            return False


def find_toolchains(
    system: System,
    plugins: tuple[FindsToolchains, ...],
    request: Request,
    places: Places | None = None,
) -> Finds:
    """Search every place, and ask every plugin.

    Places that cannot be read and plugins that fail are in the result; the others are still
    searched.
    """
    places = places or load_places()
    search = _Search(system)
    failed = tuple(
        (plugin.name, error)
        for plugin in plugins
        if (error := search.ask(plugin, request)) is not None
    )
    values = values_for(system, places, search.refuse)
    for place in places.places:
        for path in _matching(system.root, place.paths, values, search.refuse):
            search.place(place, path)
        for path in _matching(system.root, place.programs, values, search.refuse):
            search.program(place, path)
    for path in system.elsewhere:
        search.place(_ELSEWHERE, path)
    toolchains = []
    for real, (where, claims, opening) in sorted(search.found.items()):
        stated = _stated(system.root, real)
        ways = tuple(search.ways.get(real, ()))
        toolchains.append(Toolchain(real, where, claims or stated, stated, ways, opening))
    return Finds(
        tuple(toolchains), tuple(sorted(search.unread.items())), tuple(search.strays), failed
    )


def _matching(
    root: Root, patterns: tuple[str, ...], values: Mapping[str, Sequence[str]], refused: Refused
) -> Iterator[str]:
    for pattern in patterns:
        for chosen in filled_in(pattern, values):
            yield from matches(root, chosen, refused)


def _stated(root: Root, goroot: str) -> str:
    """The first line of VERSION, and the first two targets whose tools are there."""
    try:
        first = root.read(f"{goroot}/{NAME}", MAX_SIZE).split(b"\n", 1)[0]
        version = first.decode("utf-8", "replace").strip()[:_SHOWN] or "an empty VERSION"
        tools = [
            name.replace("_", "-", 1)
            for name in root.names(f"{goroot}/pkg/tool")
            if "_" in name
            and (status := root.lstat(f"{goroot}/pkg/tool/{name}")) is not None
            and status.kind is Kind.DIRECTORY
        ]
    except (OSError, SamegoError):
        return "no readable VERSION"
    return " ".join([version, *tools[:2]])
