"""Where the source package is found, with real packages: the mirror, a snapshot service, a tree."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.cli import Samego
from support.deb_repack import Deb
from support.pgp import throw_away_keys
from support.snapshot_server import clear_signed, dsc, route_source
from support.web import Web, serve

pytestmark = pytest.mark.network

#: Debian's own change, which its source package accounts for.
SKIPPED = "src/runtime/crash_unix_test.go"
NAME, VERSION = "golang-1.24", "1.24.4-1"


def standing(report: dict[str, Any]) -> str:
    """The standing of what Debian changed."""
    (found,) = (f["standing"] for f in report["findings"] if f["path"] == SKIPPED)
    return str(found)


@pytest.fixture
def source_deb(trixie_go124_debs: list[Path], tmp_path: Path) -> Path:
    """-src in a directory of its own, with nothing beside it."""
    (deb,) = (deb for deb in trixie_go124_debs if "-src_" in deb.name)
    directory = tmp_path / "downloads"
    directory.mkdir()
    return Path(shutil.copy(deb, directory))


@dataclass(frozen=True, slots=True)
class Service:
    """A snapshot service that has Debian's packaging, signed by a key of the test's."""

    web: Web
    configuration: Path


@pytest.fixture
def service(go124_source: Path, tmp_path: Path) -> Iterator[Service]:
    (packaging,) = go124_source.glob("*.debian.tar.xz")
    files = {packaging.name: packaging.read_bytes()}
    with throw_away_keys(tmp_path / "gpg", "dev") as keys, serve() as web:
        signed = clear_signed(keys, "dev", dsc(NAME, VERSION, files))
        route_source(web, NAME, VERSION, {f"{NAME}_{VERSION}.dsc": signed, **files})
        (tmp_path / "dev.gpg").write_bytes(keys.keyring("dev"))
        configuration = tmp_path / "config.toml"
        configuration.write_text(
            f'[debian]\nsnapshot = "{web.url}"\ndevelopers = "{tmp_path / "dev.gpg"}"\n'
        )
        yield Service(web, configuration)


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="apt is not on this system")
def test_the_mirror_that_serves_it_is_asked(samego: Samego, source_deb: Path) -> None:
    places = {"SAMEGO_DEBIAN_SOURCES": "mirror"}
    report = samego("check", source_deb, "--format", "json", environment=places).report
    assert standing(report) == "explained"
    assert report["inputs"]["source"]["listed_in"] == "the mirror's lists, which the archive signed"


def test_a_snapshot_service_is_asked_and_offline_nobody(
    samego: Samego, source_deb: Path, service: Service
) -> None:
    words = ("check", source_deb, "--config", service.configuration, "--format", "json")
    places = {"SAMEGO_DEBIAN_SOURCES": "beside snapshot"}
    report = samego(*words, environment=places).report
    assert standing(report) == "explained"
    assert report["inputs"]["source"]["signature"] == "good"
    asked = len(service.web.asked)
    assert asked == 3  # the list, the .dsc, debian/
    again = samego(*words, "--offline", environment=places).report
    assert (standing(again), again["counts"]) == ("explained", report["counts"])
    assert len(service.web.asked) == asked


@pytest.mark.long  # files are looked up so above, and test_manager_settings has them installed
@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="dpkg is not on this system")
def test_what_is_installed_is_looked_up_alike(
    samego: Samego,
    source_deb: Path,
    trixie_go124_debs: list[Path],
    service: Service,
    tmp_path: Path,
) -> None:
    root = tmp_path / "root"
    info = root / "var/lib/dpkg/info"
    info.mkdir(parents=True)
    (root / "var/lib/dpkg/updates").mkdir()
    status = ""
    # As dpkg leaves them, without the minute that it takes to sync each file.
    for deb in [source_deb, *(deb for deb in trixie_go124_debs if "-go_" in deb.name)]:
        subprocess.run(["dpkg-deb", "-x", deb, root], check=True)
        fields = subprocess.run(["dpkg-deb", "-f", deb], capture_output=True, text=True, check=True)
        package, _, rest = fields.stdout.partition("\n")
        status += f"{package}\nStatus: install ok installed\n{rest}\n"
        listed = "".join(f"/{path}\n" for path in Deb(deb).paths())
        (info / f"{deb.name.partition('_')[0]}.list").write_text(listed)
    (root / "var/lib/dpkg/status").write_text(status)
    words = ("check", "--installed", "--config", service.configuration, "--format", "json")
    environment = {"DPKG_ROOT": str(root), "SAMEGO_DEBIAN_SOURCES": "snapshot"}
    report = samego(*words, environment=environment).report
    assert standing(report) == "explained", report["notes"]
    assert report["counts"]["unexplained"] == 0
    assert report["inputs"]["source"]["signature"] == "good"


def test_a_hook_takes_debian_of_the_tree_that_it_runs_in(
    samego: Samego, source_deb: Path, go124_source: Path, tmp_path: Path
) -> None:
    tree = tmp_path / "golang-1.24-1.24.4"
    tree.mkdir()
    (packaging,) = go124_source.glob("*.debian.tar.xz")
    subprocess.run(["tar", "-xf", packaging, "-C", tree], check=True)
    spool = tmp_path / "spool"
    spool.mkdir()
    places = {"SAMEGO_DEBIAN_SOURCES": "beside tree", "SAMEGO_SPOOL": str(spool)}

    def hooked(cwd: Path) -> dict[str, Any]:
        words = ("hook", "run", "dpkg-buildpackage", "--", source_deb)
        done = samego(*words, cwd=cwd, environment=places)
        assert done.status == 0, done.stdout
        (kept,) = spool.glob("*.json")
        report: dict[str, Any] = json.loads(kept.read_text())
        kept.unlink()
        return report

    assert standing(hooked(tree)) == "explained"
    assert standing(hooked(tmp_path)) == "unexplained"
    # A patch that the tree has and that does not give the package's file proves nothing.
    (patch,) = (tree / "debian/patches").glob("0002-*.patch")
    patch.write_text(patch.read_text().replace("s390x", "s390y"))
    assert standing(hooked(tree)) == "unexplained"
