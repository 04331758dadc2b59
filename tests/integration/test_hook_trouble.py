"""A hook in trouble: a lock that another user holds, a proxy that drips, no network, a full disk.

However it goes: the hook ends in time, says what happened in one line, and fails no build.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from support.cli import PROGRAM, Result, Samego
from support.deb_repack import new_file, write_deb
from support.godev_server import GoDev, file_row, release_row, serve, toolchain_archive

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="another user is needed: run as root")

RELEASE = "go1.24.999"
NOBODY = 65534
#: Seconds within which each hook must have ended; SAMEGO_TIMEOUT is 2.
PATIENCE = 45.0
_CONTROL = """\
Package: golang-1.24-go
Source: golang-1.24
Version: 1.24.999-1
Architecture: amd64
Maintainer: Nobody <nobody@example.org>
Description: a toy
"""
_FILES = {"VERSION": f"{RELEASE}\ntime 2025-05-29T19:37:36Z\n".encode(), "src/a.go": b"package a"}
#: Takes a lock on all files below a directory that this user can open, and holds them.
_HOLD = """\
import fcntl, os, sys, time
held = []
for top, _names, files in os.walk(sys.argv[1]):
    for path in (top, *(os.path.join(top, name) for name in files)):
        for flags in (os.O_RDWR, os.O_RDONLY):
            try:
                held.append(os.open(path, flags | os.O_NONBLOCK))
                fcntl.flock(held[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                pass
print(len(held), flush=True)
time.sleep(600)
"""


@pytest.fixture
def public() -> Iterator[Path]:
    """A directory that every user can enter."""
    path = Path("/var/tmp") / f"samego-test-{os.getpid()}-{time.monotonic_ns()}"  # noqa: S108 - entered by another user on purpose
    path.mkdir(mode=0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def deb(public: Path) -> Path:
    """The toy's package."""
    members = (new_file(f"usr/lib/go-1.24/{path}", data) for path, data in _FILES.items())
    return write_deb(public / "golang-1.24-go_1.24.999-1_amd64.deb", _CONTROL, members)


@pytest.fixture
def godev() -> Iterator[GoDev]:
    with serve(GoDev()) as state:
        name, data = f"{RELEASE}.linux-amd64.tar.gz", toolchain_archive(RELEASE, _FILES)
        state.post(name, data)
        state.set_index(release_row(RELEASE, file_row(name, data)))
        yield state


def hook(
    home: Path, deb: Path, godev: GoDev, variables: Mapping[str, str | None] | None = None
) -> tuple[Result, float]:
    """Run the hook as dpkg-buildpackage does; its result, and the seconds it took."""
    environment: dict[str, str | None] = {
        "SAMEGO_GODEV_URL": f"{godev.url}/dl",
        "SAMEGO_CHANNEL": "go.dev/dl",
        "SAMEGO_TIMEOUT": "2",
        "SAMEGO_SPOOL": str(home / "spool"),
        "SAMEGO_CACHE": str(home / "cache"),
        "SAMEGO_RECORD": "0",
        **(variables or {}),
    }
    start = time.monotonic()
    # As the installed hooks call it: Python, isolated, with the program's path.
    samego = Samego(home, patience=900, program=Path(sys.executable))
    result = samego("-I", PROGRAM, "hook", "run", "sbuild", deb, environment=environment)
    return result, time.monotonic() - start


def holds(result: Result) -> bool:
    """Whether the check was made, and its report kept."""
    return "1.24.999-1 amd64 is" in result.stdout and "the report: " in result.stdout


@contextlib.contextmanager
def held_by_nobody(directory: Path) -> Iterator[int]:
    """Another user's locks on all that he can open below a directory; how many."""
    command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    with subprocess.Popen(
        [*command, sys.executable, "-I", "-c", _HOLD, directory], stdout=subprocess.PIPE
    ) as holder:
        try:
            assert holder.stdout is not None
            yield int(holder.stdout.readline())
        finally:
            holder.kill()


def test_another_user_s_locks(public: Path, deb: Path, godev: GoDev) -> None:
    result, _ = hook(public, deb, godev)
    assert (result.status, holds(result)) == (0, True), result
    with held_by_nobody(public) as number:
        assert number > 0
        result, seconds = hook(public, deb, godev)
    assert (result.status, holds(result)) == (0, True), result
    assert seconds < PATIENCE


@contextlib.contextmanager
def dripping(data: bytes = b"x") -> Iterator[str]:
    """A server that sends a byte every half second, in headers that never end."""
    listening = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def answer(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not ended.wait(0.5):
                connection.sendall(data)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=answer, args=[listening.accept()[0]], daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        ended.set()
        listening.close()


def test_a_proxy_that_drips(public: Path, deb: Path, godev: GoDev) -> None:
    with dripping() as proxy:
        plain = {"SAMEGO_GODEV_URL": "http://localhost:1/dl", "no_proxy": "", "NO_PROXY": ""}
        result, seconds = hook(
            public, deb, godev, {**plain, "http_proxy": proxy, "SAMEGO_TIMEOUT": "1"}
        )
    assert result.status == 0, result
    assert "not decided" in result.stdout + result.stderr
    assert "too slowly" in result.stdout + result.stderr
    assert f"through the proxy {proxy}" in result.stdout + result.stderr
    assert seconds < PATIENCE


def test_no_network(public: Path, deb: Path, godev: GoDev) -> None:
    dead = {"https_proxy": "http://192.0.2.1:3128", "no_proxy": "", "NO_PROXY": ""}
    result, seconds = hook(
        public, deb, godev, {**dead, "SAMEGO_GODEV_URL": None, "SAMEGO_CHANNEL": None}
    )
    assert result.status == 0, result
    assert "not decided" in result.stdout + result.stderr
    assert "go.dev" in result.stdout + result.stderr
    assert seconds < PATIENCE


@pytest.fixture
def small(public: Path) -> Iterator[Path]:
    """A file system with almost no room."""
    path = public / "small"
    path.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k,mode=755", "none", path], check=False
    )
    if done.returncode:
        pytest.skip("this machine mounts nothing")
    yield path
    subprocess.run(["umount", path], check=True)


@pytest.mark.parametrize("what", ["SAMEGO_CACHE", "SAMEGO_SPOOL"])
def test_a_full_disk(public: Path, deb: Path, godev: GoDev, small: Path, what: str) -> None:
    (small / "filler").write_bytes(bytes(40 << 10))
    with contextlib.suppress(OSError), (small / "filler").open("ab") as filler:
        while True:
            filler.write(bytes(4096))
            filler.flush()
    result, seconds = hook(public, deb, godev, {what: str(small / "x")})
    assert result.status == 0, result
    said = result.stdout + result.stderr
    assert "no disk space" in said or "No space left" in said or "is full" in said, said
    assert "Traceback" not in said
    assert seconds < PATIENCE


def test_no_variable_of_the_build_reaches_the_check(public: Path, deb: Path, godev: GoDev) -> None:
    evil, marker = public / "evil", public / "was-run"
    evil.mkdir()
    for module in ("sitecustomize", "usercustomize", "samego", "requests"):
        (evil / f"{module}.py").write_text(f"open({str(marker)!r}, 'w').close()\n")
    for program in ("gpgv", "dpkg-deb", "tar", "perl", "git", "python3", "sh", "env"):
        (evil / program).write_text(f"#!/bin/sh\n: > {marker}\nexit 1\n")
        (evil / program).chmod(0o755)
    lead_there = (
        *("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONWARNINGS", "PYTHONINSPECT"),
        *("PYTHONUSERBASE", "PYTHONPLATLIBDIR", "PYTHONPYCACHEPREFIX", "PYTHONBREAKPOINT"),
        *("LD_LIBRARY_PATH", "GIT_DIR", "GIT_CONFIG_GLOBAL", "GIT_EXEC_PATH", "GOFLAGS", "GOROOT"),
        *("GOPATH", "GOENV", "PERL5LIB", "SHELLOPTS", "GZIP", "XZ_OPT", "ZSTD_CLEVEL", "GNUPGHOME"),
        *("DPKG_ROOT", "DPKG_ADMINDIR", "APT_CONFIG", "PACMAN", "MAKEPKG_CONF", "TZDIR"),
    )
    variables = dict.fromkeys(lead_there, str(evil)) | {
        "PATH": f"{evil}:/usr/bin:/bin",
        "PERL5OPT": f"-I{evil} -Mevil",
        "TAR_OPTIONS": f"--to-command={evil}/tar",
        "BASH_ENV": str(evil / "sh"),
        "ENV": str(evil / "sh"),
    }
    result, _ = hook(public, deb, godev, variables)
    assert not marker.exists(), result
    assert (result.status, holds(result)) == (0, True), result
