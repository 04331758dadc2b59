"""The home directories of a system, and the directories that its settings of Go name."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence

from samego.distro.finders import System
from samego.formats.tree.matching import Refused, matches
from samego.formats.tree.root import Root
from samego.machine.places import Places
from samego.model.tree import Kind

_PASSWD = "etc/passwd"  # noqa: S105 - a path
_MOST_PASSWD = 8 << 20
#: How many accounts are read.
_MOST_HOMES = 10_000
_HOME_FIELD = 5
#: What ``go env -w`` writes, below a home directory (os.UserConfigDir of Go).
_GO_ENV = (".config/go/env", "Library/Application Support/go/env")
_MOST_GO_ENV = 1 << 20
_SETTING = re.compile(r"([A-Z][A-Z0-9_]*)=(.*)")
#: Variables that hold several directories.
_LISTS = {"GOPATH", "PATH"}


def values_for(system: System, places: Places, refused: Refused) -> Mapping[str, Sequence[str]]:
    """The values of each placeholder of the places, absolute paths in their order, once each."""
    values: dict[str, list[str]] = {name: [] for name in (*places.variables, "PATH")}
    for name, value in system.variables.items():
        if name in values:
            values[name] += _paths(name, value)
    homes = _homes(system, refused)
    for home in homes:
        for name, value in _go_env(system.root, home, refused):
            if name in values and name != "PATH":
                values[name] += _paths(name, value)
    values["PATH"] += [f"/{path}" for path in places.path]
    values["home"] = homes
    return {name: tuple(dict.fromkeys(found)) for name, found in values.items()}


def _homes(system: System, refused: Refused) -> list[str]:
    """Every existing home directory: of the accounts, below /home, and the caller's."""
    found = [system.variables.get("HOME", "")]
    try:
        text = system.root.read(_PASSWD, _MOST_PASSWD).decode("utf-8", "replace")
    except FileNotFoundError:
        text = ""
    except OSError as error:
        refused(_PASSWD, error)
        text = ""
    for line in text.splitlines()[:_MOST_HOMES]:
        fields = line.split(":")
        found += fields[_HOME_FIELD : _HOME_FIELD + 1]
    found += [f"/{path}" for path in matches(system.root, "home/*", refused)]
    found.append("/root")
    real: dict[str, str] = {}
    for home in dict.fromkeys(found):
        if home.strip("/") and home.startswith("/"):
            with _refusing(home, refused):
                place = system.root.real(home)
                status = system.root.lstat(place) if place else None
                if place and status is not None and status.kind is Kind.DIRECTORY:
                    # A home that cannot be entered is reported once, not once for each place.
                    system.root.lstat(f"{place}/.config")
                    real.setdefault(place, f"/{place}")
    return list(real.values())


def _go_env(root: Root, home: str, refused: Refused) -> Iterator[tuple[str, str]]:
    for name in _GO_ENV:
        path = f"{home.strip('/')}/{name}"
        with _refusing(path, refused):
            if root.real(path) is None:
                continue
            text = root.read(path, _MOST_GO_ENV).decode("utf-8", "replace")
            for line in text.splitlines():
                if match := _SETTING.fullmatch(line.strip()):
                    yield match[1], match[2]


def _paths(name: str, value: str) -> list[str]:
    """The absolute directories of a variable; relative ones are ignored."""
    parts = value.split(":") if name in _LISTS else [value]
    return [part for part in parts if part.startswith("/") and "\0" not in part]


@contextlib.contextmanager
def _refusing(path: str, refused: Refused) -> Iterator[None]:
    """Report an OSError of the block for this path, and go on."""
    try:
        yield
    except OSError as error:
        refused(path, error)
