"""The campaign's own parts: what it calls named, and that it changes only what it means to."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from forge.judging import Outcome, judge
from forge.running import Ran
from forge.tape import pax, pax_record, read_tape, write_tape

NAMES = ("src/a.go", "usr/lib/go/src/a.go")
PACKAGES = ("a.deb",)


def ran(status: int | None, stdout: str = "", stderr: str = "", left: tuple[str, ...] = ()) -> Ran:
    return Ran(status, stdout, stderr, left, 0.1)


def report(*findings: tuple[str, str], passes: bool = False) -> str:
    rows = [{"path": path, "standing": standing} for path, standing in findings]
    return json.dumps({"passes": passes, "findings": rows})


@pytest.mark.parametrize(
    ("run", "outcome"),
    [
        (ran(0), Outcome.PASSED),
        (ran(None), Outcome.HUNG),
        (ran(1, report(("src/a.go", "unexplained"))), Outcome.NAMED),
        (ran(1, report(("src/b.go", "unexplained"))), Outcome.UNNAMED),
        (ran(1, report(("src/a.go", "explained"), ("x", "unproven"))), Outcome.UNNAMED),
        (ran(1, report(("src/a.go", "explained"), passes=True)), Outcome.CRASHED),
        (ran(2, stderr="error: a.deb is odd\nhint: do not install it\n"), Outcome.REFUSED),
        (ran(2, stderr="error: something is odd\nhint: do not install it\n"), Outcome.UNNAMED),
        (
            ran(2, stderr="error: this is a bug of samego (a.deb)\nhint: report\n"),
            Outcome.CRASHED,
        ),
        (ran(2, stderr="Traceback (most recent call last):\na.deb\n"), Outcome.CRASHED),
        (ran(-11, stderr="a.deb"), Outcome.CRASHED),
        (ran(1, report(("src/a.go", "unexplained")), left=("tmp/x",)), Outcome.LITTERED),
    ],
)
def test_what_a_run_counts_as(run: Ran, outcome: Outcome) -> None:
    assert judge(run, NAMES, PACKAGES).outcome is outcome


@pytest.mark.parametrize(
    "command",
    [
        ("tar", "--format=gnu", "--owner=0", "--group=0"),
        ("bsdtar", "--uid", "0", "--gid", "0"),
    ],
    ids=["dpkg-deb's", "makepkg's"],
)
def test_what_is_not_changed_stays_byte_for_byte(command: tuple[str, ...], tmp_path: Path) -> None:
    for name in ("a", "b" * 150, "\u00e4"):
        (tmp_path / "x" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "x" / name).write_bytes(b"x" * 700)
    (tmp_path / "x/link").symlink_to("a")
    made = subprocess.run(
        [*command, "-cf", "-", "x"], cwd=tmp_path, capture_output=True, check=True
    )
    members, end = read_tape(made.stdout)
    assert {"x", "x/a", f"x/{'b' * 150}", "x/\u00e4", "x/link"} == {m.path for m in members}
    assert write_tape(members, end).rstrip(b"\0") == made.stdout.rstrip(b"\0")
    (changed,) = (m for m in members if m.path == "x/a")
    other = changed.with_mode(0o4755).with_data(b"y").packed()
    again, _ = read_tape(other + bytes(1024))
    assert (again[0].path, again[0].mode, again[0].data) == ("x/a", 0o4755, b"y")
    extended = changed.with_extension(pax(pax_record("path", b"evil"), changed)).packed()
    assert read_tape(extended + bytes(1024))[0][0].path == "evil"
