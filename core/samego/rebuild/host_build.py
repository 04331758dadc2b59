"""The one build from source: ``make.bash`` for this machine, kept for every target.

What a target needs of it is the finished GOROOT, whose go command then builds any target,
and the release's own distpack. Both lie below ``hosts/KEY``, where KEY stands for the source,
the bootstrap and the way of building: a second run finds them there.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from samego.errors import CacheError
from samego.model.release import Target
from samego.rebuild.box import Box
from samego.rebuild.cmd_dist import read_cmd_dist
from samego.rebuild.isolation import Built, IsolatedBuild, Isolation, run_build
from samego.rebuild.packing import PACK_FILE, switchable
from samego.rebuild.source import ReleaseSource
from samego.rebuild.workspace import scratch_directory, unpack
from samego.system import atomic
from samego.system.disk import used
from samego.system.progress import Progress

#: Changes whenever the way in which hosts and targets are built does.
BUILDER = "samego.rebuild/2"
_RECORD = "host.json"
_DISTPACK = "distpack"
_GOROOT = "goroot"


class Compiler(Protocol):
    """What builds a release: a Go, or for go1.4 a C compiler."""

    @property
    def digest(self) -> str:
        """Stands for all of its bytes."""

    def environment(self) -> dict[str, str]:
        """What make.bash must see to use it."""


@dataclass(frozen=True, slots=True)
class HostBuild:
    """A finished build: its GOROOT, its distpack, and its times in seconds.

    ``switches`` says whether distpack has options for what to write. ``network`` says how the
    network was kept away; ``fresh`` whether it was built in this run.
    """

    key: str
    directory: Path
    target: Target
    switches: bool
    network: str
    environment: tuple[str, ...]
    wall: float
    cpu: float
    fresh: bool

    @property
    def goroot(self) -> Path:
        """The finished GOROOT; not to be written to."""
        return self.directory / _GOROOT

    @property
    def distpack(self) -> Path:
        """The release's own distpack."""
        return self.directory / _DISTPACK


@dataclass(frozen=True, slots=True)
class BuiltGo:
    """A Go that was built here, as the next step's compiler."""

    digest: str
    goroot: Path

    def environment(self) -> dict[str, str]:
        """What make.bash must see to use it."""
        return {"GOROOT_BOOTSTRAP": str(self.goroot)}


def host_key(source: ReleaseSource, compiler: Compiler, target: Target) -> str:
    """The name under which a host build is kept."""
    posted = source.posted
    return digest_of([BUILDER, posted.sha256, posted.form, compiler.digest, str(target)])


def host_place(directory: Path, source: ReleaseSource, compiler: Compiler, target: Target) -> Path:
    """Where a host build lies once it is finished."""
    return directory / "hosts" / host_key(source, compiler, target)


def built_go(place: Path) -> BuiltGo:
    """The Go of a host build at its place, finished or to be."""
    return BuiltGo(place.name, place / _GOROOT)


def digest_of(parts: object) -> str:
    """A short name for what JSON can say."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def build_host(
    source: ReleaseSource, compiler: Compiler, target: Target, directory: Path, progress: Progress
) -> HostBuild:
    """The host build of a source by a compiler, from below ``directory`` or made now.

    ``target`` is this machine. Raises BuildError when it does not build (which says
    nothing about whether it reproduces), DiskFullError when there is no room; nothing is
    left behind then but the log that the message names.
    """
    place = host_place(directory, source, compiler, target)
    if not place.is_dir():
        progress.stage(f"building {source.release} for {target}")
        _build(source, compiler, target, directory, place)
        return _read(place, fresh=True)
    return _read(place, fresh=False)


def _read(place: Path, *, fresh: bool) -> HostBuild:
    used(place)
    try:
        record = json.loads((place / _RECORD).read_text("utf-8"))
        return HostBuild(
            key=place.name,
            directory=place,
            target=Target.parse(record["target"]),
            switches=record["switches"],
            network=record["network"],
            environment=tuple(record["environment"]),
            wall=record["wall"],
            cpu=record["cpu"],
            fresh=fresh,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CacheError(f"the build {place} cannot be read ({error})", hint="remove it") from error


def _build(
    source: ReleaseSource, compiler: Compiler, target: Target, directory: Path, place: Path
) -> None:
    log = directory / f"{place.name}.log"
    with scratch_directory(directory) as scratch:
        result = scratch / "host"
        goroot = unpack(source.tree, result / _GOROOT)
        built = [run_make_bash(goroot, compiler.environment(), scratch, log)]
        switches = False
        if PACK_FILE in source.tree:
            packer, switches = _build_distpack(source, goroot, target, scratch, log)
            built.append(packer)
        shutil.rmtree(goroot / "pkg/obj", ignore_errors=True)
        record = _record(built, switches=switches, target=target)
        (result / _RECORD).write_text(json.dumps(record, indent=1), "utf-8")
        place.parent.mkdir(parents=True, exist_ok=True)
        atomic.place_directory(result, place)
    log.unlink()


def run_make_bash(
    goroot: Path,
    environment: Mapping[str, str],
    scratch: Path,
    log: Path,
    box: Box | None = None,
) -> Built:
    """Run a GOROOT's own make.bash, with its bootstrap and settings in ``environment``.

    Raises what run_build raises.
    """
    whole = {"GOTOOLCHAIN": "local", **environment}
    return run_build(
        IsolatedBuild(["bash", "make.bash"], goroot / "src", whole, scratch, log, box=box)
    )


def _build_distpack(
    source: ReleaseSource, goroot: Path, target: Target, scratch: Path, log: Path
) -> tuple[Built, bool]:
    """Build the release's distpack with its own toolchain, and say whether it has switches."""
    text = switchable(source.tree.read(PACK_FILE).decode("utf-8"))
    flags: list[str] = []
    if text is not None:
        replaced, overlay = scratch / "pack.go", scratch / "overlay.json"
        replaced.write_text(text, "utf-8")
        mapping = {"Replace": {str(goroot / PACK_FILE): str(replaced)}}
        overlay.write_text(json.dumps(mapping), "utf-8")
        flags = [f"-overlay={overlay}"]
    output = goroot.parent / _DISTPACK
    environment = {
        "GOROOT": str(goroot),
        # The flags and the cache of make.bash: nothing that it built is built again.
        "GOFLAGS": read_cmd_dist(source.tree).tools["GOFLAGS"],
        "GOCACHE": str(goroot / "pkg/obj/go-build"),
        "CGO_ENABLED": "0",
        "GOOS": target.goos,
        "GOARCH": target.goarch,
        "GOTOOLCHAIN": "local",
        "GOPROXY": "off",
        "GOENV": "off",
    }
    command = [str(goroot / "bin/go"), "build", *flags, "-o", str(output), "cmd/distpack"]
    return run_build(
        IsolatedBuild(command, goroot / "src", environment, scratch, log)
    ), text is not None


def _record(built: list[Built], *, switches: bool, target: Target) -> dict[str, object]:
    isolation: Isolation = built[0].isolation
    return {
        "builder": BUILDER,
        "target": str(target),
        "switches": switches,
        **asdict(isolation),
        "wall": sum(each.wall for each in built),
        "cpu": sum(each.cpu for each in built),
    }
