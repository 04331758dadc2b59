"""The policy of one package: what every wheel has, and what its own file says, as data."""

from __future__ import annotations

import re

from samego.distro.package_policy import policy_of
from samego.model.policy import Policy
from samego.model.release import Release, Target


def canonical(name: str) -> str:
    """A package's name as the index compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def policy_for(package: str, goroot: str, release: Release, target: Target) -> Policy:
    """The rules for a release as a package carries it at ``goroot``."""
    return policy_of("samego_pypi", package, goroot, release, target)
