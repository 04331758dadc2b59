"""samego's plugin for Python wheels that carry a Go toolchain."""

from samego_pypi.plugin import DISTRO

__all__ = ["DISTRO"]
