"""Arch's policy for one package version, from the data beside this module."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

from samego.model.policy import Policy, SettingsRule
from samego.model.policy_file import load_policy
from samego.model.release import Release
from samego_arch.architectures import Architecture
from samego_arch.version import ArchVersion


def policy_for(release: Release, version: ArchVersion, arch: Architecture) -> Policy:
    """The rules for a release as Arch builds it for ``arch`` in this package version."""
    policy = load_policy(
        files(__package__).joinpath("policy.toml").read_text(encoding="utf-8"),
        name="Arch's policy",
        release=release,
        target=arch.target,
        at_least=lambda text: version >= ArchVersion(text),
    )
    if not arch.settings:
        return policy
    own = SettingsRule(arch.settings, f"what {arch.name} is built for", arch.source)
    return replace(policy, settings=(own, *policy.settings))
