"""The witness: upstream's toolchain, built here from the sources that the package ships.

A released Go names its tools by version, not by content, in what it builds: any toolchain
of the same release and source gives the bytes of make.bash's last stage. So no bootstrap
is needed. Upstream's posted toolchain for the machine at hand compiles the package's own
sources (its generated settings and patched files in upstream's tree) for the package's
target with one ``go install cmd``. Where the sources of the compiler itself differ, it is
built first, and the tools with it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from samego.errors import BuildError, CacheError
from samego.goroot.tree import Tree
from samego.housekeeping import trim, used
from samego.progress import Progress
from samego.rebuild.isolation import Build, Isolation, run_build
from samego.rebuild.recipe import build_environment
from samego.rebuild.workspace import build_goroot, scratch_directory, unpack
from samego.release import Release, Target
from samego.rules.base import Context, Tool
from samego.rules.source_inputs import differing_sources
from samego.upstream.channel import Posted

#: Changes whenever the way in which witnesses are built does.
BUILDER = "samego.witness/1"
_RECORD = "witness.json"
#: What the compiler, assembler and linker are made of, as import path prefixes.
_COMPILERS = ("cmd/compile", "cmd/asm", "cmd/link", "cmd/internal/")
#: Generated settings are compiled into the compilers too, but the environment sets them.
_SETTINGS_PACKAGES = ("internal/buildcfg", "cmd/internal/objabi", "cmd/cgo", "cmd/go/internal/cfg")


@dataclass(frozen=True, slots=True)
class Host:
    """Upstream's toolchain for the machine at hand: the file and its tree."""

    posted: Posted
    tree: Tree
    target: Target


@dataclass(frozen=True, slots=True)
class Witness:
    """A built witness: its executables by path below GOROOT, and how it was made."""

    key: str
    directory: Path
    release: Release
    target: Target
    sources: Mapping[str, str]
    environment: Mapping[str, str]
    toolchain: str
    network: str
    cpu: float
    stages: int

    @property
    def tool(self) -> Tool:
        """The toolchain that built it, for the report."""
        return Tool(self.toolchain, str(self.release))

    def executable(self, path: str) -> bytes | None:
        """The bytes of an executable (``bin/go``), or None when it was not built."""
        file = self.directory / "files" / path
        return file.read_bytes() if file.is_file() else None


def package_sources(context: Context) -> dict[str, bytes | None]:
    """The package's sources that differ from upstream's; None for one that it lacks."""
    paths = [path for paths in differing_sources(context).values() for path in paths]
    context.distro.load([path for path in paths if path in context.distro])
    return {path: context.distro.read(path) if path in context.distro else None for path in paths}


def get_witness(context: Context, host: Host, directory: Path, progress: Progress) -> Witness:
    """The witness for a package, from the cache below ``directory`` or built now.

    Raises BuildError when it cannot be built, DiskFullError when there is no room.
    """
    sources = package_sources(context)
    environment = build_environment(context.distro, context.upstream, context.target)
    digests = {
        path: hashlib.sha256(data).hexdigest() if data is not None else ""
        for path, data in sorted(sources.items())
    }
    key = _key(context, host, digests, environment)
    place = directory / "built" / key
    if not place.is_dir():
        progress.stage(f"building a witness of {context.release} for {context.target}")
        _build(context, host, sources, environment, directory, key, digests)
        for kind in ("built", "toolchains", "gocache"):
            trim(directory / kind)
    used(place)
    return read_witness(place)


def read_witness(place: Path) -> Witness:
    """A witness from its directory. Raises CacheError when its record cannot be read."""
    try:
        record = json.loads((place / _RECORD).read_text("utf-8"))
        return Witness(
            key=place.name,
            directory=place,
            release=Release.parse(record["release"]),
            target=Target.parse(record["target"]),
            sources=record["sources"],
            environment=record["environment"],
            toolchain=record["toolchain"],
            network=record["network"],
            cpu=record["cpu"],
            stages=record["stages"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CacheError(
            f"the witness {place.name} cannot be read ({error})",
            hint=f"remove it: samego witness remove {place.name}",
        ) from error


def _key(
    context: Context, host: Host, digests: Mapping[str, str], environment: Mapping[str, str]
) -> str:
    parts = [BUILDER, host.posted.sha256, str(context.target), digests, environment]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def _build(
    context: Context,
    host: Host,
    sources: Mapping[str, bytes | None],
    environment: Mapping[str, str],
    directory: Path,
    key: str,
    digests: Mapping[str, str],
) -> None:
    pristine = unpack(host.tree, directory / "toolchains" / host.posted.sha256)
    changed = changed_compilers(context)
    with scratch_directory(directory) as scratch:
        with build_goroot(pristine, sources, scratch / "work") as goroot:
            isolation, cpu = _install(goroot, host, environment, directory, scratch, changed)
            files = scratch / "witness" / "files"
            _collect(goroot, context.target, host.target, files)
            record = {
                "builder": BUILDER,
                "release": str(context.release),
                "target": str(context.target),
                "sources": digests,
                "environment": environment,
                "toolchain": host.posted.url,
                "network": isolation.network,
                "cpu": round(cpu, 1),
                "stages": 2 if changed else 1,
            }
            (scratch / "witness" / _RECORD).write_text(json.dumps(record, indent=1), "utf-8")
        (directory / "built").mkdir(exist_ok=True)
        (scratch / "witness").rename(directory / "built" / key)


def _install(
    goroot: Path,
    host: Host,
    environment: Mapping[str, str],
    directory: Path,
    scratch: Path,
    changed: tuple[str, ...],
) -> tuple[Isolation, float]:
    """Run ``go install cmd``, the compilers first where their sources differ."""
    cpu = 0.0
    cache = directory / "gocache" / host.posted.sha256
    log = directory / "logs" / f"{scratch.name.removeprefix('.build-')}.log"
    log.parent.mkdir(exist_ok=True)
    own = {"GOROOT": str(goroot), "GOPATH": str(scratch / "gopath")}
    if changed:
        # Build IDs name a released tool by its version: a cache must not outlive a compiler.
        cache = scratch / "gocache"
        native = {**environment, "GOOS": host.target.goos, "GOARCH": host.target.goarch}
        first = {**native, **own, "GOCACHE": str(scratch / "gocache-first")}
        command = [str(goroot / "bin/go"), "install", "cmd/compile", "cmd/asm", "cmd/link"]
        built = run_build(Build(command, goroot / "src", first, scratch, log))
        cpu += built.cpu
    command = [str(goroot / "bin/go"), "install", "cmd"]
    built = run_build(
        Build(
            command,
            goroot / "src",
            {**environment, **own, "GOCACHE": str(cache)},
            scratch,
            log,
        )
    )
    log.unlink()
    return built.isolation, cpu + built.cpu


def changed_compilers(context: Context) -> tuple[str, ...]:
    """The sources of the compiler, assembler and linker that differ."""
    return tuple(
        path
        for package, paths in differing_sources(context).items()
        if package.startswith(_COMPILERS) and package not in _SETTINGS_PACKAGES
        for path in paths
    )


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
