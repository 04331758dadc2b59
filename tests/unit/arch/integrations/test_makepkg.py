"""``samego arch makepkg``: whose options are whose, and which files are checked."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import pytest

from samego.cli.main import build_parser
from samego.cli.options import DEFAULTS
from samego.errors import ToolError
from samego_arch.integrations import makepkg


def parse(*words: str) -> argparse.Namespace:
    arguments = ["arch", "makepkg", *words]
    return build_parser(arguments).parse_args(arguments, argparse.Namespace(**DEFAULTS))


@pytest.mark.parametrize(
    ("words", "others"),
    [
        ([], ()),
        (["-sf"], ("-sf",)),
        (["-q", "-o", "r.json", "--format=json", "-f", "--config", "x"], ("-f", "--config", "x")),
        (["--require", "equivalent", "--", "-o"], ("-o",)),
        (["--", "--", "PKGEXT=x"], ("--", "PKGEXT=x")),
        (["PKGDEST=/tmp", "-q"], ("PKGDEST=/tmp", "-q")),
    ],
)
def test_samegos_own_options_come_first(words: list[str], others: tuple[str, ...]) -> None:
    assert parse(*words).makepkg_options == others


def test_an_option_without_its_value_is_no_option_of_makepkgs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse("-o")
    assert ended.value.code == 2
    assert "expected one argument" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "is_go"),
    [
        ("go-2:1.27.0-1-x86_64.pkg.tar.zst", True),
        ("go-1.27.0-1.1-aarch64.pkg.tar", True),
        ("go-tools-4:0.31.0-1-x86_64.pkg.tar.zst", False),
        ("go-debug-2:1.27.0-1-x86_64.pkg.tar.zst", False),
        ("go-2:1.27.0-1-x86_64.pkg.tar.zst.sig", False),
        ("cargo-2:1.27.0-1-x86_64.pkg.tar.zst", False),
    ],
)
def test_only_the_package_go_is_checked(name: str, *, is_go: bool) -> None:
    assert bool(makepkg._GO_PACKAGE.fullmatch(name)) is is_go


def test_what_lay_there_before_is_not_checked(tmp_path: Path) -> None:
    package = tmp_path / "go-2:1.24.9-1-x86_64.pkg.tar.zst"
    assert not makepkg._is_fresh(package, 0)
    package.touch()
    assert makepkg._is_fresh(package, time.time_ns() - 10**9)
    assert not makepkg._is_fresh(package, time.time_ns() + 10**9)


@pytest.mark.parametrize("missing", ["makepkg", "pacman"])
def test_a_missing_program_is_named(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in {"makepkg", "pacman"} - {missing}:
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError) as caught:
        makepkg._find()
    assert missing in caught.value.hint
