"""A real rebuilderd daemon, its workers and rebuildctl, with a toy Go release to rebuild.

Upstream is a local server. Releases: go1.24.99 builds, go1.24.98 does not.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shlex
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.formats import encode_canonical
from securesystemslib.signer import Signature, SSlibKey

from samego.integrations.rebuilderd import result as result_line
from samego.integrations.rebuilderd.packages import PackageReport, Published
from samego.integrations.rebuilderd.result import BackendResult
from samego.model.reproduction import Outcome
from samego.model.subject import Package
from samego.report import json as as_json
from samego.report.summary import Summary
from samego_debian.integrations.services import Answered, Uploaded, ask_rebuilderd
from support import rebuilderd
from support.arch_packages import ArchMaker, contents
from support.buildinfo import write_buildinfo
from support.builds import FAILED, debian, rebuilt
from support.cli import PROGRAM, Samego, the_error
from support.debian_packages import DebMaker
from support.godev_server import GoDev, file_row, release_row, serve, toolchain_archive
from support.inputs import cache_directory
from support.rebuilderd import (
    Daemon,
    Sysroot,
    Worker,
    descendants,
    kill,
    told_before_v1,
    waited_for,
)
from support.toy_go import MAKE_BASH, toy_bootstrap, toy_source_archive
from support.toy_world import LINUX, NAME, WINDOWS, World

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(bool(rebuilderd.cannot_run()), reason=rebuilderd.cannot_run() or "-"),
]

BROKEN = "go1.24.98"
ARCHIVE, ZIP = f"{NAME}.linux-amd64.tar.gz", f"{NAME}.windows-amd64.zip"
#: What the tiny packages hold.
DISTRO_FILES = {
    "bin/go": b"\x7fELF go",
    "pkg/tool/linux_amd64/compile": b"\x7fELF compile",
    "src/zgenerated.go": b"package p\n",
    "src/main.go": b"package main\n",
    "doc/go_spec.html": b"<p>\n",
}
#: A bootstrap that is called by the build, and never ends.
STUCK = "#!/bin/sh\nexec sleep 600\n"


@dataclass(frozen=True, slots=True)
class Fleet:
    """A daemon, the world that its workers rebuild, and samego as its administrator."""

    daemon: Daemon
    world: World
    samego: Samego
    scratch: Path

    def sync(self, *words: str) -> str:
        """Run samego rebuilderd sync; what it said."""
        done = self.samego("rebuilderd", "sync", *words, "--endpoint", self.daemon.url)
        assert done.status == 0, done.stderr
        return done.stdout

    def worker(self, name: str, bootstrap: Path | None = None) -> Worker:
        """A worker with the backend for go."""
        directory = self.scratch / name
        words = [str(PROGRAM), "rebuilderd", "backend", "go"]
        words += ["--bootstrap", str(bootstrap or self.world.bootstrap)]
        return Worker(
            self.daemon,
            directory,
            {"go": f'exec {shlex.join(words)} "$1"'},
            {
                "SAMEGO_GODEV_URL": f"{self.world.godev.url}/dl",
                "SAMEGO_CACHE": str(directory / "cache"),
                "SAMEGO_SPOOL": str(directory / "spool"),
                "GOPROXY": "off",
                "GOSUMDB": "off",
            },
        )

    def builds(self) -> list[dict[str, Any]]:
        """All builds that the daemon has, as v1 tells of them."""
        found: list[dict[str, Any]] = self.daemon.get("/api/v1/builds").json()["records"]
        return found

    def built(self, number: int) -> list[dict[str, Any]]:
        """The builds, once there are so many."""

        def ask() -> list[dict[str, Any]] | None:
            found = self.builds()
            return found if len(found) >= number else None

        return waited_for(ask, f"{number} builds")

    def told(self, build: int) -> BackendResult:
        """What samego's line in a build's log says."""
        found = result_line.find(self.daemon.get(f"/api/v1/builds/{build}/log").text)
        assert found is not None, self.daemon.get(f"/api/v1/builds/{build}/log").text
        return found


@pytest.fixture(scope="module")
def sysroot() -> Sysroot:
    return Sysroot.get(cache_directory())


@pytest.fixture
def fleet(sysroot: Sysroot, tmp_path: Path) -> Iterator[Fleet]:
    with serve(GoDev()) as godev, rebuilderd.daemon(sysroot, tmp_path / "daemon") as daemon:
        world = World(tmp_path / "world", godev)
        world.post_what_is_built(LINUX, WINDOWS)
        home = tmp_path / "home"
        home.mkdir()
        environment = {
            "SAMEGO_GODEV_URL": f"{godev.url}/dl",
            **daemon.administrator,
        }
        yield Fleet(daemon, world, Samego(home, environment), tmp_path)


def post_broken(world: World) -> None:
    """Post a release whose source does not build."""
    source = toy_source_archive(world.directory / "broken", BROKEN, make_bash="echo no; exit 1\n")
    archive = f"{BROKEN}.linux-amd64.tar.gz"
    posted = {source.name: source.read_bytes(), archive: world.posted[ARCHIVE]}
    for name, data in posted.items():
        world.godev.post(name, data)
    world.godev.set_index(
        release_row(NAME, *(file_row(name, data) for name, data in world.posted.items())),
        release_row(BROKEN, *(file_row(name, data) for name, data in posted.items())),
    )


def canonical(value: dict[str, Any]) -> bytes:
    """What in-toto signs."""
    text = encode_canonical(value)
    assert text is not None
    return text.encode()


def keys_of(daemon: Daemon) -> dict[str, SSlibKey]:
    """The daemon's public key and its workers', by key ID."""
    [pem] = daemon.get("/api/v1/meta/public-keys").json()["current"]
    der = base64.b64decode("".join(re.findall(r"^[^-\s]+", pem, re.MULTILINE)))
    with closing(sqlite3.connect(daemon.database)) as database:
        workers = [row[0] for row in database.execute("SELECT key FROM workers")]
    keys = {}
    # The daemon's is no RFC 8410 key, but its last 32 bytes are the raw one.
    for raw in (der[-32:], *map(base64.b64decode, workers)):
        public = {
            "keyid_hash_algorithms": ["sha256", "sha512"],
            "keytype": "ed25519",
            "keyval": {"public": raw.hex()},
            "scheme": "ed25519",
        }
        keyid = hashlib.sha256(canonical(public)).hexdigest()
        keys[keyid] = SSlibKey(keyid, "ed25519", "ed25519", {"public": raw.hex()})
    return keys


def verified_link(daemon: Daemon, build: int) -> dict[str, Any]:
    """What the in-toto link of a build's only artifact states, all signatures verified."""
    [artifact] = daemon.get(f"/api/v1/builds/{build}/artifacts").json()
    path = f"/api/v1/builds/{build}/artifacts/{artifact['id']}/attestation"
    link = daemon.get(path).json()
    data = canonical(link["signed"])
    keys = keys_of(daemon)
    # A worker's, and the daemon's own.
    assert len({each["keyid"] for each in link["signatures"]}) == 2
    for each in link["signatures"]:
        signature = Signature(each["keyid"], each["sig"])
        keys[each["keyid"]].verify_signature(signature, data)
        with pytest.raises(UnverifiedSignatureError):
            keys[each["keyid"]].verify_signature(signature, data + b" ")
    signed: dict[str, Any] = link["signed"]
    return signed


def states(fleet: Fleet) -> dict[str, str]:
    """The state of each package, as samego rebuilderd status has it."""
    done = fleet.samego("rebuilderd", "status", "--endpoint", fleet.daemon.url, "--format", "json")
    return {f"{row['name']} {row['version']}": row["status"] for row in done.report["packages"]}


def said_of(fleet: Fleet, file: str) -> tuple[str, str]:
    """What samego quorum hears of a file, and the digest that is vouched for."""
    asked = (file, f"Fleet={fleet.daemon.url}", "--format", "json")
    done = fleet.samego("quorum", "-q", *asked)
    [question] = json.loads(done.stdout)["questions"]
    [voice] = question["voices"]
    return voice["outcome"], voice["sha256"]


def test_a_fleet_tells_upstreams_archives_from_tampered_and_broken_ones(fleet: Fleet) -> None:
    godev, daemon = fleet.world.godev, fleet.daemon
    godev.files[f"/tampered/{ZIP}"] = fleet.world.posted[ZIP] + b"\0"
    godev.files[f"/dl/{ARCHIVE}"] = fleet.world.posted[ARCHIVE]
    post_broken(fleet.world)
    assert fleet.sync(NAME, "--target", "linux-amd64") == (
        "1 archive in 1 group: 1 new, 1 group sent\n"
    )
    tampered = ("--target", "windows-amd64", "--url", f"{godev.url}/tampered")
    assert "1 new, 1 group sent" in fleet.sync(NAME, *tampered)
    # The group is sent whole: nothing of what the daemon had is dropped.
    assert "1 new, 1 group sent" in fleet.sync(BROKEN)
    assert "0 new, 0 groups sent" in fleet.sync(BROKEN)
    assert "0 new, 0 groups sent" in fleet.sync(NAME, "--target", "linux-amd64")
    # A file that is not there is the one thing that rebuilderd itself calls FAIL.
    missing = PackageReport(
        "go1.23", "amd64", (Published("go.x", "1.23.99", "x", f"{godev.url}/x"),)
    )
    daemon.rebuildctl("pkgs", "sync-stdin", stdin=json.dumps(missing.to_object()))
    with fleet.worker("worker").running():
        builds = {f"{build['name']} {build['version']}": build for build in fleet.built(4)}
    assert {name: build["status"] for name, build in builds.items()} == {
        "go.linux-amd64 1.24.99": "GOOD",
        "go.windows-amd64 1.24.99": "BAD",
        "go.linux-amd64 1.24.98": "BAD",
        "go.x 1.23.99": "FAIL",
    }
    good, bad, broken = (
        fleet.told(builds[name]["id"])
        for name in ("go.linux-amd64 1.24.99", "go.windows-amd64 1.24.99", "go.linux-amd64 1.24.98")
    )
    assert (good.outcome, good.upstream) == (Outcome.SAME, "reproduced")
    assert (bad.outcome, bad.upstream) == (Outcome.DIFFERENT, "reproduced")
    assert bad.cause == "what was built is what upstream posted: the input is not"
    assert (broken.outcome, broken.upstream, broken.rebuilt_sha256) == (Outcome.FAILED, "", "")
    digest = hashlib.sha256(fleet.world.posted[ARCHIVE]).hexdigest()
    assert (good.input_sha256, good.rebuilt_sha256) == (digest, digest)
    assert json.loads(Path(good.report).read_text())["schema"] == "samego.rebuild/1"
    signed = verified_link(daemon, builds["go.linux-amd64 1.24.99"]["id"])
    assert signed["name"] == f"rebuild {ARCHIVE}"
    assert signed["materials"][ARCHIVE]["sha256"] == signed["products"][ARCHIVE]["sha256"] == digest
    assert states(fleet) == {name: build["status"] for name, build in builds.items()}
    rows = daemon.get("/api/v0/pkgs/list?distro=go").json()
    assert {f"{row['name']} {row['version']}": row["status"] for row in rows} == {
        "go.linux-amd64 1.24.99": "GOOD",
        "go.windows-amd64 1.24.99": "BAD",
        "go.linux-amd64 1.24.98": "BAD",
        "go.x 1.23.99": "UNKWN",
    }
    # Another one who asks is told what was built otherwise from what was not built.
    files = (ARCHIVE, ZIP, f"{BROKEN}.linux-amd64.tar.gz")
    assert [said_of(fleet, file) for file in files] == [
        ("agrees", digest),
        ("differs", ""),
        ("failed", ""),
    ]
    # Good or not, what was sent once is not sent again.
    assert "0 new, 0 groups sent" in fleet.sync(NAME, *tampered)


def test_a_job_of_a_worker_that_went_down_is_taken_up_by_another(fleet: Fleet) -> None:
    world = fleet.world
    make_bash = MAKE_BASH.replace("cd ..\n", '"$GOROOT_BOOTSTRAP/bin/go"\ncd ..\n', 1)
    source = toy_source_archive(fleet.scratch / "calling", NAME, make_bash=make_bash)
    world.post(source.name, source.read_bytes())
    stuck = toy_bootstrap(fleet.scratch / "stuck", salt="stuck")
    (stuck / "bin/go").write_text(STUCK, "utf-8")
    fleet.sync(NAME, "--target", "linux-amd64")
    first, second = fleet.worker("first", stuck), fleet.worker("second")
    with first.running() as process:

        def building() -> bool | None:
            return any(is_called(pid, "sleep") for pid in descendants(process.pid)) or None

        waited_for(building, "the first worker's build")
        kill(process)
    [job] = fleet.daemon.get("/api/v1/queue").json()["records"]
    assert job["started_at"]
    assert fleet.builds() == []
    # The daemon gives a worker nine minutes to be heard of again.
    with closing(sqlite3.connect(fleet.daemon.database)) as database, database:
        database.execute("UPDATE queue SET last_ping = datetime('now', '-10 minutes')")
    with second.running():
        [build] = fleet.built(1)
    assert build["status"] == "GOOD"
    assert fleet.told(build["id"]).outcome is Outcome.SAME
    assert len(list((second.home / "spool").iterdir())) == 1
    assert not (first.home / "spool").exists()
    assert verified_link(fleet.daemon, build["id"])["name"] == f"rebuild {ARCHIVE}"


def is_called(pid: int, name: str) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text("utf-8").strip() == name
    except OSError:
        return False


def test_rebuildctl_reads_what_is_printed(fleet: Fleet) -> None:
    printed = fleet.samego("rebuilderd", "sync", "--print").stdout
    [line] = printed.splitlines()
    fleet.daemon.rebuildctl("pkgs", "sync-stdin", stdin=line)
    listed = json.loads(fleet.daemon.rebuildctl("pkgs", "ls", "--json"))
    assert {(row["name"], row["component"]) for row in listed} == {
        ("go.linux-amd64", "linux"),
        ("go.windows-amd64", "windows"),
    }
    assert "0 new, 0 groups sent" in fleet.sync()


def post_toolchain(godev: GoDev) -> None:
    """Post what the tiny packages hold, as upstream's."""
    archive = toolchain_archive(NAME, DISTRO_FILES)
    godev.post(ARCHIVE, archive)
    godev.set_index(release_row(NAME, file_row(ARCHIVE, archive)))


def serve_files(godev: GoDev, *paths: Path) -> list[str]:
    """Serve files by their names; their URLs."""
    for path in paths:
        godev.files[f"/pool/{path.name}"] = path.read_bytes()
    return [f"{godev.url}/pool/{path.name}" for path in paths]


def stand_in(directory: Path) -> Path:
    """A distro's backend as a worker sees it: it says something and leaves what was made."""
    script = directory / "backend.sh"
    made = directory / "made"
    made.mkdir()
    script.write_text(
        f'#!/bin/sh\necho "Rebuilding $1"\ncp {made}/* "$REBUILDERD_OUTDIR"\n', "utf-8"
    )
    script.chmod(0o755)
    return script


def package(name: str, version: str, url: str, *artifacts: tuple[str, str]) -> dict[str, Any]:
    rows = [
        {"name": name, "version": version, "component": "main", "architecture": "x", "url": url}
        for name, url in artifacts
    ]
    return {"name": name, "version": version, "url": url, "artifacts": rows}


def distro_worker(fleet: Fleet, backend: str, distribution: str, script: Path) -> Worker:
    words = shlex.join([str(PROGRAM), "rebuilderd", "backend", backend, "--backend", str(script)])
    worker = fleet.worker("worker")
    environment = {**worker.environment, "SAMEGO_CHANNEL": "go.dev/dl"}
    return Worker(fleet.daemon, worker.home, {distribution: f'exec {words} "$1"'}, environment)


def test_the_upstream_verdict_of_debians_packages_is_in_the_log(fleet: Fleet) -> None:
    godev = fleet.world.godev
    post_toolchain(godev)
    shipped = fleet.scratch / "shipped"
    shipped.mkdir()
    debs = DebMaker(shipped, version="1.24.99-1", release=NAME).write_all()
    record = write_buildinfo(shipped, debs)
    other = shipped / "hello_2.10-3_amd64.buildinfo"
    other.write_text("no record that samego could read\n")
    hello = shipped / "hello_2.10-3_amd64.deb"
    hello.write_bytes(b"another package")
    urls = serve_files(godev, record, debs[0], other, hello)
    script = stand_in(fleet.scratch)
    for path in (*debs, record, hello):
        (script.parent / "made" / path.name).write_bytes(path.read_bytes())
    report = {
        "distribution": "debian",
        "release": "sid",
        "architecture": "amd64",
        "packages": [
            package("golang-1.24", "1.24.99-1", urls[0], ("golang-1.24-go", urls[1])),
            package("hello", "2.10-3", urls[2], ("hello", urls[3])),
        ],
    }
    fleet.daemon.rebuildctl("pkgs", "sync-stdin", stdin=json.dumps(report))
    with distro_worker(fleet, "debian", "debian", script).running():
        builds = {build["name"]: build for build in fleet.built(2)}
    assert {name: build["status"] for name, build in builds.items()} == {
        "golang-1.24": "GOOD",
        "hello": "GOOD",
    }
    told = fleet.told(builds["golang-1.24"]["id"])
    # The packages for all architectures were not handed out: the rebuilt ones stand in.
    assert (told.backend, told.outcome, told.upstream) == ("debian", Outcome.SAME, "explained")
    assert told.input_sha256 == hashlib.sha256(debs[0].read_bytes()).hexdigest()
    kept = json.loads(Path(told.report).read_text())
    assert (kept["passes"], kept["reproduction"]["outcome"]) == (True, "same")
    log = fleet.daemon.get(f"/api/v1/builds/{builds['hello']['id']}/log").text
    assert "Rebuilding" in log
    assert "skipped" in log
    assert result_line.find(log) is None


def test_preflight_tells_what_differs_from_what_could_not_be_built(fleet: Fleet) -> None:
    godev, version = fleet.world.godev, "1.0-1"
    sources = ("golang-1.21", "golang-1.22", "golang-1.23")
    packages = []
    for source in sources:
        record = fleet.scratch / f"{source}_{version}_amd64.buildinfo"
        deb = fleet.scratch / f"{source}-go_{version}_amd64.deb"
        record.write_text(source)
        deb.write_text(source)
        urls = serve_files(godev, record, deb)
        if source == sources[-1]:
            # A file that is not there is the one thing that rebuilderd itself calls FAIL.
            del godev.files[f"/pool/{deb.name}"]
        given = package(source, version, urls[0], (f"{source}-go", urls[1]))
        given["artifacts"][0]["architecture"] = "amd64"
        packages.append(given)
    report = {"distribution": "debian", "release": "sid", "architecture": "amd64"}
    fleet.daemon.rebuildctl(
        "pkgs", "sync-stdin", stdin=json.dumps({**report, "packages": packages})
    )

    def ask(source: str, version: str = version) -> tuple[Answered, str]:
        shipped = Package(f"{source}-go", version, "amd64", "0" * 64)
        about = Uploaded(source, version, (shipped,))
        answer = ask_rebuilderd(about, f"{fleet.daemon.url}/", offline=False)
        return answer.outcome, answer.text.partition(":")[0]

    assert {ask(source)[0] for source in sources} == {Answered.NOT_KNOWN}
    script = """cd "$(dirname "$1")"
case "$1" in
*golang-1.21*) cp ./*.deb "$REBUILDERD_OUTDIR" ;;
*golang-1.22*) for deb in *.deb; do echo other > "$REBUILDERD_OUTDIR/$deb"; done ;;
esac"""
    worker = Worker(fleet.daemon, fleet.scratch / "worker", {"debian": script})
    with worker.running():
        fleet.built(3)
    assert {source: ask(source) for source in sources} == {
        "golang-1.21": (Answered.PASSES, "GOOD"),
        "golang-1.22": (Answered.BLOCKS, "BAD"),
        "golang-1.23": (Answered.NOT_KNOWN, "FAIL"),
    }
    assert ask("golang-1.22", "1.0-2")[0] is Answered.NOT_KNOWN


def test_the_upstream_verdict_of_archs_package_is_in_the_log(fleet: Fleet) -> None:
    godev = fleet.world.godev
    post_toolchain(godev)
    shipped = fleet.scratch / "shipped"
    shipped.mkdir()
    changed = contents(NAME) | {"usr/lib/go/src/main.go": b"package evil\n"}
    made = ArchMaker(shipped, version="2:1.24.99-1", contents=changed).write()
    [url] = serve_files(godev, made)
    script = stand_in(fleet.scratch)
    (script.parent / "made" / made.name).write_bytes(made.read_bytes())
    report = {
        "distribution": "archlinux",
        "release": None,
        "architecture": "x86_64",
        "packages": [package("go", "2:1.24.99-1", url, ("go", url))],
    }
    fleet.daemon.rebuildctl("pkgs", "sync-stdin", stdin=json.dumps(report))
    with distro_worker(fleet, "arch", "archlinux", script).running():
        [build] = fleet.built(1)
    told = fleet.told(build["id"])
    # It reproduces, and is not upstream's: rebuilderd can only say the first.
    assert build["status"] == "GOOD", build
    assert (told.outcome, told.upstream) == (Outcome.SAME, "unexplained")


def test_a_daemon_that_knows_only_v0_is_read_and_not_fed(fleet: Fleet) -> None:
    with rebuilderd.daemon(Sysroot.get(cache_directory(), "trixie"), fleet.scratch / "old") as old:
        assert old.get("/api/v1/dashboard").status_code == 404
        group = {"version": "1.24.99", "distro": "go", "suite": "linux", "architecture": "amd64"}
        artifacts = [
            {"name": name, "version": "1.24.99", "url": f"{fleet.world.godev.url}/{name}"}
            for name in ("go.one", "go.two", "go.three")
        ]
        groups = [
            {"name": each["name"], **group, "input_url": None, "artifacts": [each]}
            for each in artifacts
        ]
        sync = {"distro": "go", "suite": "linux", "groups": groups}
        assert told_before_v1(old, "pkgs/sync", sync) == "Nothing"
        for status in ("Good", "Bad"):
            job = told_before_v1(old, "queue/pop", {"supported_backends": ["go"]})["Rebuild"]
            result = {"status": status, "diffoscope": None, "attestation": None}
            rebuilds = [[artifact, result] for artifact in job["pkgbase"]["artifacts"]]
            report = {"queue": job, "build_log": "", "rebuilds": rebuilds}
            told_before_v1(old, "build/report", report)
        asked = ("--endpoint", old.url)
        done = fleet.samego("rebuilderd", "status", *asked)
        refused = fleet.samego("rebuilderd", "sync", NAME, *asked)
        listed = old.get("/api/v0/pkgs/list").json()
    assert done.status == 0, done.stderr
    headline, *rows = done.stdout.splitlines()
    assert headline == f"{old.url} (API v0): 1 GOOD, 1 BAD, 1 UNKWN"
    assert {row.split()[0] for row in rows} == {"GOOD", "BAD", "UNKWN"}
    assert {row.split()[1]: row.split()[0] for row in rows} == {
        row["name"]: row["status"] for row in listed
    }
    assert (refused.status, refused.stdout) == (2, "")
    assert the_error(refused.stderr) == (
        f"{old.url} has only version 0 of rebuilderd's API: upgrade the daemon to 0.26 or newer"
    )


def test_sids_debian_repro_status_reads_our_list(
    sysroot: Sysroot, samego: Samego, tmp_path: Path
) -> None:
    reports = {
        "GOOD": rebuilt(debian("1.24.4-1")),
        "BAD": rebuilt(debian("1.26.10-1"), "golang-1.26-go"),
        "UNKWN": replace(debian("1.27.3-1"), reproduction=FAILED),
    }
    files = []
    for state, report in reports.items():
        files.append(tmp_path / f"{state}.json")
        files[-1].write_text(as_json.render(Summary(report)), "utf-8")
    listed = tmp_path / "list.json"
    words = ("--to", "rebuilderd-v0", "--suite", "main", "-o", listed)
    assert samego("report", *files, *words).status == 0
    lines = [
        f"installed {package.name} {package.architecture} {package.version}\n"
        for report in reports.values()
        for package in report.subject.packages
        if package.architecture == "amd64"
    ]
    installed = tmp_path / "dpkg"
    installed.write_text("".join(lines), "utf-8")
    done = subprocess.run(
        [
            *sysroot.command("debian-repro-status"),
            *("--architecture", "amd64", "--dpkg-query-output", str(installed)),
            *("--rebuilderd-query-output", str(listed)),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    states = re.findall(r"(golang-\S+) amd64 \S+ ([A-Z]+)", done.stdout)
    assert dict(states) == {
        "golang-1.24-go": "GOOD",
        "golang-1.26-go": "BAD",
        "golang-1.27-go": "UNKWN",
    }, done.stdout
