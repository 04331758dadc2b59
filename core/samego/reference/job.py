"""What a reference build is built from, and what building it gave."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from samego.model.inputs import Context
from samego.model.release import Target
from samego.model.tree import Tree
from samego.rebuild.box import Box
from samego.rebuild.isolation import Isolation
from samego.reference.settings import BuildSettings
from samego.rules.source_inputs import GENERATED, differing_sources, embedded_data
from samego.upstream.channels.interface import Posted

#: What the compiler, assembler and linker are made of, as import path prefixes.
_COMPILERS = ("cmd/compile", "cmd/asm", "cmd/link", "cmd/internal/", "internal/buildcfg")
#: What runs the compilers in a make.bash: only the full build is run by the package's own.
_BUILDERS = ("src/cmd/go/", "src/cmd/dist/")


class ReferenceKind(enum.Enum):
    """How a reference build is built."""

    #: ``go install cmd`` with upstream's posted toolchain of the same release.
    QUICK = "quick"
    #: A whole make.bash of the source, with that toolchain as the bootstrap: the control.
    FULL = "full"

    @property
    def command(self) -> str:
        """What is run."""
        return {"quick": "go install cmd", "full": "make.bash"}[self.value]


@dataclass(frozen=True, slots=True)
class Host:
    """Upstream's toolchain for this machine: the file and its tree."""

    posted: Posted
    tree: Tree
    target: Target


@dataclass(frozen=True, slots=True)
class ReferenceJob:
    """One reference build to make.

    ``toolchain`` is upstream's, unpacked, and not to be written to; ``caches`` a directory
    for Go's build caches that are kept; ``scratch`` one that is removed afterwards. Two
    ``stages`` build the compiler first, even where its sources are upstream's.
    """

    context: Context
    host: Host
    settings: BuildSettings
    toolchain: Path
    caches: Path
    scratch: Path
    log: Path
    stages: int = 1


@dataclass(frozen=True, slots=True)
class BuiltReference:
    """A finished build in ``goroot``, its CPU seconds, and how it was run.

    ``stages`` counts the builds of the compiler before the last one, and that one.
    ``other_generated`` are the generated sources that differ from those that the package
    ships them.
    """

    goroot: Path
    isolation: Isolation
    cpu: float
    stages: int
    environment: Mapping[str, str]
    other_generated: tuple[str, ...] = ()


def package_sources(context: Context, settings: BuildSettings) -> dict[str, bytes | None]:
    """The package's sources that differ from upstream's, with what they embed.

    None for one that it lacks.

    A generated one that it lacks is not left out: it is as the settings give it.
    """
    paths = [
        path
        for paths in (*differing_sources(context).values(), embedded_data(context))
        for path in paths
        if path in context.distro or path not in GENERATED
    ]
    context.distro.load([path for path in paths if path in context.distro])
    sources = {
        path: context.distro.read(path) if path in context.distro else None for path in paths
    }
    return {**sources, **settings.generated}


def changed_compilers(context: Context) -> tuple[str, ...]:
    """The sources of the compiler, assembler and linker that differ.

    Generated settings are compiled into them too, but the environment sets those.
    """
    return tuple(
        path
        for package, paths in differing_sources(context).items()
        if package.startswith(_COMPILERS)
        for path in paths
        if path not in GENERATED
    )


def changed_builders(context: Context) -> tuple[str, ...]:
    """The sources of the go command and of cmd/dist that differ."""
    return tuple(
        path
        for paths in differing_sources(context).values()
        for path in paths
        if path.startswith(_BUILDERS) and path not in GENERATED
    )


def take_out(box: Box, goroot: Path, job: ReferenceJob, files: Sequence[str]) -> Path:
    """A copy of the executables that a build in a box left, and of some files beside them."""
    below = ["bin/", f"{job.context.target.tool_directory}/", *files]
    return box.take_out(goroot, below, job.scratch / "out")
