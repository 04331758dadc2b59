"""The control of a rebuilt target: the same steps, for this machine, known bytes.

Other targets are not built by make.bash but installed by its result. Before that counts
against what upstream posted, the same installing must have given, of the host's own target,
the executables that make.bash gave, and these must be upstream's. The outcome is kept beside
the host build, whose key stands for the release, the source and the way of building.
"""

from __future__ import annotations

import threading
from pathlib import Path

from samego.compare.where import locate
from samego.errors import BuildError
from samego.rebuild.host_build import HostBuild
from samego.rebuild.source import ReleaseSource
from samego.rebuild.targets import install, with_settings
from samego.rebuild.workspace import build_goroot, scratch_directory
from samego.words import places

_PASSED = "install-control"
#: How many executables are named.
_NAMED = 3


def install_doubt(
    source: ReleaseSource, host: HostBuild, directory: Path, stop: threading.Event | None = None
) -> str:
    """Why installing proves nothing here, as a phrase; empty where it gives what make.bash does.

    Raises DiskFullError when there is no room.
    """
    passed = host.directory / with_settings(_PASSED, source.release, host.target)
    if passed.exists():
        return ""
    log = directory / f"{host.key}-control.log"
    with (
        scratch_directory(directory) as scratch,
        build_goroot(host.goroot, {}, scratch / "work") as goroot,
    ):
        try:
            install(source, host, host.target, goroot, scratch, log, stop)
        except BuildError as error:
            return f"go install fails for {host.target}: {error.message}"
        differing = _differing(goroot, host)
    log.unlink(missing_ok=True)
    if not differing:
        passed.touch()
        return ""
    more = f", and {len(differing) - _NAMED} more" if len(differing) > _NAMED else ""
    return (
        f"go install and make.bash build different files for {host.target}"
        f" ({'; '.join(differing[:_NAMED])}{more})"
    )


def _differing(goroot: Path, host: HostBuild) -> list[str]:
    """A line for each executable of the host build that differs."""
    tools = host.target.tool_directory
    paths = [
        path.relative_to(host.goroot)
        for pattern in ("bin/*", f"{tools}/*")
        for path in sorted(host.goroot.glob(pattern))
        if path.is_file()
    ]
    lines = []
    for path in paths:
        ours, theirs = (goroot / path).read_bytes(), (host.goroot / path).read_bytes()
        if ours != theirs:
            lines.append(f"{path}: {places.line(locate(ours, theirs))}")
    return lines
