"""The apt of this machine: how its programs are run, and what its configuration says."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from samego.errors import (
    ToolError,
)

_TIMEOUT_SECONDS = 1800


def run_apt(command: list[str], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program of apt. Raises ToolError when it is not there or hangs."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": "C"}
    try:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except OSError as error:
        raise ToolError(
            f"{command[0]} cannot be run ({error.strerror})",
            hint="install apt, or download the packages and name the files",
        ) from error
    except subprocess.TimeoutExpired as error:
        raise ToolError(
            f"{command[0]} did not end within {_TIMEOUT_SECONDS} seconds",
            hint="check the network and try again",
        ) from error


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
