"""The toolchain that pacman knows on a system, or one that lies where Arch puts it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path

from samego.distro.finders import Found, System
from samego.distro.interface import Request, Shipment
from samego.errors import InputError
from samego.formats.tree.root import Root, shown
from samego_arch.archive.pacman_conf import CONFIGURATION, DATABASE, PacmanConf
from samego_arch.installed import toolchains
from samego_arch.package.alpm import installed_package
from samego_arch.package.package_file import GOROOT, PACKAGE, VERSION_FILE

_RECORDS = (f"{DATABASE}/local/ALPM_DB_VERSION", f"{DATABASE}/local/{PACKAGE}-[0-9]*/*")
#: What would lead a reader of a copied pacman.conf to another file of this machine.
_LEADS_AWAY = re.compile(r"(Include|RootDir|DBPath|CacheDir|HookDir|GPGDir|LogFile)\b")
_DATABASE = re.compile(r"DBPath\s*=\s*(\S.*)")
_MOST_CONFIGURATION = 1 << 20


def find(system: System, request: Request) -> Iterator[Found]:
    """The toolchain, if there is one. Raises SamegoError where pacman's database is unreadable."""
    database = _database(system, request)
    if database is not None:
        found = installed_package(database, PacmanConf(database).database, PACKAGE)
        if found is not None:
            claims = f"{found.name} {found.version} {found.architecture}"
            yield Found(GOROOT, claims, partial(_open, database, system.root))
            return
    licences = system.root.real("usr/share/licenses/go")
    if licences is not None and system.root.real(VERSION_FILE) is not None:
        claims = "where Arch puts Go; pacman knows no package"
        yield Found(GOROOT, claims, partial(toolchains.open_directory, system.root))


def _database(system: System, request: Request) -> Path | None:
    """Where pacman's database can be read; None where pacman installed nothing."""
    if system.own:
        root = toolchains.system_root(request.options)
        return root if toolchains.has_database(root) else None
    text = _configuration(system.root)
    for match in map(_DATABASE.fullmatch, text):
        if match is not None and match[1].strip().strip("/") != DATABASE:
            raise InputError(
                f"{shown(system.root, CONFIGURATION)} has pacman's database at {match[1]!r}",
                hint="check that toolchain alone, with its package file",
            )
    database = system.database("pacman", _RECORDS)
    if database is not None and text:
        copy = database / CONFIGURATION
        copy.parent.mkdir(parents=True, exist_ok=True)
        kept = [line for line in text if not _LEADS_AWAY.match(line)]
        copy.write_text("\n".join(kept), encoding="utf-8")
    return database


def _configuration(root: Root) -> list[str]:
    if root.real(CONFIGURATION) is None:
        return []
    text = root.read(CONFIGURATION, _MOST_CONFIGURATION).decode("utf-8", "replace")
    return [line.partition("#")[0].strip() for line in text.splitlines()]


def _open(database: Path, root: Root, request: Request) -> AbstractContextManager[Shipment]:
    named = replace(request, what=(PACKAGE,), installed=True)
    return toolchains.open_installed(database, named, root)
