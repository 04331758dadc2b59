"""``samego check`` of several toolchains that were named: one after the other, one summary.

What cannot be decided of one is that one's error, and the others go on.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from samego.check.every import Numbered, check_or_error
from samego.check.open_shipment import open_shipment, plugins_for, request_for
from samego.check.open_sides import SharedUpstream
from samego.check.options import CheckOptions
from samego.check.undecided import Undecided
from samego.distro.interface import Request, Shipment, recognise
from samego.distro.several import toolchains_named
from samego.errors import InputError
from samego.formats.archive.spool import Spool
from samego.formats.image.image import is_image
from samego.model.survey import Survey, Surveyed
from samego.report.words import subject_name
from samego.system.progress import Progress

#: What is looked through, in words.
NAMED = "what was named"


def groups_named(options: CheckOptions, work: Path, progress: Progress) -> list[tuple[str, ...]]:
    """What was named in groups of one toolchain each. Raises InputError and ConfigError."""
    request = request_for(options, work, progress)
    return toolchains_named(request, plugins_for(options))


def check_several(
    groups: Sequence[tuple[str, ...]],
    options: CheckOptions,
    work: Path,
    progress: Progress,
    undecided: Undecided | None = None,
) -> Survey:
    """Check one toolchain after the other (``undecided``: see samego.check.run.check).

    Raises KeyboardInterrupt where Ctrl-C came twice.
    """
    checked = []
    with contextlib.closing(Spool(work)) as spool:
        shared = SharedUpstream(spool)
        for number, what in enumerate(groups, start=1):
            numbered = Numbered(progress, f"{number} of {len(groups)}: {what[0]}")
            one = replace(options, what=what)
            request = request_for(one, work, numbered)
            checked.append(_check_one(one, request, shared, numbered, undecided))
    return Survey(NAMED, tuple(checked), (), version("samego"))


def _check_one(
    options: CheckOptions,
    request: Request,
    shared: SharedUpstream,
    progress: Progress,
    undecided: Undecided | None,
) -> Surveyed:
    report, error = check_or_error(
        lambda: _open(options, request), options, shared, progress, undecided
    )
    first, *others = options.what
    plugin = recognise(request, plugins_for(options))
    found = plugin.name if plugin is not None else "no package"
    claims = subject_name(report) if report is not None else ""
    return Surveyed("", first, tuple(others), found, claims, report, error)


def _open(options: CheckOptions, request: Request) -> contextlib.AbstractContextManager[Shipment]:
    if is_image(Path(options.what[0])):
        raise InputError(
            f"{options.what[0]} is a container image, which may hold several toolchains",
            hint="check it alone: samego check IMAGE",
        )
    return open_shipment(request, options, options.config)
