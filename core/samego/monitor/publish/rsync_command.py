"""Running the system's rsync: over ssh, which never asks, or to a daemon."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from samego.errors import ConfigError, ToolError
from samego.monitor.publish.rsync_errors import meaning
from samego.system.terminal import visible

#: Seconds without a byte after which ssh gives a connection up, in three questions.
_ALIVE, _QUESTIONS = 15, 3
_SSH_OPTIONS = (
    "-oBatchMode=yes",
    "-oConnectTimeout=15",
    f"-oServerAliveInterval={_ALIVE}",
    f"-oServerAliveCountMax={_QUESTIONS}",
)
#: The most of stderr that is kept, in bytes.
_STDERR = 1 << 16


@dataclass(frozen=True, slots=True)
class RsyncCommand:
    """How rsync is called for one destination.

    ``host`` is the destination's, for messages. ``key`` is an ssh identity file, or None for what
    ssh itself takes. ``timeout`` is in seconds without a byte. ``environ`` is this process's:
    RSYNC_RSH (with ssh and options of the user's) and RSYNC_PASSWORD hold as rsync(1) says.
    """

    host: str
    key: Path | None
    timeout: float
    environ: Mapping[str, str] = field(repr=False)

    def run(self, arguments: Sequence[str], line: Callable[[str], None]) -> None:
        """Run rsync to its end; ``line`` gets each line of its stdout, undecodable bytes escaped.

        Raises ToolError when there is no rsync, and what rsync's failure means.
        """
        words = ["rsync", f"--timeout={max(1, round(self.timeout))}", *arguments]
        with tempfile.TemporaryFile() as stderr:
            with _started(words, self._environ(), stderr.fileno()) as process:
                for text in process.stdout or ():
                    line(text.rstrip("\n"))
                status = process.wait()
            if status:
                stderr.seek(0)
                raise meaning(self.host, status, stderr.read(_STDERR).decode("utf-8", "replace"))

    def _environ(self) -> dict[str, str]:
        return {**self.environ, "LC_ALL": "C", "TZ": "UTC", "RSYNC_RSH": self.remote_shell()}

    def remote_shell(self) -> str:
        """The remote shell: the user's RSYNC_RSH, else ssh. Where it is ssh it never asks.

        Raises ConfigError for a key that rsync's way of quoting cannot name.
        """
        given = self.environ.get("RSYNC_RSH") or "ssh"
        program = given.split()[0] if given.split() else "ssh"
        if Path(program).name != "ssh":
            return given
        words = [given, *_SSH_OPTIONS]
        if self.key is not None:
            words += ["-oIdentitiesOnly=yes", f"-i {_quoted(self.key)}"]
        return " ".join(words)


def _quoted(key: Path) -> str:
    """A path as rsync's -e takes words apart: quotes, and no backslashes (rsync(1))."""
    text = str(key)
    if not key.is_file():
        raise ConfigError(f"there is no ssh key {visible(text)}", hint="correct [publish] ssh_key")
    if '"' in text or not text.isprintable():
        raise ConfigError(
            f"rsync cannot pass the name {visible(text)} to ssh", hint="give the key another name"
        )
    return f'"{text}"' if shlex.quote(text) != text else text


@contextmanager
def _started(
    words: Sequence[str], environ: Mapping[str, str], stderr: int
) -> Iterator[subprocess.Popen[str]]:
    """Run rsync as a process that ends with the block, and ssh with it.

    In a session of its own it has no terminal from which to ask for a password.
    """
    try:
        process = subprocess.Popen(
            words,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            encoding="utf-8",
            errors="backslashreplace",
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise ToolError("there is no rsync on this machine", hint="install rsync") from error
    with process:
        try:
            yield process
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            raise
