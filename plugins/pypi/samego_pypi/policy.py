"""The policy of one package: what every wheel has, and what its own file says, as data."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files

from samego.model.policy import Policy
from samego.model.policy_file import load_policy
from samego.model.release import Release, Target


def canonical(name: str) -> str:
    """A package's name as the index compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def policy_for(package: str, goroot: str, release: Release, target: Target) -> Policy:
    """The rules for a release as a package carries it at ``goroot``.

    A package of which nothing is known is upstream's own layout, and nothing added to it.
    """
    wheel = _load("policy.toml", release, target)
    own = files(__package__).joinpath(f"policies/{package}.toml")
    if re.fullmatch(r"[a-z0-9-]+", package) is None or not own.is_file():
        return replace(wheel, goroot=goroot)
    found = _load(f"policies/{package}.toml", release, target)
    return replace(found, goroot=goroot, layout=(*found.layout, *wheel.layout))


def _load(path: str, release: Release, target: Target) -> Policy:
    text = files(__package__).joinpath(path).read_text(encoding="utf-8")
    return load_policy(text, name=path, release=release, target=target)
