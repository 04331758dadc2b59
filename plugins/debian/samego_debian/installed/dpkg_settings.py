"""dpkg's settings for the files of packages, made by the administrator.

Some are not unpacked (``path-exclude`` of dpkg(1), as in Debian's container images), moved
(dpkg-divert(1)), or get other rights (dpkg-statoverride(1)). How the first is read
follows dpkg's lib/dpkg/options.c and src/main/filters.c, the databases of the others
lib/dpkg/db-fsys-divert.c and db-fsys-override.c (dpkg 1.21 to 1.23).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from samego.distro.shipment import read_installed
from samego.distro.withheld import ManagerSetting, Withheld
from samego.errors import InputError
from samego.formats.tree.root import Root
from samego.model.tree import Kind
from samego.system.globs import matches

_DIRECTORY = "etc/dpkg/dpkg.cfg.d"
#: Read after the directory, in this order; root installs packages.
_FILES = ("etc/dpkg/dpkg.cfg", "root/.dpkg.cfg")
_FILE_NAME = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_OPTION = re.compile(r"(?P<name>path-(?:include|exclude))[^A-Za-z0-9-]=?\s*(?P<value>.*)")
_QUOTED = re.compile(r"(?P<quote>['\"])(?P<text>.*)(?P=quote)")
DIVERSIONS = "var/lib/dpkg/diversions"
OVERRIDES = "var/lib/dpkg/statoverride"
#: The owner, in dpkg's list, of a diversion that no package made.
_LOCAL = ":"
#: Modes that an override must not add: writing by others than root, setuid, setgid, sticky.
_HARMLESS = 0o755


@dataclass(frozen=True, slots=True)
class Filter:
    """One ``path-exclude`` or ``path-include``."""

    pattern: str
    include: bool
    setting: ManagerSetting


@dataclass(frozen=True, slots=True)
class Diversion:
    """A path that dpkg unpacks to another one, for all packages but ``package``.

    Both are payload paths.
    """

    path: str
    to: str
    package: str

    @property
    def by(self) -> str:
        """Who diverts it, for a sentence."""
        return "the administrator" if self.package == _LOCAL else self.package


@dataclass(frozen=True, slots=True)
class Override:
    """The user, the group and the mode that dpkg gives a path."""

    path: str
    user: str
    group: str
    mode: int

    @property
    def harmless(self) -> bool:
        """Whether it gives no user a right that a package's own files do not give."""
        return self.user in ("root", "#0") and not self.mode & ~_HARMLESS


def filters(root: Root) -> tuple[Filter, ...]:
    """The filters of the dpkg below ``root``, in its order. Raises InputError."""
    return tuple(found for path in _configuration(root) for found in _filters_in(root, path))


def withheld(paths: Iterable[str], filters_: Sequence[Filter]) -> Withheld:
    """Which missing ``paths`` dpkg is configured not to unpack: the last match decides."""
    found: dict[str, ManagerSetting] = {}
    for path in paths:
        decides = next((f for f in reversed(filters_) if matches(f.pattern, f"/{path}")), None)
        if decides is not None and not decides.include:
            found[path] = decides.setting
    return Withheld(found)


def diversions(root: Root) -> tuple[Diversion, ...]:
    """The diversions of the dpkg below ``root``. Raises InputError for a damaged list."""
    lines = _lines(root, DIVERSIONS)
    if len(lines) % 3:
        raise _damaged(DIVERSIONS)
    return tuple(
        Diversion(path.lstrip("/"), to.lstrip("/"), package)
        for path, to, package in zip(lines[::3], lines[1::3], lines[2::3], strict=True)
    )


def overrides(root: Root) -> Mapping[str, Override]:
    """The overrides of the dpkg below ``root``, by path. Raises InputError for a damaged list."""
    found: dict[str, Override] = {}
    for line in _lines(root, OVERRIDES):
        words = line.split(" ", 3)
        if len(words) != 4 or not re.fullmatch(r"[0-7]{1,5}", words[2]):  # noqa: PLR2004 - as many as it has
            raise _damaged(OVERRIDES)
        path = words[3].lstrip("/")
        found[path] = Override(path, words[0], words[1], int(words[2], 8))
    return found


def _configuration(root: Root) -> Iterator[str]:
    for name in root.names(_DIRECTORY):
        if _FILE_NAME.fullmatch(name):
            yield f"{_DIRECTORY}/{name}"
    yield from _FILES


def _filters_in(root: Root, path: str) -> Iterator[Filter]:
    for line in _lines(root, path):
        if (match := _OPTION.fullmatch(line)) is None:
            continue
        quoted = _QUOTED.fullmatch(match["value"])
        pattern = quoted["text"] if quoted else match["value"]
        setting = ManagerSetting(f"{match['name']}={pattern}", f"/{path}")
        yield Filter(pattern, match["name"] == "path-include", setting)


def _lines(root: Root, path: str) -> list[str]:
    real = root.real(path)
    status = root.lstat(real) if real is not None else None
    if status is None or status.kind is not Kind.FILE:
        return []
    text = read_installed(root, path).decode("utf-8", "surrogateescape")
    return text.split("\n")[: -1 if text.endswith("\n") else None]


def _damaged(name: str) -> InputError:
    return InputError(
        f"/{name} is not as dpkg writes it", hint="repair dpkg's database (dpkg --audit)"
    )
