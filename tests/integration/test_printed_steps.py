"""The steps that a report prints, followed to the end as a user would: each pasted, none changed.

Real packages, the machine's real mirror, and the build that the last step asks for.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.cli import PROGRAM, Samego
from support.inputs import cache_directory, debian_mirror
from support.reference_cache import reference_cache

pytestmark = [pytest.mark.long, pytest.mark.network, pytest.mark.timeout(2 * 3600)]

_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with the packages in a directory, a shell there, and apt sources with deb-src."""

    place: Path
    samego: Samego
    environment: dict[str, str]

    def paste(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command as it was printed."""
        environment = self.samego.environ(self.environment)
        environment["PATH"] = f"{PROGRAM.parent}:{environment['PATH']}"
        return subprocess.run(
            ["bash", "-c", command],
            cwd=self.place,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def user(trixie_go124_debs: list[Path], tmp_path: Path) -> User:
    place = tmp_path / "downloads"
    place.mkdir()
    for deb in trixie_go124_debs:
        shutil.copy(deb, place)
    apt = tmp_path / "apt"
    for directory in ("etc", "state/lists/partial", "cache/archives/partial"):
        (apt / directory).mkdir(parents=True)
    (apt / "etc/sources.list").write_text(
        f"deb-src [signed-by={_KEYRING}] {debian_mirror()} trixie main\n"
    )
    (apt / "apt.conf").write_text(
        f'Dir::Etc::SourceList "{apt}/etc/sources.list";\nDir::Etc::SourceParts "-";\n'
        f'Dir::State "{apt}/state";\nDir::Cache "{apt}/cache";\nAPT::Sandbox::User "root";\n'
    )
    environment = {
        "APT_CONFIG": str(apt / "apt.conf"),
        "SAMEGO_CACHE": str(reference_cache(cache_directory())),
        "SAMEGO_DEBIAN_SOURCES": "beside",
        "COLUMNS": "100",
    }
    made = User(place, Samego(home=tmp_path, patience=2 * 3600), environment)
    assert made.paste("apt-get update").returncode == 0
    return made


def steps(text: str) -> list[str]:
    """The commands that would raise the verdict."""
    return re.findall(r"^ +\$ (.+)$", text.partition("To raise the verdict:\n")[2], re.MULTILINE)


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="apt is not on this system")
def test_from_unexplained_over_unproven_to_a_pass(user: User) -> None:
    first = user.paste("samego check -q *.deb")
    assert first.returncode == 1, first.stderr
    assert ": unexplained, does not pass" in first.stdout.splitlines()[0]
    fetch, again, find, *_rest = steps(first.stdout)

    assert fetch == "apt-get source --download-only golang-1.24=1.24.4-1"
    fetched = user.paste(fetch)
    # A mirror may lack upstream's signature of the archive, which apt then calls a failure.
    assert (user.place / "golang-1.24_1.24.4-1.dsc").is_file(), fetched.stderr

    second = user.paste(again)
    assert second.returncode == 1, second.stderr
    assert ": unproven, does not pass (16 executables need a rebuild)" in second.stdout
    (rebuild,) = steps(second.stdout)
    assert "--rebuild" in rebuild

    # The command that was printed before the source was there shows it found now.
    explained = user.paste(find)
    assert "explained" in explained.stdout, explained.stderr

    last = user.paste(rebuild)
    assert last.returncode == 0, last.stderr
    assert ": explained, passes" in last.stdout.splitlines()[0]
    assert not steps(last.stdout)
