"""The full reference build, the quick one's control: a whole make.bash of the package's sources.

Upstream's source with the package's patched files is built as the distro builds it: from a
bootstrap (upstream's posted toolchain), in make.bash's stages, with the settings in the
environment. Generated sources are not put in place: cmd/dist writes them, and they are then
compared with those that the package ships.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from samego.model.inputs import Context
from samego.model.tree import Kind
from samego.rebuild.box import box
from samego.rebuild.host_build import run_make_bash
from samego.rebuild.source import source_tree
from samego.rebuild.workspace import put, unpack
from samego.reference.job import BuiltReference, ReferenceJob, package_sources, take_out
from samego.rules.source_inputs import GENERATED

#: Stages in which make.bash builds the compiler (cmd/dist/build.go, cmdbootstrap).
_STAGES = 3


@contextmanager
def build_full(job: ReferenceJob) -> Iterator[BuiltReference]:
    """Build it, in the job's scratch directory. Raises what run_build raises."""
    context = job.context
    sources = {
        path: data
        for path, data in package_sources(context, job.settings).items()
        if path not in GENERATED
    }
    environment = {
        **job.settings.chosen,
        "GOOS": context.target.goos,
        "GOARCH": context.target.goarch,
    }
    own = {"GOROOT_BOOTSTRAP": str(job.toolchain)}
    # make.bash runs what it builds: whatever differs, the package's own code.
    with box(job.scratch, job.toolchain, sorted(sources)) as boxed:
        root = boxed.writable if boxed else job.scratch
        goroot = unpack(source_tree(job.host.tree), root / "work" / "goroot")
        put(goroot, sources)
        built = run_make_bash(goroot, {**environment, **own}, root, job.log, boxed)
        if boxed is not None:
            goroot = take_out(boxed, goroot, job, sorted(GENERATED))
        others = _other_generated(goroot, context)
        yield BuiltReference(goroot, built.isolation, built.cpu, _STAGES, environment, others)


def _other_generated(goroot: Path, context: Context) -> tuple[str, ...]:
    """The generated sources of the package that cmd/dist wrote otherwise, or not at all."""
    shipped = [path for path in sorted(GENERATED) if path in context.distro]
    return tuple(
        path
        for path in shipped
        if context.distro[path].kind is Kind.FILE
        and _digest(goroot / path) != context.distro[path].sha256
    )


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""
