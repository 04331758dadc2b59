from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from samego.cli.main import main
from samego.errors import InputError
from samego_debian.source.buildinfo import read_record
from support.buildinfo import digest_of, write_buildinfo
from support.debian_packages import CHANGELOG, DebMaker
from support.godev_server import GoDev, posting

RELEASE = "go1.24.99"
VERSION = "1.24.99-1"
GO = f"golang-1.24-go_{VERSION}_amd64.deb"
#: What upstream has of the tiny toolchain.
FILES = {
    "bin/go": b"\x7fELF go",
    "pkg/tool/linux_amd64/compile": b"\x7fELF compile",
    "src/zgenerated.go": b"package p\n",
    "src/main.go": b"package main\n",
    "doc/go_spec.html": b"<p>\n",
}
#: debrebuild as far as samego sees it: it says something, leaves files, and ends somehow.
SCRIPT = """#!/bin/sh
for word; do
    case $word in --buildresult=*) out=${word#*=} ;; esac
    printf '%s\\n' "$word" >>"$STANDIN/arguments"
done
cat "$STANDIN/says"
cp "$STANDIN"/made/* "$out"/ 2>/dev/null
exit "$(cat "$STANDIN/status")"
"""
BEGUN = "dpkg-buildpackage: info: source package golang-1.24\n debian/rules clean\n"
FAILED = "make: *** [debian/rules:3: binary] Error 2\ndpkg-buildpackage failed\n"


@dataclass
class Case:
    """Packages that were shipped, and what the stand-in will do with their .buildinfo."""

    root: Path
    shipped: Path
    buildinfo: Path

    @property
    def made(self) -> Path:
        return self.root / "made"

    def ends(self, status: int = 0, says: str = BEGUN) -> None:
        (self.root / "status").write_text(str(status))
        (self.root / "says").write_text(says)

    def gives_the_same(self) -> None:
        for path in self.shipped.iterdir():
            shutil.copy(path, self.made)

    def run(self, *arguments: str, buildinfo: Path | None = None) -> tuple[int, Any]:
        """The exit status, and the report when there is one."""
        report = self.root / "report.json"
        report.unlink(missing_ok=True)
        words = ["-o", str(report), "--format", "json", *arguments]
        status = main(["debian", "debrebuild", str(buildinfo or self.buildinfo), *words])
        return status, json.loads(report.read_text()) if report.exists() else None


@pytest.fixture(scope="module")
def posted() -> Iterator[GoDev]:
    """Upstream's archive, served as go.dev does."""
    with posting(RELEASE, FILES) as server:
        yield server


@pytest.fixture
def case(tmp_path: Path, posted: GoDev, monkeypatch: pytest.MonkeyPatch) -> Case:
    for name in ("made", "bin", "shipped", "home"):
        (tmp_path / name).mkdir()
    tool = tmp_path / "bin/debrebuild"
    tool.write_text(SCRIPT)
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:/usr/bin:/bin")
    monkeypatch.setenv("STANDIN", str(tmp_path))
    monkeypatch.setenv("SAMEGO_GODEV_URL", f"{posted.url}/dl")
    monkeypatch.setenv("SAMEGO_CHANNEL", "go.dev/dl")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("SAMEGO_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path / "home")
    shipped = tmp_path / "shipped"
    debs = _maker(shipped).write_all()
    _maker(shipped).write_packaging(shipped)
    case = Case(tmp_path, shipped, write_buildinfo(shipped, debs))
    case.ends()
    return case


def _maker(directory: Path) -> DebMaker:
    changelog = CHANGELOG.replace(b"1.24.4-1", VERSION.encode())
    return DebMaker(directory, version=VERSION, release=RELEASE, changelog=changelog)


def _rebuild_go(case: Case, path: str = "usr/lib/go-1.24/bin/go") -> None:
    """Make the stand-in leave a -go package with one other file."""
    case.gives_the_same()
    maker = _maker(case.made)
    go = maker.write("go", maker.contents("go") | {path: b"\x7fELF og"})
    debs = [go, *(case.made / deb.name for deb in case.shipped.glob("*-[sd]*.deb"))]
    write_buildinfo(case.made, debs)


def test_the_same_packages_pass_both_questions(case: Case) -> None:
    case.gives_the_same()
    status, report = case.run("--", "--builder=dpkg")
    assert status == 0
    assert report["verdict"] == "explained"
    assert report["passes"]
    given = report["reproduction"]
    assert given["outcome"] == "same"
    assert [item["match"] for item in given["artifacts"]] == ["same"] * 3
    assert given["tool"]["name"] == "debrebuild"
    kept = case.root / "home/golang-1.24_1.24.99-1_amd64.rebuilt"
    assert given["directory"] == str(kept)
    assert (kept / "debrebuild.log").read_text() == BEGUN
    said = (case.root / "arguments").read_text().splitlines()
    assert said == [f"--buildresult={kept}", "--builder=dpkg", str(case.buildinfo)]


@pytest.mark.parametrize("status", [0, 1, 2, 25, 255])
def test_the_exit_status_of_debrebuild_decides_nothing(case: Case, status: int) -> None:
    case.gives_the_same()
    case.ends(status)
    assert case.run()[0] == 0
    _rebuild_go(case)
    result, report = case.run("--keep", "other")
    assert (result, report["reproduction"]["outcome"]) == (1, "different")


def test_another_member_is_named_and_upstream_is_judged_apart(case: Case) -> None:
    _rebuild_go(case)
    status, report = case.run()
    assert status == 1
    assert report["passes"]
    [different] = [a for a in report["reproduction"]["artifacts"] if a["match"] != "same"]
    assert different["name"] == GO
    assert different["standing"] == "unexplained"
    assert [item["path"] for item in different["differences"]] == ["usr/lib/go-1.24/bin/go"]


def test_a_package_that_is_not_upstreams_is_reproduced_all_the_same(case: Case) -> None:
    maker = _maker(case.shipped)
    go = maker.write("go", maker.contents("go") | {"usr/lib/go-1.24/bin/go": b"\x7fELF og"})
    write_buildinfo(case.shipped, [go, *case.shipped.glob("*-[sd]*.deb")])
    case.gives_the_same()
    status, report = case.run()
    assert status == 1
    assert not report["passes"]
    assert report["reproduction"]["outcome"] == "same"


def test_a_record_with_another_number_of_files_is_different(case: Case) -> None:
    case.gives_the_same()
    write_buildinfo(case.made, sorted(case.made.glob("*.deb"))[1:])
    status, report = case.run()
    assert status == 1
    assert [item["match"] for item in report["reproduction"]["artifacts"]] == [
        "missing",
        "same",
        "same",
    ]


def test_a_recorded_package_that_is_not_there_decides_nothing(case: Case) -> None:
    case.gives_the_same()
    (case.made / GO).unlink()
    status, report = case.run()
    assert status == 2
    assert report["reproduction"]["outcome"] == "incomplete"
    assert {item["match"] for item in report["reproduction"]["artifacts"]} == {"absent", "same"}


def test_a_package_that_is_not_as_recorded_decides_nothing(case: Case) -> None:
    case.gives_the_same()
    (case.made / GO).write_bytes(b"!<arch>\n")
    status, report = case.run()
    assert status == 2
    assert {item["match"] for item in report["reproduction"]["artifacts"]} == {"altered", "same"}


def test_a_link_is_no_rebuilt_package(case: Case) -> None:
    case.gives_the_same()
    kept = case.root / "kept"
    kept.mkdir()
    for path in case.made.iterdir():
        shutil.copy(path, kept)
    (kept / GO).unlink()
    (kept / GO).symlink_to(case.shipped / GO)
    status, report = case.run("--rebuilt", str(kept))
    assert (status, report["reproduction"]["outcome"]) == (2, "incomplete")


def test_a_damaged_package_is_different_and_the_cause_is_told(case: Case) -> None:
    case.gives_the_same()
    (case.made / GO).write_bytes(b"no package at all")
    write_buildinfo(case.made, sorted(case.made.glob("*.deb")))
    status, report = case.run()
    assert status == 1
    [different] = [a for a in report["reproduction"]["artifacts"] if a["match"] != "same"]
    assert "not a readable .deb" in different["differences"][0]["cause"]


def test_a_build_that_fails_with_some_packages_written(case: Case) -> None:
    shutil.copy(case.shipped / GO, case.made)
    case.ends(2, BEGUN + FAILED)
    status, report = case.run()
    assert status == 2
    given = report["reproduction"]
    assert (given["outcome"], given["cause"]) == ("failed", "build")
    assert given["reason"] == "the build failed; it left 1 of 3 files"
    assert given["log"][-1] == "dpkg-buildpackage failed"
    assert given["artifacts"] == []


def test_a_build_that_ends_without_a_record(case: Case) -> None:
    case.gives_the_same()
    (case.made / case.buildinfo.name).unlink()
    case.ends(0, BEGUN + "dcmd failed\n")
    status, report = case.run()
    assert status == 2
    given = report["reproduction"]
    assert (given["outcome"], given["cause"]) == ("failed", "record_missing")
    assert given["reason"].endswith("and 3 of 3 files")


def test_a_record_that_cannot_be_read(case: Case) -> None:
    case.gives_the_same()
    (case.made / case.buildinfo.name).write_text("Format: 1.0\n")
    status, report = case.run()
    assert (status, report["reproduction"]["cause"]) == (2, "record_unreadable")


def test_the_log_of_sbuild_counts_too(case: Case) -> None:
    case.ends(25, "sbuild failed\n")
    (case.made / "golang-1.24_1.24.99-1_amd64.build").write_text(BEGUN + "make: *** Error 1\n")
    status, report = case.run()
    assert (status, report["reproduction"]["cause"]) == (2, "build")
    assert report["reproduction"]["log"][-1] == "make: *** Error 1"


@pytest.mark.parametrize(
    ("says", "options", "cause", "reason"),
    [
        (
            "debrebuild: you must have the libstring-shellquote-perl package installed\n",
            (),
            "helper_missing",
            "debrebuild: you must have the libstring-shellquote-perl package installed",
        ),
        (
            "Can't locate File/HomeDir.pm in @INC (you may need to install it)\n",
            (),
            "helper_missing",
            "Can't locate File/HomeDir.pm in @INC (you may need to install it)",
        ),
        (
            'Can\'t exec "ip": No such file or directory at usernsexec line 4.\nsbuild failed\n',
            ("--builder=sbuild",),
            "helper_missing",
            'Can\'t exec "ip": No such file or directory',
        ),
        (
            "unsupported builder: pbuilder\n",
            ("--builder=pbuilder",),
            "builder",
            "unsupported builder: pbuilder",
        ),
        (
            "E: no snapshot has it\nCan't close(GLOB(0x5)) filehandle: '' at debrebuild line 488\n",
            ("--builder", "dpkg"),
            "environment",
            "debootsnap failed (E: no snapshot has it)",
        ),
        (
            "E: no snapshot has it\ndebootsnap failed at /usr/bin/debrebuild line 492.\n",
            ("--builder=mmdebstrap",),
            "environment",
            "debootsnap failed (E: no snapshot has it)",
        ),
        (
            "apt-get install failed\n",
            ("--builder=dpkg",),
            "environment",
            "apt-get install failed",
        ),
        (
            "dpkg-checkbuilddeps: error: Unmet build dependencies: gcc-99\n",
            ("--builder=dpkg",),
            "environment",
            "dpkg-checkbuilddeps: error: Unmet build dependencies: gcc-99",
        ),
        (
            "Manual installation and build\n",
            (),
            "builder",
            "the builder none builds nothing: name one (-- --builder=sbuild)",
        ),
        (
            "/build/x exists -- refusing to overwrite\n",
            ("--builder=dpkg",),
            "refused",
            "debrebuild ended before any build: /build/x exists -- refusing to overwrite",
        ),
        (
            "",
            ("--builder=dpkg",),
            "refused",
            "debrebuild ended before any build: it printed nothing",
        ),
    ],
)
def test_why_no_build_began(
    case: Case, says: str, options: tuple[str, ...], cause: str, reason: str
) -> None:
    case.ends(255, says)
    status, report = case.run("--", *options)
    assert status == 2
    given = report["reproduction"]
    assert (given["outcome"], given["cause"], given["reason"]) == ("not_run", cause, reason)


def test_debrebuild_is_not_installed(case: Case) -> None:
    (case.root / "bin/debrebuild").unlink()
    status, report = case.run()
    assert status == 2
    assert report["reproduction"]["cause"] == "tool_missing"
    assert "devscripts" in report["reproduction"]["reason"]
    # Nothing was begun, so nothing stays.
    assert list((case.root / "home").iterdir()) == []


def test_upstream_is_checked_first_and_an_error_ends_it(
    case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    status, report = case.run("--release", "go1.24.98")
    assert (status, report) == (2, None)
    assert not (case.root / "arguments").exists()
    assert list((case.root / "home").iterdir()) == []
    assert "go1.24.98" in capsys.readouterr().err


# The shipped packages.


def test_a_shipped_package_that_is_not_as_recorded_is_refused(
    case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bytearray((case.shipped / GO).read_bytes())
    data[-1] ^= 1
    (case.shipped / GO).write_bytes(data)
    assert case.run() == (2, None)
    assert f"{GO} is not the file that" in capsys.readouterr().err


def test_a_shipped_package_that_was_changed_with_its_record_is_different(case: Case) -> None:
    case.gives_the_same()
    maker = _maker(case.shipped)
    maker.write("src", maker.contents("src") | {"usr/share/go-1.24/src/evil.go": b"package e\n"})
    write_buildinfo(case.shipped, sorted(case.shipped.glob("*.deb")))
    status, report = case.run()
    assert status == 1
    [different] = [a for a in report["reproduction"]["artifacts"] if a["match"] != "same"]
    [member] = different["differences"]
    assert (member["path"], member["holder"]) == ("usr/share/go-1.24/src/evil.go", "shipped")


def test_shipped_packages_may_lie_elsewhere(case: Case) -> None:
    case.gives_the_same()
    apart = case.root / "apart"
    apart.mkdir()
    record = apart / case.buildinfo.name
    case.buildinfo.rename(record)
    assert case.run(buildinfo=record) == (2, None)
    (case.made / record.name).write_bytes(record.read_bytes())
    status, _report = case.run("--shipped", str(case.shipped), buildinfo=record)
    assert status == 0
    named = [word for deb in case.shipped.glob("*.deb") for word in ("--shipped", str(deb))]
    assert case.run("--keep", "again", *named, buildinfo=record)[0] == 0


def test_a_named_package_of_another_build_is_refused(
    case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    assert case.run("--shipped", str(case.shipped / "other.deb")) == (2, None)
    assert "does not list other.deb" in capsys.readouterr().err


# After the fact, and what is refused.


def test_what_a_rebuild_left_is_judged_without_running_anything(case: Case) -> None:
    case.gives_the_same()
    status, report = case.run("--rebuilt", str(case.made))
    assert status == 0
    assert report["reproduction"]["tool"] is None
    assert report["reproduction"]["command"] == []
    assert not (case.root / "arguments").exists()


def test_the_shipped_packages_are_no_rebuild_of_themselves(
    case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    assert case.run("--rebuilt", str(case.shipped)) == (2, None)
    assert "is the shipped file itself" in capsys.readouterr().err
    case.gives_the_same()
    (case.made / GO).unlink()
    (case.made / GO).hardlink_to(case.shipped / GO)
    assert case.run("--rebuilt", str(case.made)) == (2, None)


def test_an_empty_directory_after_the_fact(case: Case) -> None:
    status, report = case.run("--rebuilt", str(case.made))
    assert (status, report["reproduction"]["cause"]) == (2, "record_missing")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--", "--buildresult=/x"), "--buildresult=/x is set by samego"),
        (("--rebuilt", "made", "--", "--builder=dpkg"), "has no effect"),
        (("--keep", "../made"), "is not empty"),
        (("--rebuilt", "nowhere"), "cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    case: Case, arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    case.gives_the_same()
    assert case.run(*arguments) == (2, None)
    assert message in capsys.readouterr().err


# The record.


def test_a_record_names_what_was_built(tmp_path: Path) -> None:
    deb = tmp_path / "a_1_amd64.deb"
    deb.write_bytes(b"a")
    record = read_record(write_buildinfo(tmp_path, [deb], version="1:2.3-4+b1"))
    assert record.rebuilt_name == "golang-1.24_2.3-4+b1_amd64.buildinfo"
    assert record.digests == {deb.name: digest_of(deb)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Source: golang-1.24", "Source: ../x"),
        ("Source: golang-1.24", "Source:"),
        ("Version: 1.24.99-1", "Version: /"),
        ("Architecture: all amd64 source\n", ""),
        (" 1 a_1_amd64.deb", " 1 ../a_1_amd64.deb"),
        (" 1 a_1_amd64.deb", " x a_1_amd64.deb"),
        (" 1 a_1_amd64.deb", ""),
        ("Checksums-Sha256:", "Checksums-Sha512:"),
    ],
)
def test_a_record_that_lies_is_refused(tmp_path: Path, old: str, new: str) -> None:
    deb = tmp_path / "a_1_amd64.deb"
    deb.write_bytes(b"a")
    path = write_buildinfo(tmp_path, [deb])
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(InputError):
        read_record(path)
