from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from samego.errors import HostileArchiveError, InputError, VerificationError
from samego.formats.archive.limits import ArchiveLimits
from samego.formats.archive.module_zip import goroot_path, module_prefix, posted_mode
from samego.formats.archive.zip import index_zip, read_zip

PREFIX = "golang.org/toolchain@v0.0.1-go1.24.4.linux-amd64/"


def zip_file(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_a_module_zip_is_a_goroot_tree(tmp_path: Path) -> None:
    file = zip_file(
        tmp_path / "m.zip",
        {f"{PREFIX}src/_go.mod": b"module std\n", f"{PREFIX}VERSION": b"go1.24.4"},
    )
    members = index_zip(file, name="m.zip")
    assert members[f"{PREFIX}VERSION"][:2] == (hashlib.sha256(b"go1.24.4").hexdigest(), 8)
    tree = read_zip(
        file, members, name="m.zip", strip=module_prefix(members, name="m"), rename=goroot_path
    )
    assert set(tree) == {"src/go.mod", "VERSION"}
    assert tree.read("src/go.mod") == b"module std\n"


@pytest.mark.parametrize(
    ("path", "mode"),
    [
        ("bin/go", 0o755),
        ("pkg/tool/linux_amd64/asm", 0o755),
        ("src/make.bash", 0o755),
        ("src/a.sh", 0o755),
        ("src/make.rc", 0o755),
        ("src/go_android_arm_exec", 0o755),
        ("misc/go_android_exec/main.go", 0o644),
        ("src/binary.go", 0o644),
        ("pkg/include/funcdata.h", 0o644),
    ],
)
def test_modes_follow_from_names(path: str, mode: int) -> None:
    assert posted_mode(path) == mode


def test_another_module_is_refused() -> None:
    with pytest.raises(InputError, match="not a zip of"):
        module_prefix({"example.org/x@v1/a": 0}, name="x.zip")


def test_damaged_and_hostile_zips_are_refused(tmp_path: Path) -> None:
    file = zip_file(tmp_path / "z.zip", {"go/a": b"alpha" * 100, "go/b": b"b"})
    members = index_zip(file, name="z.zip")
    with pytest.raises(InputError, match="outside other/"):
        read_zip(file, members, name="z", strip="other/")
    with pytest.raises(HostileArchiveError, match="larger"):
        index_zip(file, name="z", limits=ArchiveLimits(file_bytes=10))
    tree = read_zip(file, members, name="z", strip="go/")
    broken = bytearray(file.read_bytes())
    broken[45] ^= 0xFF
    file.write_bytes(broken)
    with pytest.raises((InputError, VerificationError), match=r"not a readable zip|not what was"):
        tree.read("a")
    with pytest.raises(InputError, match="not a readable zip"):
        index_zip(file, name="z")
    for remains in (b"PK", b"PK\x05\x06" * 40, b""):
        file.write_bytes(remains)
        with pytest.raises(InputError, match="not a readable zip"):
            tree.read("a")
    file.unlink()
    with pytest.raises(InputError, match="not a readable zip"):
        tree.read("a")


def test_a_duplicate_name_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a1", b"1")
        archive.writestr("a2", b"2")
    (tmp_path / "d.zip").write_bytes(out.getvalue().replace(b"a2", b"a1"))
    with pytest.raises(HostileArchiveError, match="twice"):
        index_zip(tmp_path / "d.zip", name="d.zip")


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    file = zip_file(tmp_path / "e.zip", {"a": b"x"})
    data = bytearray(file.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    file.write_bytes(data)
    with pytest.raises(HostileArchiveError, match="encrypted"):
        index_zip(file, name="e.zip")


def test_a_stored_member_and_a_mode_are_read(tmp_path: Path) -> None:
    file = tmp_path / "s.zip"
    info = zipfile.ZipInfo("go/bin/go")
    info.create_system, info.external_attr = 3, 0o100755 << 16
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(info, b"\x7fELF")
    tree = read_zip(file, index_zip(file, name="s"), name="s", strip="go/")
    assert tree.carries_modes
    assert tree["bin/go"].mode == 0o755
    assert tree.read("bin/go") == b"\x7fELF"


@pytest.mark.parametrize("mode", [0, 0o120777, 0o060644], ids=oct)
def test_a_member_without_a_mode_or_that_is_no_file_is_refused_beside_others(
    tmp_path: Path, mode: int
) -> None:
    file = tmp_path / "s.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for name, own in (("go/VERSION", 0o100644), ("go/bin/go", mode)):
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3 if own else 0, own << 16
            archive.writestr(info, b"x")
    members = index_zip(file, name="s")
    with pytest.raises(InputError, match=f"'go/bin/go' with the mode {mode:06o}"):
        read_zip(file, members, name="s", strip="go/")


def test_a_member_that_unpacks_to_more_than_was_indexed_is_found(tmp_path: Path) -> None:
    file = zip_file(tmp_path / "z.zip", {"go/a": b"alpha" * 100})
    members = index_zip(file, name="z")
    short = members["go/a"]._replace(size=3)
    tree = read_zip(file, {"go/a": short}, name="z", strip="go/")
    with pytest.raises(InputError, match="does not end where"):
        tree.read("a")
