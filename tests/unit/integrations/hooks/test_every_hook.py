"""Every hook that a plugin brings: what it installs, and that a removal undoes exactly that."""

from __future__ import annotations

import itertools
import stat
from pathlib import Path

import pytest

from samego.distro.interface import Hook
from samego.integrations.hooks.install import HookState, install, remove, status
from samego.integrations.hooks.registry import hooks

#: Percent signs, quotes and blanks, each of which one of the callers reads as something else.
COMMAND = "'/opt/a b/python3' -I '/opt/100% mine'\"'\"'s/samego'"
HOOKS = [registered.hook for registered in hooks()]
#: What a shared file may hold before: nothing, no end, a line end and bytes of another system.
SHARED = (b"", b"# mine", b"\xff\r\n\x00\n")

Snapshot = dict[str, tuple[int, bytes | str | None]]


def _content(path: Path) -> bytes | str | None:
    if path.is_symlink():
        return str(path.readlink())
    return path.read_bytes() if path.is_file() else None


def snapshot(root: Path) -> Snapshot:
    """Every path below a root: its mode, and its bytes or where it leads."""
    return {
        str(path.relative_to(root)): (stat.S_IMODE(path.lstat().st_mode), _content(path))
        for path in root.rglob("*")
    }


def prepared(root: Path, hook: Hook, data: bytes) -> None:
    """Put what others share with the hook on a system, one file behind a link."""
    for file in hook.files(COMMAND):
        if file.comment:
            path = root / file.path.lstrip("/")
            real = path.with_name(f"{path.name}.real")
            real.parent.mkdir(parents=True, exist_ok=True)
            real.write_bytes(data)
            real.chmod(0o640)
            path.symlink_to(real.name)


@pytest.mark.parametrize("hook", HOOKS, ids=[hook.name for hook in HOOKS])
@pytest.mark.parametrize("data", [None, *SHARED])
def test_a_removal_undoes_an_installation(hook: Hook, data: bytes | None, tmp_path: Path) -> None:
    if data is not None:
        prepared(tmp_path, hook, data)
    before = snapshot(tmp_path)
    paths = tuple(file.path for file in hook.files(COMMAND))
    assert install(hook, COMMAND, tmp_path) == paths
    assert status(hook.name, tmp_path).state is HookState.INSTALLED
    for file in hook.files(COMMAND):
        path = tmp_path / file.path.lstrip("/")
        assert file.text.encode().rstrip(b"\n") in path.read_bytes()
    # Another samego takes it over, and the removal is still of all that came.
    install(hook, "/usr/bin/samego", tmp_path)
    assert remove(hook.name, tmp_path) == paths
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("distro", sorted({registered.distro for registered in hooks()}))
def test_two_of_a_distro_go_in_any_order(distro: str, tmp_path: Path) -> None:
    mine = [registered.hook for registered in hooks() if registered.distro == distro]
    for first, second in itertools.permutations(mine, 2):
        for order in ((first, second), (second, first)):
            for hook in (first, second):
                install(hook, COMMAND, tmp_path)
            for hook in order:
                remove(hook.name, tmp_path)
            assert snapshot(tmp_path) == {}, (first.name, second.name, order[0].name)
