"""The module form of a toolchain: the zip of golang.org/toolchain.

cmd/distpack/pack.go makes it from the binary archive: every path gets the prefix
``golang.org/toolchain@VERSION/``, each ``go.mod`` is renamed ``_go.mod``, and the
directories api, doc, misc and test are left out. Modes are not carried.
"""

from __future__ import annotations

from collections.abc import Mapping

from samego.errors import InputError
from samego.release import TOOLCHAIN_MODULE


def goroot_path(member: str) -> str:
    """The path below GOROOT of a member's path below the module's prefix."""
    directory, slash, name = member.rpartition("/")
    return f"{directory}{slash}go.mod" if name == "_go.mod" else member


def module_prefix(names: Mapping[str, object], *, name: str) -> str:
    """The common prefix ``golang.org/toolchain@VERSION/`` of a module zip's members.

    Raises InputError when the zip is of another module or of several versions.
    """
    first = next(iter(names), "")
    prefix = first[: first.find("/", len(TOOLCHAIN_MODULE)) + 1]
    if not prefix.startswith(f"{TOOLCHAIN_MODULE}@"):
        raise InputError(
            f"{name} is not a zip of {TOOLCHAIN_MODULE}",
            hint="give the .zip that go.dev/dl/mod or a module proxy serves",
        )
    return prefix
