"""Real runs of devscripts' debrebuild by ``samego debian debrebuild``, in a real system.

Everything in the chroot is Debian's own but two things: samego, and a stand-in for
debootsnap, which would ask the snapshot archive for the packages that a .buildinfo lists
(support/debootsnap.py). Packages are built first and rebuilt on the same system, so
debrebuild finds what it asks for. Upstream is a local server, reached over the loopback; the
system has no apt sources but the directory with the source package.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from samego.integrations.rebuilderd import result
from samego.model.reproduction import Outcome
from support import chroot
from support.chroot import Base, Chroot
from support.deb_repack import Deb, new_file
from support.debian_build import SOURCE
from support.go_source import (
    BUILDINFO,
    CHANGED,
    GO_DEB,
    PLANTED,
    RELEASE,
    UPSTREAM,
    cut,
    posted,
    write_variant,
)
from support.godev_server import GoDev, file_row, release_row, serve
from support.inputs import cache_directory

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(bool(chroot.cannot_run()), reason=chroot.cannot_run()),
]

_TESTS = Path(__file__).parents[1]
_ARCHIVE = f"{RELEASE}.linux-amd64.tar.gz"
_DPKG = ("--", "--builder=dpkg")
#: Put what was built where it was shipped to, and leave the build's directory free.
_SHIP = """set -eu
mkdir /record /debs /repo
cd /build
cp ./*.deb /debs
cp ./*.buildinfo ./*.dsc ./*.tar.* /record
cp ./*.dsc ./*.tar.* /repo
rm -r /build/*
cd /repo
dpkg-scansources . >Sources
chmod -R a+rX /record /debs /repo
"""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The end of a run: exit status, output, and the report (None without one)."""

    status: int
    output: str
    report: Any

    @property
    def given(self) -> dict[str, Any]:
        """What the report says of the rebuild."""
        found: dict[str, Any] = self.report["reproduction"]
        return found


@dataclass(frozen=True, slots=True)
class System:
    """A chroot that has samego and the stand-in, and packages that were shipped."""

    chroot: Chroot
    server: GoDev
    binds: Mapping[Path, str] = field(default_factory=dict)

    def file(self, path: str) -> Path:
        """A file that was made in the system's own layer, as the host sees it."""
        return self.chroot.layer / "upper" / path.lstrip("/")

    def on_top(self, layer: Path) -> System:
        """The same system, to be changed."""
        return System(self.chroot.on_top(layer), self.server, self.binds)

    def environment(self, home: str) -> dict[str, str]:
        """The variables that samego and the stand-in read."""
        return {
            "HOME": home,
            "SAMEGO_GODEV_URL": f"{self.server.url}/dl",
            "SAMEGO_CHANNEL": "go.dev/dl",
            "STANDIN_SOURCES": "deb-src [trusted=yes] file:/repo ./",
            "STANDIN_TARBALL": "/tarball",
        }

    def debrebuild(
        self, *arguments: str, user: str = "root", home: str = "/root", **environment: str
    ) -> Rebuilt:
        """Run samego debian debrebuild on the shipped packages."""
        report = f"{home}/report.json"
        done = self.chroot.run(
            *("samego", "debian", "debrebuild", f"/record/{BUILDINFO}", "--shipped", "/debs"),
            *("-o", report, "--format", "json", *arguments),
            environment={**self.environment(home), **environment},
            binds=self.binds,
            cwd=home,
            user=user,
            network=True,
        )
        written = self.file(report)
        data = json.loads(written.read_text()) if written.exists() else None
        return Rebuilt(done.returncode, done.stdout, data)


@dataclass(frozen=True, slots=True)
class Workshop:
    """Builds and ships a variant of the package, in a system of its own."""

    system: System
    debs: list[Path]
    scratch: Path

    def ship(self, variant: str) -> System:
        """Build it, and put what came out where it was shipped to."""
        source = self.scratch / f"source-{variant}"
        source.mkdir()
        write_variant(source, self.debs, variant)
        system = self.system.on_top(self.scratch / f"shipped-{variant}")
        inside = system.chroot
        inside.check("cp", "--recursive", "/source", "/build", binds={source: "/source"})
        inside.check("dpkg-buildpackage", "-us", "-uc", cwd=f"/build/{SOURCE}-{UPSTREAM}")
        inside.check("sh", "-c", _SHIP)
        return system


@pytest.fixture(scope="module")
def server(go1244_module_zip: Path) -> Iterator[GoDev]:
    """Upstream's archive, served as go.dev does."""
    archive = posted(go1244_module_zip)
    state = GoDev()
    state.post(_ARCHIVE, archive)
    state.set_index(release_row(RELEASE, file_row(_ARCHIVE, archive)))
    with serve(state):
        yield state


@pytest.fixture(scope="module")
def workshop(
    server: GoDev, trixie_go124_debs: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Workshop:
    scratch = tmp_path_factory.mktemp("debrebuild")
    base = Chroot((Base(cache_directory()).directory(),), scratch / "samego")
    chroot.install_samego(base, _TESTS.parent, scratch)
    standin = {_TESTS / "support/debootsnap.py": "/standin"}
    base.check("install", "-m755", "/standin", "/usr/local/bin/debootsnap", binds=standin)
    base.check("rm", "--force", "/etc/apt/sources.list")
    return Workshop(System(base, server), cut(trixie_go124_debs, scratch), scratch)


@pytest.fixture(scope="module")
def shipped(workshop: Workshop) -> System:
    """The packages that build the same again."""
    return workshop.ship("same")


@pytest.fixture
def fresh(shipped: System, tmp_path: Path) -> System:
    return shipped.on_top(tmp_path / "layer")


def test_the_same(fresh: System) -> None:
    rebuilt = fresh.debrebuild("--keep", "/kept", *_DPKG)
    assert rebuilt.status == 0, rebuilt.output
    assert rebuilt.report["passes"]
    assert rebuilt.report["counts"]["equivalent"] == 1
    assert rebuilt.given["outcome"] == "same"
    assert [item["match"] for item in rebuilt.given["artifacts"]] == ["same"] * 3
    assert re.fullmatch(r"2\.\d+\.\d+\S*", rebuilt.given["tool"]["version"])
    log = fresh.file("/kept/debrebuild.log").read_text()
    assert f"checking {GO_DEB}: size... " in log

    # After the fact the files say the same, and nothing is run.
    after = fresh.debrebuild("--rebuilt", "/kept")
    assert (after.status, after.given["outcome"], after.given["tool"]) == (0, "same", None)
    # A rebuilt package that is gone, and then its record, decide nothing.
    fresh.chroot.check("rm", f"/kept/{GO_DEB}")
    after = fresh.debrebuild("--rebuilt", "/kept")
    assert (after.status, after.given["outcome"]) == (2, "incomplete")
    fresh.chroot.check("rm", f"/kept/{BUILDINFO}")
    after = fresh.debrebuild("--rebuilt", "/kept")
    assert (after.status, after.given["cause"]) == (2, "record_missing")


def test_a_build_that_embeds_random_bytes_is_different(workshop: Workshop) -> None:
    rebuilt = workshop.ship("random").debrebuild("--keep", "/kept", *_DPKG)
    assert rebuilt.status == 1, rebuilt.output
    assert rebuilt.given["outcome"] == "different"
    [artifact] = [item for item in rebuilt.given["artifacts"] if item["match"] != "same"]
    assert (artifact["name"], artifact["standing"]) == (GO_DEB, "unexplained")
    assert [item["path"] for item in artifact["differences"]] == ["usr/lib/go-1.24/BUILD"]


#: What rebuilderd-worker's own backend does (0.28): the source from the archive into the input's
#: directory, then debrebuild.
_BACKEND = """#!/bin/sh
set -e
cp /repo/*.dsc /repo/*.orig.tar.* /repo/*.debian.tar.xz "$(dirname "$1")"
exec debrebuild --buildresult="$REBUILDERD_OUTDIR" --builder=dpkg -- "$1"
"""


def test_a_build_does_not_account_for_itself(workshop: Workshop) -> None:
    system = workshop.ship("plants")
    inside = system.chroot
    inside.check("sh", "-c", "mkdir /inputs /out; cp /record/*.buildinfo /debs/*-go_*.deb /inputs")
    backend = workshop.scratch / "backend"
    backend.write_text(_BACKEND, "utf-8")
    backend.chmod(0o755)
    done = inside.run(
        *("samego", "rebuilderd", "backend", "debian"),
        *("--backend", "/backend", f"/inputs/{BUILDINFO}"),
        environment={**system.environment("/root"), "REBUILDERD_OUTDIR": "/out"},
        binds={backend: "/backend"},
        network=True,
    )
    told = result.find(done.stdout)
    assert told is not None, done.stdout
    # It rebuilds the same, and what it left says of itself that a patch made the difference.
    assert told.outcome is Outcome.SAME, done.stdout
    assert system.file(f"/out/{PLANTED}").exists()
    assert told.upstream == "unexplained", done.stdout
    report = json.loads(system.file(told.report).read_text())
    found = {item["path"]: item["standing"] for item in report["findings"]}
    assert found[CHANGED] == "unexplained"
    assert report["inputs"]["patches"] == []


def test_a_build_that_fails(workshop: Workshop) -> None:
    system = workshop.ship("fails")
    system.chroot.check("touch", "/etc/fail")
    rebuilt = system.debrebuild("--keep", "/kept", *_DPKG)
    assert rebuilt.status == 2, rebuilt.output
    assert rebuilt.report["passes"]
    assert (rebuilt.given["outcome"], rebuilt.given["cause"]) == ("failed", "build")
    assert rebuilt.given["log"][-1] == "dpkg-buildpackage failed"


@pytest.mark.parametrize(
    ("arguments", "environment", "cause", "reason"),
    [
        ((), {}, "builder", "the builder none builds nothing"),
        (("--", "--builder=pbuilder"), {}, "builder", "unsupported builder: pbuilder"),
        (
            _DPKG,
            {"STANDIN_FAILS": "no snapshot has dpkg 1.22.22"},
            "environment",
            "debootsnap failed (E: no snapshot has dpkg 1.22.22)",
        ),
        (
            ("--", "--builder=mmdebstrap"),
            {"STANDIN_FAILS": "no snapshot has dpkg 1.22.22"},
            "environment",
            "debootsnap failed (E: no snapshot has dpkg 1.22.22)",
        ),
    ],
)
def test_a_build_that_could_not_run(
    fresh: System,
    arguments: tuple[str, ...],
    environment: Mapping[str, str],
    cause: str,
    reason: str,
) -> None:
    rebuilt = fresh.debrebuild("--keep", "/kept", *arguments, **environment)
    assert rebuilt.status == 2, rebuilt.output
    assert (rebuilt.given["outcome"], rebuilt.given["cause"]) == ("not_run", cause)
    assert rebuilt.given["reason"].startswith(reason)


def test_what_debrebuild_needs_is_not_installed(fresh: System) -> None:
    fresh.chroot.check("rm", "/usr/share/perl5/String/ShellQuote.pm")
    rebuilt = fresh.debrebuild("--keep", "/kept", *_DPKG)
    assert (rebuilt.status, rebuilt.given["cause"]) == (2, "helper_missing")
    assert "libstring-shellquote-perl" in rebuilt.given["reason"]
    fresh.chroot.check("rm", "/usr/bin/debrebuild")
    rebuilt = fresh.debrebuild("--keep", "/again", *_DPKG)
    assert (rebuilt.status, rebuilt.given["cause"]) == (2, "tool_missing")


def test_a_shipped_package_with_one_file_changed(fresh: System) -> None:
    debs, record = fresh.file("/debs"), fresh.file(f"/record/{BUILDINFO}")
    # Into the test's own layer, and not the one below.
    fresh.chroot.check("touch", f"/debs/{GO_DEB}", f"/record/{BUILDINFO}")
    path = debs / GO_DEB
    honest = path.read_bytes()
    name = "usr/lib/go-1.24/VERSION"
    deb = Deb(path)
    deb.repack(path, {name: new_file(name, deb[name].data + b" ")})
    rebuilt = fresh.debrebuild(*_DPKG)
    assert (rebuilt.status, rebuilt.report) == (2, None)
    assert f"{GO_DEB} is not the file that {BUILDINFO} lists" in rebuilt.output

    # The record says so too, as that of somebody who did it on purpose would.
    text = record.read_text()
    for algorithm in ("md5", "sha1", "sha256"):
        old, new = (
            f"{hashlib.new(algorithm, data).hexdigest()} {len(data)} {GO_DEB}"
            for data in (honest, path.read_bytes())
        )
        assert old in text
        text = text.replace(old, new)
    record.write_text(text)
    rebuilt = fresh.debrebuild("--keep", "/kept", *_DPKG)
    assert rebuilt.status == 1, rebuilt.output
    assert not rebuilt.report["passes"]
    [artifact] = [item for item in rebuilt.given["artifacts"] if item["match"] != "same"]
    assert name in [item["path"] for item in artifact["differences"]]


# With a chroot that debrebuild sets up itself: minutes.


@pytest.fixture
def with_tarball(shipped: System, tmp_path: Path) -> System:
    """The system with a tarball of itself, as debootsnap would make one."""
    tarball = tmp_path / "system.tar"
    base = shipped.chroot.lower[-1]
    skip = [f"--exclude=./{name}/*" for name in ("proc", "sys", "tmp", "var/cache/apt/archives")]
    skip += [f"--exclude=./dev/{name}" for name in ("[!ps]*", "ptmx")]
    subprocess.run(["tar", "-C", base, *skip, "-cf", tarball, "."], check=True)
    fresh = shipped.on_top(tmp_path / "layer")
    fresh.chroot.check("useradd", "--create-home", "builder")
    return System(fresh.chroot, fresh.server, {tarball: "/tarball"})


@pytest.mark.long
def test_the_same_by_mmdebstrap(with_tarball: System) -> None:
    rebuilt = with_tarball.debrebuild("--keep", "/kept", "--", "--builder=mmdebstrap")
    assert (rebuilt.status, rebuilt.given["outcome"]) == (0, "same"), rebuilt.given


@pytest.mark.long
def test_the_same_by_sbuild_as_a_user_and_no_run_as_root(with_tarball: System) -> None:
    sbuild = ("--", "--builder=sbuild+unshare")
    root = with_tarball.debrebuild("--keep", "/kept", *sbuild)
    assert (root.status, root.given["cause"]) == (2, "environment")
    assert "No entry for root in /etc/subuid" in root.given["log"]
    user = with_tarball.debrebuild(
        "--keep", "/home/builder/kept", *sbuild, user="builder", home="/home/builder"
    )
    assert (user.status, user.given["outcome"]) == (0, "same"), user.given
    # debrebuild itself says otherwise: it counts the rebuilt .dsc, and not the shipped one.
    log = with_tarball.file("/home/builder/kept/debrebuild.log").read_text()
    assert log.endswith("new buildinfo contains a different number of files\n")
