"""Modes, owners and extended attributes: what unpacking gives beside the bytes."""

from __future__ import annotations

from collections.abc import Iterator

from samego.goroot.tree import Entry
from samego.policy import Policy
from samego.rules.base import Proof
from samego.rules.layout import judge_mode

_DIRECTORY_MODE = 0o755
_ROOT = (0, 0)


def judge_permissions(
    path: str, distro: Entry, upstream: Entry | None, policy: Policy
) -> Iterator[tuple[str, Proof | None]]:
    """Each difference in mode, owner or attributes, with the proof that the policy gives.

    ``upstream`` is None for a directory: upstream's archives carry no directories, and an
    unpacker makes them 0755. Whoever unpacks a package as root must get root's files.
    Upstream's files have no extended attributes.
    """
    expected = _DIRECTORY_MODE if upstream is None else upstream.mode
    if distro.mode is not None and expected is not None and distro.mode != expected:
        proof = judge_mode(path, distro.mode, expected, policy)
        yield f"mode {distro.mode:04o}, upstream {expected:04o}", proof
    if distro.owner is not None and distro.owner != _ROOT:
        yield f"owned by uid {distro.owner[0]}, gid {distro.owner[1]}", None
    for name, value in distro.xattrs:
        yield f"has the extended attribute {name} ({len(value)} bytes), upstream none", None
