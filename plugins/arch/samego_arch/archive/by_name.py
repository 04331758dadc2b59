"""Packages by name: ``arch:[extra/]go[=VERSION]`` from the mirror."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from samego.distro.interface import Request
from samego.distro.shipment import OpenShipment
from samego.errors import ConfigError, InputError, VerificationError
from samego.upstream.cache.blobs import Cache
from samego_arch.architectures import architecture
from samego_arch.archive.mirror import Store, find_mirror
from samego_arch.archive.spelling import SCHEME
from samego_arch.installed.toolchains import system_root
from samego_arch.package.package_file import PACKAGE
from samego_arch.package.shipment import open_package
from samego_arch.version import ArchVersion

REPOSITORY = re.compile(r"[a-z][a-z0-9-]*", re.ASCII)
_NAME = re.compile(
    rf"{SCHEME}(?:(?P<repository>{REPOSITORY.pattern})/)?{PACKAGE}(?:=(?P<version>[A-Za-z0-9.:_+~-]+))?",
    re.ASCII,
)
#: Arch's repository of Go; a testing repository is named by the user.
_REPOSITORY = "extra"
#: Arch's own architecture; that of a port is set in the configuration.
_ARCHITECTURE = "x86_64"


@dataclass(frozen=True, slots=True)
class Named:
    """A name taken apart; ``version`` is empty for the repository's newest."""

    repository: str
    version: str

    @classmethod
    def parse(cls, text: str) -> Named:
        """Read a name. Raises InputError for another spelling."""
        match = _NAME.fullmatch(text)
        if match is None:
            raise InputError(
                f"{text!r} does not name an Arch toolchain",
                hint="write arch:go or arch:extra-testing/go, with =VERSION if need be"
                " (arch:go=2:1.24.9-1)",
            )
        version = match["version"] or ""
        return cls(match["repository"] or _REPOSITORY, ArchVersion(version).text if version else "")


@contextmanager
def open_served(text: str, request: Request) -> Iterator[OpenShipment]:
    """Download a toolchain by name, and check it before it is read."""
    named = Named.parse(text)
    root = system_root(request.options)
    arch = architecture(wanted_architecture(request.options))
    mirror = find_mirror(request.options, root, named.repository, arch.name)
    with Cache(request.cache) as cache:
        store = Store(mirror, root, request, cache)
        found = store.fetch(named.repository, PACKAGE, named.version, arch.name)
        with open_package(found.path, request, found.notes) as shipment:
            shipped = shipment.subject.packages[0]
            if (shipped.version, shipped.architecture) != (
                found.file.version,
                found.file.architecture,
            ):
                raise VerificationError(
                    f"the mirror serves {shipped.version} {shipped.architecture} as {found.file}",
                    hint="use another mirror",
                )
            yield shipment


def wanted_architecture(options: Mapping[str, object]) -> str:
    """``architecture`` of the plugin's table, else Arch's own. Raises ConfigError."""
    value = options.get("architecture", _ARCHITECTURE)
    if not isinstance(value, str):
        raise ConfigError(
            f"architecture in the table [arch] is {value!r}", hint=f"write {_ARCHITECTURE}"
        )
    return value
