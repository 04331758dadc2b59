"""Finding GOROOT in the files of a package that may hold anything beside it."""

from __future__ import annotations

import re

from samego.errors import InputError, NoToolchainError
from samego.model.tree import Kind, Tree

_TOOL = re.compile(r"(?P<goroot>(?:.*/)?)pkg/tool/[a-z0-9]+_[a-z0-9]+/[^/]+", re.ASCII | re.DOTALL)
#: How many are named in a message.
_SHOWN = 3


def goroots(tree: Tree) -> tuple[str, ...]:
    """The directories of a tree that hold VERSION and the tools of a toolchain, sorted."""
    found = {match["goroot"] for path in tree if (match := _TOOL.fullmatch(path)) is not None}
    return tuple(sorted(path.rstrip("/") for path in found if _is_file(tree, f"{path}VERSION")))


def only_goroot(tree: Tree) -> str:
    """The one GOROOT of a package.

    Raises NoToolchainError where there is none, InputError where there are several.
    """
    found = goroots(tree)
    if not found:
        raise NoToolchainError(
            f"{tree.name} holds no Go toolchain (no VERSION beside pkg/tool)",
            hint="name a package that carries a whole Go",
        )
    if len(found) > 1:
        named = ", ".join(found[:_SHOWN])
        raise InputError(
            f"{tree.name} holds {len(found)} toolchains ({named})",
            hint="unpack it, and name one of these directories",
        )
    return found[0]


def _is_file(tree: Tree, path: str) -> bool:
    entry = tree.get(path)
    return entry is not None and entry.kind is Kind.FILE
