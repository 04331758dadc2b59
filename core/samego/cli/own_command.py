"""How this very samego is started: the command line for a hook, and for a person."""

from __future__ import annotations

import contextlib
import os
import shlex
import site
import sys
from pathlib import Path

#: What Linux reads of a script's first line (execve(2)).
_LONGEST_FIRST_LINE = 256


def own_command(root: Path) -> str:
    """The command line that starts this very samego on the system below ``root``, quoted.

    Python runs isolated (-I): else it would import what PYTHONPATH, or the directory where a
    build runs contains under the names of samego's modules.
    """
    program = _program()
    if program is None:
        return shlex.join([sys.executable, "-I", "-m", "samego"])
    interpreter = _interpreter(program)
    with contextlib.suppress(ValueError):
        program = "/" / program.relative_to(root.absolute())
    return shlex.join([interpreter, "-E" if _is_users_own() else "-I", str(program)])


def shown_command() -> str:
    """How the user starts this very samego, quoted."""
    program = _program()
    return shlex.quote(str(program)) if program else f"{shlex.quote(sys.executable)} -m samego"


def _program() -> Path | None:
    """The script that was started; None where Python was given the module."""
    program = Path(os.path.abspath(sys.argv[0]))  # noqa: PTH100 - a venv's links must stay
    return program if program.name == "samego" else None


def _interpreter(program: Path) -> str:
    """The Python that a script names in its first line, or this one."""
    try:
        with program.open("rb") as file:
            words = file.readline(_LONGEST_FIRST_LINE).decode("utf-8", "replace").split()
    except OSError:
        words = []
    named = words[0].removeprefix("#!") if words else ""
    return named if Path(named).name.startswith("python") else sys.executable


def _is_users_own() -> bool:
    """Whether samego lies in the user's own site-packages, which -I leaves out."""
    return Path(site.getusersitepackages()) in Path(__file__).parents
