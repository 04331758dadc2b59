"""The two ways to a sandbox with bubblewrap, and which of them this machine allows.

A user makes a user namespace, in which the program is nobody. Root can do without one: bwrap
makes the mounts, and setpriv(1) takes all rights away before the program starts, under a
number that no account has. In a user namespace of root's, root's files would stay root's.
"""

from __future__ import annotations

import functools
import itertools
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from samego.errors import SandboxError

#: Where the writable directory is in the sandbox.
PLACE = "/build"
HINT = (
    "install bubblewrap (of the same name on Debian and Arch); where it is there, the kernel must"
    " let users make namespaces (user.max_user_namespaces, kernel.unprivileged_userns_clone,"
    " kernel.apparmor_restrict_unprivileged_userns), or run samego as root"
)

#: The uid of the user nobody on Debian and Arch.
_NOBODY = 65534
#: Uids that no account has: above those of systemd-nspawn's containers (systemd's
#: UIDS-GIDS.md: 524288 to 1879048191), within a signed 32 bit number. One for each run: the
#: kernel counts processes by it.
_FIRST_FREE, _FREE = 0x70000000, 1 << 28
_RUNS = itertools.count()
_RUNS_A_PROCESS = 64

#: Directories of the system beside /usr: links into it, or directories of their own.
_BESIDE_USR = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
#: What programs in /usr need of /etc: where the loader finds libraries, and Debian's choices
#: between packages (awk, for one).
_FROM_ETC = ("/etc/ld.so.cache", "/etc/alternatives")
_PATH = "/usr/bin:/bin"
_PROBE_SECONDS = 20.0
#: The status of a command that was killed: 128 and SIGKILL's number.
KILLED = 137


@dataclass(frozen=True, slots=True)
class SandboxWay:
    """How a sandbox is made here.

    ``uid`` is the user that the program is for the kernel, None for the caller's own.
    """

    uid: int | None = None

    def flags(self) -> list[str]:
        """The arguments of bwrap that make the namespaces and take the rights away."""
        shared = [
            "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts",
            "--unshare-cgroup-try", "--die-with-parent", "--new-session", "--hostname", "sandbox",
            "--cap-drop", "ALL",
        ]  # fmt: skip
        if self.uid is None:
            nobody = str(_NOBODY)
            return [
                *shared, "--unshare-user", "--disable-userns", "--uid", nobody, "--gid", nobody
            ]  # fmt: skip
        kept = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")
        return [*shared, *itertools.chain.from_iterable(("--cap-add", name) for name in kept)]

    def becoming(self) -> list[str]:
        """The command before the program that makes it nobody, or nothing."""
        if self.uid is None:
            return []
        number = str(self.uid)
        return [
            "/usr/bin/setpriv", "--reuid", number, "--regid", number, "--clear-groups",
            "--bounding-set=-all", "--inh-caps=-all", "--",
        ]  # fmt: skip

    def passwd(self) -> bytes:
        """What the sandbox has as /etc/passwd."""
        number = self.uid or _NOBODY
        return b"nobody:x:%d:%d:nobody:/tmp:/usr/bin/false\n" % (number, number)

    def group(self) -> bytes:
        """What the sandbox has as /etc/group."""
        return b"nogroup:x:%d:\n" % (self.uid or _NOBODY)


def system() -> list[str]:
    """The arguments of bwrap for the read-only system, /dev and /proc."""
    arguments = ["--ro-bind", "/usr", "/usr"]
    for path in _BESIDE_USR:
        if Path(path).is_symlink():
            arguments += ["--symlink", str(Path(path).readlink()), path]
        elif Path(path).is_dir():
            arguments += ["--ro-bind", path, path]
    arguments += ["--perms", "0755", "--dir", "/etc"]
    for path in _FROM_ETC:
        arguments += ["--ro-bind-try", path, path]
    return [*arguments, "--proc", "/proc", "--dev", "/dev"]


def memory_directories(size: int) -> list[str]:
    """The arguments of bwrap for /tmp and /dev/shm of so many bytes each."""
    arguments = []
    for place in ("/tmp", "/dev/shm"):  # noqa: S108 - the sandbox's own
        arguments += ["--perms", "1777", "--size", str(size), "--tmpfs", place]
    return arguments


def environment(given: Mapping[str, str]) -> list[str]:
    """The arguments of bwrap for the environment: these variables, and those that tools need."""
    whole = {"PATH": _PATH, "HOME": "/tmp", "TMPDIR": "/tmp", "LC_ALL": "C", **given}  # noqa: S108 - the sandbox's own
    arguments = ["--clearenv"]
    for name, value in whole.items():
        arguments += ["--setenv", name, value]
    return arguments


def find(writable: Path | None = None) -> SandboxWay:
    """The way that this machine allows, with a uid for this run.

    A writable directory that has the uid of an earlier run keeps it. Raises SandboxError where
    this machine allows no sandbox.
    """
    chosen = _chosen()
    if isinstance(chosen, str):
        raise SandboxError(f"no sandbox is available here ({chosen})", hint=HINT)
    if chosen.uid is None:
        return chosen
    owner = writable.stat().st_uid if writable is not None else 0
    return SandboxWay(owner if owner >= _FIRST_FREE else _free_uid())


def available() -> bool:
    """Whether this machine allows a sandbox: ``true`` was run in one, once for this process."""
    return not isinstance(_chosen(), str)


def unavailable_because() -> str:
    """Why this machine allows no sandbox, in bwrap's words; empty where it does."""
    chosen = _chosen()
    return chosen if isinstance(chosen, str) else ""


def require() -> None:
    """Raise SandboxError where this machine allows no sandbox."""
    find()


def bwrap() -> str:
    """The path of bwrap. Raises SandboxError when it is not installed."""
    found = shutil.which("bwrap")
    if found is None:
        raise SandboxError("bwrap is not installed", hint=HINT)
    return found


def _free_uid() -> int:
    run = os.getpid() * _RUNS_A_PROCESS + next(_RUNS) % _RUNS_A_PROCESS
    return _FIRST_FREE + run % _FREE


@functools.cache
def _chosen() -> SandboxWay | str:
    """The first way that works, or why the last one does not."""
    try:
        program = bwrap()
    except SandboxError as error:
        return error.message
    ways = [SandboxWay(_free_uid()), SandboxWay()] if os.geteuid() == 0 else [SandboxWay()]
    problem = ""
    for way in ways:
        command = [
            program, *way.flags(), *system(), *memory_directories(1 << 20), *environment({}), "--",
            *way.becoming(), "/usr/bin/prlimit", "--core=0", "/usr/bin/true",
        ]  # fmt: skip
        problem = problem_of(command)
        if not problem:
            return way
    return problem


def problem_of(command: Sequence[str]) -> str:
    """Why a command fails: the last line of its stderr, or its status. Empty for status 0."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_SECONDS,
            env={},
            cwd="/",
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return ""
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"bwrap ended with status {done.returncode}"
