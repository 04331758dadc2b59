"""The apt of this machine: how its programs are run, and what its configuration says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from samego.errors import DiskFullError, ToolError
from samego.system.disk import size_of
from samego.system.terminal import readable

_TIMEOUT_SECONDS = 1800
#: With less free space than this, in bytes, apt may wait for ever for a helper of its own that
#: could not write (seen with apt 3.0.3 while it stores lists). It is ended when its directory is
#: unchanged in so many looks, which are so many seconds apart.
_NO_ROOM, _LOOKS, _BETWEEN_SECONDS = 16 << 20, 4, 5.0


def run_apt(
    command: list[str], cwd: Path | None = None, *, fills: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program of apt, which writes below the directory ``fills``.

    Raises ToolError when it is not there or hangs, DiskFullError when it hangs on a full disk.
    """
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": "C"}
    try:
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            cwd=cwd,
            env=environment,
        ) as process:
            try:
                out, err = _watched(process, command[0], fills)
            except BaseException:
                process.kill()
                raise
    except OSError as error:
        raise ToolError(
            f"{command[0]} cannot be run ({error.strerror})",
            hint="install apt, or download the packages and name the files",
        ) from error
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def _watched(process: subprocess.Popen[str], name: str, fills: Path | None) -> tuple[str, str]:
    """What a program of apt prints. Raises as :func:`run_apt` does."""
    end = time.monotonic() + _TIMEOUT_SECONDS
    seen, still = -1, 0
    while True:
        try:
            return process.communicate(timeout=_BETWEEN_SECONDS)
        except subprocess.TimeoutExpired as error:
            if time.monotonic() > end:
                raise ToolError(
                    f"{name} did not end within {_TIMEOUT_SECONDS} seconds",
                    hint="check the network and try again",
                ) from error
        if fills is None or (free := shutil.disk_usage(fills).free) >= _NO_ROOM:
            continue
        size = size_of(fills)
        seen, still = size, still + 1 if size == seen else 0
        if still >= _LOOKS:
            raise DiskFullError(
                f"{name} does not go on: {fills} has {readable(free)} of disk space left",
                hint="free some space, or choose another cache directory",
            )


def host_directories() -> dict[str, str]:
    """Where the machine's apt keeps credentials and trusted keys, as absolute paths."""
    names = {
        "Dir::Etc::netrc": "f",
        "Dir::Etc::netrcparts": "d",
        "Dir::Etc::trusted": "f",
        "Dir::Etc::trustedparts": "d",
    }
    return {name: _configured(name, kind) for name, kind in names.items()}


def host_sources() -> Iterator[Path]:
    """The machine's files of sources, in apt's order."""
    yield Path(_configured("Dir::Etc::sourcelist", "f"))
    parts = Path(_configured("Dir::Etc::sourceparts", "d"))
    if parts.is_dir():
        yield from sorted(p for p in parts.iterdir() if p.suffix in (".list", ".sources"))


def _configured(name: str, kind: str) -> str:
    """A path of apt's configuration, resolved as apt does (``f`` file, ``d`` directory)."""
    done = run_apt(["apt-config", "shell", "VALUE", f"{name}/{kind}"])
    match = re.fullmatch(r"VALUE='(.*)'", done.stdout.strip())
    return match[1] if match else "/dev/null"


def host_architecture() -> str:
    """The machine's own architecture, as apt calls it."""
    done = run_apt(["apt-config", "shell", "VALUE", "APT::Architecture"])
    match = re.fullmatch(r"VALUE='(.*)'", done.stdout.strip())
    if match is None:
        raise ToolError(
            "apt-config does not print this machine's architecture",
            hint="name one: debian:SUITE/golang-1.24:amd64",
        )
    return match[1]
