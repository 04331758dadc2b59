"""A plugin for a distro that does not exist: what a third plugin needs, and no more."""

from .plugin import DISTRO

__all__ = ["DISTRO"]
