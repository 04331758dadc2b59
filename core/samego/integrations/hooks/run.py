"""What an installed hook does: check what was built, keep the report, and say so in two lines.

A hook runs in whatever environment a build has: as root in a chroot, without a home or a
network, below a directory that is read only. It writes to the directory of reports and to
one cache, and nowhere else.
"""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from samego.check.options import CheckOptions
from samego.check.run import check
from samego.compare.verdict import BARS, bar_of
from samego.compare.waiver_file import read_waivers
from samego.config import Config
from samego.distro.interface import Hook
from samego.errors import ConfigError, NoToolchainError, ReportsDirectoryError
from samego.integrations.hooks.registry import find
from samego.model.proof import Standing
from samego.model.waiver import Waiver
from samego.reference.job import ReferenceKind
from samego.report.headline import headline
from samego.report.reports_directory import keep
from samego.report.summary import Summary
from samego.system.progress import Progress

#: The worst standing that lets a build go on; where it is not set, nothing stops one.
ENFORCE = "SAMEGO_ENFORCE"
#: 1: have executables proven by a rebuild, which takes minutes unless its result is cached.
REBUILD = "SAMEGO_REBUILD"
#: Where the reports go.
SPOOL = "SAMEGO_SPOOL"
DEFAULT_SPOOL = Path("/var/lib/samego/reports")
#: The cache of a hook that root runs: root's home may be read only, or none at all.
SYSTEM_CACHE = Path("/var/cache/samego")
_SWITCH = {
    "": None,
    "0": None,
    "1": ReferenceKind.QUICK,
    **{kind.value: kind for kind in ReferenceKind},
}


@dataclass(frozen=True, slots=True)
class HookOutcome:
    """The lines to print, and whether what was checked passes (None: nothing was checked)."""

    lines: tuple[str, ...]
    passes: bool | None


def enforced(environ: Mapping[str, str]) -> str | None:
    """What SAMEGO_ENFORCE requires (as --require does), or None where nothing is enforced.

    Raises ConfigError for another value: a misspelled word must not let everything pass.
    """
    value = environ.get(ENFORCE, "")
    if not value:
        return None
    if value not in BARS:
        raise ConfigError(
            f"{ENFORCE} is {value!r}", hint=f"set it to {', '.join(BARS)}, or unset it"
        )
    return value


def run(
    name: str,
    options: CheckOptions,
    environ: Mapping[str, str],
    progress: Progress,
    *,
    program: str = "samego",
) -> HookOutcome:
    """Check what a hook was called for, and keep the report.

    Files without a Go toolchain are skipped. ``program`` is how a user starts samego
    there (shell-quoted). Raises SamegoError for what could not be
    decided; the second line says where the report is, or why it was not kept.
    """
    registered = find(name)
    required, unpatched = bar_of(enforced(environ) or Standing.EXPLAINED.value)
    own = _own_waivers(registered.hook, options)
    options = replace(
        options,
        distro=registered.distro,
        rebuild=rebuilds(environ),
        required=required,
        unpatched=unpatched,
        waivers=_waivers(own, options.config),
        waivers_file=own,
    )
    try:
        with _cache(options) as directory:
            report = check(_keeping_in(directory, options), progress)
    except NoToolchainError as error:
        return HookOutcome((f"{error.message}: skipped",), None)
    spool = Path(environ.get(SPOOL, "") or DEFAULT_SPOOL)
    try:
        kept = keep(report, spool)
    except ReportsDirectoryError as error:
        second = f"warning: {error}"
    else:
        second = f"the report: {program} explain {shlex.quote(str(kept))}"
    summary = Summary(report)
    return HookOutcome((headline(summary), second), summary.passes)


def _own_waivers(hook: Hook, options: CheckOptions) -> Path | None:
    """The file of waivers in the source tree that is built; None where there is none."""
    if not hook.waivers or options.tree is None:
        return None
    path = options.tree / hook.waivers
    return path if os.path.lexists(path) else None


def _waivers(own: Path | None, config: Config) -> tuple[Waiver, ...]:
    """The user's waivers, and those of the source tree that is built. Raises InputError."""
    found = read_waivers(config.waivers) if config.waivers is not None else ()
    return (*found, *read_waivers(own, follow=False)) if own is not None else found


def rebuilds(environ: Mapping[str, str]) -> ReferenceKind | None:
    """The rebuild that SAMEGO_REBUILD asks for, if any. Raises ConfigError for another value."""
    value = environ.get(REBUILD, "")
    if value not in _SWITCH:
        raise ConfigError(f"{REBUILD} is {value!r}", hint="set it to quick, full or 0")
    return _SWITCH[value]


def _keeping_in(directory: Path, options: CheckOptions) -> CheckOptions:
    return replace(options, config=replace(options.config, cache_directory=directory))


@contextmanager
def _cache(options: CheckOptions) -> Iterator[Path]:
    """The cache directory: what the user chose, root's own, the user's, or one for this run."""
    chosen = options.config.cache_directory
    default = Config().cache_directory
    if chosen != default:
        yield chosen
        return
    for candidate in (SYSTEM_CACHE, default):
        if _usable(candidate, default):
            yield candidate
            return
    with tempfile.TemporaryDirectory(prefix="samego-cache-") as name:
        yield Path(name)


def _usable(directory: Path, user_cache: Path) -> bool:
    """Whether a cache can be kept there, without making up a home that does not exist."""
    if directory == user_cache:
        above = directory.parent  # ~/.cache, which may be missing where ~ is there
        if not (directory.is_absolute() and (above.is_dir() or above.parent.is_dir())):
            return False
    elif os.geteuid() != 0:
        return False
    try:
        directory.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(directory, os.W_OK | os.X_OK)
