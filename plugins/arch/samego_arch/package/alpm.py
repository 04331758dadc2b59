"""pyalpm, imported when it is first needed, because it is an optional extra.

It is built against libalpm, pacman's library, which only Arch has by default. It gives a
package's identity and its list of files, reads pacman's database, and orders versions.
"""

from __future__ import annotations

import functools
import importlib
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from samego.errors import InputError, ToolError

HINT = (
    "on Arch install python-pyalpm; Debian has no package of it: install libalpm-dev,"
    " libarchive-dev, libcurl4-openssl-dev, libgpgme-dev and libssl-dev, and in a checkout of"
    " samego pip install '.[arch]'"
)


#: The keys of .PKGINFO that pacman acts on, and pyalpm's names of them.
_RELATIONS = {
    "depend": "depends",
    "optdepend": "optdepends",
    "provides": "provides",
    "conflict": "conflicts",
    "replaces": "replaces",
    "group": "groups",
    "backup": "backup",
}
#: Every handle, for as long as the process lives. libalpm writes to a package's handle (its
#: pm_errno) whenever the package is read or freed, and pyalpm does not keep the handle alive for
#: it: once the handle is released, libalpm would write to freed memory.
_HANDLES: list[Any] = []


@dataclass(frozen=True, slots=True)
class AlpmPackage:
    """What libalpm says of a package; ``files`` maps payload paths to (size, mode).

    ``builddate`` is in seconds since 1970. ``relations`` are by the keys of .PKGINFO.
    """

    name: str
    version: str
    architecture: str
    base: str
    builddate: int
    files: dict[str, tuple[int, int]]
    relations: dict[str, tuple[str, ...]] = field(default_factory=dict)


@functools.cache
def pyalpm() -> ModuleType:
    """The module. Raises ToolError, with how to get it, where it is not installed."""
    try:
        return importlib.import_module("pyalpm")
    except ImportError as error:
        raise ToolError(
            f"Arch's packages are read through pyalpm, which cannot be imported ({error})",
            hint=HINT,
        ) from error


def compare_versions(one: str, other: str) -> int:
    """Below, at or above 0 as ``one`` is older, the same or newer, epochs included."""
    return int(pyalpm().vercmp(one, other))


def load_package(path: Path, work: Path) -> AlpmPackage:
    """Read a package file through libalpm, which needs an empty system: it is made in ``work``.

    Raises InputError when libalpm refuses the file.
    """
    root = work / "alpm"
    (root / "db/local").mkdir(parents=True, exist_ok=True)
    return _described(_call(path.name, lambda: _handle(root, root / "db").load_pkg(str(path))))


def installed_package(root: Path, database: Path, name: str) -> AlpmPackage | None:
    """A package of pacman's local database, or None when it is not installed."""
    found = _call(str(database), lambda: _handle(root, database).get_localdb().get_pkg(name))
    return None if found is None else _described(found)


def _handle(root: Path, database: Path) -> Any:  # noqa: ANN401 - pyalpm has no types
    handle = pyalpm().Handle(str(root), str(database))
    _HANDLES.append(handle)
    return handle


def _call(name: str, action: Any) -> Any:  # noqa: ANN401 - pyalpm has no types
    error_class: type[Exception] = pyalpm().error
    try:
        return action()
    except (error_class, UnicodeDecodeError, OSError) as error:
        reason = error.args[0] if error.args else error
        raise InputError(
            f"libalpm cannot read {name} ({reason})", hint="get it again from its source"
        ) from error


def _described(package: Any) -> AlpmPackage:  # noqa: ANN401 - pyalpm has no types
    files = {str(name).rstrip("/"): (int(size), int(mode)) for name, size, mode in package.files}
    return AlpmPackage(
        str(package.name),
        str(package.version),
        str(package.arch),
        str(package.base),
        int(package.builddate),
        files,
        {key: _texts(getattr(package, name)) for key, name in _RELATIONS.items()},
    )


def _texts(values: Any) -> tuple[str, ...]:  # noqa: ANN401 - pyalpm has no types
    """A list's items as text. A backup file is a pair of path and sum: the path alone."""
    return tuple(str(value[0]) if isinstance(value, tuple) else str(value) for value in values)
