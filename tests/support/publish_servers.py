"""Where pages are published to: a real sshd and rsync daemon, on the loopback.

Each runs with a configuration of its own in a directory of the test, and with ``room`` on a
file system of that size, which nobody else sees. A relay stands before it: it counts, slows
down and drops what passes.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import select
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

USER, PASSWORD = "publisher", "correct-horse-7"
_PATIENCE = 60.0


@dataclass
class Relay:
    """A TCP relay on ``port``; ``sent`` counts the bytes from clients.

    ``rate`` bounds them (bytes a second, None: no bound). ``cut`` drops every connection when
    so many have passed, which ``cuts`` counts; ``deaf`` accepts no further one.
    """

    port: int
    goal: int
    rate: float | None = None
    cut: int | None = None
    deaf: bool = False
    sent: int = 0
    connections: int = 0
    cuts: int = 0
    closing: threading.Event = field(default_factory=threading.Event)

    def wait(self, sent: int) -> bool:
        """Wait until so many bytes have passed; False when none did for long."""
        end = time.monotonic() + _PATIENCE
        while self.sent < sent and time.monotonic() < end:
            time.sleep(0.001)
        return self.sent >= sent


@contextlib.contextmanager
def relay_to(goal: int) -> Iterator[Relay]:
    """A relay to a port of the loopback."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        relay = Relay(server.getsockname()[1], goal)
        accepting = threading.Thread(target=_accept, args=(relay, server))
        accepting.start()
        try:
            yield relay
        finally:
            relay.closing.set()
            accepting.join()


def _accept(relay: Relay, server: socket.socket) -> None:
    workers = []
    while not relay.closing.is_set():
        if not select.select([server], [], [], 0.05)[0]:
            continue
        client, _ = server.accept()
        if relay.deaf:
            client.close()
            continue
        relay.connections += 1
        workers.append(threading.Thread(target=_relay, args=(relay, client)))
        workers[-1].start()
    for worker in workers:
        worker.join()


def _relay(relay: Relay, client: socket.socket) -> None:
    with (
        client,
        contextlib.suppress(OSError),
        socket.create_connection(("127.0.0.1", relay.goal)) as server,
    ):
        _pass_on(relay, client, server)


def _pass_on(relay: Relay, client: socket.socket, server: socket.socket) -> None:
    while not relay.closing.is_set():
        for ready in select.select([client, server], [], [], 0.05)[0]:
            data = ready.recv(1024 if relay.rate else 65536)
            if not data:
                return
            if ready is server:
                client.sendall(data)
                continue
            server.sendall(data)
            relay.sent += len(data)
            if relay.cut is not None and relay.sent >= relay.cut:
                relay.cut, relay.cuts = None, relay.cuts + 1
                return
            if relay.rate:
                time.sleep(len(data) / relay.rate)


@dataclass(frozen=True, slots=True)
class Server:
    """A server whose pages lie in ``root`` as the test sees it; ``destination`` is published to.

    ``environment`` is what a publisher needs. ``log`` is the server's.
    """

    destination: str
    root: Path
    relay: Relay
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]
    log: Path


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def mounting() -> list[str]:
    """A command prefix with which a file system may be mounted that nobody else sees."""
    return ["unshare", "--mount", "--"] if os.geteuid() == 0 else [
        "unshare", "--user", "--map-root-user", "--mount", "--"
    ]  # fmt: skip


@contextlib.contextmanager
def _running(
    words: Sequence[str], port: int, directory: Path, room: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A server that listens on a port, in a process group of its own, ended with the block."""
    if room:
        script = 'mount -t tmpfs -o "size=$1" tmpfs "$2" && shift 2 && exec "$@"'
        words = [*mounting(), "sh", "-c", script, "sh", room, str(directory / "root"), *words]
    log = directory / "log"
    with (
        log.open("ab") as output,
        subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        ) as process,
    ):
        try:
            end = time.monotonic() + _PATIENCE
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                assert process.poll() is None, log.read_text("utf-8", "replace")
                assert time.monotonic() < end, log.read_text("utf-8", "replace")
                time.sleep(0.02)
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)


def _seen(directory: Path, room: str, process: subprocess.Popen[bytes]) -> Path:
    """The pages as the test can see them."""
    root = directory / "root"
    return Path(f"/proc/{process.pid}/root{root}") if room else root


def make_key(path: Path) -> Path:
    """A throw-away ssh key without a passphrase."""
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "throw-away", "-f", str(path)],
        check=True,
    )
    return path


@contextlib.contextmanager
def sshd(directory: Path, *, room: str = "", restrict: str = "") -> Iterator[Server]:
    """An sshd that lets one throw-away key in; ``restrict`` goes before it in authorized_keys.

    The host is called ``target`` in the ssh configuration that comes with it.
    """
    (directory / "root").mkdir(parents=True)
    host_key, key = make_key(directory / "host_key"), make_key(directory / "key")
    user = pwd.getpwuid(os.geteuid()).pw_name
    port = free_port()
    allowed = key.with_suffix(".pub").read_text("utf-8")
    (directory / "authorized_keys").write_text(f"{restrict}{allowed}", "utf-8")
    if os.geteuid() == 0:
        # What Debian's service makes before it starts.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    (directory / "sshd_config").write_text(
        f"""Port {port}
ListenAddress 127.0.0.1
HostKey {host_key}
AuthorizedKeysFile {directory}/authorized_keys
PidFile none
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
""",
        "utf-8",
    )
    program = shutil.which("sshd") or "/usr/sbin/sshd"
    words = [program, "-D", "-e", "-f", str(directory / "sshd_config")]
    with (
        _running(words, port, directory, room) as process,
        relay_to(port) as relay,
    ):
        public = host_key.with_suffix(".pub").read_text("utf-8")
        (directory / "known_hosts").write_text(f"target {public}", "utf-8")
        (directory / "ssh_config").write_text(
            f"""Host target
HostName 127.0.0.1
HostKeyAlias target
Port {relay.port}
User {user}
IdentitiesOnly yes
IdentityAgent none
UserKnownHostsFile {directory}/known_hosts
GlobalKnownHostsFile /dev/null
StrictHostKeyChecking yes
""",
            "utf-8",
        )
        yield Server(
            f"target:{'' if restrict else directory / 'root'}/go",
            _seen(directory, room, process),
            relay,
            {"RSYNC_RSH": f"ssh -F {directory}/ssh_config", "SAMEGO_PUBLISH_SSH_KEY": str(key)},
            process,
            directory / "log",
        )


@contextlib.contextmanager
def rsync_daemon(directory: Path, *, room: str = "") -> Iterator[Server]:
    """An rsync daemon with one module, for one user and password."""
    (directory / "root").mkdir(parents=True)
    secrets = directory / "secrets"
    secrets.write_text(f"{USER}:{PASSWORD}\n", "utf-8")
    secrets.chmod(0o600)
    port = free_port()
    user = pwd.getpwuid(os.geteuid())
    (directory / "rsyncd.conf").write_text(
        f"""address = 127.0.0.1
port = {port}
use chroot = no
munge symlinks = no
[pages]
path = {directory}/root
read only = no
uid = {user.pw_uid}
gid = {user.pw_gid}
auth users = {USER}
secrets file = {secrets}
""",
        "utf-8",
    )
    words = ["rsync", "--daemon", "--no-detach", f"--config={directory}/rsyncd.conf"]
    with (
        _running(words, port, directory, room) as process,
        relay_to(port) as relay,
    ):
        yield Server(
            f"rsync://{USER}@127.0.0.1:{relay.port}/pages/go",
            _seen(directory, room, process),
            relay,
            {"RSYNC_PASSWORD": PASSWORD},
            process,
            directory / "log",
        )


#: Each kind of server, by its name.
NETWORK = {"ssh": sshd, "daemon": rsync_daemon}
