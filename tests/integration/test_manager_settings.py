"""Installed toolchains under settings of the package manager, by real dpkg and pacman."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.cli import Samego
from support.inputs import Inputs
from support.makepkg import STRIPPED, arch_package

pytestmark = [
    pytest.mark.network,
    # The first of all tests that asks for Arch's package builds Go.
    pytest.mark.timeout(2 * 3600),
    pytest.mark.skipif(os.geteuid() != 0, reason="installing below a root takes root"),
]

GOROOT = "usr/lib/go-1.24"
COMMAND = f"{GOROOT}/bin/go"
TOOLS = f"{GOROOT}/pkg/tool/linux_amd64"
#: As Debian's slim container images have it.
SLIM = "path-exclude /usr/share/doc/*\npath-include /usr/share/doc/*/copyright\n"


@dataclass(frozen=True, slots=True)
class System:
    """A root, and how samego is told of it."""

    root: Path
    samego: Samego
    environment: Mapping[str, str]

    def report(self, *options: str | Path) -> dict[str, Any]:
        """What samego says of what is installed there."""
        words = ("check", "--installed", "--format", "json", *options)
        return self.samego(*words, environment=self.environment).report


def standings(report: dict[str, Any], *, passing: bool = False) -> dict[str, str]:
    """The findings' standings by path; without ``passing`` those that do not pass alone."""
    bad = {"unproven", "unexplained"}
    return {f["path"]: f["standing"] for f in report["findings"] if passing or f["standing"] in bad}


def left(report: dict[str, Any], why: str) -> int:
    """How many paths were not compared for a reason."""
    return sum(
        group["count"] for group in report["not_compared"]["paths"] if group.get("why") == why
    )


@pytest.fixture
def dpkg(samego: Samego, trixie_go124_debs: list[Path], tmp_path: Path) -> System:
    """A root with -go and -doc, whose dpkg unpacks no documentation and diverts a command."""
    root = tmp_path / "root"
    for name in ("var/lib/dpkg/info", "var/lib/dpkg/updates", "etc/dpkg/dpkg.cfg.d", "opt"):
        (root / name).mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    (root / "etc/dpkg/dpkg.cfg.d/docker").write_text(SLIM)
    subprocess.run(
        [
            *("dpkg-divert", "--root", root, "--no-rename", "--local"),
            *("--divert", f"/{COMMAND}.distrib", f"/{COMMAND}"),
        ],
        check=True,
    )
    debs = [deb for deb in trixie_go124_debs if "-src_" not in deb.name]
    options = [f"--{line.replace(' ', '=')}" for line in SLIM.splitlines()]
    force = ("--force-depends", "--force-unsafe-io", "--force-script-chrootless", "--log=/dev/null")
    subprocess.run(["dpkg", f"--root={root}", *force, *options, "--install", *debs], check=True)
    return System(root, samego, {"DPKG_ROOT": str(root)})


@pytest.mark.skipif(shutil.which("dpkg-divert") is None, reason="dpkg is not on this system")
def test_what_dpkg_was_told(dpkg: System, go124_source: Path) -> None:
    source = ("--source", next(go124_source.glob("*.dsc")))
    report = dpkg.report(*source)
    assert left(report, "not unpacked") == 16  # doc and README.md
    assert {group.get("package") for group in report["not_compared"]["paths"]} > {"golang-1.24-src"}
    found = standings(report)
    assert set(found.values()) == {"unproven"}
    assert "bin/go" in found
    notes = "\n".join(report["notes"])
    assert "path-exclude=/usr/share/doc/* in /etc/dpkg/dpkg.cfg.d/docker" in notes
    assert f"/{COMMAND} is diverted to /{COMMAND}.distrib by the administrator" in notes

    # Whatever took the place of the diverted file runs now, and is judged.
    shutil.copy(dpkg.root / TOOLS / "vet", dpkg.root / COMMAND)
    found = standings(dpkg.report(*source))
    assert {path for path, standing in found.items() if standing == "unexplained"} == {
        "bin/go",
        "bin/go.distrib",
    }
    (dpkg.root / COMMAND).unlink()
    # So is the diverted file itself.
    with (dpkg.root / f"{COMMAND}.distrib").open("ab") as file:
        file.write(b"!")
    assert standings(dpkg.report(*source))["bin/go"] == "unexplained"


@pytest.mark.skipif(shutil.which("dpkg-divert") is None, reason="dpkg is not on this system")
def test_rights_that_the_administrator_takes_and_gives(dpkg: System, go124_source: Path) -> None:
    for mode, tool in (("0750", "vet"), ("4755", "asm")):
        change = ("root", "root", mode, f"/{TOOLS}/{tool}")
        subprocess.run(
            ["dpkg-statoverride", "--root", dpkg.root, "--update", "--add", *change], check=True
        )
    report = dpkg.report("--source", next(go124_source.glob("*.dsc")))
    found = standings(report)
    tools = "pkg/tool/linux_amd64"
    assert (found[f"{tools}/vet"], found[f"{tools}/asm"]) == ("unproven", "unexplained")
    assert any("/var/lib/dpkg/statoverride" in note for note in report["notes"])


#: As in Arch's container images, and a part of GOROOT itself.
NO_EXTRACT = """\
[options]
Architecture = x86_64
SigLevel = Never
LocalFileSigLevel = Never
Include = {root}/etc/pacman.d/no.conf
"""
PATTERNS = """\
NoExtract = usr/share/help/* !usr/share/help/en*
NoExtract = usr/share/gtk-doc/html/* usr/share/doc/*
NoExtract = usr/lib/go/test/* !usr/lib/go/test/fixedbugs/*
NoUpgrade = usr/lib/go/go.env
"""


@pytest.mark.skipif(shutil.which("pacman") is None, reason="pacman is not on this system")
def test_what_pacman_was_told(samego: Samego, inputs: Inputs, tmp_path: Path) -> None:
    root = tmp_path / "root"
    for name in ("var/lib/pacman", "etc/pacman.d", "usr/lib/go"):
        (root / name).mkdir(parents=True)
    # pacman takes no Include from its --root, samego takes it from there.
    outside = tmp_path / "pacman.conf"
    outside.write_text(NO_EXTRACT.format(root=root))
    (root / "etc/pacman.conf").write_text(NO_EXTRACT.format(root=""))
    (root / "etc/pacman.d/no.conf").write_text(PATTERNS)
    install = ("pacman", "-U", "--noconfirm", "-dd", "--root", root, "--config", outside)
    database = ("--dbpath", root / "var/lib/pacman", "--hookdir", tmp_path)
    package = arch_package(inputs, STRIPPED)
    subprocess.run([*install, *database, package], check=True)
    shutil.copy(inputs.module_zip(STRIPPED.release, "linux-amd64"), tmp_path)
    system = System(root, samego, {"SAMEGO_ARCH_ROOT": str(root), "SAMEGO_MIRROR": str(tmp_path)})

    report = system.report("--distro", "arch")
    assert set(standings(report).values()) == {"unproven"}
    assert report["counts"]["unproven"] == 2
    [note] = [note for note in report["notes"] if "NoExtract" in note]
    assert "usr/share/doc/* in /etc/pacman.d/no.conf" in note

    # A file that was kept from before is judged as it is; the package's own beside it is known.
    with (root / "usr/lib/go/go.env").open("a") as file:
        file.write("GOFLAGS=-mod=mod\n")
    subprocess.run([*install, *database, package], check=True)
    assert (root / "usr/lib/go/go.env.pacnew").is_file()
    report = system.report("--distro", "arch")
    found = standings(report)
    assert {path for path, standing in found.items() if standing == "unexplained"} == {
        "go.env",
        "/usr/lib/go/go.env",
    }
    assert any("NoUpgrade = usr/lib/go/go.env in" in note for note in report["notes"])
