"""The policy of a registry's package that carries a toolchain.

The plugin's ``policy.toml`` holds for all packages, ``policies/NAME.toml`` for one of them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files

from samego.model.policy import Policy
from samego.model.policy_file import load_policy
from samego.model.release import Release, Target

_STEM = re.compile(r"[a-z0-9-]+", re.ASCII)


def policy_of(plugin: str, package: str, goroot: str, release: Release, target: Target) -> Policy:
    """The rules for a release as a package carries it at ``goroot``.

    ``plugin`` is the import package in which the policies lie, ``package`` the package's file name
    there. A package without a policy must have upstream's own layout, and nothing added to it.
    """

    def load(path: str) -> Policy:
        text = files(plugin).joinpath(path).read_text(encoding="utf-8")
        return load_policy(text, name=path, release=release, target=target)

    every = load("policy.toml")
    own = f"policies/{package}.toml"
    if _STEM.fullmatch(package) is None or not files(plugin).joinpath(own).is_file():
        return replace(every, goroot=goroot)
    found = load(own)
    return replace(found, goroot=goroot, layout=(*found.layout, *every.layout))
