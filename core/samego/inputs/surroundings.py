"""The surroundings of one build: what each variation is when plain, and when varied.

Each is made by the well-kept tool that does it: user, host name, file systems by bubblewrap,
kernel release and address space by setarch(1), CPUs by taskset(1), a UTS namespace by
unshare(1). For the domain name there is no tool on every machine: the probe sets it.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from samego.inputs.variation import varied_environment

#: Where things lie in the sandbox, whatever is varied.
SOURCE, BOOTSTRAP, TOOLS, OUT = "/source", "/bootstrap", "/samego", "/out"
#: Long, deep, and with characters that neither a shell nor make loves.
_DEEP = "/i/capture+the,path=" + "/".join("x" * 40 for _ in range(3)) + "/à@b"
_HOST, _DOMAIN = "i-capture-the-hostname", "i-capture-the-domain"
_ZONE_FILE, _ZONE_SECONDS = "zone", -12 * 3600
#: Seconds since 1970 that the sources' files get, and how far the clock is moved.
STAMP, CLOCK_SHIFT = 86400, 315_360_000
_STAMP_TEXT = "1970-01-02T00:00:00+00:00"
_PROCESSES = "3"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What one build sees around it, by the names of what is varied."""

    varied: frozenset[str]

    def _pick(self, name: str, plain: str, other: str) -> str:
        return other if name in self.varied else plain

    @property
    def what(self) -> str:
        """What is varied, for a list."""
        return f"{len(self.varied)} things varied" if self.varied else "plain"

    @property
    def place(self) -> str:
        """The directory that is built in."""
        return self._pick("build_path", "/build", _DEEP)

    @property
    def umask(self) -> str:
        """What the build's umask is, in octal."""
        return self._pick("umask", "0022", "0002")

    @property
    def in_memory(self) -> bool:
        """Whether the file system is one in memory."""
        return "file_system" in self.varied

    @property
    def _identity(self) -> tuple[str, str]:
        return ("4217", "4218") if "user_group" in self.varied else ("1000", "1000")

    @property
    def environment(self) -> dict[str, str]:
        """All variables that the build's first process sees."""
        given = {
            "PATH": self._pick("exec_path", "/usr/bin:/bin", "/i/capture/the/path:/usr/bin:/bin"),
            "HOME": self._pick("home", "/tmp/home", "/tmp/i/capture/the/home"),  # noqa: S108 - the sandbox's own
            "TMPDIR": "/tmp",  # noqa: S108 - the sandbox's own
            "LC_ALL": self._pick("locales", "C", "et_EE.UTF-8"),
            "TZ": self._pick("timezone", "UTC", f":{TOOLS}/{_ZONE_FILE}"),
        }
        if "environment" in self.varied:
            given |= varied_environment()
        if "parallelism" in self.varied:
            given["GOMAXPROCS"] = _PROCESSES
        return given

    @property
    def expected(self) -> Mapping[str, str]:
        """What the probe must report where a variation is known by its value."""
        user, group = self._identity
        environment = self.environment
        found = {
            "build_path": f"{self.place}/goroot",
            "user_group": f"{user}:{group}",
            "home": environment["HOME"],
            "locales": environment["LC_ALL"],
            "umask": self.umask,
            "exec_path": environment["PATH"],
        }
        fixed = {
            "domain_host": {"host": _HOST, "domain": _DOMAIN},
            "timezone": {"timezone": str(_ZONE_SECONDS)},
            "num_cpus": {"num_cpus": "1"},
            "parallelism": {"parallelism": _PROCESSES},
            "timestamps": {"timestamps": _STAMP_TEXT},
            "environment": {"environment": " ".join(sorted(environment))},
        }
        for name, values in fixed.items():
            if name in self.varied:
                found |= values
        return found

    def sandbox(self) -> list[str]:
        """The arguments of bwrap for user, host and namespaces."""
        user, group = self._identity
        return [
            "--unshare-user", "--uid", user, "--gid", group, "--unshare-uts", "--hostname", "plain",
            "--unshare-ipc", "--unshare-pid", "--unshare-net", "--die-with-parent",
            "--new-session", "--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN",
        ]  # fmt: skip

    def prefix(self) -> list[str]:
        """The command before the build's, in the sandbox: what bubblewrap cannot vary.

        The probe comes last where it must: it gives the one right away that was kept for it.
        """
        words = []
        flags = [
            flag
            for name, flag in (("kernel", "--uname-2.6"), ("aslr", "--addr-no-randomize"))
            if name in self.varied
        ]
        if flags:
            words += ["setarch", *flags]
        if "num_cpus" in self.varied:
            words += ["taskset", "--cpu-list", str(min(os.sched_getaffinity(0)))]
        host, domain = (_HOST, _DOMAIN) if "domain_host" in self.varied else ("plain", "(none)")
        return [*words, "unshare", "--uts", f"{TOOLS}/launcher", "host", host, domain]

    def files(self) -> Mapping[str, bytes]:
        """What must lie in TOOLS for them."""
        return {_ZONE_FILE: _zone()}


def _zone() -> bytes:
    """A time zone twelve hours behind, as a file of version 1 (RFC 8536, section 3)."""
    counts = struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    return b"TZif" + bytes(16) + counts + struct.pack(">lbb", _ZONE_SECONDS, 0, 0) + b"VAR\0"
