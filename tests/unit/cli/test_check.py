from __future__ import annotations

import argparse
import tarfile
from pathlib import Path

import pytest

from samego.check.options import CheckOptions
from samego.cli.check import options_from
from samego.cli.main import build_parser, main
from samego.cli.options import DEFAULTS
from samego.config import CHANNELS
from samego.model.proof import Standing
from samego.model.release import Release, Target
from samego.reference.job import ReferenceKind
from samego.report.load import load
from support.cli import the_error


def parsed(*arguments: str) -> CheckOptions:
    words = ["check", *arguments]
    return options_from(build_parser(words).parse_args(words, argparse.Namespace(**DEFAULTS)))


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("SAMEGO_CONFIG", "SAMEGO_OFFLINE", "SAMEGO_CACHE", "SAMEGO_CHANNEL"):
        monkeypatch.delenv(name, raising=False)


def test_defaults() -> None:
    options = parsed("a.deb", "b.deb")
    assert options.what == ("a.deb", "b.deb")
    assert options.required is Standing.EXPLAINED
    assert not options.installed
    assert not options.config.offline
    assert not options.allow_unverified
    assert not options.rebuild
    assert (options.release, options.target, options.upstream, options.source) == (None,) * 4
    assert (options.config.channel, options.distro, options.waive) == ("", "", ())


def test_everything_given() -> None:
    options = parsed(
        *("debian:trixie/golang-1.24", "--release", "1.24.4", "--target", "linux/arm64"),
        *("--channel", CHANNELS[-1], "--source", "x.dsc", "--distro", "debian"),
        *("--allow-unverified", "--waive", "lib/a.zip", "--waive", "lib/b.zip"),
        *("--require", "identical", "--offline", "--cache", "/c", "--rebuild"),
    )
    assert options.release == Release.parse("go1.24.4")
    assert options.target == Target.parse("linux-arm64")
    assert options.config.channel == CHANNELS[-1]
    assert options.source == Path("x.dsc")
    assert options.distro == "debian"
    assert options.allow_unverified
    assert options.rebuild is ReferenceKind.QUICK
    assert options.waive == ("lib/a.zip", "lib/b.zip")
    assert options.required is Standing.IDENTICAL
    assert options.config.offline
    assert options.config.cache_directory == Path("/c")


def test_how_a_reference_is_built() -> None:
    assert parsed("a.deb", "--rebuild").rebuild is ReferenceKind.QUICK
    assert parsed("a.deb", "--rebuild=full").rebuild is ReferenceKind.FULL


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--installed"], ()),
        (["--installed", "golang-1.24"], ("golang-1.24",)),
        (["golang-1.24", "--installed"], ("golang-1.24",)),
    ],
)
def test_installed(arguments: list[str], what: tuple[str, ...]) -> None:
    options = parsed(*arguments)
    assert options.installed
    assert options.what == what


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "name what to check, or --installed", id="nothing"),
        pytest.param(["a.deb", "--require", "unproven"], "is not one of", id="a low bar"),
        pytest.param(["a.deb", "--format", "pdf"], "is not one of", id="a format"),
        pytest.param(["a.deb", "--channel", "ftp"], "is not one of", id="a channel"),
        pytest.param(
            ["a.deb", "--channel", CHANNELS[-1], "--upstream", "f"], "not allowed", id="both"
        ),
        pytest.param(["a.deb", "--release", "1.24.04"], "not a Go release", id="a release"),
        pytest.param(["a.deb", "--rebuild=slow"], "is not one of", id="a way to rebuild"),
        pytest.param(["a.deb", "--target", "linux"], "not a Go target", id="a target"),
        pytest.param(["a.deb", "--config", "/none.toml"], "/none.toml", id="a configuration"),
        pytest.param(["a.deb", "-o", "/none/r"], "cannot be written", id="a destination"),
        pytest.param(["/none.deb"], "/none.deb", id="a package"),
    ],
)
def test_what_cannot_be_is_an_error_and_status_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "-q", *arguments]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert message in the_error(err)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Arguments that check a GOROOT of a few files against an archive of the same."""
    goroot = tmp_path / "goroot"
    files = {"VERSION": "go1.99.0\n", "src/a.go": "package a\n", "pkg/tool/linux_amd64/asm": "x"}
    for name, text in files.items():
        (goroot / name).parent.mkdir(parents=True, exist_ok=True)
        (goroot / name).write_text(text, "utf-8")
    archive = tmp_path / "go1.99.0.linux-amd64.tar.gz"  # nobody has announced its sum
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(goroot, "go")
    monkeypatch.setenv("SAMEGO_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return [
        *("check", "goroot", "--target", "linux-amd64", "--offline"),
        *("--upstream", str(archive), "--allow-unverified"),
    ]


def test_a_check_from_end_to_end(
    small: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Nobody vouches for the archive: the files are equal, and it does not pass.
    assert main(small) == 1
    out, err = capsys.readouterr()
    assert out.splitlines()[0].endswith("unproven, does not pass (upstream's file is not verified)")
    assert "samego: comparing\n" in err
    (tmp_path / "goroot/src/a.go").write_text("package b\n", "utf-8")
    assert main([*small, "-q", "--format", "json", "-o", "r.json"]) == 1
    assert capsys.readouterr() == ("", "")
    report = load(Path("r.json"))
    assert [finding.path for finding in report.findings] == ["src/a.go"]
    assert main(["explain", "r.json", "src/a.go"]) == 0


def test_the_verdict_is_told_when_the_report_goes_to_a_file(
    small: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*small, "-o", "r.txt"]) == 1
    out, err = capsys.readouterr()
    assert not out
    first = Path("r.txt").read_text("utf-8").splitlines()[0]
    assert err.endswith(f"samego: {first}\n")


def test_waivers_come_from_the_option_or_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, own = tmp_path / "named", tmp_path / "own"
    named.write_text("path src/a.go: named\n")
    own.write_text("path src/a.go: own\n")
    assert parsed("a.deb").waivers == ()
    monkeypatch.setenv("SAMEGO_WAIVERS", str(own))
    assert [each.reason for each in parsed("a.deb").waivers] == ["own"]
    assert [each.reason for each in parsed("a.deb", "--waivers", str(named)).waivers] == ["named"]


def test_a_malformed_file_of_waivers_is_one_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "waivers"
    path.write_text("# fine\npath **: all\n")
    assert main(["check", str(tmp_path / "none.deb"), "--waivers", str(path)]) == 2
    assert f"{path}, line 2: '**' takes every path" in the_error(capsys.readouterr().err)
