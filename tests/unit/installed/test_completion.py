from __future__ import annotations

import re
import subprocess

import pytest

from installed.commands import Command, samego
from installed.completion import completions


@pytest.fixture(scope="module")
def scripts() -> dict[str, str]:
    return dict(completions())


def every(command: Command) -> list[Command]:
    return [command, *(each for below in command.commands for each in every(below))]


def test_each_shell_has_a_script(scripts: dict[str, str]) -> None:
    assert set(scripts) == {"bash", "zsh", "fish"}
    assert scripts["zsh"].startswith("#compdef samego\n")
    done = subprocess.run(
        ["bash", "-n"], input=scripts["bash"], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_command_and_option_is_completed(shell: str, scripts: dict[str, str]) -> None:
    script = scripts[shell]
    for command in every(samego()):
        assert re.search(rf"\b{re.escape(command.words[-1])}\b", script), command.words
        # zsh's script ends at two levels; below, the words are a choice.
        if shell == "zsh" and len(command.words) > 3:
            continue
        for option in command.parser._option_string_actions:
            spelled = option if shell != "fish" else option.lstrip("-")
            assert spelled in script, (command.words, option)


def test_choices_and_paths_are_completed(scripts: dict[str, str]) -> None:
    fish = scripts["fish"]
    check = [line for line in fish.splitlines() if "from check' -l require" in line]
    assert len(check) == 1
    assert "-x -a 'identical equivalent" in check[0]
    assert re.search(r"from check' -s o -l output -r -F ", fish)
    assert re.search(r"-l cache -x -a '\(__fish_complete_directories\)'", fish)
    # How it quotes differs by shtab's version.
    assert re.search(r"check___require_choices=\('?identical", scripts["bash"])
    assert "_shtab_samego_check_pos_0_COMPGEN=_shtab_compgen_files" in scripts["bash"]
    assert "_shtab_samego_check___cache_COMPGEN=_shtab_compgen_dirs" in scripts["bash"]


def test_what_is_explained_cannot_end_its_quotes(scripts: dict[str, str]) -> None:
    for line in scripts["fish"].splitlines():
        bare = re.sub(r"'(?:[^'\\]|\\.)*'", "", line)
        assert "'" not in bare, line
