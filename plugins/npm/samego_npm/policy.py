"""The policy of one package: what every package has, and what its own file says, as data."""

from __future__ import annotations

import re

from samego.distro.package_policy import policy_of
from samego.model.policy import Policy
from samego.model.release import Release, Target


def policy_for(package: str, goroot: str, release: Release, target: Target) -> Policy:
    """The rules for a release as a package carries it at ``goroot``; ``@a/b`` is ``a-b.toml``."""
    match = re.fullmatch(r"(?:@([a-z0-9-]+)/)?([a-z0-9-]+)", package, re.ASCII)
    stem = "-".join(part for part in match.groups() if part) if match else ""
    return policy_of("samego_npm", stem, goroot, release, target)
