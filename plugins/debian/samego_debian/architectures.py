"""Debian's architectures in Go's words."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import tomli

from samego.errors import InputError
from samego.model.release import Target


@dataclass(frozen=True, slots=True)
class Architecture:
    """One Debian architecture: Go's target, its GNU type, and its own build settings."""

    name: str
    target: Target
    gnu: str
    settings: Mapping[str, str]


@functools.cache
def architectures() -> Mapping[str, Architecture]:
    """All architectures that Debian's Go packages are built for, by Debian's name."""
    text = files(__package__).joinpath("architectures.toml").read_text(encoding="utf-8")
    return {
        name: Architecture(
            name, Target.parse(row["target"]), row.get("gnu", ""), row.get("settings", {})
        )
        for name, row in tomli.loads(text).items()
    }


def architecture(name: str) -> Architecture:
    """The architecture of Debian's name ``name``.

    Raises InputError for one that Go is not built for, naming those that it is.
    """
    try:
        return architectures()[name]
    except KeyError as error:
        raise InputError(
            f"{name!r} is not a Debian architecture that Go is built for",
            hint="it is built for " + ", ".join(architectures()),
        ) from error


def of_target(target: Target) -> Architecture:
    """The Debian architecture of a target (armhf for linux-arm), for trees on disk."""
    found = [arch for arch in architectures().values() if arch.target == target]
    if not found:
        raise InputError(
            f"Debian builds no Go for {target}", hint="give the packages, or name --target"
        )
    return found[-1]


def compilers(host: Architecture) -> dict[str, str]:
    """The CC_FOR_ and CXX_FOR_ variables that goenv.sh computes when built on ``host``.

    One pair for each linux architecture that dpkg knows. Of Debian's two for Go's arm the
    table takes armhf, unless the build itself is for armel (goenv.sh, armArchForCC).
    """
    arm = host.name if host.target.goarch == "arm" else "armhf"
    table: dict[str, str] = {}
    for arch in architectures().values():
        if arch.target.goos != "linux" or (arch.target.goarch == "arm" and arch.name != arm):
            continue
        table[f"CC_FOR_linux_{arch.target.goarch}"] = f"{arch.gnu}-gcc"
        table[f"CXX_FOR_linux_{arch.target.goarch}"] = f"{arch.gnu}-g++"
    return table
