"""Pages to publish, what a reader sees of them, and publishers that are killed."""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support.cli import Samego, last_error
from support.publish_servers import PASSWORD, Server

Pages = Mapping[str, bytes]
_SIZE = 20_000


def pages(version: int) -> Pages:
    """Forty pages and some data: from one version to the next a third changes, and names do."""
    held = {"index.html": b"<h1>%d</h1>" % version, "style.css": b"p{}"}
    for number in range(40):
        seed = f"{number} {version if number % 3 == 0 else 0}"
        held[f"pkg/{number:02}.html"] = random.Random(seed).randbytes(_SIZE)  # noqa: S311 - pages, not secrets
    held["api/v0/pkgs/list"] = b"[%d]" % version
    held["feed.atom"] = b"<feed>%d</feed>" % version
    held["always.json"] = b"{}"
    held[f"only-{version}.json"] = b"%d" % version
    held[f"only/{version} ä#?%.html"] = b"x"
    return held


#: Two states, and what differs between them.
OLD, NEW = pages(1), pages(2)
CHANGED = {path for path in NEW if OLD.get(path) != NEW[path]}


def write_pages(directory: Path, held: Pages) -> Path:
    """The pages as files, and one that is nobody's business."""
    for path, data in held.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_bytes(data)
    (directory / ".samego-site.json").write_bytes(b"internal")
    return directory


def through_link(link: Path) -> Pages:
    """What somebody sees who enters the directory behind a link; nothing where it is not."""
    if not link.is_symlink():
        return {}
    return tree(link.parent / link.readlink())


def tree(root: Path) -> Pages:
    """The files below a directory."""
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


@dataclass
class Watcher:
    """Looks again and again; ``odd`` are the looks that gave none of the allowed states."""

    look: Callable[[], Pages]
    allowed: tuple[Pages, ...]
    looks: int = 0
    odd: list[str] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """Look until it is done."""
        while not self.done.is_set():
            try:
                seen = self.look()
            except (OSError, AssertionError) as error:
                self.odd.append(repr(error))
                continue
            self.looks += 1
            if seen not in self.allowed:
                self.odd.append(f"{len(seen)} files: {sorted(seen)[:3]}")


@contextlib.contextmanager
def watching(look: Callable[[], Pages], *allowed: Pages) -> Iterator[Watcher]:
    """Watch in a thread of its own, for as long as the block takes."""
    watcher = Watcher(look, allowed)
    thread = threading.Thread(target=watcher.watch)
    thread.start()
    try:
        yield watcher
    finally:
        watcher.done.set()
        thread.join()


def kill(process: subprocess.Popen[str]) -> None:
    """Kill -9 a run and wait for its end."""
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL


#: Kills itself at the Nth of its steps: events of the interpreter (sys.addaudithook) that
#: name a path or an object with a word in it.
_CHILD = """
import os, signal, sys
at, events, words = int(sys.argv[1]), set(sys.argv[2].split(",")), sys.argv[3].split("|")
count = 0
def hook(event, arguments):
    global count
    if event not in events or not any(word in repr(arguments) for word in words):
        return
    if event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR):
        return
    count += 1
    if count == at:
        os.kill(os.getpid(), signal.SIGKILL)
from samego.cli.main import main
sys.addaudithook(hook)
sys.exit(main(sys.argv[4:]))
"""


#: What a publisher to a directory does that a kill may interrupt.
DIRECTORY_STEPS = (
    "os.rename", "os.link", "os.symlink", "os.mkdir", "os.remove", "os.utime", "open",
)  # fmt: skip
#: And how it names what it does it to: below the open directory of releases, or in it.
DIRECTORY_WORDS = "/proc/self/fd/|.go.releases|'next'|'held'"


def killed_at(
    step: int,
    events: tuple[str, ...],
    words: str,
    arguments: tuple[str | Path, ...],
    samego: Samego,
    environment: Mapping[str, str],
) -> bool:
    """Publish and be killed at a step; False when the run has fewer steps and ended well.

    A step is an event whose arguments have one of the ``words`` (``|`` stands between them).
    """
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(step), ",".join(events), words, "-q", *arguments],
        env=samego.environ(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return done.returncode != 0


def settle(seconds: float = 0.3) -> None:
    """Let what a killed run started (rsync, a request) come to its end."""
    time.sleep(seconds)


def look(server: Server) -> Callable[[], Pages]:
    """What a reader of this server sees, as something to be asked again and again."""
    return lambda: through_link(server.root / "go")


def published(samego: Samego, source: Path, server: Server, *options: str) -> str:
    """Publish, which goes well; what it said."""
    result = samego("publish", source, server.destination, *options, environment=server.environment)
    assert result.status == 0, result.stderr
    return result.stdout


def refused(
    samego: Samego, source: Path, destination: str | Path, environment: dict[str, str | None]
) -> str:
    """The error of a run that fails, in one line."""
    result = samego("publish", source, destination, environment=environment)
    assert result.status == 2, result
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert PASSWORD not in result.stderr
    return last_error(result.stderr)


def command_lines() -> list[bytes]:
    """The command line of every process that runs."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            lines.append(path.read_bytes())
    return lines
