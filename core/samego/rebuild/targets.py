"""Every target from one host build: install its commands, then pack them.

The host's go command builds another target's commands with the release's own flags, and
distpack packs them: no second make.bash. Each target is built in a GOROOT of its own made of
links, so that several can run at once, and its files are kept: a killed run continues here.
"""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from samego.errors import BuildError, CacheError, UnknownReleaseError
from samego.model.release import Release, Target, archive_name, module_version, source_name
from samego.rebuild.go_install import BuildPlace, go_install
from samego.rebuild.host_build import HostBuild, run_make_bash
from samego.rebuild.isolation import Built, IsolatedBuild, run_build
from samego.rebuild.packing import switch
from samego.rebuild.recipe import (
    distributed_commands,
    known_targets,
)
from samego.rebuild.source import ReleaseSource
from samego.rebuild.workspace import build_goroot, scratch_directory, unpack
from samego.rules.generated.settings import upstream_settings
from samego.system.disk import used
from samego.system.hashing import size_and_sha256

_RECORD = "product.json"
#: Where a setting's default stands in the shipped sources (src/cmd/dist/buildruntime.go).
_BUILDCFG = "src/internal/buildcfg/zbootstrap.go"


@dataclass(frozen=True, slots=True)
class Product:
    """One file that was built."""

    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Products:
    """The result of one target's build: its files by name, and its times in seconds.

    ``build`` is a name that no other build has, also where it gives the same files at another
    time; empty where an earlier samego built it.
    """

    target: Target
    files: Mapping[str, Product]
    wall: float
    cpu: float
    fresh: bool
    build: str = ""


def check_targets(source: ReleaseSource, targets: tuple[Target, ...]) -> None:
    """Refuse targets that the source does not know. Raises UnknownReleaseError."""
    known = known_targets(source.tree)
    for target in targets:
        if target not in known:
            raise UnknownReleaseError(
                f"{source.release} cannot be built for {target} without a C compiler",
                hint=f"it knows {', '.join(map(str, known))}",
            )


def wanted_files(source: ReleaseSource, target: Target, *, with_source: bool) -> tuple[str, ...]:
    """The files that a build of a target gives, named as upstream posts them."""
    version = module_version(source.release, target)
    names = [f"{version}{suffix}" for suffix in (".zip", ".mod", ".info")]
    if source.complete:
        names.insert(0, archive_name(source.release, target))
        if with_source:
            names.append(source_name(source.release))
    return tuple(names)


def product_place(
    directory: Path, key: str, release: Release, target: Target, *, whole: bool = False
) -> Path:
    """Where what a host build (by its key) gives for a target lies once it is finished.

    What was built with other settings, before samego knew those that upstream used, lies
    elsewhere.
    """
    name = with_settings(str(target), release, target)
    return directory / "products" / (f"{key}-whole" if whole else key) / name


def with_settings(name: str, release: Release, target: Target) -> str:
    """A name in the cache, and the settings that a target is built with, if there are any."""
    settings = sorted(upstream_settings(release, target).items())
    return "".join([name, *(f"+{setting}={text}" for setting, text in settings)])


def build_target(
    source: ReleaseSource,
    host: HostBuild,
    target: Target,
    directory: Path,
    *,
    with_source: bool,
    whole: bool = False,
    stop: threading.Event | None = None,
) -> Products:
    """Build and pack one target, or take what an earlier run finished.

    ``with_source`` asks for the source archive beside it, ``whole`` for a make.bash of the
    target's own; setting ``stop`` ends it.
    Raises BuildError when it does not build, DiskFullError when there is no room; nothing is
    left behind then but the log.
    """
    used(host.directory)
    place = product_place(directory, host.key, source.release, target, whole=whole)
    wanted = wanted_files(source, target, with_source=with_source)
    kept = _read(place, target) if place.is_dir() else None
    if kept is not None and set(wanted) <= set(kept.files):
        return kept
    log = directory / f"{host.key}-{target}.log"
    with scratch_directory(directory) as scratch:
        if whole:
            goroot = unpack(source.tree, scratch / "whole" / "goroot")
            job = _Job(source, host, target, goroot, scratch, log, stop)
            _pack(job, [_make(job)], wanted, place)
        else:
            changed = _settings(host, source.release, target)
            with build_goroot(host.goroot, changed, scratch / "work") as goroot:
                job = _Job(source, host, target, goroot, scratch, log, stop)
                _pack(job, _install(job), wanted, place)
    log.unlink()
    products = _read(place, target)
    return replace(products, fresh=True)


@dataclass(frozen=True, slots=True)
class _Job:
    """One target's build: what from, and where."""

    source: ReleaseSource
    host: HostBuild
    target: Target
    goroot: Path
    scratch: Path
    log: Path
    stop: threading.Event | None

    def run(self, command: list[str], environment: Mapping[str, str]) -> Built:
        """Run one command of it in GOROOT/src."""
        environment = {**environment, "GOROOT": str(self.goroot)}
        directory = self.goroot / "src"
        return run_build(
            IsolatedBuild(command, directory, environment, self.scratch, self.log, stop=self.stop)
        )


def _make(job: _Job) -> Built:
    """Run make.bash for the target, with the host's build as the bootstrap."""
    settings = upstream_settings(job.source.release, job.target)
    target = {"GOOS": job.target.goos, "GOARCH": job.target.goarch}
    environment = {"GOROOT_BOOTSTRAP": str(job.host.goroot), **target, **settings}
    return run_make_bash(job.goroot, environment, job.scratch, job.log)


def _install(job: _Job) -> list[Built]:
    """Install the target's commands, unless make.bash has built them just so."""
    settings = upstream_settings(job.source.release, job.target)
    if job.target == job.host.target and not settings:
        return []
    return [install(job.source, job.host, job.target, job.goroot, job.scratch, job.log, job.stop)]


def install(
    source: ReleaseSource,
    host: HostBuild,
    target: Target,
    goroot: Path,
    scratch: Path,
    log: Path,
    stop: threading.Event | None = None,
) -> Built:
    """Install a target's commands in a GOROOT made of the host build's, as upstream did."""
    place = BuildPlace(goroot, scratch / "gocache", scratch, log, stop)
    settings = upstream_settings(source.release, target)
    commands = distributed_commands(source.tree)
    return go_install(source.tree, commands, place, host.target, target, settings)


def _pack(job: _Job, built: list[Built], wanted: tuple[str, ...], place: Path) -> None:
    """Pack what was built, and move it to its place."""
    source, target = job.source, job.target
    parts = ["module"]
    if source.complete:
        parts.append("archive")
    if source_name(source.release) in wanted:
        parts.append("source")
    environment = {"GOOS": target.goos, "GOARCH": target.goarch, **switch(parts)}
    every = [*built, job.run([str(job.host.distpack)], environment)]
    wall, cpu = sum(each.wall for each in every), sum(each.cpu for each in every)
    packed = {name: _packed(job.goroot, name, target) for name in wanted}
    _keep(packed, place, job.scratch, wall, cpu)


def _settings(host: HostBuild, release: Release, target: Target) -> Mapping[str, bytes]:
    """The generated sources that a target's posted settings change.

    cmd/dist writes the settings of its own environment into zbootstrap.go, and upstream runs
    it with the target's: one that the host was not built with is put in here.
    """
    settings = upstream_settings(release, target)
    if not settings:
        return {}
    text = (host.goroot / _BUILDCFG).read_text("utf-8")
    for name, value in settings.items():
        line = re.compile(rf"^(const [dD]efault{name} = )`[^`\n]*`$", re.MULTILINE)
        text, count = line.subn(rf"\g<1>`{value}`", text)
        if count != 1:
            raise BuildError(
                f"{_BUILDCFG} does not state {name} in the known way", hint="report this"
            )
    return {_BUILDCFG: text.encode()}


def _packed(goroot: Path, name: str, target: Target) -> Path:
    """What distpack wrote of the file that is posted as ``name``.

    It names archives by GOARCH; only go.dev calls linux/arm's ``armv6l``
    (cmd/distpack/pack.go, from go1.21 on). Raises BuildError when it is not there.
    """
    directory = goroot / "pkg/distpack"
    file = directory / name.replace(f".{target.posted}.", f".{target}.")
    if not file.is_file():
        made = ", ".join(sorted(path.name for path in directory.glob("*"))) or "nothing"
        raise BuildError(f"distpack did not write {file.name} (but {made})", hint="report this")
    return file


def _keep(packed: Mapping[str, Path], place: Path, scratch: Path, wall: float, cpu: float) -> None:
    """Move the finished files to their place under the names they are posted by; atomic."""
    new = scratch / "product"
    new.mkdir()
    rows: dict[str, object] = {}
    for name, file in packed.items():
        size, sha256 = size_and_sha256(file)
        rows[name] = {"size": size, "sha256": sha256}
        file.rename(new / name)
    record = {"files": rows, "wall": wall, "cpu": cpu, "build": uuid.uuid4().hex}
    (new / _RECORD).write_text(json.dumps(record), "utf-8")
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_dir():  # without the source archive, which is wanted now
        place.rename(scratch / "replaced")
    new.rename(place)


def _read(place: Path, target: Target) -> Products:
    used(place)
    try:
        record = json.loads((place / _RECORD).read_text("utf-8"))
        files = {
            name: Product(place / name, row["size"], row["sha256"])
            for name, row in record["files"].items()
        }
        found = [size_and_sha256(product.path) for product in files.values()]
        if found != [(product.size, product.sha256) for product in files.values()]:
            raise ValueError("a file is not as it was built")  # noqa: TRY301 - caught below
        wall, cpu, build = record["wall"], record["cpu"], record.get("build", "")
        return Products(target, files, wall, cpu, fresh=False, build=build)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CacheError(
            f"the finished build {place} cannot be read ({error})", hint="remove it"
        ) from error
