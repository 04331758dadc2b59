"""pacman's hook, called by a real pacman that installs the real package.

pacman runs its hooks inside the system that it installs to, so that system is this machine's
own, samego included, under an overlay that takes all that is written.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.chroot import Chroot
from support.cli import PROGRAM, Samego
from support.inputs import Inputs
from support.makepkg import STRIPPED, arch_package

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

    def install(self, **environment: str) -> str:
        """Have pacman install the package; what it printed."""
        options = ("--noconfirm", "--nodeps", "--nodeps", "--config", "/inputs/pacman.conf")
        return self.run("pacman", "-U", *options, f"/inputs/{STRIPPED.package}", **environment)

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
