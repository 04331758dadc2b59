"""The limits of a program in the sandbox."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """Bounds for one run; the defaults suit a tool that rewrites some source files.

    ``seconds`` is wall-clock time for all of it, ``cpu`` seconds of each process. ``memory``
    is bytes of address space of each process, ``processes`` how many processes and threads
    there may be at a time. ``file`` is bytes of one file, ``written`` bytes of all that the
    writable directory may hold in the end (what it held before included), ``entries`` how many
    files and directories. ``temporary`` is bytes in the sandbox's own /tmp, which is memory.
    ``output`` is bytes of stdout and stderr, each. ``files`` is open files of each process.
    """

    seconds: float = 60.0
    cpu: int = 60
    memory: int = 2 << 30
    processes: int = 64
    file: int = 256 << 20
    written: int = 1 << 30
    entries: int = 100_000
    temporary: int = 64 << 20
    output: int = 1 << 20
    files: int = 1024
