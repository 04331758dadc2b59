"""What the pool starts: samego within limits, that ends when the pool's process ends.

``python -I -m samego.monitor.watch.child PATH BYTES PARENT ARGUMENT...``

PATH is the pool's own sys.path, so that the run finds the same plugins; nothing else of the
environment counts. BYTES is the limit of memory, PARENT the pid of the pool's process. This module
imports next to nothing, so that the limits hold before anything is read.
"""

from __future__ import annotations

import ctypes
import os
import resource
import runpy
import signal
import sys

#: prctl(2), linux/prctl.h.
_PR_SET_PDEATHSIG = 1


def limit(memory: int, parent: int) -> None:
    """Hold this process to so many bytes of data, and end it in order when its parent ends.

    RLIMIT_DATA counts what a process can write to; its programs and files, and the address
    space that Go reserves, do not count (setrlimit(2)).
    """
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # SIGTERM unwinds samego: its own programs end and its temporary files go away.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(128 + signal.SIGTERM)  # the parent ended before prctl was called


if __name__ == "__main__":
    limit(int(sys.argv[2]), int(sys.argv[3]))
    sys.path[:] = sys.argv[1].split(os.pathsep)
    sys.argv = ["samego", *sys.argv[4:]]
    runpy.run_module("samego", run_name="__main__", alter_sys=True)
