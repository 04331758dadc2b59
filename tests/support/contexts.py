"""Contexts for rules, of trees whose files are at hand in memory."""

from __future__ import annotations

from collections.abc import Mapping

from samego.model.inputs import Context, Inputs
from samego.model.policy import UPSTREAM_LAYOUT
from samego.model.release import Release, Target
from support.archives import memory_tree


def context(
    distro: Mapping[str, bytes],
    upstream: Mapping[str, bytes],
    *,
    release: str = "go1.24.4",
    target: str = "linux-amd64",
) -> Context:
    """A context of two trees for a release and target, without policy or inputs."""
    return Context(
        release=Release.parse(release),
        target=Target.parse(target),
        policy=UPSTREAM_LAYOUT,
        inputs=Inputs(),
        distro=memory_tree(distro),
        upstream=memory_tree(upstream),
    )
