"""What a check is asked to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from samego.config import Config, load_config
from samego.model.proof import Standing
from samego.model.release import Release, Target
from samego.model.waiver import Waiver
from samego.reference.job import ReferenceKind


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """What to check, against what, and what passes. See ``samego check --help``.

    ``source_places`` and ``tree`` are those of :class:`samego.distro.interface.Request`.
    ``go_env`` is whether the go.env of what is checked may name a module proxy where nothing else
    does. ``waivers_file`` is the file of waivers that was named for this check: those of the
    configuration apply by themselves wherever its owner asks again. ``asked`` are the words that a
    report repeats in commands, where ``what`` and the like do not say it. ``beside`` are the
    releases of other toolchains on the machine.
    """

    what: tuple[str, ...]
    installed: bool = False
    release: Release | None = None
    target: Target | None = None
    upstream: Path | None = None
    source: Path | None = None
    source_places: tuple[Path, ...] | None = None
    tree: Path | None = None
    distro: str = ""
    allow_unverified: bool = False
    rebuild: ReferenceKind | None = None
    waive: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    waivers_file: Path | None = None
    required: Standing = Standing.EXPLAINED
    unpatched: bool = False
    go_env: bool = True
    asked: tuple[str, ...] = ()
    beside: tuple[Release, ...] = ()
    config: Config = field(default_factory=load_config)
