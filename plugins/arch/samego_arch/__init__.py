"""The Arch plugin: packages, recipes (PKGBUILD), policy, and the mirror."""

from samego_arch.plugin import DISTRO

__all__ = ["DISTRO"]
