"""One strip-nondeterminism for a whole run: a Perl process that rewrites files on request.

Starting Perl and loading the module costs more than rewriting a file, so one process
serves all of them (``strip_nondeterminism.pl`` beside this module says how it is
spoken to). It works in a private temporary directory, with bounded time, memory and
file size; the directory and the process end with the object, or with the interpreter.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import weakref
from dataclasses import dataclass
from pathlib import Path

from samego.errors import ToolError
from samego.formats.archive.limits import DEFAULT_LIMITS
from samego.model.proof import Tool

SCRIPT = Path(__file__).with_name("strip_nondeterminism.pl")
TOOL = "strip-nondeterminism"
HINT = "install it: libfile-stripnondeterminism-perl on Debian, strip-nondeterminism on Arch"

#: The handler by the end of a file's name, and the first bytes it must have: what
#: File::StripNondeterminism::get_normalizer_for_file asks file(1) for.
_HANDLERS = (
    ("gzip", b"\x1f\x8b", (".gz", ".dz")),
    ("jar", b"PK\x03\x04", (".jar", ".war", ".hpi", ".apk", ".sym")),
    ("png", b"\x89PNG\r\n\x1a\n", (".png",)),
    (
        "zip",
        b"PK\x03\x04",
        (".zip", ".pk3", ".epub", ".whl", ".xpi", ".htb", ".zhfst", ".par", ".codadef"),
    ),
)
#: A process that broke this often is not started again.
_STARTS = 3
_MEMORY = 1 << 30
_ANSWER = 4096


def handler_for(path: str, data: bytes) -> str:
    """The name of the handler that the tool has for such a file, or an empty string."""
    for handler, magic, suffixes in _HANDLERS:
        if path.endswith(suffixes) and data.startswith(magic):
            return handler
    return ""


@dataclass(slots=True)
class _Running:
    """A started process, and the versions that it reported."""

    process: subprocess.Popen[bytes]
    tools: tuple[Tool, ...]


class StripNondeterminism:
    """Replays strip-nondeterminism on bytes. Safe for threads; the maker closes it.

    ``perl`` is the interpreter; ``seconds`` is how long one file may take.
    """

    def __init__(self, *, perl: str = "perl", seconds: float = 60.0) -> None:
        self._perl = perl
        self._seconds = seconds
        self._lock = threading.Lock()
        self._running: _Running | None = None
        self._starts = 0
        self._problem: ToolError | None = None
        self._directory = tempfile.mkdtemp(prefix="samego-replay-")
        self._processes: list[subprocess.Popen[bytes]] = []
        self._end = weakref.finalize(self, _clean_up, self._processes, self._directory)

    def close(self) -> None:
        """End the process and remove its directory."""
        with self._lock:
            self._running = None
            self._problem = ToolError(f"{TOOL} was closed", hint="report this")
            self._end()

    def tools(self) -> tuple[Tool, ...]:
        """The tool and the library it rests on, with their versions; starts the process.

        Raises ToolError when Perl or the module is missing.
        """
        with self._lock:
            return self._started().tools

    def replay(self, data: bytes, handler: str, timestamp: int) -> bytes:
        """What the tool's ``handler`` makes of ``data``.

        ``timestamp`` is the canonical time, in seconds since 1970. Raises ToolError when
        the tool is missing, refuses the file, breaks or takes too long.
        """
        if len(data) > DEFAULT_LIMITS.file_bytes:
            raise _refused("the file is too large")
        with self._lock:
            running = self._started()
            path = Path(self._directory, f"replay.{handler}")
            try:
                path.write_bytes(data)
                answer = self._ask(running, f"{handler}\t{timestamp}\t{path}\n")
                if answer != b"ok\n":
                    raise _refused("it refused the file")
                if path.stat().st_size > DEFAULT_LIMITS.file_bytes:
                    raise _refused("the result is too large")
                return path.read_bytes()
            except OSError as error:
                self._stop()
                raise _refused(str(error.strerror or error)) from error
            finally:
                path.unlink(missing_ok=True)

    def _started(self) -> _Running:
        """The running process, started when there is none."""
        if self._running is not None and self._running.process.poll() is None:
            return self._running
        if self._problem is not None:
            raise self._problem
        if self._starts >= _STARTS:
            self._problem = ToolError(f"{TOOL} broke {_STARTS} times", hint=HINT)
            raise self._problem
        self._stop()
        self._starts += 1
        self._running = self._start()
        return self._running

    def _start(self) -> _Running:
        # PERL5LIB stays: it is how a user points Perl at an unpacked module.
        keep = {name: os.environ[name] for name in ("PATH", "PERL5LIB") if name in os.environ}
        environment = {**keep, "LC_ALL": "C", "TZ": "UTC", "TMPDIR": self._directory}
        try:
            process = subprocess.Popen(
                [self._perl, str(SCRIPT)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                cwd=self._directory,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            self._problem = ToolError(f"{Path(self._perl).name} is not installed", hint=HINT)
            raise self._problem from error
        self._processes.append(process)
        _limit(process.pid, self._seconds)
        words = self._answer(process).decode("utf-8", "replace").rstrip("\n").split("\t")
        if len(words) != 3 or words[0] != "ready":  # noqa: PLR2004 - the script's greeting
            self._problem = ToolError(f"{TOOL} is not installed", hint=HINT)
            raise self._problem
        return _Running(process, (Tool(TOOL, words[1]), Tool("Archive::Zip", words[2])))

    def _ask(self, running: _Running, request: str) -> bytes:
        stdin = running.process.stdin
        assert stdin is not None  # noqa: S101 - it was started with a pipe
        stdin.write(request.encode())
        answer = self._answer(running.process)
        if not answer.endswith(b"\n"):
            self._stop()
            raise _refused("it broke off or took too long")
        return answer

    def _answer(self, process: subprocess.Popen[bytes]) -> bytes:
        """One line, or what came of it before the time was up or the process ended."""
        stdout = process.stdout
        assert stdout is not None  # noqa: S101 - it was started with a pipe
        deadline = time.monotonic() + self._seconds
        poll = select.poll()
        poll.register(stdout, select.POLLIN)
        line = b""
        while not line.endswith(b"\n") and len(line) < _ANSWER:
            left = deadline - time.monotonic()
            if left <= 0 or not poll.poll(left * 1000):
                break
            part = os.read(stdout.fileno(), _ANSWER)
            if not part:
                break
            line += part
        return line

    def _stop(self) -> None:
        self._running = None
        _end_processes(self._processes)


def _limit(pid: int, seconds: float) -> None:
    """Bound what the process and its children may take (Linux; elsewhere the time alone)."""
    if not hasattr(resource, "prlimit"):
        return
    bounds = {
        resource.RLIMIT_CPU: int(seconds) + 1,
        resource.RLIMIT_AS: _MEMORY,
        resource.RLIMIT_FSIZE: DEFAULT_LIMITS.file_bytes,
        resource.RLIMIT_CORE: 0,
    }
    for kind, bound in bounds.items():
        # The process may be gone already, or the user's own limit be lower.
        with contextlib.suppress(OSError, ValueError):
            resource.prlimit(pid, kind, (bound, bound))


def _end_processes(processes: list[subprocess.Popen[bytes]]) -> None:
    while processes:
        process = processes.pop()
        # The group: a request's child must not outlive the run either.
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _clean_up(processes: list[subprocess.Popen[bytes]], directory: str) -> None:
    _end_processes(processes)
    shutil.rmtree(directory, ignore_errors=True)


def _refused(why: str) -> ToolError:
    return ToolError(f"{TOOL} did not rewrite a file: {why}", hint="compare its contents instead")
