"""What starts a pass every day: files that systemd and cron take."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from samego.integrations.hooks.install import HookState, install, remove, status
from samego.integrations.hooks.registry import find

#: A path with what systemd, cron and a shell would take for something else.
COMMAND = "'/opt/100% $HOME/samego'"


@pytest.mark.parametrize("distro", ["debian", "arch"])
@pytest.mark.parametrize("kind", ["timer", "cron"])
def test_it_is_installed_and_taken_away_though_options_were_set(
    tmp_path: Path, distro: str, kind: str
) -> None:
    hook = find(f"{distro}-{kind}").hook
    written = install(hook, COMMAND, tmp_path)
    options = {"debian": "/etc/default/samego-watch", "arch": "/etc/conf.d/samego-watch"}[distro]
    assert written[-1] == options
    mine = tmp_path / options.lstrip("/")
    assert "SAMEGO_WATCH_OPTIONS" in mine.read_text()
    mine.write_text(f'{mine.read_text()}SAMEGO_WATCH_OPTIONS="--jobs 2"\n')
    assert status(hook.name, tmp_path).state is HookState.INSTALLED
    remove(hook.name, tmp_path)
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.read_text() for path in left] == ['SAMEGO_WATCH_OPTIONS="--jobs 2"\n']


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
@pytest.mark.parametrize("distro", ["debian", "arch"])
def test_systemd_finds_nothing_wrong(tmp_path: Path, distro: str) -> None:
    # A program that is there, or that would be what is wrong.
    files = find(f"{distro}-timer").hook.files("/bin/true")
    for file in files[:2]:
        (tmp_path / Path(file.path).name).write_text(file.text)
    units = sorted(tmp_path.iterdir())
    assert [unit.name for unit in units] == ["samego-watch.service", "samego-watch.timer"]
    verified = subprocess.run(
        # The manual page comes with the package.
        ["systemd-analyze", "--man=no", "verify", *units],
        capture_output=True,
        text=True,
        check=False,
    )
    # Of units that are not these it may say what it likes.
    said = [line for line in verified.stderr.splitlines() if "samego-watch" in line]
    assert (verified.returncode, said) == (0, [])
    text = files[0].text
    assert f"EnvironmentFile=-{files[2].path}\n" in text
    assert "ExecStart=/bin/true watch --quiet $SAMEGO_WATCH_OPTIONS\n" in text


def test_systemd_and_cron_leave_the_command_as_it_is() -> None:
    service = find("debian-timer").hook.files(COMMAND)[0].text
    assert "ExecStart='/opt/100%% $$HOME/samego' watch" in service
    assert "'/opt/100\\% $HOME/samego' watch" in find("debian-cron").hook.files(COMMAND)[0].text


@pytest.mark.parametrize(("ends", "printed"), [(0, ""), (1, "worse: --jobs 2\n")])
def test_crons_line_says_something_only_when_something_is_wrong(
    tmp_path: Path, ends: int, printed: str
) -> None:
    program, options = tmp_path / "samego", tmp_path / "options"
    program.write_text(f'#!/bin/sh\necho "worse: $3 $4"\nexit {ends}\n')
    program.chmod(0o755)
    options.write_text('SAMEGO_WATCH_OPTIONS="--jobs 2"\n')
    text = find("debian-cron").hook.files(str(program))[0].text
    line = next(line for line in text.splitlines() if line.startswith("17 "))
    command = line.partition(" root ")[2].replace("/etc/default/samego-watch", str(options))
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == (printed, "")


def test_cron_ends_a_pass_that_hangs_and_tells_what_it_said(tmp_path: Path) -> None:
    stuck, pids = tmp_path / "stuck", tmp_path / "pids"
    stuck.write_text(f"#!/bin/sh\ntrap '' TERM\necho looking\necho $$ > {pids}\nsleep 60\n")
    stuck.chmod(0o755)
    text = find("debian-cron").hook.files(str(stuck))[0].text
    line = next(line for line in text.splitlines() if " root if " in line)
    assert "timeout -k 300 2d " in line
    # The same line, for who cannot wait two days.
    command = line.partition(" root ")[2].replace("-k 300 2d", "-k 0.2 0.5")
    began = time.monotonic()
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, timeout=30, check=True
    )
    assert time.monotonic() - began < 20
    assert done.stdout == "looking\n"
    stat = Path(f"/proc/{pids.read_text().strip()}/stat")
    # timeout kills itself as well, maybe first; and whoever adopts it may not have asked for its
    # status yet.
    while state(stat) not in ("", "Z"):
        assert time.monotonic() - began < 20
        time.sleep(0.02)


def state(stat: Path) -> str:
    """The letter of a process's state, empty where it is gone."""
    try:
        return stat.read_text().split()[2]
    except OSError:
        return ""


def test_systemd_ends_a_pass_and_lets_it_write_to_its_own_alone() -> None:
    lines = find("debian-timer").hook.files("/bin/true")[0].text.splitlines()
    assert {
        *("TimeoutStartSec=2d", "DynamicUser=yes", "ProtectSystem=strict", "ProtectHome=yes"),
        *("StateDirectory=samego/history", "CacheDirectory=samego/watch", "PrivateTmp=yes"),
        *("NoNewPrivileges=yes", "CapabilityBoundingSet="),
    } <= set(lines)
