"""What real rebuilderd daemons say of a package: one is honest, one lies, one is old, one is down.

The honest worker's build gives the very files, the liar's other ones; a file that is not there is
what rebuilderd calls FAIL. The liar vouches, besides, for other bytes under the name of -doc.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from samego.report.shipped_schema import shipped_schema
from support import rebuilderd
from support.cli import Samego, the_error
from support.debian_packages import DebMaker
from support.godev_server import GoDev, serve
from support.inputs import cache_directory
from support.rebuilderd import Daemon, Sysroot, Worker, free_port, told_before_v1, waited_for

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(bool(rebuilderd.cannot_run()), reason=rebuilderd.cannot_run() or "-"),
]

VERSION = "1.24.4-1"
HONEST = 'cd "$(dirname "$1")" && cp ./*.deb "$REBUILDERD_OUTDIR"'
#: The liar rebuilds -doc as its own mirror has it, and nothing else.
LYING = """cd "$(dirname "$1")"
for deb in *.deb; do case "$deb" in
*-doc_*) cp "$deb" "$REBUILDERD_OUTDIR" ;;
*) echo other > "$REBUILDERD_OUTDIR/$deb" ;;
esac; done"""


@dataclass(frozen=True, slots=True)
class Fleet:
    """The daemons, the packages by their part, and who asks."""

    honest: Daemon
    liar: Daemon
    old: Daemon
    down: str
    debs: dict[str, Path]
    samego: Samego
    directory: Path

    def policy(self, *rows: tuple[str, str, str], threshold: int = 2) -> Path:
        """A policy of daemons: name, operator, URL."""
        text = "".join(
            f'[[rebuilder]]\nname = "{name}"\noperator = "{operator}"\nkind = "rebuilderd"\n'
            f'url = "{url}"\n'
            for name, operator, url in rows
        )
        path = self.directory / "policy.toml"
        path.write_text(f"threshold = {threshold}\n{text}", "utf-8")
        return path

    def key(self, daemon: Daemon, name: str) -> str:
        """The daemon's public key, as it gives it, in a file beside the policy; its line there."""
        [pem] = daemon.get("/api/v1/meta/public-keys").json()["current"]
        (self.directory / name).write_text(pem, "utf-8")
        return f'keys = ["{name}"]\n'

    def voices(self, *words: str | Path, status: int) -> dict[str, dict[str, Any]]:
        """What each rebuilder says, as JSON has it."""
        done = self.samego("quorum", "-q", "--format", "json", *words)
        assert done.status == status, done.stdout + done.stderr
        found = json.loads(done.stdout)
        Draft202012Validator(shipped_schema("quorum")).validate(found)
        [question] = found["questions"]
        return {each["rebuilder"]: each for each in question["voices"]}


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    tmp = tmp_path_factory.mktemp("quorum")
    (tmp / "debs").mkdir()
    (tmp / "other").mkdir()
    maker = DebMaker(tmp / "debs", version=VERSION)
    debs = {part: maker.write(part) for part in ("go", "src", "doc")}
    other = DebMaker(tmp / "other", version=VERSION)
    forged = other.write("doc", {"usr": None, "usr/lib": None})
    sysroot, home = Sysroot.get(cache_directory()), tmp / "home"
    home.mkdir()
    with (
        serve(GoDev()) as godev,
        rebuilderd.daemon(sysroot, tmp / "honest") as honest,
        rebuilderd.daemon(sysroot, tmp / "liar") as liar,
        rebuilderd.daemon(Sysroot.get(cache_directory(), "trixie"), tmp / "old") as old,
    ):
        for part in ("go", "doc"):
            godev.files[f"/pool/{debs[part].name}"] = debs[part].read_bytes()
        godev.files[f"/mirror/{debs['go'].name}"] = debs["go"].read_bytes()
        godev.files[f"/mirror/{forged.name}"] = forged.read_bytes()
        names = [deb.name for deb in debs.values()]
        built = (
            (honest, HONEST, f"{godev.url}/pool", names),
            (liar, LYING, f"{godev.url}/mirror", [debs["go"].name, forged.name]),
        )
        for daemon, script, base, files in built:
            rebuild(daemon, script, base, files)
        tell(old, f"{godev.url}/pool", debs["go"].name)
        yield Fleet(honest, liar, old, f"http://127.0.0.1:{free_port()}", debs, Samego(home), home)


def rebuild(daemon: Daemon, script: str, base: str, names: list[str]) -> None:
    """Have a daemon's worker rebuild packages."""
    for architecture in ("all", "amd64"):
        mine = [name for name in names if name.endswith(f"_{architecture}.deb")]
        packages = [
            {
                "name": name.partition("_")[0],
                "version": VERSION,
                "url": f"{base}/{name}",
                "artifacts": [
                    {
                        "name": name.partition("_")[0],
                        "version": VERSION,
                        "component": "main",
                        "architecture": architecture,
                        "url": f"{base}/{name}",
                    }
                ],
            }
            for name in mine
        ]
        group = {"distribution": "debian", "release": "sid", "architecture": architecture}
        daemon.rebuildctl("pkgs", "sync-stdin", stdin=json.dumps({**group, "packages": packages}))
    with Worker(daemon, daemon.home / "worker", {"debian": script}).running():

        def done() -> bool | None:
            return len(daemon.get("/api/v1/builds").json()["records"]) >= len(names) or None

        waited_for(done, f"{len(names)} builds")


def tell(old: Daemon, base: str, name: str) -> None:
    """A daemon without v1 is told by a worker of its time that -go came out the same."""
    artifact = {"name": "golang-1.24-go", "version": VERSION, "url": f"{base}/{name}"}
    group = {
        "name": "golang-1.24-go",
        "version": VERSION,
        "distro": "debian",
        "suite": "main",
        "architecture": "amd64",
        "input_url": None,
        "artifacts": [artifact],
    }
    told_before_v1(old, "pkgs/sync", {"distro": "debian", "suite": "main", "groups": [group]})
    job = told_before_v1(old, "queue/pop", {"supported_backends": ["debian"]})["Rebuild"]
    result = {"status": "Good", "diffoscope": None, "attestation": None}
    report = {"queue": job, "build_log": "", "rebuilds": [[artifact, result]]}
    told_before_v1(old, "build/report", report)


def test_the_lying_daemon_is_named(fleet: Fleet) -> None:
    policy = fleet.policy(
        ("honest", "Alice", fleet.honest.url),
        ("liar", "Mallory", fleet.liar.url),
        ("down", "Bob", fleet.down),
    )
    done = fleet.samego("quorum", "-q", "--policy", policy, fleet.debs["go"])
    assert (done.status, done.stderr) == (1, "")
    first, *rest = done.stdout.splitlines()
    assert first == (
        "golang-1.24-go 1.24.4-1 amd64: Mallory contradicts; 1 operator agrees (Alice), 2 must"
    )
    headings = [line for line in rest if line.endswith(":") and not line.startswith(" ")]
    assert headings == ["contradicts:", "agrees:", "could not be reached:"]
    assert rest[rest.index("contradicts:") + 1].startswith(
        "  Mallory: liar (rebuilderd): a rebuild gives other bytes; built "
    )
    voices = fleet.voices("--policy", policy, fleet.debs["go"], status=1)
    assert {name: voice["outcome"] for name, voice in voices.items()} == {
        "honest": "agrees",
        "liar": "differs",
        "down": "unreachable",
    }
    # The link leads to the liar's own word.
    build = voices["liar"]["link"].removeprefix(fleet.liar.url)
    assert fleet.liar.get(build).json()["status"] == "BAD"


def test_failed_is_not_bad_and_silence_is_neither(fleet: Fleet) -> None:
    asked = [f"Alice={fleet.honest.url}", f"Mallory={fleet.liar.url}"]
    voices = fleet.voices(fleet.debs["src"], *asked, status=2)
    assert {each["operator"]: each["outcome"] for each in voices.values()} == {
        "Alice": "failed",
        "Mallory": "silent",
    }


def test_who_vouches_for_other_bytes_under_the_name_contradicts(fleet: Fleet) -> None:
    policy = fleet.policy(
        ("honest", "Alice", fleet.honest.url), ("liar", "Mallory", fleet.liar.url)
    )
    voices = fleet.voices("--policy", policy, fleet.debs["doc"], status=1)
    assert (voices["liar"]["said"], voices["liar"]["outcome"]) == ("agrees", "differs")
    assert voices["honest"]["outcome"] == "agrees"
    # By name alone nobody can say which of the two is right.
    named = fleet.voices("--policy", policy, f"golang-1.24-doc={VERSION}:all", status=1)
    assert {each["outcome"] for each in named.values()} == {"differs"}
    assert {each["sha256"] for each in named.values()} == {
        each["sha256"] for each in voices.values()
    }


def test_two_daemons_of_one_operator_are_one(fleet: Fleet) -> None:
    def asked(old: str) -> list[str]:
        return [f"Alice={fleet.honest.url}", f"{old}={fleet.old.url}", "--by-name"]

    one = fleet.voices(fleet.debs["go"], *asked("Alice"), status=2)
    two = fleet.voices(fleet.debs["go"], *asked("Carol"), status=0)
    assert [each["counts"] for each in (*one.values(), *two.values())] == [True] * 4
    # v0 has no attestation of it: what it says is about the name, and not about these bytes.
    strict = fleet.voices(fleet.debs["go"], *asked("Carol")[:2], status=2)
    assert [(each["operator"], each["counts"], each["by_name"]) for each in strict.values()] == [
        ("Alice", True, False),
        ("Carol", False, True),
    ]
    name = f"golang-1.24-go={VERSION}:amd64"
    assert len(fleet.voices(name, *asked("Carol")[:2], status=0)) == 2


def test_an_attestation_is_whose_key_has_signed_it(fleet: Fleet) -> None:
    policy = fleet.policy(("honest", "Alice", fleet.honest.url), threshold=1)
    text = policy.read_text("utf-8")
    policy.write_text(text + fleet.key(fleet.honest, "alice.pub"), "utf-8")
    [voice] = fleet.voices("--policy", policy, fleet.debs["go"], status=0).values()
    assert (voice["signed"], voice["counts"]) == (True, True)
    policy.write_text(text + fleet.key(fleet.liar, "mallory.pub"), "utf-8")
    [voice] = fleet.voices("--policy", policy, fleet.debs["go"], status=2).values()
    assert (voice["outcome"], voice["reason"]) == (
        "unreadable",
        "it says GOOD, and has an attestation that none of its keys has signed",
    )


def test_an_attestation_that_is_handed_on_counts_as_long_as_it_is_whole(
    fleet: Fleet, tmp_path: Path
) -> None:
    [record] = fleet.honest.get(
        f"/api/v1/packages/binary?name=golang-1.24-go&version={VERSION}"
    ).json()["records"]
    path = f"/api/v1/builds/{record['build_id']}/artifacts/{record['artifact_id']}/attestation"
    data = fleet.honest.get(path).content
    file = tmp_path / "attestation.json"
    file.write_bytes(data)
    policy = fleet.policy(("honest", "Alice", fleet.down), threshold=1)
    text = policy.read_text("utf-8").replace("rebuilderd", "envelope")
    text = "".join(line for line in text.splitlines(keepends=True) if "url" not in line)
    policy.write_text(text + fleet.key(fleet.honest, "alice.pub"), "utf-8")
    [voice] = fleet.voices(fleet.debs["go"], file, "--policy", policy, status=0).values()
    assert (voice["operator"], voice["signed"]) == ("Alice", True)
    # A signed result can be what is asked about as well.
    assert fleet.voices(file, "--policy", policy, status=0) == {"honest": voice}
    digest = voice["sha256"]
    assert digest in data.decode()
    file.write_bytes(data.replace(digest.encode(), digest[:-1].encode() + b"f", 1))
    voices = fleet.voices(fleet.debs["go"], file, "--policy", policy, status=2)
    assert [(each["operator"], each["outcome"]) for each in voices.values()] == [
        ("Alice", "silent"),
        ("", "unreadable"),
    ]


def test_old_answers_are_stale(fleet: Fleet) -> None:
    policy = fleet.policy(
        ("honest", "Alice", fleet.honest.url), ("liar", "Mallory", fleet.liar.url), threshold=1
    )
    aged = policy.read_text("utf-8").replace("[[rebuilder]]", '[[rebuilder]]\nmax-age = "1 hour"')
    policy.write_text(aged, "utf-8")
    assert fleet.voices("--policy", policy, fleet.debs["go"], status=1)["honest"]["counts"]
    with fleet.honest.rewritten() as database:
        database.execute("UPDATE rebuilds SET built_at = '2026-01-01 00:00:00'")
    with fleet.liar.rewritten() as database:
        database.execute("UPDATE rebuilds SET built_at = '2026-01-01 00:00:00'")
    voices = fleet.voices("--policy", policy, fleet.debs["go"], status=1)
    # A "no" does not age.
    assert {name: (each["outcome"], each["said"]) for name, each in voices.items()} == {
        "honest": ("stale", "agrees"),
        "liar": ("differs", "differs"),
    }
    assert voices["honest"]["when"] == "2026-01-01T00:00:00Z"


def test_nobody_is_asked_without_a_name(fleet: Fleet) -> None:
    done = fleet.samego("quorum", "-q", fleet.debs["go"], fleet.honest.url)
    assert (done.status, done.stdout) == (2, "")
    assert the_error(done.stderr) == (
        f"whose answer {fleet.honest.url} is was not said: what one operator says counts once:"
        f" write OPERATOR={fleet.honest.url}, or name it in a policy file"
    )
