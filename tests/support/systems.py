"""Systems with Go toolchains as machines have them: real packages, real files of upstream's."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterable
from pathlib import Path

_ADMIN = "var/lib/dpkg"


def dpkg_system(root: Path, packages: Iterable[Path]) -> Path:
    """A root in which the real dpkg has unpacked and configured packages; needs root."""
    for place in ("info", "updates", "triggers"):
        (root / _ADMIN / place).mkdir(parents=True)
    for file in ("status", "available"):
        (root / _ADMIN / file).touch()
    command = [
        "dpkg",
        "--root",
        str(root),
        "--force-all",
        "--no-triggers",
        "--force-unsafe-io",
        "--install",
    ]
    done = subprocess.run(
        [*command, *map(str, packages)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return root


def module_cache(archive: Path, cache: Path) -> Path:
    """A toolchain module as the go command unpacks it below GOMODCACHE (cmd/go, modfetch).

    The copy of the zip that the command keeps in ``cache/download`` is left out. Every file is
    read-only; commands may be run.
    """
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(cache)
        top = zipped.namelist()[0].split("/src/")[0].split("/", 2)
    directory = cache / top[0] / top[1]
    for kept in directory.rglob("_go.mod"):
        kept.with_name("go.mod").write_bytes(kept.read_bytes())
    for path in directory.rglob("*"):
        if path.is_file():
            command = path.is_relative_to(directory / "bin") or "pkg/tool" in str(path)
            path.chmod(0o555 if command else 0o444)
    return directory


def unpacked_archive(archive: Path, goroot: Path) -> Path:
    """A toolchain module as upstream's binary archive unpacks it: each name and mode upstream's."""
    work = goroot.with_name(f"{goroot.name}.unpacked")
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(work)
    (directory,) = (work / "golang.org").iterdir()
    for kept in list(directory.rglob("_go.mod")):
        kept.rename(kept.with_name("go.mod"))
    for path in directory.rglob("*"):
        if path.is_file():
            path.chmod(0o755 if _is_executable(path, directory) else 0o644)
    goroot.parent.mkdir(parents=True, exist_ok=True)
    directory.rename(goroot)
    shutil.rmtree(work)
    return goroot


def linked_copy(directory: Path, copy: Path) -> Path:
    """The same files again, by hard links: no bytes are written."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(directory, copy, copy_function=os.link, symlinks=True)
    return copy


def rewrite(file: Path, data: bytes) -> None:
    """Other bytes in a new file of the same name and mode: another name of it keeps its own."""
    mode = file.stat().st_mode
    file.unlink()
    file.write_bytes(data)
    file.chmod(mode)


def flip(file: Path, at: int = 100) -> None:
    """Change one bit of a file."""
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    rewrite(file, bytes(data))


def _is_executable(path: Path, goroot: Path) -> bool:
    """As upstream's archives have it (cmd/distpack/pack.go, func mode)."""
    relative = path.relative_to(goroot).as_posix()
    suffixes = (".bash", ".rc", ".pl", ".sh")
    wrapper = path.name.startswith("go_") and path.name.endswith("_exec")
    return relative.startswith(("bin/", "pkg/tool/")) or relative.endswith(suffixes) or wrapper
