"""Debian's hooks, called by the real tools in a real system.

The system is a chroot with Debian's own dpkg-dev, sbuild and pbuilder and no network; samego
is installed there with pip, over the libraries that Debian packages. What is built is a
source package that packs a whole Go toolchain in seconds (support/debian_build.py).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from support import chroot
from support.chroot import Base, Chroot
from support.cli import Samego
from support.debian_build import SOURCE, VERSION, with_upstream_bytes, write_source
from support.inputs import cache_directory

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(bool(chroot.cannot_run()), reason=chroot.cannot_run()),
]

_REPOSITORY = Path(__file__).parents[2]
_SPOOL = "/var/lib/samego/reports"
_NAME = f"{SOURCE} {VERSION} amd64"
#: One more byte in a file of the package's that upstream has too.
_TAMPER = "printf ' ' >>debian/golang-1.24-src/usr/share/go-1.24/src/fmt/print.go"


_BY_APT = "/usr/lib/pbuilder/pbuilder-satisfydepends-apt"
#: The system as a tar, with device files that are its own: those it runs with are the host's.
_PACK_EVERYTHING = """
set -e
tar --one-file-system -cf /build/base.tar -C / --exclude=./build --exclude=./base --exclude=./dev .
tar -rf /build/base.tar -C /base ./dev
"""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build printed, its exit status, and the reports that it left."""

    status: int
    output: str
    reports: list[dict[str, Any]]

    @property
    def told(self) -> list[str]:
        """The lines of samego's."""
        return [line for line in self.output.splitlines() if line.startswith("samego: ")]


@dataclass(frozen=True, slots=True)
class System:
    """A chroot with samego in it, what it has of upstream's files, and packages to build."""

    chroot: Chroot
    upstream: Mapping[Path, str]
    debs: list[Path]
    environment: Mapping[str, str] = field(
        default_factory=lambda: {
            "SAMEGO_CACHE": "/samego-cache",
            "SAMEGO_MIRROR": "/mirror",
            "SAMEGO_OFFLINE": "1",
        }
    )

    def on_top(self, layer: Path) -> System:
        """The same system, to be changed by one test."""
        return System(self.chroot.on_top(layer), self.upstream, self.debs, self.environment)

    def run(
        self, *command: str, directory: Path, environment: Mapping[str, str], **where: str
    ) -> Built:
        """Run a build with ``directory`` as /build."""
        spool = self.chroot.layer / f"upper{_SPOOL}"
        for file in spool.glob("*.json"):
            file.unlink()
        done = self.chroot.run(
            *command,
            environment={**self.environment, **environment},
            binds={directory: "/build", **self.upstream},
            cwd=where.get("cwd", "/build"),
            user=where.get("user", "root"),
        )
        files = sorted(spool.glob("*.json"))
        return Built(done.returncode, done.stdout, [json.loads(file.read_text()) for file in files])

    def buildpackage(self, directory: Path, build: str = "binary", **environment: str) -> Built:
        """Run dpkg-buildpackage on the source in a directory."""
        return self.run(
            *("dpkg-buildpackage", f"--build={build}", "--unsigned-changes"),
            directory=directory,
            environment=environment,
            cwd=f"/build/{SOURCE}-1.24.4",
        )


@pytest.fixture(scope="module")
def system(
    trixie_go124_debs: list[Path],
    go1244_module_zip: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> System:
    """The system that all tests here begin with."""
    scratch = tmp_path_factory.mktemp("hooks")
    debs = with_upstream_bytes(trixie_go124_debs, go1244_module_zip, scratch / "debs")
    # The checksum database's answer about the zip is all that has to come over the network.
    home = Samego(scratch, {"SAMEGO_CACHE": str(scratch / "cache")})
    verified = home("upstream", "verify", go1244_module_zip)
    assert verified.status == 0, verified.stderr
    base = Chroot((Base(cache_directory()).directory(),), scratch / "samego")
    chroot.install_samego(base, _REPOSITORY, scratch)
    mirror = scratch / "mirror"
    mirror.mkdir()
    shutil.copy(go1244_module_zip, mirror)
    # For the user who runs sbuild, too.
    subprocess.run(["chmod", "-R", "a+rX", mirror], check=True)
    upstream = {scratch / "cache": "/samego-cache", mirror: "/mirror"}
    return System(base, upstream, debs)


@pytest.fixture
def fresh(system: System, tmp_path: Path) -> System:
    """That system, to be changed."""
    return system.on_top(tmp_path / "layer")


def test_dpkg_buildpackage_calls_its_hook(fresh: System, tmp_path: Path) -> None:
    inside = fresh.chroot
    listing = ("find", "/etc", "/usr/lib/pbuilder", "/var/lib", "-printf", "%p %m %s\\n")
    before = inside.check(*listing)
    assert inside.check("samego", "hook", "install", "dpkg-buildpackage") == (
        "wrote /etc/dpkg/buildpackage.conf\n"
    )
    good, bad = tmp_path / "good", tmp_path / "bad"
    write_source(good, fresh.debs)
    write_source(bad, fresh.debs, _TAMPER)

    # Upstream's own bytes pass, even where they must.
    built = fresh.buildpackage(good, SAMEGO_ENFORCE="explained")
    assert built.status == 0, built.output
    (report,) = built.reports
    assert report["verdict"] == "explained"
    assert report["passes"] is True
    assert [package["version"] for package in report["subject"]["packages"]] == [VERSION] * 3
    headline, where = built.told
    assert headline.startswith(f"samego: {_NAME} is go1.24.4 linux-amd64: explained, passes")
    assert where.startswith(f"samego: the report: /usr/local/bin/samego explain {_SPOOL}/")
    assert inside.check(*where.removeprefix("samego: the report: ").split()).startswith(_NAME)

    # One byte more is told, and the build goes on.
    built = fresh.buildpackage(bad)
    assert built.status == 0, built.output
    (report,) = built.reports
    assert report["passes"] is False
    findings = {finding["path"]: finding["standing"] for finding in report["findings"]}
    assert findings["src/fmt/print.go"] == "unexplained"
    assert built.told[0].startswith(f"samego: {_NAME} differs from go1.24.4 linux-amd64")

    # Where it is enforced, it does not.
    built = fresh.buildpackage(bad, SAMEGO_ENFORCE="explained")
    assert built.status != 0
    assert "hook" in built.output.splitlines()[-1]
    assert len(built.reports) == 1

    inside.check("samego", "hook", "remove", "dpkg-buildpackage")
    inside.check("rm", "-r", _SPOOL)
    assert inside.check(*listing).replace("/var/lib/samego 755 4096\n", "") == before


@dataclass(frozen=True, slots=True)
class Half:
    """One half of a build: dpkg's name of it, the architecture that its files name, its packages.

    ``tamper`` is a command that changes it, and ``path`` where; ``lacks`` is the other half.
    """

    build: str
    architecture: str
    parts: tuple[str, ...]
    tamper: str
    path: str
    lacks: str

    @property
    def name(self) -> str:
        """What a report calls it."""
        return " ".join(word for word in (self.stem, VERSION, self.machine) if word)

    @property
    def stem(self) -> str:
        """The common name of its packages."""
        return f"{SOURCE}-{self.parts[0]}" if len(self.parts) == 1 else SOURCE

    @property
    def machine(self) -> str:
        """The architecture where there is one."""
        return "" if self.architecture == "all" else self.architecture


HALVES = (
    Half(
        *("any", "amd64", ("go",)),
        "printf ' ' >>debian/golang-1.24-go/usr/lib/go-1.24/go.env",
        *("go.env", "golang-1.24-src"),
    ),
    Half("all", "all", ("src", "doc"), _TAMPER, "src/fmt/print.go", "golang-1.24-go"),
)


@pytest.mark.parametrize(
    "half",
    # The other half takes the same way, and as long again.
    [HALVES[0], pytest.param(HALVES[1], marks=pytest.mark.long)],
    ids=lambda half: half.build,
)
def test_each_half_of_a_build_is_checked_by_itself(
    fresh: System, tmp_path: Path, half: Half, samego: Samego
) -> None:
    fresh.chroot.check("samego", "hook", "install", "dpkg-buildpackage")
    good, bad = tmp_path / "good", tmp_path / "bad"
    write_source(good, fresh.debs)
    write_source(bad, fresh.debs, half.tamper)

    built = fresh.buildpackage(good, half.build, SAMEGO_ENFORCE="explained")
    assert built.status == 0, built.output
    (report,) = built.reports
    assert report["passes"] is True
    packages = [package["name"] for package in report["subject"]["packages"]]
    assert sorted(packages) == sorted(f"{SOURCE}-{part}" for part in half.parts)
    assert half.lacks in {group.get("package") for group in report["not_compared"]["paths"]}
    assert built.told[0].startswith(f"samego: {half.name} is go1.24.4 linux-amd64: ")

    # What the build recorded names one machine's packages.
    for kind in ("buildinfo", "changes"):
        record = good / f"{SOURCE}_{VERSION}_{half.architecture}.{kind}"
        done = samego("check", "--format", "json", record)
        assert done.status == 0, done.stderr
        assert json.loads(done.stdout)["counts"] == report["counts"]

    built = fresh.buildpackage(bad, half.build, SAMEGO_ENFORCE="explained")
    assert built.status != 0
    (report,) = built.reports
    findings = {finding["path"]: finding["standing"] for finding in report["findings"]}
    assert [path for path, standing in findings.items() if standing == "unexplained"] == [half.path]


def source_package(system: System, directory: Path, user: str = "root") -> str:
    """Write a source package into a directory; its .dsc's name."""
    write_source(directory, system.debs)
    pack = f"dpkg-source -Zgzip -z1 --build {SOURCE}-1.24.4"
    script = f"chown -R {user}: /build && cd /build && runuser -u {user} -- {pack}"
    system.chroot.check("sh", "-c", script, binds={directory: "/build"})
    return f"{SOURCE}_{VERSION}.dsc"


@pytest.mark.long
@pytest.mark.parametrize(
    ("options", "name"),
    [
        ((), _NAME),
        (("--no-arch-all",), HALVES[0].name),
        (("--arch-all", "--no-arch-any"), HALVES[1].name),
    ],
    ids=["whole", "any", "all"],
)
def test_sbuild_calls_its_hook(
    fresh: System, tmp_path: Path, options: tuple[str, ...], name: str
) -> None:
    inside = fresh.chroot
    base = Base(cache_directory(), packages=("build-essential", "debhelper")).directory()
    with tarfile.open(tmp_path / "base.tar", "w") as archive:
        archive.add(base, ".", filter=lambda info: None if info.isdev() else info)
    inside.check("useradd", "--create-home", "builder")
    inside.check("install", "-d", "-m", "1777", _SPOOL)
    inside.check("samego", "hook", "install", "sbuild")
    # No user's hook takes another user's cache.
    own = "cp -r /samego-cache /home/builder/cache && chown -R builder: /home/builder/cache"
    inside.check("sh", "-c", own, binds=fresh.upstream)
    build = tmp_path / "build"
    dsc = source_package(fresh, build, "builder")
    (tmp_path / "base.tar").rename(build / "base.tar")
    offline = ("--no-apt-update", "--no-apt-upgrade", "--no-apt-distupgrade")

    built = fresh.run(
        *("sbuild", "--chroot-mode=unshare", "--chroot=/build/base.tar", "--dist=trixie"),
        *(*offline, *options, "--no-run-lintian", "--nolog", dsc),
        directory=build,
        environment={
            "HOME": "/home/builder",
            "SAMEGO_CACHE": "/home/builder/cache",
            "SAMEGO_ENFORCE": "explained",
        },
        user="builder",
    )
    assert built.status == 0, built.output
    (report,) = built.reports
    assert report["passes"] is True
    assert built.told[0].startswith(f"samego: {name} is go1.24.4 linux-amd64: explained, passes")


@pytest.mark.long
def test_pbuilder_calls_its_hook(fresh: System, tmp_path: Path) -> None:
    inside = fresh.chroot
    build = tmp_path / "build"
    dsc = source_package(fresh, build)
    # pbuilder runs hooks in its own chroot: this very system, with samego in it.
    inside.check("sh", "-c", _PACK_EVERYTHING, binds={build: "/build", inside.lower[-1]: "/base"})
    # aptitude, its default, is not there.
    inside.check("sh", "-c", f"echo PBUILDERSATISFYDEPENDSCMD={_BY_APT} >>/etc/pbuilderrc")
    assert inside.check("samego", "hook", "install", "pbuilder") == (
        "wrote /usr/lib/pbuilder/hooks/I90samego\nwrote /etc/pbuilderrc\n"
    )
    inside.check("mkdir", "-p", _SPOOL)
    (build / "result").mkdir()

    built = fresh.run(
        *("pbuilder", "build", "--basetgz", "/build/base.tar", "--distribution", "trixie"),
        *("--buildresult", "/build/result", "--use-network", "no", "--aptcache", ""),
        *("--bindmounts", f"/samego-cache /mirror {_SPOOL}", dsc),
        directory=build,
        environment={"SAMEGO_ENFORCE": "explained"},
    )
    assert built.status == 0, built.output
    (report,) = built.reports
    assert report["passes"] is True
    assert built.told[0].startswith(f"samego: {_NAME} is go1.24.4 linux-amd64: explained, passes")
