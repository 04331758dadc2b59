"""Bootstraps: the Go (or the C compiler) that a release's own source is built by first.

make.bash builds the release's compiler with it, and that compiler builds itself twice more:
what the bootstrap was cannot be seen in the result, unless it meddles. Two bootstraps with
nothing in common that give the same bytes show that neither did (diverse double-compiling,
David A. Wheeler).
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from samego.errors import InputError, ToolError, UnknownReleaseError
from samego.formats.tree.directory import read_directory
from samego.model.machine import file_name
from samego.model.release import Release
from samego.model.tree import Kind, Tree
from samego.rebuild.workspace import unpack
from samego.system.disk import used

UPSTREAM, DISTRO, C = "upstream", "distro", "c"

#: The version of Go that each GCC release's Go compiler and library are of
#: (go.dev/doc/install/gccgo; for GCC 14: libgo/VERSION in GCC's source).
GCC_GO = {12: Release.parse("go1.18"), 13: Release.parse("go1.18"), 14: Release.parse("go1.18")}
_GCCGO_NAME = re.compile(r"gccgo(?:-(?P<major>\d{1,3}))?", re.ASCII)
#: What an installed gccgo consists of besides its driver.
_GCCGO_PARTS = (("-print-prog-name=go1",), ("-print-file-name=libgo.so",))
_VERSION_LIMIT = 4096
_TOOL_SECONDS = 60


@dataclass(frozen=True, slots=True)
class PackedIn:
    """A file that a bootstrap was unpacked from; without ``url`` where only its user has it."""

    name: str
    url: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """What builds the first step.

    ``name`` is how the user named it, ``origin`` one phrase on where it came from.
    ``goroot`` has ``bin/go`` in it; None for a C compiler, whose ``version`` is None too.
    ``digest`` stands for all of its bytes; ``files`` are the archive or the packages that these
    were unpacked from.
    """

    name: str
    origin: str
    goroot: Path | None
    version: Release | None
    digest: str
    files: tuple[PackedIn, ...] = ()

    def environment(self) -> dict[str, str]:
        """What make.bash must see to use it."""
        if self.goroot is None:
            return {"CGO_ENABLED": "0"}  # go1.4's own C parts suffice, without the system's
        return {"GOROOT_BOOTSTRAP": str(self.goroot)}

    def __str__(self) -> str:
        return self.origin


def from_directory(path: Path, *, name: str = "", origin: str = "") -> Bootstrap:
    """An unpacked or installed Go, which results call by its directory's name alone.

    Raises InputError when the directory is no GOROOT.
    """
    if not (path / "bin/go").is_file():
        raise InputError(
            f"{path} has no bin/go", hint="name a GOROOT, or upstream, distro, gccgo or c"
        )
    version = _version_in(path)
    tree = read_directory(path.resolve(), name=str(path))
    return Bootstrap(
        name or file_name(str(path)),
        origin or f"{version} in {file_name(str(path))}",
        path.resolve(),
        version,
        tree_digest(tree),
    )


def from_tree(
    tree: Tree,
    directory: Path,
    *,
    name: str,
    origin: str,
    key: str,
    files: Iterable[PackedIn] = (),
) -> Bootstrap:
    """A GOROOT that was read from packages or an archive, unpacked below ``directory``."""
    goroot = unpack(tree, directory / "bootstraps" / key)
    used(goroot)
    for file in (*goroot.glob("bin/*"), *goroot.glob("pkg/tool/*/*")):
        file.chmod(0o755)
    version = _version_in(goroot)
    return Bootstrap(name, origin, goroot, version, tree_digest(tree), tuple(files))


def candidates(release: Release, known: Iterable[Release]) -> tuple[Release, ...]:
    """Releases that upstream's own binaries could bootstrap a release with, best first.

    The oldest line that will do, with its newest patch: what upstream itself builds with.
    """
    minimum = release.minimum_bootstrap
    usable = [each for each in known if not each.pre and minimum <= each < release]
    return tuple(sorted(usable, key=lambda each: (each.minor, -each.patch)))


def is_gccgo(name: str) -> bool:
    """Whether a name asks for GCC's Go compiler: ``gccgo`` or ``gccgo-12``."""
    return _GCCGO_NAME.fullmatch(name) is not None


def from_gccgo(name: str, directory: Path) -> Bootstrap:
    """GCC's Go compiler with its own go command, as a GOROOT below ``directory``.

    Raises ToolError when it is not installed, or of a GCC whose Go is not known.
    """
    match = _GCCGO_NAME.fullmatch(name)
    asked = match["major"] if match and match["major"] else ""
    for major in [int(asked)] if asked else sorted(GCC_GO, reverse=True):
        tools = _gccgo_tools(major)
        if tools is not None:
            return _gccgo(name, major, tools, directory)
    raise ToolError(
        f"{name if asked else 'gccgo'} is not installed (with go-{asked or 'N'} beside it)",
        hint=f"install the package gccgo-{asked or max(GCC_GO)}, or name another --bootstrap",
    )


def from_c() -> Bootstrap:
    """The system's C compiler, which builds go1.4. Raises ToolError without one."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise ToolError("there is no C compiler", hint="install gcc")
    version = _output([compiler, "--version"]).partition("\n")[0]
    digest = _digest_of_files([Path(compiler)], version)
    return Bootstrap(C, f"the C compiler {version}", None, None, digest)


def tree_digest(tree: Mapping[str, object]) -> str:
    """One digest for all files of a tree: their paths and contents."""
    total = hashlib.sha256()
    for path in sorted(tree):
        entry = tree[path]
        if getattr(entry, "kind", None) is Kind.FILE:
            total.update(f"{getattr(entry, 'sha256', '')}  {path}\n".encode())
    return total.hexdigest()


def _version_in(goroot: Path) -> Release:
    try:
        with (goroot / "VERSION").open("rb") as file:
            text = file.read(_VERSION_LIMIT).decode("utf-8", "replace")
        return Release.parse(text.partition("\n")[0].strip())
    except OSError as error:
        raise InputError(
            f"{goroot} states no Go version: {error.strerror} (VERSION)",
            hint="name the GOROOT of a released Go",
        ) from error
    except UnknownReleaseError as error:
        raise InputError(
            f"the Go in {goroot} is no release: {error.message}",
            hint="name the GOROOT of a released Go",
        ) from error


def _gccgo_tools(major: int) -> Mapping[str, str] | None:
    """The programs of one GCC's Go: its driver, go command and gofmt; None without one."""
    named = {"gccgo": f"gccgo-{major}", "go": f"go-{major}", "gofmt": f"gofmt-{major}"}
    found = {what: shutil.which(program) for what, program in named.items()}
    return {what: path for what, path in found.items() if path} if all(found.values()) else None


def _gccgo(name: str, major: int, tools: Mapping[str, str], directory: Path) -> Bootstrap:
    version = GCC_GO.get(major)
    full = _output([tools["gccgo"], "-dumpfullversion"]).strip()
    if version is None:
        raise ToolError(
            f"the Go version of GCC {major} is unknown",
            hint=f"use gccgo-{max(GCC_GO)}, or another --bootstrap",
        )
    parts = [Path(path) for path in tools.values()]
    for question in _GCCGO_PARTS:
        part = Path(_output([tools["gccgo"], *question]).strip())
        if part.is_file():
            parts.append(part)
    digest = _digest_of_files(parts, full)
    goroot = directory / "bootstraps" / f"gccgo-{digest[:32]}"
    (goroot / "bin").mkdir(parents=True, exist_ok=True)
    used(goroot)
    for what in ("go", "gofmt"):
        link = goroot / "bin" / what
        if not link.is_symlink():
            link.symlink_to(tools[what])
    return Bootstrap(name, f"gccgo {full} (Go {version.line})", goroot, version, digest)


def _digest_of_files(paths: Iterable[Path], version: str) -> str:
    rows = [[str(path), hashlib.sha256(path.resolve().read_bytes()).hexdigest()] for path in paths]
    return hashlib.sha256(json.dumps([version, rows]).encode()).hexdigest()


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=_TOOL_SECONDS
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ToolError(f"{command[0]} cannot be run ({error})", hint="reinstall it") from error
    return done.stdout
