"""Upstream's file where no channel has it: built here, from upstream's own verified source.

Where a source states the file's checksum and the result has it, the file is upstream's like any
other. Where no source does, it is used only after the same steps have given what upstream posted
for this machine; and the report says that nobody confirms it.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from samego.config import REBUILD_CHANNEL, Config
from samego.errors import BuildError, ControlError, NetworkError, NotPostedError, SamegoError
from samego.model.release import Release, Target, archive_name, module_version
from samego.model.verification import Verification
from samego.rebuild.results import BootstrapResult, Rebuild, TargetResult, Verdict
from samego.system.host import host_target
from samego.system.progress import Progress
from samego.upstream.channels.interface import Posted
from samego.upstream.connect import connect

#: How a report says that a file was built here and that no source states its checksum.
UNCONFIRMED = "rebuilt here from upstream's source, confirmed by nobody"


def build_upstream(
    release: Release,
    target: Target,
    candidates: Iterable[Path],
    config: Config,
    progress: Progress,
) -> Posted:
    """Upstream's file of a release and target, built here.

    ``candidates`` may be the release's source archive. Raises BuildError when it cannot be
    built, ControlError when what came out proves nothing or is not what upstream posted, and
    what the channels raise for the source.
    """
    asked = replace(config, channel="")
    # Few checks build: the others do not load what does.
    building = importlib.import_module("samego.rebuild.run")
    options = building.RebuildOptions(
        release,
        (target,),
        source=_source(release, candidates, asked),
        control=True,
        config=asked,
    )
    try:
        done: Rebuild = building.rebuild(options, progress)
    except (NetworkError, NotPostedError) as error:
        raise _nothing_to_build(release, target, error) from error
    (bootstrap,) = done.bootstraps
    result = _result(release, target, bootstrap)
    if result.verdict is Verdict.REPRODUCED:
        return _confirmed(release, target, replace(config, channel=REBUILD_CHANNEL))
    return _unconfirmed(done, bootstrap, result)


def _nothing_to_build(release: Release, target: Target, error: SamegoError) -> SamegoError:
    """The error that no source or bootstrap can be had, in a check's own words.

    A check's --source is the distro's source package: a rebuild's hint would mislead.
    """
    network = "check the network, or " if isinstance(error, NetworkError) else ""
    return type(error)(
        f"no channel has {release} {target}, and it cannot be built here: {error.message}",
        hint=f"{network}name upstream's file with --upstream",
        tried=error.tried,
    )


def _source(release: Release, candidates: Iterable[Path], config: Config) -> str:
    """The verified source archive, of which whole archives are built; empty without one."""
    with connect(config) as (files, _):
        found = files.fetch_source(release, candidates).posted
    return str(found.path) if found is not None else ""


def _result(release: Release, target: Target, bootstrap: BootstrapResult) -> TargetResult:
    """What came of the target. Raises BuildError and ControlError."""
    if not bootstrap.targets:
        raise BuildError(
            f"upstream's {release} cannot be built here: {bootstrap.steps[-1].error}",
            hint="name upstream's file with --upstream",
        )
    (result,) = bootstrap.targets
    if result.products is None:
        raise BuildError(
            f"upstream's {release} cannot be built here for {target}: {result.error}",
            hint="name upstream's file with --upstream",
        )
    doubt = result.doubt
    if result.verdict is Verdict.DIFFERS:
        doubt = "what it gives is not what upstream posted"
    if doubt:
        raise ControlError(
            f"could not decide: no channel has upstream's {release} for {target}, and building it"
            f" here proves nothing: {doubt}",
            hint=f"'samego rebuild {release} --target {target}' says where it differs;"
            " else name upstream's file with --upstream",
        )
    return result


def _confirmed(release: Release, target: Target, config: Config) -> Posted:
    """The file that was kept because it is upstream's, with who says so."""
    with connect(config) as (files, _):
        return files.fetch(release, target).posted


def _unconfirmed(done: Rebuild, bootstrap: BootstrapResult, result: TargetResult) -> Posted:
    """The built file, with what it rests on."""
    assert result.products is not None  # noqa: S101 - _result refuses it
    release, target = done.release, result.target
    archive = archive_name(release, target)
    form = "archive" if archive in result.products.files else "module"
    name = archive if form == "archive" else f"{module_version(release, target)}.zip"
    product = result.products.files[name]
    built = Verification(
        UNCONFIRMED,
        f"source with sha256 {done.source.sha256}, built by {bootstrap.bootstrap.origin}; the same"
        f" steps give upstream's own {release} for {host_target()}",
    )
    return Posted(
        REBUILD_CHANNEL,
        form,
        release,
        target,
        name,
        product.path,
        product.sha256,
        (built, *(replace(way, how=f"its source: {way.how}") for way in done.source.verified)),
        confirmed=False,
    )
