"""A shell at a terminal, and what it makes of words whose beginning is typed with Tab.

It needs Python alone, so that it also runs inside a chroot, on what a package installed there:
``python3 completing.py bash|zsh DIRECTORY SETUP...``.
"""

from __future__ import annotations

import os
import pty
import re
import select
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[=>])")
#: Seconds without a byte after which a shell has said what it says.
_QUIET = 0.4
_PATIENCE = 20.0

#: What is typed, and what stands there after Tab, or after a second one.
TYPED = (
    ("samego che\t", r"samego check "),
    ("samego rep\t\t", r"\breport\b"),
    ("samego check --reb\t", r"--rebuild "),
    ("samego check --require \t\t", r"equivalent\s+explained\s+identical\s+unpatched"),
    ("samego cache builds re\t", r"builds remove "),
    ("samego hook ins\t", r"hook install "),
    ("samego debian deb\t", r"debian debrebuild "),
    ("samego explain a-rep\t", r"explain a-report\.json"),
)


#: How each shell is started without anybody's own settings.
COMMANDS = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}
#: What makes zsh list what it found, rather than take the first.
ZSH_LISTS = "unsetopt auto_menu"


@contextmanager
def shell(command: list[str], directory: Path, *setup: str) -> Iterator[int]:
    """An interactive shell at a terminal of its own, which has run some lines."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(directory)
        environment = {"TERM": "vt100", "HOME": str(directory), "PATH": os.environ["PATH"]}
        os.execvpe(command[0], command, {**environment, "LC_ALL": "C.UTF-8"})  # noqa: S606 - the child becomes the shell
    try:
        for line in setup:
            os.write(terminal, f"{line}\n".encode())
        os.write(terminal, b"echo rea''dy\n")
        heard = ""
        end = time.monotonic() + _PATIENCE
        while "\nready" not in heard.replace("\r", ""):
            assert time.monotonic() < end, heard
            heard += listen(terminal)
        yield terminal
    finally:
        os.close(terminal)
        os.waitpid(child, 0)


def listen(terminal: int, until: str = "") -> str:
    """What the shell writes until it is quiet, or has written what is waited for."""
    heard = b""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], _QUIET)
        if ready:
            heard += os.read(terminal, 65536)
        elif not until or re.search(until, plain(heard)):
            break
    return plain(heard)


def plain(heard: bytes) -> str:
    """What a reader sees: zsh pads for slow terminals."""
    heard = heard.replace(b"\0", b"")
    return _ESCAPES.sub("", heard.decode("utf-8", "replace"))


def complete(terminal: int) -> None:
    for typed, expected in TYPED:
        os.write(terminal, typed.encode())
        heard = listen(terminal, expected)
        assert re.search(expected, heard), (typed, heard)
        # Ctrl-C: a new line, whatever stands there or is listed.
        os.write(terminal, b"\x03")
        listen(terminal)


if __name__ == "__main__":
    _name, _directory, *_setup = sys.argv[1:]
    with shell(COMMANDS[_name], Path(_directory), *_setup) as _terminal:
        complete(_terminal)
    sys.stdout.write(f"{_name} completed {len(TYPED)} beginnings\n")
