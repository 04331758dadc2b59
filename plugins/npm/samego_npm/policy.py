"""The policy of one package: what every package has, and what its own file says, as data."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files

from samego.model.policy import Policy
from samego.model.policy_file import load_policy
from samego.model.release import Release, Target


def policy_for(package: str, goroot: str, release: Release, target: Target) -> Policy:
    """The rules for a release as a package carries it at ``goroot``.

    A package of which nothing is known is upstream's own layout, and nothing added to it.
    """
    base = _load("policy.toml", release, target)
    match = re.fullmatch(r"(?:@([a-z0-9-]+)/)?([a-z0-9-]+)", package, re.ASCII)
    stem = "-".join(part for part in match.groups() if part) if match else ""
    if not stem or not files(__package__).joinpath(f"policies/{stem}.toml").is_file():
        return replace(base, goroot=goroot)
    found = _load(f"policies/{stem}.toml", release, target)
    return replace(found, goroot=goroot, layout=(*found.layout, *base.layout))


def _load(path: str, release: Release, target: Target) -> Policy:
    text = files(__package__).joinpath(path).read_text(encoding="utf-8")
    return load_policy(text, name=path, release=release, target=target)
