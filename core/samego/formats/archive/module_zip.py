"""The module form of a toolchain: the zip of golang.org/toolchain.

cmd/distpack/pack.go makes it from the binary archive: every path gets the prefix
``golang.org/toolchain@VERSION/``, each ``go.mod`` is renamed ``_go.mod``, and the
directories api, doc, misc and test are left out. Modes are not carried.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from samego.errors import InputError
from samego.model.release import TOOLCHAIN_MODULE

_EXECUTABLE_SUFFIXES = (".bash", ".sh", ".pl", ".rc")
#: ``**/go_?*_?*_exec``: the wrappers that run tests on other systems.
_EXEC_WRAPPER = re.compile(r"(?:.*/)?go_[^/]+_[^/]+_exec", re.DOTALL)


def posted_mode(path: str) -> int:
    """The mode that upstream's binary archives give a path below GOROOT.

    It depends on the name alone: cmd/distpack/pack.go, func mode (go1.21 to go1.27).
    """
    if (
        path.startswith(("bin/", "pkg/tool/"))
        or path.endswith(_EXECUTABLE_SUFFIXES)
        or _EXEC_WRAPPER.fullmatch(path)
    ):
        return 0o755
    return 0o644


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
