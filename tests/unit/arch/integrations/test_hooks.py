"""The files that Arch's hooks install, and makepkg's drop-in as bash runs it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from samego.distro.interface import Hook
from samego_arch import DISTRO
from samego_arch.integrations.hooks import COMMANDS, HOOKS

#: Says what it was called with and for, then ends as it is told.
SAMEGO = """#!/bin/sh
printf 'samego: %s\\n' "$*" "enforce=$SAMEGO_ENFORCE version=$SAMEGO_ARCH_VERSION" >&2
exit "$STATUS"
"""
#: What the drop-in uses of libmakepkg.
MESSAGES = r"""
get_full_version() { echo "2:1.24.9-1"; }
for name in msg2 warning error; do
  eval "$name() { printf \"$name: \$1\n\" \"\${@:2}\"; }"
done
"""
#: What makepkg's lint_package.sh does with the files of its directory.
LINT = """
declare -a lint_package_functions
source "$DROP_IN"
source "$DROP_IN"
echo "functions: ${lint_package_functions[*]}"
lint_samego
echo "status: $?"
"""


def hook(name: str) -> Hook:
    return next(hook for hook in HOOKS if hook.name == name)


def packed(directory: Path) -> Path:
    """A package's directory with a toolchain's VERSION."""
    goroot = directory / "a go" / "usr/lib/go"
    goroot.mkdir(parents=True, exist_ok=True)
    (goroot / "VERSION").touch()
    return directory / "a go"


def run_drop_in(directory: Path, **environment: str) -> list[str]:
    """Run the drop-in over a samego that ends with STATUS; the lines that come out."""
    (directory / "util").mkdir()
    (directory / "util/message.sh").write_text(MESSAGES)
    program = directory / "a samego"
    program.write_text(SAMEGO)
    program.chmod(0o755)
    (file,) = hook("makepkg").files(f"'{program}'")
    (directory / "samego.sh").write_text(file.text)
    variables = {"PATH": "/usr/bin:/bin", "DROP_IN": str(directory / "samego.sh")}
    variables |= {"STATUS": "0", "pkgname": "go", "pkgdir": str(packed(directory))}
    done = subprocess.run(
        ["bash", "-c", LINT],
        env=variables | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_the_plugin_has_them() -> None:
    assert DISTRO.hooks == HOOKS
    assert DISTRO.commands[: len(COMMANDS)] == COMMANDS
    assert [hook.name for hook in HOOKS] == ["makepkg", "alpm", "arch-timer", "arch-cron"]


@pytest.mark.parametrize("name", ["makepkg", "alpm"])
def test_files_call_the_samego_that_installed_them(name: str) -> None:
    (file,) = hook(name).files("'/opt/a place/samego'")
    assert f"'/opt/a place/samego' hook run {name} " in file.text
    assert "@" not in file.text.replace('"$@"', "")
    assert file.mode == 0o644


def test_alpm_reads_a_whole_hook() -> None:
    """alpm-hooks(5): one trigger, and an action with a program by its full path."""
    (file,) = hook("alpm").files("/usr/bin/samego")
    assert file.path == "/etc/pacman.d/hooks/samego.hook"
    assert re.findall(r"^\[.*\]$", file.text, re.MULTILINE) == ["[Trigger]", "[Action]"]
    assert "\nExec = /usr/bin/samego hook run alpm --installed go\n" in file.text
    assert "\nTarget = go\n" in file.text


@pytest.mark.parametrize("variable", ["LIBRARY", "MAKEPKG_LIBRARY"])
def test_either_name_of_the_library(tmp_path: Path, variable: str) -> None:
    """The first up to pacman 6.0.2, the second since 6.1."""
    lines = run_drop_in(tmp_path, **{variable: str(tmp_path)})
    assert lines == [
        "functions: lint_samego",
        "msg2: Comparing go with upstream's...",
        f"msg2: samego: hook run makepkg {tmp_path}/a go",
        "msg2: samego: enforce=explained version=2:1.24.9-1",
        "status: 0",
    ]


@pytest.mark.parametrize("status", ["1", "2"])
def test_nothing_stops_a_build_unasked(tmp_path: Path, status: str) -> None:
    lines = run_drop_in(tmp_path, LIBRARY=str(tmp_path), STATUS=status)
    assert lines[2].startswith("warning: samego: ")
    assert lines[-1] == "status: 0"


@pytest.mark.parametrize("status", ["1", "2"])
def test_what_is_asked_for_stops_it(tmp_path: Path, status: str) -> None:
    asked = {"SAMEGO_ENFORCE": "identical", "STATUS": status}
    lines = run_drop_in(tmp_path, LIBRARY=str(tmp_path), **asked)
    assert lines[2].startswith("error: samego: ")
    assert lines[3] == "error: samego: enforce=identical version=2:1.24.9-1"
    assert lines[-1] == f"status: {status}"


def test_other_packages_are_left_alone(tmp_path: Path) -> None:
    lines = run_drop_in(tmp_path, LIBRARY=str(tmp_path), pkgname="go-tools", STATUS="1")
    assert lines == ["functions: lint_samego", "status: 0"]


@pytest.mark.parametrize(("asked", "status"), [("", "0"), ("explained", "2")])
def test_a_go_without_a_toolchain_is_not_passed_over(
    tmp_path: Path, asked: str, status: str
) -> None:
    empty = {"pkgdir": str(tmp_path), "SAMEGO_ENFORCE": asked}
    lines = run_drop_in(tmp_path, LIBRARY=str(tmp_path), **empty)
    assert lines[2].endswith("not decided: the package go has no usr/lib/go/VERSION")
    assert lines[-1] == f"status: {status}"
