"""The leak finder and --rebuild on real builds: settings drawn by chance, planted and found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long
@pytest.mark.network
def test_settings_drawn_by_chance_are_found_and_no_claim_of_proof_is_wrong(tmp_path: Path) -> None:
    record = tmp_path / "recorded.json"
    program = str(ROOT / "benchmarks" / "leaks.py")
    command = [sys.executable, program, "--seed", "5", "--cases", "12"]
    ran = subprocess.run(
        [*command, "--directory", tmp_path, "--record", record],
        check=False,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "tests"), "PATH": "/usr/local/go/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    rows = dict(line.rsplit(maxsplit=1) for line in ran.stdout.splitlines() if "   " in line[:60])
    rows = {name.strip(): number for name, number in rows.items()}
    assert rows["wrong claims of proof"] == "0"
    assert int(rows["proven by a build"]) > 0
    assert int(rows["settings named"]) * 4 >= int(rows["settings planted"]) * 3
