"""samego's plugin for npm packages that carry a Go toolchain."""

from samego_npm.plugin import DISTRO

__all__ = ["DISTRO"]
