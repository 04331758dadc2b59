from __future__ import annotations

from pathlib import Path

import pytest

from samego.errors import InputError, ToolError
from samego.model.release import Release
from samego.rebuild import bootstrap
from samego.rebuild.bootstrap import candidates, from_c, from_directory, from_gccgo, is_gccgo
from support.toy_go import toy_bootstrap

R = Release.parse


def test_a_directory_with_a_go_is_a_bootstrap(tmp_path: Path) -> None:
    found = from_directory(toy_bootstrap(tmp_path / "go"))
    assert found.version == R("go1.22.6")
    assert found.environment() == {"GOROOT_BOOTSTRAP": str(tmp_path / "go")}
    assert str(found) == "go1.22.6 in go"


def test_the_digest_stands_for_every_byte(tmp_path: Path) -> None:
    one = from_directory(toy_bootstrap(tmp_path / "one"))
    assert from_directory(toy_bootstrap(tmp_path / "two")).digest == one.digest
    (tmp_path / "two/VERSION").write_text("go1.22.6 \n", "utf-8")
    assert from_directory(tmp_path / "two").digest != one.digest


@pytest.mark.parametrize(
    ("version", "message"),
    [(None, "states no Go version"), ("devel +abc", "is no release"), ("", "is no release")],
    ids=["none", "devel", "empty"],
)
def test_a_go_that_does_not_say_what_it_is_is_refused(
    tmp_path: Path, version: str | None, message: str
) -> None:
    path = toy_bootstrap(tmp_path / "go")
    if version is None:
        (path / "VERSION").unlink()
    else:
        (path / "VERSION").write_text(version, "utf-8")
    with pytest.raises(InputError, match=message):
        from_directory(path)


def test_a_directory_without_a_go_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no bin/go"):
        from_directory(tmp_path)


def test_upstreams_own_bootstrap_is_the_oldest_line_that_will_do() -> None:
    known = [R(f"go1.{n}") for n in ("21.13", "22.5", "22.6", "22.12", "23.1", "24.4")]
    best = candidates(R("go1.24.4"), known)
    assert [str(each) for each in best] == ["go1.22.12", "go1.22.6", "go1.23.1"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("gccgo", True), ("gccgo-12", True), ("gccgo-", False), ("gcc", False), ("xgccgo", False)],
)
def test_gccgo_by_name(name: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert is_gccgo(name) is expected


def fake_gccgo(directory: Path, major: int) -> None:
    for tool in (f"gccgo-{major}", f"go-{major}", f"gofmt-{major}"):
        path = directory / tool
        path.write_text(
            f'#!/bin/sh\ncase "$1" in -dumpfullversion) echo {major}.2.0;; *) echo "$1";; esac\n',
            "utf-8",
        )
        path.chmod(0o755)


def test_gccgo_becomes_a_goroot_of_the_go_that_its_gcc_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    fake_gccgo(tmp_path / "bin", 12)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    found = from_gccgo("gccgo-12", tmp_path)
    assert (found.version, found.origin) == (R("go1.18"), "gccgo 12.2.0 (Go 1.18)")
    assert found.goroot is not None
    assert (found.goroot / "bin/go").readlink() == tmp_path / "bin/go-12"
    assert (found.goroot / "bin/gofmt").readlink() == tmp_path / "bin/gofmt-12"
    before = found.digest
    with (tmp_path / "bin/go-12").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert from_gccgo("gccgo-12", tmp_path).digest != before


def test_a_gccgo_of_an_unknown_gcc_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_gccgo(tmp_path, 99)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(ToolError, match="GCC 99"):
        from_gccgo("gccgo-99", tmp_path)


def test_without_compilers_they_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match="gccgo is not installed"):
        from_gccgo("gccgo", tmp_path)
    with pytest.raises(ToolError, match="no C compiler"):
        from_c()


def test_a_c_compiler_is_named_by_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gcc = tmp_path / "gcc"
    gcc.write_text("#!/bin/sh\necho 'gcc (Toy) 1.2.3'\n", "utf-8")
    gcc.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    found = from_c()
    assert found.origin == "the C compiler gcc (Toy) 1.2.3"
    assert (found.goroot, found.version) == (None, None)
    assert "GOROOT_BOOTSTRAP" not in found.environment()


def test_the_table_of_gcc_names_real_releases() -> None:
    assert set(bootstrap.GCC_GO) == {12, 13, 14}
