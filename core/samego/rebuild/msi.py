"""Unpacking Windows installers (``.msi``) with msiextract, of msitools.

The format is Microsoft's and undocumented in parts: the tool that reads it is the reference.
But msiextract writes wherever an installer's directory table says, and ends well whatever it
could not read. So the names are listed and judged before anything is written, it runs as a
build does (no network, bounds on time, memory and room), and what it wrote must be what it
had listed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from samego.errors import BuildError, InputError, ToolError
from samego.formats.archive.limits import DEFAULT_LIMITS, ArchiveLimits
from samego.formats.archive.paths import clean_path, hostile, too_large
from samego.formats.tree.directory import read_directory
from samego.model.tree import Entry, Kind, Tree
from samego.rebuild.isolation import IsolatedBuild, run_build
from samego.rebuild.workspace import scratch_directory

_TOOL = "msiextract"
#: Seconds and bytes of memory that it may take; a real installer takes some ten seconds.
_TIMEOUT, _MEMORY = 600.0, 4 << 30
_LIST = 'exec "$1" --list "$2" >"$3"'


def msiextract() -> str:
    """The program. Raises ToolError where it is not installed."""
    found = shutil.which(_TOOL)
    if found is None:
        raise ToolError(f"{_TOOL} is not installed", hint="install msitools")
    return found


@contextmanager
def unpacked_msi(
    path: Path, directory: Path, *, name: str, limits: ArchiveLimits = DEFAULT_LIMITS
) -> Iterator[Tree]:
    """What an installer installs, as a tree, unpacked below ``directory`` meanwhile.

    The tree carries no modes. Raises ToolError without msiextract, InputError for an installer
    that is damaged or of another kind, HostileArchiveError for names that climb or collide
    and for anything beyond ``limits``, DiskFullError.
    """
    tool = msiextract()
    with scratch_directory(directory) as scratch:
        listing, files = scratch / "list", scratch / "files"
        files.mkdir()
        try:
            _run(["sh", "-c", _LIST, "sh", tool, str(path), str(listing)], scratch, limits)
            names = _listed(listing, name, limits)
            _run([tool, "--directory", str(files), str(path)], scratch, limits)
        except BuildError as error:
            raise InputError(
                f"{name} cannot be unpacked by {_TOOL}: {error.message}",
                hint="get the file again from its source",
            ) from error
        found = read_directory(files, name=name, limits=limits)
        entries = {
            each.path: Entry(each.path, each.kind, None, each.size, each.sha256, each.link)
            for each in found.values()
            if each.kind is not Kind.DIRECTORY
        }
        if entries.keys() != names:
            raise InputError(
                f"{name} is truncated or damaged: {_TOOL} lists {len(names)} files and"
                f" gives {len(entries)}",
                hint="get the file again from its source",
            )
        yield found.with_entries(entries, carries_modes=False)


def _run(command: list[str], scratch: Path, limits: ArchiveLimits) -> None:
    # In the C locale, names beyond ASCII would become question marks.
    environment = {"LC_ALL": "C.UTF-8"}
    log = scratch / "log"
    run_build(
        IsolatedBuild(
            command,
            scratch,
            environment,
            scratch,
            log,
            timeout=_TIMEOUT,
            memory=_MEMORY,
            room=limits.total_bytes,
        )
    )


def _listed(listing: Path, name: str, limits: ArchiveLimits) -> set[str]:
    """The paths that msiextract would write, each one judged."""
    with listing.open("rb") as file:
        data = file.read(limits.entries * limits.path_bytes // 8)
        if file.read(1):
            raise too_large(name, f"the list of its files has over {len(data)} bytes")
    lines = data.decode("utf-8", "surrogateescape").splitlines()
    if not lines:
        raise InputError(
            f"{name} is truncated, damaged or no .msi: {_TOOL} finds no file in it",
            hint="get the file again from its source",
        )
    if len(lines) > limits.entries:
        raise too_large(name, f"over {limits.entries} files")
    names: set[str] = set()
    folded: set[str] = set()
    for line in lines:
        path = clean_path(line, name=name, limits=limits)
        if not path or path.casefold() in folded:
            raise hostile(name, f"has {path!r} twice")
        names.add(path)
        folded.add(path.casefold())
    return names
