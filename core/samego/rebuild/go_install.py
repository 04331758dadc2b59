"""Installing commands with a finished toolchain, just as cmd/dist does it.

The go command runs in a work directory with cmd/dist's go.mod, with the variables that
cmd/dist sets (:mod:`samego.rebuild.cmd_dist`) and nothing else. What is samego's own: caches
below the build's scratch directory, or kept ones; no proxy and no other toolchain, which
cmd/dist has no use for either.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from samego.errors import BuildError
from samego.model.candidate import Setting
from samego.model.release import Target
from samego.model.tree import Tree
from samego.rebuild.box import Box
from samego.rebuild.cmd_dist import read_cmd_dist
from samego.rebuild.extra_settings import changed_environment, goroot_of, shown_at
from samego.rebuild.isolation import Built, IsolatedBuild, run_build


@dataclass(frozen=True, slots=True)
class BuildPlace:
    """Where commands are installed: the GOROOT whose go command does it, and what it may use.

    ``cache`` is Go's build cache, ``scratch`` a directory that is removed afterwards. Setting
    ``stop`` ends the build. All of it lies in the ``box`` where there is one.
    """

    goroot: Path
    cache: Path
    scratch: Path
    log: Path
    stop: threading.Event | None = None
    box: Box | None = None


def go_install(
    source: Tree,
    commands: Sequence[str],
    place: BuildPlace,
    host: Target,
    target: Target,
    settings: Mapping[str, str],
    extra: Sequence[Setting] = (),
) -> Built:
    """Install commands for a target, as the cmd/dist in ``source`` does with these settings.

    ``extra`` are settings that it does not have. Raises BuildError where the source does not say
    how, and for an extra setting that cannot be had here, and what run_build raises.
    """
    dist = read_cmd_dist(source)
    goroot = goroot_of(extra) or str(place.goroot)
    environment = {
        **dist.environment(goroot, host, target, settings),
        "GOCACHE": str(place.cache),
        "GOPATH": str(place.scratch / "gopath"),
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
    }
    directory = Path(tempfile.mkdtemp(dir=place.scratch, prefix="go-tool-dist-"))
    (directory / "go.mod").write_text(dist.go_mod, "utf-8")
    flags: list[str] = []
    if extra:
        environment, flags = changed_environment(environment, extra)
    command = [f"{goroot}/bin/go", "install", *flags, *commands]
    if goroot != str(place.goroot):
        if place.box is not None:
            raise BuildError(f"GOROOT cannot lie at {goroot!r} in the sandbox", hint="see above")
        command = shown_at(place.goroot, goroot, directory, (place.scratch, place.cache), command)
    build = IsolatedBuild(command, directory, environment, place.scratch, place.log)
    return run_build(replace(build, stop=place.stop, box=place.box))


def stated_environment(
    source: Tree, host: Target, target: Target, settings: Mapping[str, str]
) -> Mapping[str, str]:
    """What a report says of it: the target, the flags, and the settings that are no defaults."""
    dist = read_cmd_dist(source)
    usual = dist.environment("", host, target, {})
    given = dist.environment("", host, target, settings)
    names = {"GOOS", "GOARCH", *dist.tools, *(name for name in given if given[name] != usual[name])}
    return {name: given[name] for name in sorted(names)}
