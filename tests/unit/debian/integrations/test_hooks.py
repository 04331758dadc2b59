from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from samego.distro.interface import Hook, HookFile
from samego.integrations.hooks import block
from samego_debian.integrations.hooks import HOOKS

#: An installation in a place that every language here would misread.
ODD = "opt/50% o'clock\\n $x"
CHANGES = "golang-1.24_1.24.4-1_amd64.changes"


def named(name: str) -> Hook:
    return next(hook for hook in HOOKS if hook.name == name)


def file_of(name: str, path: str, command: str) -> HookFile:
    return next(file for file in named(name).files(command) if file.path == path)


class Program:
    """A stand-in for samego that writes down its arguments and ends with a status."""

    def __init__(self, directory: Path, status: int = 0) -> None:
        self.path = directory / ODD / "samego"
        self.calls = directory / "calls"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(
            f"#!/bin/sh\nprintf '%s\\n' \"$@\" >>{shlex.quote(str(self.calls))}\nexit {status}\n"
        )
        self.path.chmod(0o755)

    @property
    def command(self) -> str:
        return shlex.quote(str(self.path))

    @property
    def arguments(self) -> list[str]:
        return self.calls.read_text().splitlines() if self.calls.exists() else []


def shell(text: str, cwd: Path, **environ: str) -> int:
    done = subprocess.run(
        ["sh", "-c", text],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], **environ},
        check=False,
        capture_output=True,
    )
    return done.returncode


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A source directory, with an older and a newer .changes beside it."""
    directory = tmp_path / "golang-1.24-1.24.4"
    directory.mkdir()
    for age, name in enumerate([CHANGES, "golang-1.24_1.24.4-1_source.changes"]):
        path = tmp_path / name
        path.write_bytes(b"")
        os.utime(path, (1e9 - age, 1e9 - age))
    (tmp_path / "golang-1.24_1.24.4-2_amd64.changes").write_bytes(b"")
    return directory


def dpkg_hook(command: str) -> str:
    """The command that dpkg-buildpackage runs: its option's value, with the escapes replaced."""
    text = file_of("dpkg-buildpackage", "/etc/dpkg/buildpackage.conf", command).text
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(lines) == 1
    name, _, value = lines[0].partition("=")
    assert name == "hook-done"
    escapes = {"%": "%", "p": "golang-1.24", "s": "1.24.4-1", "v": "1.24.4-1", "a": "1"}
    return re.sub("%(.)", lambda match: escapes[match[1]], value)


def sbuild_settings(command: str, before: str) -> tuple[list[str], list[str]]:
    """What sbuild has after reading its configuration: commands, and variables let through."""
    marks = block.Marks("#", "sbuild")
    text = file_of("sbuild", "/etc/sbuild/sbuild.conf", command).text
    configuration = block.add(before.encode(), marks, text).decode()
    perl = (
        "use strict; use warnings; use JSON::PP; my ($external_commands, $environment_filter);"
        " my $e = eval $ARGV[0]; die $@ unless defined $e;"
        " print encode_json([$external_commands->{'post-build-commands'}, $environment_filter]);"
    )
    done = subprocess.run(
        ["perl", "-e", perl, configuration], check=True, capture_output=True, text=True
    )
    commands, variables = json.loads(done.stdout)
    return commands, variables


def sbuild_hook(command: str, before: str = "1;\n") -> list[str]:
    """The commands that sbuild runs after a build, escapes replaced."""
    commands, _variables = sbuild_settings(command, before)
    escapes = {"%": "%", "c": f"/a b/{CHANGES}"}
    return [re.sub("%([%c])", lambda match: escapes[match[1]], line) for line in commands]


def test_dpkg_passes_the_changes_of_this_build(source: Path, tmp_path: Path) -> None:
    program = Program(tmp_path)
    assert shell(dpkg_hook(program.command), source) == 0
    assert program.arguments == ["hook", "run", "dpkg-buildpackage", "--", f"../{CHANGES}"]


def test_dpkg_without_a_changes_names_what_is_missing(source: Path, tmp_path: Path) -> None:
    for path in tmp_path.glob("*.changes"):
        path.unlink()
    program = Program(tmp_path)
    assert shell(dpkg_hook(program.command), source) == 0
    assert program.arguments[-1] == "../golang-1.24_1.24.4-1_*.changes"


def test_sbuild_passes_the_changes(tmp_path: Path) -> None:
    program = Program(tmp_path)
    (command,) = sbuild_hook(program.command)
    assert shell(command, tmp_path) == 0
    assert program.arguments == ["hook", "run", "sbuild", "--", f"/a b/{CHANGES}"]


def test_sbuild_keeps_the_commands_that_are_there(tmp_path: Path) -> None:
    program = Program(tmp_path)
    before = "$external_commands = {'post-build-commands' => ['echo %c']};\n1;\n"
    first, second = sbuild_hook(program.command, before)
    assert first == f"echo /a b/{CHANGES}"
    assert "hook run sbuild" in second


def test_sbuild_lets_our_variables_through() -> None:
    _commands, variables = sbuild_settings("samego", "$environment_filter = ['^PATH$'];\n1;\n")
    assert variables[0] == "^PATH$"
    passed = {
        n
        for n in ("SAMEGO_ENFORCE", "SAMEGO_CACHE", "XSAMEGO_A", "SAMEGOX")
        if any(re.search(pattern, n) for pattern in variables)
    }
    assert passed == {"SAMEGO_ENFORCE", "SAMEGO_CACHE"}


def test_pbuilder_passes_every_changes(tmp_path: Path) -> None:
    program = Program(tmp_path)
    for name in (CHANGES, "golang-1.24_1.24.4-1_source.changes"):
        (tmp_path / name).write_bytes(b"")
    text = file_of("pbuilder", "/usr/lib/pbuilder/hooks/I90samego", program.command).text
    assert shell(text, tmp_path, BUILDDIR=str(tmp_path)) == 0
    start = ["hook", "run", "pbuilder", "--"]
    assert program.arguments == [
        *(*start, str(tmp_path / CHANGES)),
        *(*start, str(tmp_path / "golang-1.24_1.24.4-1_source.changes")),
    ]


@pytest.mark.skipif(shutil.which("bash") is None, reason="pbuilder reads its settings with bash")
@pytest.mark.parametrize(
    ("before", "directory"),
    [
        ("", "/usr/lib/pbuilder/hooks"),
        ("HOOKDIR=", "/usr/lib/pbuilder/hooks"),
        ("HOOKDIR=/a", "/a"),
    ],
)
def test_pbuilder_looks_there_unless_it_looks_elsewhere(before: str, directory: str) -> None:
    text = file_of("pbuilder", "/etc/pbuilderrc", "samego").text
    done = subprocess.run(
        ["bash", "-c", f"{before}\n{text}\nprintf %s $HOOKDIR"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == directory


def command_of(name: str, command: str) -> str:
    if name == "sbuild":
        return sbuild_hook(command)[0]
    if name == "pbuilder":
        return file_of(name, "/usr/lib/pbuilder/hooks/I90samego", command).text
    return dpkg_hook(command)


@pytest.mark.parametrize("name", ["dpkg-buildpackage", "sbuild", "pbuilder"])
@pytest.mark.parametrize(("enforce", "status"), [("", 0), ("explained", 2)])
def test_a_status_counts_only_where_it_is_enforced(
    name: str, enforce: str, status: int, source: Path
) -> None:
    text = command_of(name, Program(source.parent, 2).command)
    environ = {"SAMEGO_ENFORCE": enforce, "BUILDDIR": str(source.parent)}
    assert shell(text, source, **environ) == status


@pytest.mark.parametrize("name", ["dpkg-buildpackage", "sbuild", "pbuilder"])
def test_a_samego_that_is_gone_fails_only_where_it_is_enforced(name: str, source: Path) -> None:
    text = command_of(name, "/nowhere/samego")
    environ = {"BUILDDIR": str(source.parent)}
    assert shell(text, source, **environ) == 0
    assert shell(text, source, SAMEGO_ENFORCE="explained", **environ) == 127


@pytest.mark.parametrize(
    "line", ["hook-done=make", "--hook-done=make", "  hook-done = make", "hook-done make"]
)
def test_a_hook_done_of_somebody_else_is_seen(line: str) -> None:
    file = file_of("dpkg-buildpackage", "/etc/dpkg/buildpackage.conf", "samego")
    assert re.search(file.exclusive, f"sign-key=1\n{line}\n", re.MULTILINE)
    assert not re.search(file.exclusive, "# hook-done=x\nhook-check=x\n", re.MULTILINE)
