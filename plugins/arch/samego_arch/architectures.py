"""The architectures of Arch and of its ports, with Go's names of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from samego.errors import InputError
from samego.model.release import Target


@dataclass(frozen=True, slots=True)
class Architecture:
    """An architecture as makepkg spells it (CARCH), with what its Go is built with."""

    name: str
    target: Target
    settings: Mapping[str, str] = field(default_factory=dict)
    source: str = ""


def _linux(
    name: str, goarch: str, settings: Mapping[str, str] | None = None, source: str = ""
) -> tuple[str, Architecture]:
    return name, Architecture(name, Target("linux", goarch), settings or {}, source)


#: x86_64 is Arch itself; the others are Arch Linux ARM, Arch Linux RISC-V, Arch Linux 32 and
#: Loong Arch Linux, which build the same recipe with another GOARCH.
ARCHITECTURES: Mapping[str, Architecture] = dict(
    (
        _linux("x86_64", "amd64", {"GOAMD64": "v1"}, "PKGBUILD, build()"),
        _linux("aarch64", "arm64"),
        _linux("armv7h", "arm", {"GOARM": "7"}, "Arch Linux ARM's PKGBUILD, case $CARCH"),
        _linux("riscv64", "riscv64"),
        _linux("i686", "386"),
        _linux("loong64", "loong64"),
    )
)


def architecture(name: str) -> Architecture:
    """The architecture of this name. Raises InputError for one that Go is not built for."""
    try:
        return ARCHITECTURES[name]
    except KeyError as error:
        raise InputError(
            f"{name!r} is not an architecture that Arch or a port of it builds Go for",
            hint=f"these are {', '.join(ARCHITECTURES)}",
        ) from error


def of_target(target: Target) -> Architecture:
    """The architecture of a target, for trees on disk. Raises InputError for another one."""
    for arch in ARCHITECTURES.values():
        if arch.target == target:
            return arch
    raise InputError(f"Arch builds no Go for {target}", hint="name --target")
