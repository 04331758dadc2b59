"""Running programs on what strangers wrote, where they can see and change nothing else.

``run`` runs a command in it, ``available`` says whether this machine has it. It is made by
bubblewrap. What a program leaves behind is read with ``collect``: it is a stranger's, too.
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
