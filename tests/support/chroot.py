"""A real Debian system in a directory, for the distro's own build tools.

The base is made once by mmdebstrap from the machine's own mirror and kept in the tests'
cache. Nothing is ever written to it: each :class:`Chroot` is an overlay with a layer of
its own on top of it, mounted in namespaces that end with the command. The root is pivoted
rather than changed, so that user namespaces (sbuild's ``unshare``) can be made inside.
It takes root, mmdebstrap and a kernel with overlayfs.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support.inputs import debian_mirror

SUITE = "trixie"
#: The tools under test, and what samego needs there: the distro's own libraries.
PACKAGES = (
    "build-essential",
    "debhelper",
    "devscripts",
    "gpgv",
    "iproute2",
    "libfile-homedir-perl",
    "libfile-stripnondeterminism-perl",
    "libstring-shellquote-perl",
    "mmdebstrap",
    "pbuilder",
    "python3-cryptography",
    "python3-debian",
    "python3-jsonschema",
    "python3-pip",
    "python3-platformdirs",
    "python3-pyelftools",
    "python3-requests",
    "python3-rich",
    "python3-setuptools",
    "python3-tomli",
    "python3-wheel",
    "python3-zstandard",
    "sbuild",
    "uidmap",
)
#: What commands see of the environment, and no more.
_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/root",
    # The trees that are built there pack what others built: their debian/ is not Debian's.
    "SAMEGO_DEBIAN_SOURCES": "beside",
}
#: Run by the host's sh in new namespaces. $1: the overlay's options, $2: its place,
#: $3: the number of pairs (host path, path inside) that follow; then the command.
_ENTER = r"""
set -eu
options=$1 new=$2 pairs=$3
shift 3
mount -t overlay overlay -o "$options" "$new"
while [ "$pairs" -gt 0 ]; do
    if [ -d "$1" ]; then
        mkdir -p "$new$2"
    else
        mkdir -p "$(dirname "$new$2")"
        [ -e "$new$2" ] || : >"$new$2"
    fi
    mount --bind "$1" "$new$2"
    shift 2
    pairs=$((pairs - 1))
done
mount -t proc proc "$new/proc"
mount --rbind /sys "$new/sys"
mount --rbind /dev "$new/dev"
cd "$new"
pivot_root . .
umount -l .
exec "$@"
"""


@dataclass(frozen=True, slots=True)
class Chroot:
    """A system: read-only directories, the uppermost first, and what was changed above them."""

    lower: tuple[Path, ...]
    layer: Path

    def on_top(self, layer: Path) -> Chroot:
        """Another system that begins as this one is now; this one must not change any more."""
        return Chroot((self.layer / "upper", *self.lower), layer)

    def run(
        self,
        *command: str | Path,
        environment: Mapping[str, str] | None = None,
        binds: Mapping[Path, str] | None = None,
        cwd: str = "/",
        user: str = "root",
        network: bool = False,
        timeout: float = 600,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside; stdout and stderr come together as ``stdout``.

        ``binds`` maps host paths to where they are seen inside. ``timeout`` is in seconds.
        The exit status is the caller's to judge.
        """
        places = {name: self.layer / name for name in ("upper", "work", "root")}
        for place in places.values():
            place.mkdir(parents=True, exist_ok=True)
        options = (
            f"lowerdir={':'.join(map(str, self.lower))},"
            f"upperdir={places['upper']},workdir={places['work']}"
        )
        pairs = dict(binds or {})
        if network:
            pairs[Path("/etc/resolv.conf").resolve()] = "/etc/resolv.conf"
        bound = [str(word) for pair in pairs.items() for word in pair]
        variables = _ENVIRONMENT | dict(environment or {})
        become = [] if user == "root" else _as_user(user)
        return subprocess.run(
            [
                *("unshare", "--mount", "--pid", "--ipc", "--fork", "--kill-child"),
                *([] if network else ["--net"]),
                *("sh", "-c", _ENTER, "sh", options, str(places["root"]), str(len(pairs)), *bound),
                *(*become, "env", "-i", f"--chdir={cwd}"),
                *(f"{name}={value}" for name, value in variables.items()),
                *map(str, command),
            ],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
        )

    def check(
        self,
        *command: str | Path,
        binds: Mapping[Path, str] | None = None,
        cwd: str = "/",
        network: bool = False,
    ) -> str:
        """Run a command that must succeed; what it printed."""
        done = self.run(*command, binds=binds, cwd=cwd, network=network)
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout


def _as_user(user: str) -> list[str]:
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]


@dataclass(frozen=True, slots=True)
class Base:
    """The base system in the cache, made when it is first asked for."""

    cache: Path
    suite: str = SUITE
    packages: tuple[str, ...] = field(default=PACKAGES)

    def directory(self) -> Path:
        """The base's root directory: to be read only."""
        key = hashlib.sha256(" ".join((self.suite, *self.packages)).encode()).hexdigest()[:12]
        directory = self.cache / "chroots" / f"{self.suite}-{key}"
        directory.parent.mkdir(parents=True, exist_ok=True)
        with (directory.parent / f"{directory.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not directory.is_dir():
                self._make(directory)
        return directory

    def _make(self, directory: Path) -> None:
        part = directory.with_name(f"{directory.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        done = subprocess.run(
            [
                *("mmdebstrap", "--mode=root", "--variant=apt", "--format=directory"),
                f"--include={','.join(self.packages)}",
                *(self.suite, str(part), debian_mirror()),
            ],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            shutil.rmtree(part, ignore_errors=True)
            raise RuntimeError(f"mmdebstrap ended with {done.returncode}:\n{done.stderr}")
        part.chmod(0o755)
        part.replace(directory)


def cannot_run() -> str:
    """Why no chroot can be made on this machine, or nothing."""
    if os.geteuid() != 0:
        return "a chroot takes root"
    if shutil.which("mmdebstrap") is None:
        return "mmdebstrap is not installed (tools/setup.sh test)"
    return ""


def install_samego(chroot: Chroot, repository: Path, scratch: Path) -> None:
    """Install this samego in the system as /usr/local/bin/samego, with the distro's pip.

    It is built from a copy: setuptools writes beside the sources.
    """
    source = scratch / "samego-source"
    source.mkdir()
    for name in ("setup.cfg", "setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(repository / name, source)
    skip = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in ("core", "plugins"):
        shutil.copytree(repository / name, source / name, ignore=skip)
    chroot.check(
        *("pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"),
        *("--break-system-packages", "--root-user-action=ignore", "/samego-source"),
        binds={source: "/samego-source"},
    )
