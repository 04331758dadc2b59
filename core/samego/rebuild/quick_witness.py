"""The quick witness: upstream's posted toolchain compiles the package's sources.

A released Go names its tools by version, not by content, in what it builds: any toolchain
of the same release and source gives the bytes of make.bash's last stage. So no bootstrap
is needed: one ``go install cmd`` for the package's target does. Where the sources of the
compiler itself differ, it is built first, and the tools with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from samego.rebuild.isolation import Build, run_build
from samego.rebuild.recipe import build_environment
from samego.rebuild.witness_job import Job, Outcome, changed_compilers, package_sources
from samego.rebuild.workspace import build_goroot

_COMPILERS = ("cmd/compile", "cmd/asm", "cmd/link")


@contextmanager
def build_quick(job: Job) -> Iterator[Outcome]:
    """Build it; the GOROOT is removed when the context ends. Raises what run_build raises."""
    context = job.context
    sources = package_sources(context, job.settings)
    environment = build_environment(job.settings.values, context.upstream, context.target)
    changed = bool(changed_compilers(context))
    cpu = 0.0
    # Build IDs name a released tool by its version: a cache must not outlive a compiler.
    cache = job.scratch / "gocache" if changed else job.caches / job.host.posted.sha256
    with build_goroot(job.toolchain, sources, job.scratch / "work") as goroot:
        own = {"GOROOT": str(goroot), "GOPATH": str(job.scratch / "gopath")}
        command = [str(goroot / "bin/go"), "install"]
        if changed:
            host = {"GOOS": job.host.target.goos, "GOARCH": job.host.target.goarch}
            first = {**environment, **host, **own, "GOCACHE": str(job.scratch / "gocache-first")}
            build = Build([*command, *_COMPILERS], goroot / "src", first, job.scratch, job.log)
            cpu += run_build(build).cpu
        last = {**environment, **own, "GOCACHE": str(cache)}
        build = Build([*command, "cmd"], goroot / "src", last, job.scratch, job.log)
        built = run_build(build)
        stages = 2 if changed else 1
        yield Outcome(goroot, built.isolation, cpu + built.cpu, stages, environment)
