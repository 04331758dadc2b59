"""The Debian plugin: packages, source packages, policy, and the mirror."""

from samego_debian.plugin import DISTRO

__all__ = ["DISTRO"]
