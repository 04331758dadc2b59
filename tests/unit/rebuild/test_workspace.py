from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from samego.rebuild.workspace import build_goroot, scratch_directory, unpack
from support.archives import memory_tree

TREE = memory_tree(
    {"bin/go": b"#!", "pkg/tool/x": b"t", "src/a.go": b"a", "src/b.go": b"b"},
    modes={"bin/go": 0o755, "pkg/tool/x": 0o755, "src/a.go": 0o644, "src/b.go": 0o644},
)


def test_a_tree_is_unpacked_once(tmp_path: Path) -> None:
    place = unpack(TREE, tmp_path / "below/go")
    assert (place / "bin/go").stat().st_mode & 0o777 == 0o755
    (place / "src/a.go").write_bytes(b"kept")
    assert (unpack(TREE, place) / "src/a.go").read_bytes() == b"kept"
    assert [path.name for path in (tmp_path / "below").iterdir()] == ["go"]


def test_a_goroot_to_build_in_changes_nothing_of_the_pristine_one(tmp_path: Path) -> None:
    pristine = unpack(TREE, tmp_path / "go")
    with build_goroot(pristine, {"src/a.go": b"new", "src/b.go": None}, tmp_path / "w") as goroot:
        (goroot / "bin/go").write_bytes(b"built")
        (goroot / "pkg/tool/x").write_bytes(b"built")
        assert (goroot / "src/a.go").read_bytes() == b"new"
        assert not (goroot / "src/b.go").exists()
    assert not (tmp_path / "w").exists()
    kept = {path: (pristine / path).read_bytes() for path in TREE}
    assert kept == {path: TREE.read(path) for path in TREE}


def test_a_scratch_directory_goes_with_its_context(tmp_path: Path) -> None:
    def fail() -> None:
        with scratch_directory(tmp_path / "x") as scratch:
            (scratch / "file").touch()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list((tmp_path / "x").iterdir()) == []


def test_a_signal_while_a_scratch_directory_goes_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rmtree, calls = shutil.rmtree, 0

    def interrupted(path: Path, *, ignore_errors: bool) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            (path / "lock").unlink()
            raise KeyboardInterrupt
        rmtree(path, ignore_errors=ignore_errors)

    monkeypatch.setattr(shutil, "rmtree", interrupted)
    with pytest.raises(KeyboardInterrupt), scratch_directory(tmp_path / "x") as scratch:
        (scratch / "file").touch()
    assert list((tmp_path / "x").iterdir()) == []


def test_what_a_killed_run_left_goes_and_what_another_uses_stays(tmp_path: Path) -> None:
    left = tmp_path / ".build-left"
    left.mkdir()
    (left / "lock").touch()
    (left / "huge").write_bytes(bytes(100))
    with scratch_directory(tmp_path) as one, scratch_directory(tmp_path) as other:
        assert not left.exists()
        assert one.is_dir()
        assert other.is_dir()
        assert one != other
