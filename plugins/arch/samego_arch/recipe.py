"""stub"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from samego.rules.base import Patch
from samego_arch.buildinfo import BuildInfo
from samego_arch.version import ArchVersion


@dataclass(frozen=True)
class Recipe:
    """A recipe."""

    origin: str
    settings: dict[str, str] = field(default_factory=dict)
    patches: tuple[Patch, ...] = ()
    notes: tuple[str, ...] = ()
    complete: bool = True
    source_archive: Path | None = None


def find_recipe(
    given: Path | None,
    directories: tuple[Path, ...],
    build: BuildInfo | None,
    version: ArchVersion,
) -> Recipe | None:
    """None yet."""
    return None
