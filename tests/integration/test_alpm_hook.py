"""pacman's hook, called by a real pacman that installs the real package.

pacman runs its hooks inside the system that it installs to, so that system is this machine's
own, samego included, under an overlay that takes all that is written.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.chroot import Chroot
from support.cli import PROGRAM, Samego
from support.inputs import Inputs
from support.makepkg import STRIPPED, arch_package
from support.pkg_edit import edit_package

pytestmark = [
    pytest.mark.network,
    # The first of all tests that asks for the package builds Go.
    pytest.mark.timeout(2 * 3600),
    pytest.mark.skipif(os.geteuid() != 0, reason="an overlay takes root"),
]

SPOOL = "var/lib/samego/reports"
CONFIG = """[options]
Architecture = x86_64
SigLevel = Never
LocalFileSigLevel = Never
"""


@dataclass(frozen=True, slots=True)
class System:
    """This machine under an overlay, with the package and upstream's file in /inputs."""

    chroot: Chroot
    inputs: Path

    def run(self, *command: str | Path, **environment: str) -> str:
        """Run a command that must succeed; what it printed."""
        settings = {
            "SAMEGO_CACHE": "/inputs/cache",
            "SAMEGO_MIRROR": "/inputs/mirror",
            "SAMEGO_OFFLINE": "1",
        }
        done = self.chroot.run(
            *command, environment=settings | environment, binds={self.inputs: "/inputs"}
        )
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def install(self, package: str = STRIPPED.package, **environment: str) -> str:
        """Have pacman install a package; what it printed."""
        options = ("--noconfirm", "--nodeps", "--nodeps", "--config", "/inputs/pacman.conf")
        return self.run("pacman", "-U", *options, f"/inputs/{package}", **environment)

    def reports(self) -> list[dict[str, Any]]:
        """The reports that were kept."""
        files = sorted((self.chroot.layer / "upper" / SPOOL).glob("*.json"))
        return [json.loads(file.read_text(encoding="utf-8")) for file in files]


@pytest.fixture
def system(inputs: Inputs, tmp_path: Path) -> Iterator[System]:
    place = tmp_path / "inputs"
    (place / "mirror").mkdir(parents=True)
    upstream = inputs.module_zip(STRIPPED.release, "linux-amd64")
    shutil.copy(upstream, place / "mirror")
    shutil.copy(arch_package(inputs, STRIPPED), place)
    (place / "pacman.conf").write_text(CONFIG)
    # The checksum database's answer about the zip is all that has to come over the network.
    home = Samego(tmp_path, {"SAMEGO_CACHE": str(place / "cache")})
    verified = home("upstream", "verify", upstream)
    assert verified.status == 0, verified.stderr
    # What is written must not lie below what it covers: both would be one directory.
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="samego-alpm-") as layer:
        yield System(Chroot((Path("/"),), Path(layer)), place)


def test_pacman_calls_its_hook(system: System) -> None:
    assert "/etc/pacman.d/hooks/samego.hook" in system.run(PROGRAM, "hook", "install", "alpm")
    output = system.install()
    lines = output.splitlines()
    at = next(index for index, line in enumerate(lines) if "Comparing go with upstream's" in line)
    assert lines[at + 1].startswith("samego: go 2:1.24.9-1 x86_64 is not yet proven to be go1.24.9")
    (report,) = system.reports()
    assert report["counts"]["unexplained"] == 0
    assert report["counts"]["equivalent"] == 20
    (package,) = report["subject"]["packages"]
    assert (package["name"], package["version"]) == ("go", "2:1.24.9-1")
    # Asked for, a difference is an error of the hook; the package is installed all the same.
    assert "command failed to execute correctly" in system.install(SAMEGO_ENFORCE="explained")
    assert len(system.reports()) == 2
    system.run(PROGRAM, "hook", "remove", "alpm")
    assert "Comparing go" not in system.install()
    assert len(system.reports()) == 2


#: cap_setuid, permitted and effective (linux/capability.h, vfs_cap_data of revision 2).
CAPABILITY = b"\1\0\0\2\x80" + bytes(15)
COMMAND = "usr/lib/go/bin/go"
#: Two helpers that only a rebuild proves; without them the package passes as it is.
HELPERS = tuple(f"usr/lib/go/pkg/tool/linux_amd64/{name}" for name in ("dist", "distpack"))
NEWER = "2:1.25.9-1"


def _passing(member: tarfile.TarInfo, data: bytes) -> bytes | None:
    return None if member.name in HELPERS else data


def _newer(member: tarfile.TarInfo, data: bytes) -> bytes | None:
    if member.name in {".PKGINFO", ".BUILDINFO"}:
        return data.replace(b"pkgver = 2:1.24.9-1", f"pkgver = {NEWER}".encode())
    return _passing(member, data)


def _without(*names: str) -> Callable[[str], str]:
    """Leaves these files out of the package's own list."""
    lines = "|".join(re.escape(name) for name in names)
    return lambda listing: re.sub(rf"(?m)^\./({lines}) .*\n", "", listing)


def _standings(report: Mapping[str, Any]) -> dict[str, str]:
    return {finding["path"]: finding["standing"] for finding in report["findings"]}


@pytest.mark.long  # the hook enforces above; capabilities and versions are shown in packages
def test_a_capability_and_an_old_go_as_a_new_one_fail_an_enforcing_hook(system: System) -> None:
    genuine = system.inputs / STRIPPED.package
    passing = edit_package(genuine, system.inputs / "a.pkg.tar.zst", _passing, _without(*HELPERS))
    edit_package(
        genuine,
        system.inputs / "b.pkg.tar.zst",
        _newer,
        _without(*HELPERS, ".PKGINFO", ".BUILDINFO"),
        {COMMAND: {"security.capability": CAPABILITY}},
    )
    system.run(PROGRAM, "hook", "install", "alpm")
    output = system.install(passing.name, SAMEGO_ENFORCE="explained")
    assert "command failed to execute correctly" not in output
    output = system.install("b.pkg.tar.zst", SAMEGO_ENFORCE="explained")
    assert "command failed to execute correctly" in output
    before, after = map(_standings, system.reports())
    assert "bin/go" in before
    assert before["bin/go"] == "equivalent"
    assert after["bin/go"] == after["/.PKGINFO:pkgver"] == "unexplained"
    # pacman has put the capability on the disk: it was really there to be found.
    installed = system.chroot.layer / "upper" / COMMAND
    assert os.getxattr(installed, "security.capability") == CAPABILITY
    # In the archive it is found as well.
    options = ("--format", "json", "-o", "/inputs/report.json")
    done = system.chroot.run(
        PROGRAM,
        *("check", "/inputs/b.pkg.tar.zst", *options),
        environment={"SAMEGO_MIRROR": "/inputs/mirror", "SAMEGO_CACHE": "/inputs/cache"},
        binds={system.inputs: "/inputs"},
    )
    assert done.returncode == 1, done.stdout
    report = json.loads((system.inputs / "report.json").read_text("utf-8"))
    found = {finding["path"]: finding for finding in report["findings"]}
    assert found["bin/go"]["standing"] == "unexplained"
    assert f"security.capability ({len(CAPABILITY)} bytes" in found["bin/go"]["where"]
    assert found["/.PKGINFO:pkgver"]["cause"] == (
        f"the package's version is {NEWER}, its files are go1.24.9"
    )
