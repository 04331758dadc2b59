"""The reference build: upstream's toolchain, built here from the sources that the package ships.

It is kept below the cache under a key that stands for all that it is made of, so that a
second check builds nothing. How it is built: :mod:`samego.reference.quick` and, as
the control, :mod:`samego.reference.full`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from samego.errors import BuildError, CacheError
from samego.model.candidate import Setting
from samego.model.inputs import Context
from samego.model.proof import Tool
from samego.model.release import Release, Target
from samego.rebuild.estimate import KEPT, duration
from samego.rebuild.workspace import scratch_directory, unpack
from samego.reference.full import build_full
from samego.reference.job import (
    BuiltReference,
    Host,
    ReferenceJob,
    ReferenceKind,
    package_sources,
)
from samego.reference.quick import build_quick
from samego.reference.settings import BuildSettings, settings_to_try
from samego.system import atomic, ending
from samego.system.disk import trim, used
from samego.system.progress import Progress, expected

#: Below the cache: what --rebuild builds.
REFERENCE_DIRECTORY = "reference"
#: Changes whenever the way in which reference builds are built does.
BUILDER = "samego.reference/1"
_RECORD = "reference.json"
#: CPU seconds of each way: go1.24.4 to go1.27.3 took 56 to 216 and 326 to 406 on two cores.
_CPU_SECONDS = {ReferenceKind.QUICK: 150.0, ReferenceKind.FULL: 400.0}
_BUILDERS = {ReferenceKind.QUICK: build_quick, ReferenceKind.FULL: build_full}


@dataclass(frozen=True, slots=True)
class ReferenceBuild:
    """A built reference build: its executables by path below GOROOT, and how it was made.

    ``sources`` are the package's, by path, with their sha256 (empty for one left out), and
    ``settings`` what it was built with;
    ``other_generated`` those that cmd/dist wrote otherwise than the package ships them. One with
    ``guessed`` settings is of a setting that the package does not state.
    """

    key: str
    directory: Path
    kind: ReferenceKind
    release: Release
    target: Target
    sources: Mapping[str, str]
    settings: Mapping[str, str]
    environment: Mapping[str, str]
    toolchain: str
    toolchain_sha256: str
    network: str
    cpu: float
    stages: int
    other_generated: tuple[str, ...]
    guessed: bool = False

    @property
    def tool(self) -> Tool:
        """The toolchain that built it, for the report."""
        return Tool(self.toolchain, str(self.release))

    def executable(self, path: str) -> bytes | None:
        """The bytes of an executable (``bin/go``), or None when it was not built."""
        file = self.directory / "files" / path
        return file.read_bytes() if file.is_file() else None


def get_reference(
    context: Context,
    host: Host,
    settings: BuildSettings,
    kind: ReferenceKind,
    directory: Path,
    progress: Progress,
    *,
    stages: int = 1,
) -> ReferenceBuild:
    """The reference build for a package, from the cache below ``directory`` or built now.

    The compiler is built first where its sources differ, or ``stages`` asks for it. Raises
    BuildError when it cannot be built, DiskFullError when there is no room.
    """
    digests = _digests(context, settings)
    key = _key(context.target, host.posted.sha256, digests, settings, kind, stages)
    place = directory / "built" / key
    if not place.is_dir():
        what = f"building a reference build of {context.release} for {context.target}"
        seconds = _CPU_SECONDS[kind] * stages / (os.cpu_count() or 1)
        progress.stage(f"{what} ({kind.command}, about {duration(seconds)})")
        ending.keeps(KEPT)
        with expected(progress, seconds):
            _build(context, host, settings, kind, digests, place, stages)
        for name in ("built", "toolchains", "gocache"):
            trim(directory / name)
    used(place)
    return read_reference(place)


def _key(
    target: Target,
    toolchain: str,
    sources: Mapping[str, str],
    settings: BuildSettings,
    kind: ReferenceKind,
    stages: int,
) -> str:
    """One name for all that a reference build is made of; a whole build has its own stages."""
    counted = stages if kind is ReferenceKind.QUICK else 1
    values = dict(settings.values)
    parts: list[object] = [BUILDER, kind.value, toolchain, str(target)]
    parts += [dict(sources), values, counted]
    if settings.extra:
        parts += [_rows(settings.extra), list(settings.commands)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def is_for(reference: ReferenceBuild, context: Context) -> bool:
    """Whether a reference build is of this package's own sources and settings."""
    if reference.guessed:
        return False
    return (reference.release, reference.target) == (context.release, context.target) and any(
        reference.settings == settings.values and reference.sources == _digests(context, settings)
        for settings in settings_to_try(context)
    )


def read_reference(place: Path) -> ReferenceBuild:
    """A reference build from its directory. Raises CacheError when its record cannot be read."""
    try:
        record = json.loads((place / _RECORD).read_text("utf-8"))
        return ReferenceBuild(
            key=place.name,
            directory=place,
            kind=ReferenceKind(record["kind"]),
            release=Release.parse(record["release"]),
            target=Target.parse(record["target"]),
            sources=record["sources"],
            settings=record["settings"],
            environment=record["environment"],
            toolchain=record["toolchain"],
            toolchain_sha256=record.get("toolchain_sha256", ""),
            network=record["network"],
            cpu=record["cpu"],
            stages=record["stages"],
            other_generated=tuple(record["other_generated"]),
            guessed=bool(record.get("guessed")),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CacheError(
            f"the reference build {place.name} cannot be read ({error})",
            hint=f"remove it: samego cache builds remove {place.name}",
        ) from error


def _rows(extra: Sequence[Setting]) -> list[list[str | None]]:
    return [[each.kind.value, each.name, each.value] for each in extra]


def _digests(context: Context, settings: BuildSettings) -> dict[str, str]:
    return {
        path: hashlib.sha256(data).hexdigest() if data is not None else ""
        for path, data in sorted(package_sources(context, settings).items())
    }


def _build(
    context: Context,
    host: Host,
    settings: BuildSettings,
    kind: ReferenceKind,
    digests: Mapping[str, str],
    place: Path,
    stages: int,
) -> None:
    directory = place.parents[1]
    toolchain = unpack(host.tree, directory / "toolchains" / host.posted.sha256)
    log = directory / "logs" / f"{place.name}.log"
    log.parent.mkdir(exist_ok=True)
    with scratch_directory(directory) as scratch:
        caches = directory / "gocache"
        job = ReferenceJob(context, host, settings, toolchain, caches, scratch, log, stages)
        with _BUILDERS[kind](job) as outcome:
            files = scratch / "reference" / "files"
            _collect(outcome.goroot, context.target, host.target, files)
            record = _record(job, kind, outcome, digests)
            (scratch / "reference" / _RECORD).write_text(json.dumps(record, indent=1), "utf-8")
        place.parent.mkdir(exist_ok=True)
        atomic.place_directory(scratch / "reference", place)
    log.unlink(missing_ok=True)


def _record(
    job: ReferenceJob, kind: ReferenceKind, outcome: BuiltReference, digests: Mapping[str, str]
) -> dict[str, object]:
    return {
        "builder": BUILDER,
        "kind": kind.value,
        "release": str(job.context.release),
        "target": str(job.context.target),
        "sources": digests,
        "settings": dict(job.settings.values),
        "environment": dict(outcome.environment),
        "toolchain": job.host.posted.url,
        "toolchain_sha256": job.host.posted.sha256,
        "network": outcome.isolation.network,
        "cpu": round(outcome.cpu, 1),
        "stages": outcome.stages,
        "other_generated": list(outcome.other_generated),
        **({"guessed": _rows(job.settings.extra)} if job.settings.extra else {}),
    }


def _collect(goroot: Path, target: Target, host: Target, files: Path) -> None:
    """Copy the target's executables, under the paths that they have in its own GOROOT."""
    binaries = goroot / "bin"
    if target != host:
        binaries /= f"{target.goos}_{target.goarch}"
    tools = goroot / target.tool_directory
    for source, place in ((binaries, files / "bin"), (tools, files / target.tool_directory)):
        if not source.is_dir():
            raise BuildError(f"the build left no {source.name}", hint="see the log, or report this")
        place.mkdir(parents=True)
        for file in source.iterdir():
            if file.is_file():
                shutil.copy2(file, place / file.name)
