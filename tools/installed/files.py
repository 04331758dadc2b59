"""The files that samego brings for other programs: hooks, units, and rebuilderd's workers.

Nothing here acts before somebody asks for it. Units lie where systemd finds them, and are not
enabled. Each hook's files lie below ``share/samego/hooks/NAME`` under the path where ``samego hook
install NAME`` would put them: what is installed there by a package is there to be read, copied or
linked. Backends are executable where the workers' configurations say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path, PurePosixPath

import samego.integrations.rebuilderd
from samego.distro.plugins import registered
from samego.integrations.hooks.registry import Registered, hooks

SHARE = PurePosixPath("usr/share/samego")
#: Where the configurations of the workers look for their backends.
_BACKENDS = PurePosixPath("usr/libexec/samego")
#: Where the administrator's units are, and where a package's are (systemd.unit(5)).
_OWN_UNITS = PurePosixPath("/etc/systemd/system")
_UNITS = PurePosixPath("usr/lib/systemd/system")
_EXECUTABLE = 0o755


@dataclass(frozen=True, slots=True)
class File:
    """A file to install: its path below the root, its bytes and its mode."""

    path: PurePosixPath
    data: bytes
    mode: int = 0o644


def files(distro: str, command: str) -> Iterator[File]:
    """All of them, for a package of this distro's; ``command`` starts samego (shell-quoted)."""
    for hook in hooks():
        yield from _hook(hook, distro, command)
    worker = Path(samego.integrations.rebuilderd.__file__).parent / "worker"
    yield from _worker("go", worker)
    for point in registered("samego.distros").values():
        plugin = Path(str(import_module(point.module).__file__)).parent
        yield from _worker(point.name, plugin / "integrations" / "files" / "rebuilderd")


def _hook(hook: Registered, distro: str, command: str) -> Iterator[File]:
    """A hook's files: units of this distro's ready to be enabled, all others to be looked at."""
    written = hook.hook.files(command)
    has_units = any(PurePosixPath(file.path).parent == _OWN_UNITS for file in written)
    for file in written:
        path = PurePosixPath(file.path)
        if has_units and hook.distro == distro:
            place = _UNITS / path.name if path.parent == _OWN_UNITS else path.relative_to("/")
        else:
            place = SHARE / "hooks" / hook.hook.name / path.relative_to("/")
        yield File(place, file.text.encode(), file.mode)


def _worker(name: str, directory: Path) -> Iterator[File]:
    """What a worker of rebuilderd's needs for the distribution ``name``."""
    for source in sorted(directory.iterdir()) if directory.is_dir() else ():
        if source.suffix == ".sh":
            yield File(_BACKENDS / source.name, source.read_bytes(), _EXECUTABLE)
        elif source.is_file():
            yield File(SHARE / "rebuilderd" / name / source.name, source.read_bytes())
