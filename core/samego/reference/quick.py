"""The quick reference build: upstream's posted toolchain compiles the package's sources.

A released Go names its tools by version, not by content, in what it builds: any toolchain
of the same release and source gives the bytes of make.bash's last stage. So no bootstrap
is needed: one ``go install cmd`` for the package's target does. Where the sources of the
compiler itself differ, it is built first, and the tools with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from samego.rebuild.box import box
from samego.rebuild.go_install import BuildPlace, go_install, stated_environment
from samego.rebuild.isolation import Built
from samego.rebuild.workspace import build_goroot
from samego.reference.job import (
    BuiltReference,
    ReferenceJob,
    changed_compilers,
    package_sources,
    take_out,
)
from samego.rules.generated.files import GENERATORS
from samego.rules.generated.settings import upstream_settings
from samego.rules.source_inputs import GENERATED

_COMPILERS = ("cmd/compile", "cmd/asm", "cmd/link")


@contextmanager
def build_quick(job: ReferenceJob) -> Iterator[BuiltReference]:
    """Build it; the GOROOT is removed when the context ends. Raises what run_build raises."""
    compilers = changed_compilers(job.context)
    twice = bool(compilers) or job.stages > 1
    foreign = (*compilers, *_installed_and_run(job))
    if not twice and not foreign:
        # Nothing of the package runs: upstream's tools read its sources.
        cache = job.caches / job.host.posted.sha256
        with build_goroot(job.toolchain, _sources(job), job.scratch / "work") as goroot:
            built = _install(
                job, job.settings.commands, BuildPlace(goroot, cache, job.scratch, job.log)
            )
            yield _outcome(job, goroot, [built])
        return
    # Build IDs name a released tool by its version: no cache must outlive a compiler.
    with box(job.scratch, job.toolchain, foreign) as boxed:
        root = boxed.writable if boxed else job.scratch
        with build_goroot(
            job.toolchain, _sources(job), root / "work", copies=boxed is not None
        ) as goroot:
            place = BuildPlace(goroot, root / "gocache", root, job.log, box=boxed)
            first = replace(place, cache=root / "gocache-first")
            stages = [_install(job, _COMPILERS, first, for_host=True)] if twice else []
            stages.append(_install(job, job.settings.commands, place))
            if boxed is not None:
                goroot = take_out(boxed, goroot, job, ())  # noqa: PLW2901 - where it is read
            yield _outcome(job, goroot, stages)


def _install(
    job: ReferenceJob, commands: Sequence[str], place: BuildPlace, *, for_host: bool = False
) -> Built:
    host, target = job.host.target, job.host.target if for_host else job.context.target
    extra = () if for_host else job.settings.extra
    source, values = job.context.upstream, job.settings.values
    return go_install(source, commands, place, host, target, values, extra)


def _outcome(job: ReferenceJob, goroot: Path, stages: Sequence[Built]) -> BuiltReference:
    context = job.context
    environment = stated_environment(
        context.upstream, job.host.target, context.target, job.settings.values
    )
    cpu = sum(each.cpu for each in stages)
    return BuiltReference(goroot, stages[-1].isolation, cpu, len(stages), environment)


def _installed_and_run(job: ReferenceJob) -> tuple[str, ...]:
    """The package's sources that may run before the build ends, though no compiler's differ.

    For this machine, go install puts each tool in place as soon as it is linked, and
    the rest is built with it, with whatever of the standard library it is made of. Generated
    sources that are what cmd/dist writes are settings and no code.
    """
    context, settings = job.context, job.settings
    if context.target != job.host.target:
        return ()
    own = {**upstream_settings(context.release, context.target), **settings.values}
    foreign = []
    for path, data in sorted(package_sources(context, settings).items()):
        generated = GENERATORS[path](own, context.release) if path in GENERATORS else None
        if generated is None or data != generated.encode("utf-8", "surrogateescape"):
            foreign.append(path)
    return tuple(foreign)


def _sources(job: ReferenceJob) -> dict[str, bytes | None]:
    """What is put in place of the toolchain's own sources."""
    return {**_of_target(job), **package_sources(job.context, job.settings)}


def _of_target(job: ReferenceJob) -> dict[str, bytes | None]:
    """The generated sources of upstream's target that are not those of the toolchain's own."""
    upstream, host = job.context.upstream, job.host.tree
    paths = [path for path in sorted(GENERATED) if path in upstream and path in host]
    others = [path for path in paths if upstream[path].sha256 != host[path].sha256]
    upstream.load(others)
    return {path: upstream.read(path) for path in others}
