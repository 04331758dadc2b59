"""Every toolchain that dpkg knows on a system, and those that lie where Debian puts them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path

from samego.distro.finders import Found, System
from samego.distro.interface import Request, Shipment
from samego.formats.tree.matching import matches
from samego.formats.tree.root import Root
from samego_debian.installed import toolchains

#: What dpkg-query reads of dpkg's database (dpkg(1), FILES), of the packages that hold a Go.
DATABASE = (
    "var/lib/dpkg/status",
    "var/lib/dpkg/updates/*",
    "var/lib/dpkg/arch",
    "var/lib/dpkg/info/format",
    "var/lib/dpkg/info/golang-1.*",
)
_UNPACKED = "usr/lib/go-1.*/VERSION"
_GOROOT = re.compile(r"usr/lib/go-1\.\d{1,3}", re.ASCII)


def find(system: System) -> Iterator[Found]:
    """Each toolchain. Raises SamegoError where dpkg-query fails."""
    known = set()
    if not system.own or shutil.which("dpkg-query") is not None:
        database = system.database("dpkg", DATABASE)
        if database is not None:
            for line, claims in toolchains.installed(database):
                goroot = f"usr/lib/go-{line}"
                known.add(goroot)
                opening = partial(_open, database, system.root, f"golang-{line}")
                yield Found(goroot, claims, opening)
    for path in matches(system.root, _UNPACKED, lambda _path, _error: None):
        goroot = path.rpartition("/")[0]
        if _GOROOT.fullmatch(goroot) and goroot not in known:
            yield Found(
                goroot,
                "where Debian puts Go; dpkg knows no package",
                partial(toolchains.open_directory, system.root, goroot),
            )


def _open(
    database: Path, root: Root, name: str, request: Request
) -> AbstractContextManager[Shipment]:
    named = replace(request, what=(name,), installed=True)
    return toolchains.open_installed(database, named, root)
