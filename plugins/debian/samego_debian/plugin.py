"""Debian's plugin: what it recognises, and its services. Quick to import."""

from __future__ import annotations

import importlib
import re
import shutil
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from samego.distro.finders import Found, System
from samego.distro.interface import Hook, PluginCommand, Request, Shipment
from samego_debian.archive.spelling import (
    BARE_NAME,
    PACKAGE_SUFFIX,
    RECORD_SUFFIXES,
    SCHEME,
    SOURCE_SUFFIX,
)
from samego_debian.integrations.hooks import HOOKS

_AR = b"!<arch>\ndebian-binary"
_GOROOT = re.compile(r"(?:.*/)?usr/lib/go-1\.\d{1,3}/?", re.DOTALL)


class DebianDistro:
    """Debian and what is built like it (the core's Distro protocol)."""

    name = "debian"
    commands: tuple[PluginCommand, ...] = (
        PluginCommand(
            "debrebuild",
            "rebuild packages with debrebuild and compare them with the shipped ones",
            "samego_debian.integrations.debrebuild",
        ),
        PluginCommand(
            "preflight",
            "say what blocks an upload: the own check, rebuilderd's verdict, debaudit's",
            "samego_debian.integrations.preflight",
        ),
        PluginCommand(
            "debian",
            "run rebuilderd-worker's own backend, then check what it built of a golang-1.N",
            "samego_debian.integrations.rebuilderd_backend",
            backend=True,
        ),
    )
    hooks: tuple[Hook, ...] = HOOKS

    def recognises(self, request: Request) -> bool:
        """Whether all that was named is Debian's.

        Packages and records by extension (so that a missing or damaged one gets its own
        error) or by their first bytes; ``debian:`` names; a GOROOT where Debian puts it, a
        directory of packages; a bare name, to say how it is meant; ``--installed`` where dpkg is.
        """
        if request.installed:
            return shutil.which("dpkg-query") is not None
        return bool(request.what) and all(_is_ours(what) for what in request.what)

    def open(self, request: Request) -> AbstractContextManager[Shipment]:
        """Open what was named. Raises SamegoError with what to do."""
        # Imported here: the readers take time that --help does not have.
        opening = importlib.import_module("samego_debian.open_forms")
        opened: AbstractContextManager[Shipment] = opening.open_request(request)
        return opened

    def source_in(self, path: Path) -> Path | None:
        """The orig tarball of a .dsc (the core's HasSourcePackages protocol)."""
        if not path.name.endswith(".dsc"):
            return None
        reader = importlib.import_module("samego_debian.source.orig")
        orig: Path = reader.orig_of(path)
        return orig

    def builds(self, what: Sequence[str]) -> Iterable[tuple[str, ...]]:
        """Which of these are of one build (the core's TellsBuildsApart protocol)."""
        module = importlib.import_module("samego_debian.package.builds")
        builds: Iterable[tuple[str, ...]] = module.builds(what)
        return builds

    def toolchains(self, system: System, request: Request) -> Iterable[Found]:
        """Each toolchain that dpkg knows on a system (the core's FindsToolchains protocol)."""
        del request
        finder = importlib.import_module("samego_debian.installed.finder")
        found: Iterable[Found] = finder.find(system)
        return found


def _is_ours(what: str) -> bool:
    if what.startswith(SCHEME):
        return True
    path = Path(what)
    if path.suffix in (PACKAGE_SUFFIX, SOURCE_SUFFIX, *RECORD_SUFFIXES):
        return True
    try:
        if path.is_dir():
            return (
                _GOROOT.fullmatch(str(path.resolve())) is not None
                or any(path.glob("usr/lib/go-1.*/VERSION"))
                or _holds_packages(path)
            )
        if BARE_NAME.fullmatch(what) and not path.exists():
            return True
        with path.open("rb") as file:
            return file.read(len(_AR)) == _AR
    except OSError:
        return False


def _holds_packages(path: Path) -> bool:
    """Whether a directory is one of packages, and no toolchain."""
    return not (path / "VERSION").exists() and any(path.glob(f"golang-1.*{PACKAGE_SUFFIX}"))


DISTRO = DebianDistro()
