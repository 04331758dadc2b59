from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from samego.distro.interface import Hook, HookFile
from samego.errors import InputError
from samego.integrations.hooks import record
from samego.integrations.hooks.install import HookState, install, remove, status

COMMAND = "/opt/samego/bin/samego"
SHARED = "etc/tool.conf"
WHOLE = "usr/lib/tool/hooks/90-samego"


def files_of(command: str) -> tuple[HookFile, ...]:
    return (
        HookFile(f"/{WHOLE}", f"#!/bin/sh\n{command} hook run probe\n", mode=0o755),
        HookFile(f"/{SHARED}", f"hook = {command}\n", comment="#", exclusive=r"^\s*hook\b.*"),
    )


HOOK = Hook("probe", "a tool", "a test", files_of)


def hook(name: str, *files: HookFile) -> Hook:
    return Hook(name, "a tool", "a test", lambda _command: files)


def snapshot(root: Path) -> dict[str, tuple[int, bytes | None]]:
    """Every path below a root with its mode, and its bytes when it is a file."""
    return {
        str(path.relative_to(root)): (
            stat.S_IMODE(path.lstat().st_mode),
            path.read_bytes() if path.is_file() else None,
        )
        for path in root.rglob("*")
    }


def shared(root: Path, data: bytes, mode: int = 0o644) -> Path:
    path = root / SHARED
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    path.chmod(mode)
    return path


def edit(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new))


def test_what_is_installed_is_listed_and_works(tmp_path: Path) -> None:
    assert status("probe", tmp_path).state is HookState.ABSENT
    assert install(HOOK, COMMAND, tmp_path) == (f"/{WHOLE}", f"/{SHARED}")
    assert (tmp_path / WHOLE).read_text() == f"#!/bin/sh\n{COMMAND} hook run probe\n"
    assert stat.S_IMODE((tmp_path / WHOLE).stat().st_mode) == 0o755
    assert f"hook = {COMMAND}\n" in (tmp_path / SHARED).read_text()
    found = status("probe", tmp_path)
    assert found.state is HookState.INSTALLED
    assert dict(found.files) == {
        f"/{WHOLE}": HookState.INSTALLED,
        f"/{SHARED}": HookState.INSTALLED,
    }


@pytest.mark.parametrize("data", [b"", b"# mine\n", b"no end", b"crlf\r\n", b"\xff\x00\n"])
def test_removing_restores_every_byte_and_mode(data: bytes, tmp_path: Path) -> None:
    shared(tmp_path, data, 0o640)
    before = snapshot(tmp_path)
    install(HOOK, COMMAND, tmp_path)
    assert (tmp_path / SHARED).read_bytes().startswith(data)
    assert stat.S_IMODE((tmp_path / SHARED).stat().st_mode) == 0o640
    remove("probe", tmp_path)
    assert snapshot(tmp_path) == before


def test_a_system_without_any_of_it_is_empty_again(tmp_path: Path) -> None:
    install(HOOK, COMMAND, tmp_path)
    assert remove("probe", tmp_path) == (f"/{WHOLE}", f"/{SHARED}")
    assert snapshot(tmp_path) == {}


def test_directories_that_were_there_stay(tmp_path: Path) -> None:
    (tmp_path / "usr/lib/tool").mkdir(parents=True)
    (tmp_path / "var/lib").mkdir(parents=True)
    before = snapshot(tmp_path)
    install(HOOK, COMMAND, tmp_path)
    remove("probe", tmp_path)
    assert snapshot(tmp_path) == before


def test_directories_get_modes_that_all_can_use(tmp_path: Path) -> None:
    mask = os.umask(0o077)
    try:
        install(HOOK, COMMAND, tmp_path)
    finally:
        os.umask(mask)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*") if path.is_dir()}
    assert modes == {0o755}


def test_installing_twice_changes_nothing(tmp_path: Path) -> None:
    shared(tmp_path, b"mine\n")
    install(HOOK, COMMAND, tmp_path)
    before = snapshot(tmp_path)
    assert install(HOOK, COMMAND, tmp_path) == ()
    assert snapshot(tmp_path) == before


def test_another_samego_takes_the_hook_over(tmp_path: Path) -> None:
    path = shared(tmp_path, b"mine\n")
    install(HOOK, "/old/samego", tmp_path)
    install(HOOK, COMMAND, tmp_path)
    assert b"/old" not in path.read_bytes() + (tmp_path / WHOLE).read_bytes()
    remove("probe", tmp_path)
    assert path.read_bytes() == b"mine\n"


def test_a_foreign_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / WHOLE).parent.mkdir(parents=True)
    (tmp_path / WHOLE).write_text("somebody's")
    before = snapshot(tmp_path)
    with pytest.raises(InputError, match="is not samego's"):
        install(HOOK, COMMAND, tmp_path)
    assert snapshot(tmp_path) == before


def test_a_dangling_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / WHOLE).parent.mkdir(parents=True)
    (tmp_path / WHOLE).symlink_to("elsewhere")
    with pytest.raises(InputError, match="is not samego's"):
        install(HOOK, COMMAND, tmp_path)


@pytest.mark.parametrize("name", [WHOLE, SHARED])
def test_links_out_of_the_root_are_refused(name: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / name).parent.parent.mkdir(parents=True)
    (root / name).parent.symlink_to(outside)
    with pytest.raises(InputError, match="leads out of"):
        install(HOOK, COMMAND, root)
    assert list(outside.iterdir()) == []


def test_a_shared_file_behind_a_link_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "etc/real.conf"
    real.parent.mkdir()
    real.write_bytes(b"mine\n")
    (tmp_path / SHARED).symlink_to("real.conf")
    install(HOOK, COMMAND, tmp_path)
    assert (tmp_path / SHARED).is_symlink()
    assert b"BEGIN" in real.read_bytes()
    remove("probe", tmp_path)
    assert real.read_bytes() == b"mine\n"


def test_a_setting_of_somebody_else_is_not_overridden(tmp_path: Path) -> None:
    shared(tmp_path, b"a = 1\n  hook = /their/own\n")
    before = snapshot(tmp_path)
    with pytest.raises(InputError, match=r"hook = /their/own"):
        install(HOOK, COMMAND, tmp_path)
    assert snapshot(tmp_path) == before


def test_a_block_that_nothing_is_known_of_is_refused(tmp_path: Path) -> None:
    install(HOOK, COMMAND, tmp_path)
    record.place_of(tmp_path, "probe").remove()
    (tmp_path / WHOLE).unlink()
    with pytest.raises(InputError, match="samego did not record"):
        install(HOOK, COMMAND, tmp_path)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (WHOLE, b"hook run", b"hook  run"),
        (SHARED, b"hook = ", b"hook =  "),
        (SHARED, b"# END", b"#END"),
        (SHARED, b"# BEGIN", b"# begin"),
    ],
)
def test_what_somebody_changed_is_left_to_them(
    name: str, old: bytes, new: bytes, tmp_path: Path
) -> None:
    install(HOOK, COMMAND, tmp_path)
    edit(tmp_path / name, old, new)
    before = snapshot(tmp_path)
    assert status("probe", tmp_path).state is HookState.CHANGED
    with pytest.raises(InputError, match="was changed since"):
        remove("probe", tmp_path)
    with pytest.raises(InputError, match="was changed since"):
        install(HOOK, COMMAND, tmp_path)
    assert snapshot(tmp_path) == before


def test_what_others_added_to_a_file_of_ours_stays(tmp_path: Path) -> None:
    install(HOOK, COMMAND, tmp_path)
    with (tmp_path / SHARED).open("ab") as file:
        file.write(b"theirs\n")
    remove("probe", tmp_path)
    assert (tmp_path / SHARED).read_bytes() == b"theirs\n"


def test_what_is_gone_already_is_passed_over(tmp_path: Path) -> None:
    install(HOOK, COMMAND, tmp_path)
    (tmp_path / WHOLE).unlink()
    assert status("probe", tmp_path).state is HookState.CHANGED
    assert remove("probe", tmp_path) == (f"/{SHARED}",)
    assert snapshot(tmp_path) == {}


def test_what_is_gone_comes_back(tmp_path: Path) -> None:
    install(HOOK, COMMAND, tmp_path)
    before = snapshot(tmp_path)
    (tmp_path / WHOLE).unlink()
    assert install(HOOK, COMMAND, tmp_path) == (f"/{WHOLE}", f"/{SHARED}")
    assert snapshot(tmp_path) == before


def test_a_failure_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared(tmp_path, b"mine\n")
    before = snapshot(tmp_path)
    replace: Callable[[Path, Path], Path] = Path.replace

    def fail(self: Path, target: Path) -> Path:
        if target.name == "tool.conf":
            raise PermissionError(13, "Permission denied", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(InputError, match=r"tool\.conf cannot be written"):
        install(HOOK, COMMAND, tmp_path)
    assert snapshot(tmp_path) == before


def test_two_hooks_share_directories_until_the_last_one_goes(tmp_path: Path) -> None:
    first = hook("first", HookFile("/usr/hooks/first", "1\n"))
    second = hook("second", HookFile("/usr/hooks/second", "2\n"))
    install(first, COMMAND, tmp_path)
    install(second, COMMAND, tmp_path)
    remove("first", tmp_path)
    assert (tmp_path / "usr/hooks/second").read_text() == "2\n"
    remove("second", tmp_path)
    assert snapshot(tmp_path) == {}


def test_two_hooks_share_a_file(tmp_path: Path) -> None:
    path = shared(tmp_path, b"no end")
    install(hook("first", HookFile(f"/{SHARED}", "1\n", comment="#")), COMMAND, tmp_path)
    install(hook("second", HookFile(f"/{SHARED}", "2\n", comment="#")), COMMAND, tmp_path)
    remove("first", tmp_path)
    assert status("second", tmp_path).state is HookState.INSTALLED
    remove("second", tmp_path)
    assert path.read_bytes() == b"no end"


def test_what_is_not_installed_cannot_be_removed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not installed"):
        remove("probe", tmp_path)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "a/b", ".", "A"])
def test_a_name_is_no_path(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not the name of a hook"):
        remove(name, tmp_path)


def test_a_root_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no directory"):
        install(HOOK, COMMAND, tmp_path / "missing")


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"\xff", b"[" * 5000, b'{"schema": "samego.hook/2"}', b" " * 2**21]
)
def test_a_damaged_record_is_an_error(data: bytes, tmp_path: Path) -> None:
    path = record.place_of(tmp_path, "probe").path
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    with pytest.raises(InputError, match="not a record of a hook"):
        status("probe", tmp_path)


@pytest.mark.parametrize("where", ["", "usr", "usr/lib", "etc", "var/lib/samego"])
@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o775])
def test_nothing_is_written_where_others_could_lead_it_elsewhere(
    tmp_path: Path, where: str, mode: int
) -> None:
    root = tmp_path / "root"
    for name in ("usr/lib", "etc", "var/lib/samego"):
        (root / name).mkdir(parents=True)
    (root / where).chmod(mode)
    before = snapshot(root)
    with pytest.raises(InputError, match="other users may write to"):
        install(HOOK, COMMAND, root)
    assert snapshot(root) == before


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "srv/mine").mkdir(parents=True)
    (root / "srv/open").mkdir()
    (root / "srv/open").chmod(0o1777)
    (root / "srv/open/etc").symlink_to(root / "srv/mine")
    (root / SHARED).parent.parent.mkdir(parents=True, exist_ok=True)
    (root / SHARED).parent.symlink_to(root / "srv/open/etc")
    with pytest.raises(InputError, match=r"is a link|other users may write"):
        install(HOOK, COMMAND, root)
    assert list((root / "srv/mine").iterdir()) == []


def test_a_removal_does_not_follow_what_was_planted_since(tmp_path: Path) -> None:
    root, other = tmp_path / "root", tmp_path / "other"
    root.mkdir()
    install(HOOK, COMMAND, root)
    above = (root / WHOLE).parent
    other.mkdir()
    (other / Path(WHOLE).name).write_bytes((root / WHOLE).read_bytes())
    above.chmod(0o777)
    with pytest.raises(InputError, match="other users may write to"):
        remove("probe", root)
    assert (other / Path(WHOLE).name).exists()
