"""The limits of what runs in the sandbox are those that docs/trust.md states."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from samego.rebuild.box import LIMITS
from samego.rules.patch_replay import LIMITS as REPLAY
from samego.sandbox import SandboxLimits
from samego.sandbox.measure import FREE

PAGE = Path(__file__).parents[3] / "docs/trust.md"
ROWS = re.compile(r"^\| ([^|]+) \| ([\d,]+)[^|]* \| ([\d,]+)[^|]* \|$", re.MULTILINE)
MIB = 1 << 20


def stated(column: int) -> dict[str, int]:
    """What the page says of a build (0) or of a replay (1), by the name of the bound."""
    rows = ROWS.findall(PAGE.read_text("utf-8"))
    return {name: int(figures[column].replace(",", "")) for name, *figures in rows}


@pytest.mark.parametrize(("column", "limits"), [(0, LIMITS), (1, REPLAY)])
def test_the_page_states_the_limits(column: int, limits: SandboxLimits) -> None:
    assert stated(column) == {
        "time of the whole run": limits.seconds,
        "CPU time of each process": limits.cpu,
        "address space of each process": limits.memory // MIB,
        "processes and threads at a time": limits.processes,
        "one file": limits.file // MIB,
        "all that it has written": limits.written // MIB,
        "files and directories": limits.entries,
        "/tmp and /dev/shm, which are memory": limits.temporary // MIB,  # noqa: S108 - the sandbox's own
        "output, each of stdout and stderr": limits.output // MIB,
    }


def test_the_page_states_how_much_room_stays() -> None:
    assert f"less than {FREE // MIB} MiB are left" in PAGE.read_text("utf-8")
