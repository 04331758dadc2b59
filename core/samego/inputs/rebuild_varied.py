"""A rebuild in varied surroundings: ``samego rebuild --vary``.

What is built is held against upstream's files as any rebuild is. Where it differs, a build in
plain surroundings tells whether what was varied is to blame.
"""

from __future__ import annotations

import time
from dataclasses import replace
from importlib.metadata import version

from samego.errors import BuildError, InputError
from samego.inputs.compare_builds import BuildComparer, products_of
from samego.inputs.experiment import Experiment, check_sandbox
from samego.inputs.kept import bound
from samego.inputs.surroundings import Surroundings
from samego.inputs.table import table
from samego.inputs.variation import variations, with_required
from samego.inputs.workshop import InputsOptions, Workshop
from samego.model.release import Target
from samego.rebuild.bootstrap import Bootstrap
from samego.rebuild.results import BootstrapResult, Rebuild, TargetResult, Verdict
from samego.rebuild.run import RebuildOptions
from samego.rebuild.targets import Products, check_targets
from samego.system.host import host_target
from samego.system.progress import Progress
from samego.upstream.connect import connect

#: What the user chooses is not varied.
_BOOTSTRAP = "bootstrap"


def rebuild_varied(options: RebuildOptions, progress: Progress) -> Rebuild:
    """Rebuild a release with each bootstrap, with all else varied, and compare every file.

    Raises InputError for what cannot be done so, and what a rebuild raises.
    """
    began = time.monotonic()
    if options.every_target or options.jobs > 1 or options.output is not None:
        raise InputError(
            "a varied rebuild builds each target from the start, by itself, and delivers nothing",
            hint="name the targets, without --jobs and -o",
        )
    check_sandbox(Surroundings(frozenset()))
    with connect(options.config, progress=progress) as (upstream, opener):
        workshops = [
            Workshop(_options(options, name), progress, opener, upstream)
            for name in options.bootstraps
        ]
        source = workshops[0].source()
        targets = tuple(dict.fromkeys(options.targets)) or (host_target(),)
        check_targets(source, targets)
        results = tuple(_with(workshop, targets) for workshop in workshops)
        notes = [source.note] if source.note else []
        if any(each.verdict is Verdict.DIFFERS for each in results):
            notes.append(f"'samego inputs {options.release}' finds what changes the bytes")
        bound(options.config.cache_directory)
        return Rebuild(
            release=options.release,
            source=source.posted,
            complete=source.complete,
            bootstraps=results,
            notes=tuple(notes),
            seconds=time.monotonic() - began,
            version=version("samego"),
        )


def _options(options: RebuildOptions, bootstrap: str) -> InputsOptions:
    return InputsOptions(
        options.release,
        source=options.source,
        bootstraps=(bootstrap, ""),
        without=frozenset({_BOOTSTRAP}),
        config=options.config,
    )


def _with(workshop: Workshop, targets: tuple[Target, ...]) -> BootstrapResult:
    bootstrap = workshop.plain_bootstrap
    _check(bootstrap, workshop)
    return BootstrapResult(bootstrap, (), tuple(_target(workshop, each) for each in targets))


def _check(bootstrap: Bootstrap, workshop: Workshop) -> None:
    """Refuse what would take a chain of builds. Raises InputError."""
    release = workshop.options.release
    if bootstrap.version is None or bootstrap.version < release.minimum_bootstrap:
        raise InputError(
            f"{bootstrap.origin} cannot build {release} in one step",
            hint=f"name a bootstrap from {release.minimum_bootstrap} on",
        )


def _target(workshop: Workshop, target: Target) -> TargetResult:
    """One target, built with everything varied that can be."""
    release = workshop.options.release
    unavailable = {**workshop.unavailable, _BOOTSTRAP: "it is the one that was asked for"}
    names = with_required(name for name in variations() if name not in unavailable)
    plain = workshop.look(target)
    workshop.progress.stage(f"building {release} for {target}, with {len(names)} things varied")
    try:
        varied = workshop.build(target, names, None)
    except BuildError as error:
        rows = table(unavailable, plain.seen, None)
        return TargetResult(target, (), None, error.message, variations=rows)
    result = replace(
        _compared(workshop, target, varied), variations=table(unavailable, plain.seen, varied)
    )
    if result.verdict is not Verdict.DIFFERS:
        return result
    workshop.progress.stage(f"building {release} for {target}, as the control")
    return replace(result, doubt=_doubt(workshop, target))


def _doubt(workshop: Workshop, target: Target) -> str:
    """Why a difference does not speak against what was posted; empty where it does."""
    try:
        plain = _compared(workshop, target, workshop.build(target, frozenset(), None))
    except BuildError as error:
        return f"in plain surroundings it does not build ({error.message})"
    if plain.verdict is Verdict.REPRODUCED:
        return ""
    return "what is built in plain surroundings is not what was posted either"


def _compared(workshop: Workshop, target: Target, build: Experiment) -> TargetResult:
    comparer = BuildComparer(
        workshop.options.release,
        target,
        "",
        workshop.upstream,
        workshop.opener,
        workshop.directory,
        workshop.posted_tree,
    )
    products = Products(target, products_of(build), build.wall, build.cpu, build.fresh)
    return TargetResult(target, comparer.files(build), products, "")
