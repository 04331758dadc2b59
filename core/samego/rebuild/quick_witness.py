"""The quick witness: upstream's posted toolchain compiles the package's sources.

A released Go names its tools by version, not by content, in what it builds: any toolchain
of the same release and source gives the bytes of make.bash's last stage. So no bootstrap
is needed: one ``go install cmd`` for the package's target does. Where the sources of the
compiler itself differ, it is built first, and the tools with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from samego.rebuild.go_install import Place, go_install, stated_environment
from samego.rebuild.witness_job import Job, Outcome, changed_compilers, package_sources
from samego.rebuild.workspace import build_goroot
from samego.rules.source_inputs import GENERATED

_COMPILERS = ("cmd/compile", "cmd/asm", "cmd/link")


@contextmanager
def build_quick(job: Job) -> Iterator[Outcome]:
    """Build it; the GOROOT is removed when the context ends. Raises what run_build raises."""
    context, host, settings = job.context, job.host.target, job.settings.values
    sources = {**_of_target(job), **package_sources(context, job.settings)}
    changed = bool(changed_compilers(context)) or job.stages > 1
    cpu = 0.0
    # Build IDs name a released tool by its version: a cache must not outlive a compiler.
    cache = job.scratch / "gocache" if changed else job.caches / job.host.posted.sha256
    with build_goroot(job.toolchain, sources, job.scratch / "work") as goroot:
        place = Place(goroot, cache, job.scratch, job.log)
        if changed:
            first = replace(place, cache=job.scratch / "gocache-first")
            built = go_install(context.upstream, _COMPILERS, first, host, host, settings)
            cpu += built.cpu
        built = go_install(context.upstream, ("cmd",), place, host, context.target, settings)
        stages = 2 if changed else 1
        environment = stated_environment(context.upstream, host, context.target, settings)
        yield Outcome(goroot, built.isolation, cpu + built.cpu, stages, environment)


def _of_target(job: Job) -> dict[str, bytes | None]:
    """The generated sources of upstream's target that are not those of the toolchain's own."""
    upstream, host = job.context.upstream, job.host.tree
    paths = [path for path in sorted(GENERATED) if path in upstream and path in host]
    others = [path for path in paths if upstream[path].sha256 != host[path].sha256]
    upstream.load(others)
    return {path: upstream.read(path) for path in others}
