"""Debian's real rebuilderd with its worker and clients, each in a directory of its own.

The programs are sid's, and want a newer libc than older systems have: they lie in a private
root beside that libc, whose own loader starts them. What they start runs with the system's
libc: nothing of this is in the environment. sid's mirror keeps no old versions, so that
they are pinned by nothing but Debian's signed index, which a private apt reads. trixie has
the daemon that came before v1 of the API.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import requests

from support.inputs import debian_mirror

_LIBRARY_PACKAGES = ("libc6", "libgcc-s1", "liblzma5", "libzstd1", "libsqlite3-0")
#: What is taken from each suite.
PACKAGES = {
    "sid": (
        *_LIBRARY_PACKAGES,
        *("rebuilderd", "rebuilderd-worker", "rebuildctl", "debian-repro-status"),
    ),
    "trixie": (*_LIBRARY_PACKAGES, "rebuilderd"),
}
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_LOADER = "usr/lib64/ld-linux-x86-64.so.2"
_LIBRARIES = "usr/lib/x86_64-linux-gnu"
#: Seconds: until a server answers, and until something that was started has come about.
_START, _PATIENCE = 30.0, 120.0

T = TypeVar("T")


def cannot_run() -> str:
    """Why the programs cannot be had on this machine, or nothing."""
    if os.uname().machine != "x86_64":
        return "the private root is one of amd64"
    if shutil.which("apt-get") is None or not KEYRING.is_file():
        return "there is no apt with Debian's keyring"
    return ""


@dataclass(frozen=True, slots=True)
class Sysroot:
    """The programs and their libc, in the tests' cache."""

    root: Path

    @classmethod
    def get(cls, cache: Path, suite: str = "sid") -> Sysroot:
        """Those in the cache, fetched at the first time."""
        directory = cache / "rebuilderd"
        directory.mkdir(parents=True, exist_ok=True)
        key = hashlib.sha256(" ".join((suite, *PACKAGES[suite])).encode()).hexdigest()[:12]
        root = directory / f"root-{key}"
        with (directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not root.is_dir():
                _fetch(directory, root, suite)
        return cls(root)

    def command(self, program: str) -> list[str]:
        """What starts one of the programs."""
        libraries = str(self.root / _LIBRARIES)
        loader = str(self.root / _LOADER)
        return [loader, "--library-path", libraries, str(self.root / "usr/bin" / program)]


def _fetch(directory: Path, root: Path, suite: str) -> None:
    apt = directory / "apt"
    for name in ("etc", "lists/partial", "archives/partial"):
        (apt / name).mkdir(parents=True, exist_ok=True)
    (apt / "status").touch()
    sources = apt / "etc/sources.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {debian_mirror()} {suite} main\n", "utf-8")
    settings = {
        "APT::Architecture": "amd64",
        "APT::Architectures": "amd64",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
        # How old the index is does not matter here, and a mirror may serve a snapshot.
        "Acquire::Check-Valid-Until": "false",
        "Dir::Etc::SourceList": str(sources),
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::Etc::PreferencesParts": "/dev/null",
        "Dir::State::Lists": str(apt / "lists"),
        "Dir::State::Status": str(apt / "status"),
        "Dir::Cache": str(apt),
    }
    options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
    debs, part = directory / "debs", directory / "root.part"
    for place in (debs, part):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
    for words in (("update",), ("download", *PACKAGES[suite])):
        subprocess.run(
            ["apt-get", "-q", *options, *words], cwd=debs, check=True, capture_output=True
        )
    for deb in sorted(debs.glob("*.deb")):
        subprocess.run(["dpkg-deb", "--extract", str(deb), str(part)], check=True)
    shutil.rmtree(apt)
    part.rename(root)


def free_port() -> int:
    """A port of the loopback that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def waited_for(ask: Callable[[], T | None], what: str, patience: float = _PATIENCE) -> T:
    """What ``ask`` gives once it gives something."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        found = ask()
        if found is not None:
            return found
        time.sleep(0.2)
    raise TimeoutError(f"{what} did not come about in {patience:.0f} s")


@dataclass(frozen=True, slots=True)
class Daemon:
    """A daemon that runs; ``home`` is its directory and HOME."""

    sysroot: Sysroot
    home: Path
    url: str

    @property
    def cookie(self) -> Path:
        """The file with the administrator's cookie."""
        return self.home / "auth-cookie"

    @property
    def database(self) -> Path:
        """Where it keeps everything."""
        return self.home / "rebuilderd.db"

    @property
    def administrator(self) -> dict[str, str]:
        """What the environment of the administrator's programs has: rebuildctl, and the key."""
        return {
            "PATH": f"{self.home / 'bin'}:{os.environ['PATH']}",
            "REBUILDERD_COOKIE_PATH": str(self.cookie),
        }

    @contextmanager
    def rewritten(self) -> Iterator[sqlite3.Connection]:
        """Its database, to make what it holds older than it is."""
        with closing(sqlite3.connect(self.database)) as database, database:
            yield database

    def rebuildctl(self, *words: str, stdin: str = "") -> str:
        """Run rebuildctl as the administrator; what it printed."""
        done = subprocess.run(
            [*self.sysroot.command("rebuildctl"), "-H", self.url, *words],
            input=stdin,
            env={**_environment(self.home), **self.administrator},
            check=False,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
        )
        assert done.returncode == 0, f"rebuildctl {words}: {done.stderr}"
        return done.stdout

    def get(self, path: str) -> requests.Response:
        """What the daemon answers."""
        return requests.get(f"{self.url}{path}", timeout=30)


@contextmanager
def daemon(sysroot: Sysroot, home: Path) -> Iterator[Daemon]:
    """Run a daemon on a free port."""
    (home / "bin").mkdir(parents=True)
    script = home / "bin/rebuildctl"
    script.write_text(f'#!/bin/sh\nexec {shlex.join(sysroot.command("rebuildctl"))} "$@"\n')
    script.chmod(0o755)
    port = free_port()
    running = Daemon(sysroot, home, f"http://127.0.0.1:{port}")
    environment = {
        **_environment(home),
        "HTTP_ADDR": f"127.0.0.1:{port}",
        "REBUILDERD_COOKIE_PATH": str(running.cookie),
    }
    with _started(sysroot.command("rebuilderd"), home, environment, home / "log"):

        def answers() -> bool | None:
            try:
                return running.get("/api/v0/dashboard").ok or None
            except requests.ConnectionError:
                return None

        waited_for(answers, "the daemon", _START)
        yield running


def told_before_v1(daemon: Daemon, path: str, content: object) -> Any:  # noqa: ANN401 - it is JSON
    """What a daemon answers to somebody who tells it something in v0 of the API."""
    headers = {"X-Auth-Cookie": daemon.cookie.read_text().strip(), "X-Worker-Key": "a2V5"}
    answer = requests.post(f"{daemon.url}/api/v0/{path}", json=content, headers=headers, timeout=30)
    assert answer.ok, answer.text
    return answer.json()


@dataclass(frozen=True, slots=True)
class Worker:
    """How a worker is set up: its directory, which is its HOME, and a backend's script each."""

    daemon: Daemon
    home: Path
    backends: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)

    def config(self) -> Path:
        """Write its configuration and its backends' scripts."""
        lines = ["idle_delay = 1", 'supported_architectures = ["*"]', "[build]", "timeout = 300"]
        for name, script in self.backends.items():
            path = self.home / f"{name}.sh"
            path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
            path.chmod(0o755)
            lines += [f'[backend."{name}"]', f'path = "{path}"']
        config = self.home / "worker.conf"
        config.write_text("\n".join(lines) + "\n", "utf-8")
        return config

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run it; at the end everything that it started is ended."""
        self.home.mkdir(exist_ok=True)
        program = self.daemon.sysroot.command("rebuilderd-worker")
        command = [*program, "-c", str(self.config()), "connect", self.daemon.url]
        environment = {**_environment(self.home), **self.environment}
        with _started(command, self.home, environment, self.home / "log") as process:
            yield process


def _environment(home: Path) -> dict[str, str]:
    return {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "TMPDIR": str(home),
        "SAMEGO_DEBIAN_SOURCES": "beside",
    }


@contextmanager
def _started(
    command: Sequence[str], cwd: Path, environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as file:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a program and everything that it started, as when its machine goes down."""
    for number in (process.pid, *descendants(process.pid)):
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    process.wait()


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, and those that these have."""
    found = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            text = children.read_text("ascii")
        except OSError:
            continue
        for child in map(int, re.findall(r"\d+", text)):
            found += [child, *descendants(child)]
    return found
