"""This machine, in Go's words."""

from __future__ import annotations

import platform

from samego.errors import NotPostedError
from samego.model.release import Target

#: GOARCH by the kernel's name of the machine (uname -m).
_MACHINES = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "i686": "386",
    "armv6l": "arm",
    "armv7l": "arm",
    "ppc64le": "ppc64le",
    "riscv64": "riscv64",
    "s390x": "s390x",
    "loongarch64": "loong64",
}


def host_target() -> Target:
    """The target that this machine runs.

    Raises NotPostedError for a machine that upstream posts no toolchain for.
    """
    machine = platform.machine()
    if platform.system() != "Linux" or machine not in _MACHINES:
        raise NotPostedError(
            f"upstream's toolchain for this machine ({platform.system()} {machine}) is unknown",
            hint="name one with --target, or use another machine: the result does not depend on it",
        )
    return Target("linux", _MACHINES[machine])
