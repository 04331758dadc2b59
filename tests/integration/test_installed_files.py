from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def write(directory: Path, environment: dict[str, str], umask: int) -> dict[str, tuple[str, int]]:
    """Write everything; each file's digest and mode."""
    subprocess.run(
        [
            *(sys.executable, "-m", "installed"),
            *("--distro", "debian", "--python", "/usr/bin/python3", str(directory)),
        ],
        cwd=directory.parent,
        env={"PYTHONPATH": str(ROOT / "tools"), "SOURCE_DATE_EPOCH": "1700000000", **environment},
        umask=umask,
        check=True,
    )
    return {
        str(path.relative_to(directory)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mode & 0o777,
        )
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def test_the_machine_leaves_no_trace(tmp_path: Path) -> None:
    one = write(tmp_path / "one", {"HOME": "/root", "LANG": "C"}, 0o022)
    other = {
        "HOME": str(tmp_path),
        "LC_ALL": "fr_CH.UTF-8",
        "TZ": "Pacific/Kiritimati",
        "COLUMNS": "31",
        "TERM": "dumb",
        "PYTHONHASHSEED": "7",
        "SAMEGO_CACHE": "/elsewhere",
        "XDG_CACHE_HOME": "/elsewhere",
    }
    (tmp_path / "a much longer path").mkdir()
    assert write(tmp_path / "a much longer path" / "two", other, 0o077) == one
    assert "usr/share/man/man1/samego-check.1" in one
    assert "usr/share/bash-completion/completions/samego" in one
    assert "usr/share/zsh/vendor-completions/_samego" in one
    assert "usr/share/fish/vendor_completions.d/samego.fish" in one
