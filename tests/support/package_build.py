"""What builds and tries samego's own packages: a clean Debian, and the checkout as git gives it.

The base has what a build daemon has (build-essential) and no more. What lies above it is made from
the machine's own mirror; commands that need a registry see what reaches one, and nothing else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from support.chroot import Base, Chroot
from support.inputs import cache_directory

REPOSITORY = Path(__file__).parents[2]
#: mount is what the chroot itself is entered with.
BUILDER = ("build-essential", "mount")
#: The machine's certificates, where a registry is behind a proxy with a key of its own.
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_SEEN = "/host-certificates.crt"
_VARIABLES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
_PATIENCE = 3000.0


def export(target: Path) -> Path:
    """Write the checkout, as git would give it with what is not committed yet, to ``target``."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    for name in filter(None, listed):
        source = REPOSITORY / name
        if source.is_file():
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, path)
    return target


def registries() -> dict[str, str]:
    """The variables with which samego reaches the module proxy that this machine is set up for."""
    found = {name: os.environ[name] for name in _VARIABLES if name in os.environ}
    if shutil.which("go"):
        for name in ("GOPROXY", "GOSUMDB"):
            asked = subprocess.run(["go", "env", name], check=True, capture_output=True, text=True)
            found[name] = asked.stdout.strip()
    if _CERTIFICATES.exists():
        found["REQUESTS_CA_BUNDLE"] = _SEEN
    return found


def clean(layer: Path) -> Chroot:
    """A clean system of Debian, with fresh lists of packages."""
    chroot = Chroot((Base(cache_directory(), packages=BUILDER).directory(),), layer)
    run(chroot, "apt-get update -qq", network=True)
    return chroot


def install(chroot: Chroot, *packages: str, build: Path | None = None) -> None:
    """Install packages of Debian's, or files below /build, and nothing that they only recommend."""
    words = "apt-get install -y -qq --no-install-recommends " + " ".join(packages)
    run(chroot, f"DEBIAN_FRONTEND=noninteractive {words}", build=build, network=True)


def run(
    chroot: Chroot,
    script: str,
    *,
    build: Path | None = None,
    network: bool = False,
    user: str = "root",
    environment: dict[str, str] | None = None,
    status: int = 0,
) -> str:
    """Run a script of sh, with ``build`` under /build; what it printed. Its status must be this."""
    binds = {build: "/build"} if build else {}
    if network and _CERTIFICATES.exists():
        binds[_CERTIFICATES] = _SEEN
    done = chroot.run(
        *("sh", "-euc", script),
        binds=binds,
        cwd="/build" if build else "/",
        network=network,
        user=user,
        environment={**(registries() if network else {}), **(environment or {})},
        timeout=_PATIENCE,
    )
    assert done.returncode == status, f"{script}\nended with {done.returncode}:\n{done.stdout}"
    return done.stdout
