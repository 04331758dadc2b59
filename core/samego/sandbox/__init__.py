"""Runs programs on untrusted files, where they see and change nothing else.

``run`` runs a command in it, ``available`` says whether this machine has it. It is made by
bubblewrap. ``collect`` reads what a program leaves behind, which is untrusted too.
"""

from samego.sandbox.limits import SandboxLimits
from samego.sandbox.process import Ending
from samego.sandbox.running import Finished, run
from samego.sandbox.ways import PLACE, available, require, unavailable_because

__all__ = [
    "PLACE",
    "Ending",
    "Finished",
    "SandboxLimits",
    "available",
    "require",
    "run",
    "unavailable_because",
]
