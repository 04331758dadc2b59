"""A build that runs a package's own code: in the sandbox, with copies of everything.

A package whose compiler or build sources differ has its own code run while it is built. Such
a build gets a directory that holds all that it may change, sees the toolchain that starts it
read-only, and nothing else of this machine: no cache, no home, no network. What it leaves is
read as a stranger's: regular files, of bounded size, and only where executables belong.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from samego import sandbox
from samego.errors import BuildError, SandboxError
from samego.sandbox import collect

#: What a build of Go may take: an hour, and some times of what make.bash of go1.27 does.
LIMITS = sandbox.SandboxLimits(
    seconds=3600.0,
    cpu=3600,
    memory=16 << 30,
    processes=2048,
    file=1 << 30,
    written=8 << 30,
    entries=400_000,
    output=16 << 20,
)
#: Where the toolchain that starts the build is in the sandbox.
_TOOLCHAIN = "/toolchain"
#: Bytes of one file that is taken out, and how many of them there may be.
_LARGEST, _MOST = 256 << 20, 200


@dataclass(frozen=True, slots=True)
class Box:
    """A directory to build in, and what is seen beside it by its place in the sandbox."""

    writable: Path
    readonly: Mapping[str, Path] = field(default_factory=dict)

    def inside(self, text: str) -> str:
        """What a path of this machine is called in the sandbox; other text stays as it is."""
        for place, path in ((sandbox.PLACE, self.writable), *self.readonly.items()):
            if text == str(path) or text.startswith(f"{path}/"):
                return place + text[len(str(path)) :]
        return text

    def run(
        self, command: Sequence[str], directory: Path, environment: Mapping[str, str]
    ) -> sandbox.Finished:
        """Run a command that names paths of this machine, in the sandbox.

        Raises SandboxError where there is none.
        """
        return sandbox.run(
            [self.inside(word) for word in command],
            writable=self.writable,
            directory=self.inside(str(directory)),
            readonly=self.readonly,
            environment={name: self.inside(text) for name, text in environment.items()},
            limits=LIMITS,
        )

    def take_out(self, goroot: Path, below: Sequence[str], directory: Path) -> Path:
        """Copy what lies below some directories of a GOROOT in the box to a new directory.

        A name that ends otherwise than with ``/`` is one file. Raises HostileArchiveError for
        what no build of Go leaves, BuildError where there is nothing.
        """
        root = goroot.relative_to(self.writable)
        wanted = tuple(str(root / name) + ("/" if name.endswith("/") else "") for name in below)
        found = [
            path
            for path in collect.files(self.writable, entries=LIMITS.entries)
            if path.startswith(tuple(name for name in wanted if name.endswith("/")))
            or path in wanted
        ]
        if not found or len(found) > _MOST:
            raise BuildError(
                f"the build left {len(found)} executables", hint="see the log, or report this"
            )
        for path in found:
            data = collect.read_file(self.writable, path, limit=_LARGEST)
            place = directory / Path(path).relative_to(root)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data or b"")
        return directory


@contextmanager
def box(scratch: Path, toolchain: Path, foreign: Sequence[str]) -> Iterator[Box | None]:
    """A box below a build's scratch directory, removed in the end; None where none can be had.

    ``foreign`` are the sources of a package that run while it is built: with any of them there
    is a box, or SandboxError.
    """
    if not sandbox.available():
        if foreign:
            raise SandboxError(
                f"{foreign[0]} of the package must run during the build, and this machine"
                f" has no sandbox ({sandbox.unavailable_because()})",
                hint="install bubblewrap, or check without --rebuild",
            )
        yield None
        return
    writable = scratch / "box"
    writable.mkdir()
    # The sandbox's user must be able to enter it; no other user can enter the cache.
    for directory, _names, _files in os.walk(toolchain):
        Path(directory).chmod(0o755)
    try:
        yield Box(writable, {_TOOLCHAIN: toolchain})
    finally:
        collect.remove(writable)
