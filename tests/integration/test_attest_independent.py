"""Builders who sign what they built, and a verifier who says who of them are independent."""

from __future__ import annotations

import base64
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from samego.report.rebuild import render_json
from support.cli import Result, Samego, the_error
from support.godev_server import GoDev, serve
from support.toy_go import toy_source_archive
from support.toy_world import LINUX, NAME, World

ARCHIVE = f"{NAME}.linux-amd64.tar.gz"
OPERATORS = {"alice": "Alice", "alice2": "Alice", "bob": "Bob"}


@dataclass
class Place:
    """Each builder's key and signed provenance, the file that they built, and the policy."""

    directory: Path
    samego: Samego

    def summary(self, *results: str, file: str = ARCHIVE, kind: str = "vsa") -> Result:
        """Ask for the verifier's summary, resting on these results."""
        words = [word for name in results for word in ("--result", self.bundle(name))]
        return self.samego(
            *("attest", self.directory / file, "--predicate", kind, *words),
            *("--policy", self.directory / "policy.toml", "--key", self.directory / "me"),
            *("--id", "https://me.example/", "-o", self.directory / "summary.json"),
        )

    def bundle(self, name: str) -> Path:
        return self.directory / f"{name}.intoto.jsonl"

    def sign(self, name: str, rebuild: str, key: str = "") -> None:
        """Sign the provenance of a rebuild as a builder."""
        signed = self.samego(
            *("attest", self.directory / f"{rebuild}.json", "--predicate", "provenance"),
            *("--key", self.directory / (key or name), "--id", f"https://{name}.example/samego"),
            *("-o", self.bundle(name)),
        )
        assert signed.status == 0, signed.stderr


@pytest.fixture(scope="module")
def place(samego: Samego, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Real rebuilds of a toy release: three of the same source, one of another."""
    directory = tmp_path_factory.mktemp("independent")
    made = Place(directory, samego)
    with pytest.MonkeyPatch.context() as patch, serve(GoDev()) as godev:
        patch.setenv("GOPROXY", "off")
        patch.setenv("GOSUMDB", "off")
        world = World(directory / "world", godev)
        for name in ("first", "second", "third"):
            result = world.rebuild(targets=(LINUX,))
            (directory / f"{name}.json").write_text(render_json(result), "utf-8")
            products = result.bootstraps[0].targets[0].products
            assert products is not None
            shutil.copy(products.files[ARCHIVE].path, directory)
            shutil.rmtree(world.directory / "cache")
        evil = toy_source_archive(directory / "evil", NAME, code_go="package evil\n")
        world.post(evil.name, evil.read_bytes())
        result = world.rebuild(targets=(LINUX,), source=str(evil))
        (directory / "evil.json").write_text(render_json(result), "utf-8")
    for name in ("me", "stranger", *OPERATORS):
        assert samego("attest", "--new-key", directory / name).status == 0
    rows = [
        f'[[rebuilder]]\nname = "{name}"\noperator = "{operator}"\nkind = "envelope"\n'
        f'keys = ["{name}.pub"]\n'
        for name, operator in OPERATORS.items()
    ]
    (directory / "policy.toml").write_text("".join(rows), "utf-8")
    made.sign("alice", "first")
    made.sign("alice2", "second")
    made.sign("bob", "third")
    made.sign("stranger", "third")
    made.sign("liar", "evil", key="bob")
    made.sign("parrot", "first", key="bob")
    return made


def stated(path: Path) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(
        base64.b64decode(json.loads(path.read_text("utf-8"))["payload"])
    )
    return parsed


def test_two_operators_earn_the_level(place: Place) -> None:
    done = place.summary("alice", "bob")
    assert done.status == 0, done.stderr
    statement = stated(place.directory / "summary.json")
    assert "SLSA_BUILD_REPRODUCED" in statement["predicate"]["verifiedLevels"]
    assert statement["subject"][0]["name"] == ARCHIVE
    read = place.samego(
        *("attest", "--verify", place.directory / "summary.json"),
        *("--key", place.directory / "me.pub", place.directory / ARCHIVE),
    )
    assert (read.status, read.stdout.split(":")[0]) == (0, "PASSED")
    assert "SLSA_BUILD_REPRODUCED" in read.stdout


@pytest.mark.parametrize(
    ("results", "told"),
    [
        (["alice", "alice2"], "it was Alice (Alice counts once, however many keys sign)"),
        (["alice", "alice"], "it was Alice"),
        (["alice", "stranger"], "none of the policy's keys has signed it"),
        (["alice", "parrot"], "Alice and Bob state the same build"),
        (["alice", "liar"], f"the results contradict each other on {ARCHIVE}: Bob built it"),
        (["alice", "bob", "liar"], "the results contradict each other"),
    ],
)
def test_what_does_not_earn_it_is_refused(place: Place, results: list[str], told: str) -> None:
    (place.directory / "summary.json").unlink(missing_ok=True)
    done = place.summary(*results)
    assert done.status == 2
    assert told in the_error(done.stderr)
    assert not (place.directory / "summary.json").exists()


def test_a_file_that_nobody_built(place: Place) -> None:
    (place.directory / "other").write_text("x", "utf-8")
    done = place.summary("alice", "bob", file="other", kind="svr")
    assert done.status == 2
    assert "it was nobody" in the_error(done.stderr)
    done = place.summary("alice", file="missing")
    assert done.status == 2
    assert "there is no file" in the_error(done.stderr)


def test_each_line_of_a_bundle_is_judged(place: Place, tmp_path: Path) -> None:
    bundle = tmp_path / "all.intoto.jsonl"
    lines = [place.bundle(name).read_text("utf-8") for name in ("alice", "bob", "liar")]
    bundle.write_text("".join(lines), "utf-8")

    def verify(*words: str | Path) -> Result:
        return place.samego(
            "attest", "--verify", bundle, "--key", place.directory / "bob.pub", *words
        )

    done = verify()
    assert done.status == 0, done.stderr
    assert "line 1: not believed: others have signed it\n" in done.stdout
    assert done.stdout.count(": BUILT: signed") == 2
    done = verify(place.directory / ARCHIVE)
    assert done.status == 0
    assert "line 3: it is about other files\n" in done.stdout
    data = json.loads(lines[1])
    data["payload"] = json.loads(lines[2])["payload"]
    bundle.write_text(lines[0] + json.dumps(data) + "\n" + lines[2], "utf-8")
    done = verify()
    assert done.status == 2
    assert "line 2 names the key given, and it has not signed that" in the_error(done.stderr)
    bundle.write_text(lines[0], "utf-8")
    assert "holds nothing that the keys given have signed" in the_error(verify().stderr)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--predicate", "vsa"], "name yourself with --id URI"),
        (["--id", "https://a.example/"], "--id goes with --predicate"),
        (["--predicate", "svr", "--id", "me"], "--id me is not a URI"),
        (["--resource", "https://a.example/"], "--resource goes with --predicate vsa"),
        (["--predicate", "vsa", "--id", "https://a.example/", "--policy", "p"], "go together"),
        (["--policy", "p", "--result", "r"], "--policy goes with --predicate vsa or svr"),
        ([], "is a result of 'samego rebuild', which test-result has no form for"),
    ],
)
def test_what_cannot_be_meant(place: Place, words: list[str], told: str) -> None:
    done = place.samego(
        "attest", place.directory / "first.json", "--key", place.directory / "me", *words
    )
    assert done.status == 2
    assert told in the_error(done.stderr)


def test_several_statements_want_a_bundle(place: Place, tmp_path: Path) -> None:
    data = json.loads((place.directory / "first.json").read_text("utf-8"))
    data["bootstraps"] *= 2
    twice = tmp_path / "twice.json"
    twice.write_text(json.dumps(data), "utf-8")
    words: list[str | Path] = ["attest", twice, "--predicate", "provenance"]
    words += ["--id", "https://a.example/"]
    words += ["--key", place.directory / "me"]
    done = place.samego(*words, "-o", tmp_path / "out.json")
    assert done.status == 2
    assert "there are 2 statements, and out.json holds one" in the_error(done.stderr)
    done = place.samego(*words)
    assert (done.status, len(done.stdout.splitlines())) == (0, 2)
