"""Statements in the hands of in-toto's own Go library, which made none of them."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from samego.report.rebuild import render_json
from support.cli import Samego
from support.godev_server import GoDev, serve
from support.inputs import Inputs
from support.statements import every_statement
from support.toy_go import toy_source_archive
from support.toy_world import LINUX, NAME, WINDOWS, World

pytestmark = pytest.mark.network

EVERY = {each.name: each for each in every_statement()}


@pytest.fixture(scope="module")
def judged(inputs: Inputs) -> Callable[..., list[str]]:
    """What the library says of each payload."""
    program = inputs.in_toto_check()

    def judge(*payloads: bytes) -> list[str]:
        done = subprocess.run(
            [program], input=b"\n".join(payloads), capture_output=True, check=True
        )
        return done.stdout.decode().splitlines()

    return judge


def test_every_statement_is_valid(judged: Callable[..., list[str]]) -> None:
    found = judged(*(each.payload for each in EVERY.values()))
    kinds = [json.loads(each.payload)["predicateType"] for each in EVERY.values()]
    assert found == [f"valid: {kind}" for kind in kinds]
    assert len(set(kinds)) == 4


def _set(*keys: Any, to: object = None) -> Callable[[Any], None]:  # noqa: ANN401 - JSON keys
    def change(data: Any) -> None:  # noqa: ANN401 - any part of JSON
        for key in keys[:-1]:
            data = data[key]
        if to is None:
            del data[keys[-1]]
        else:
            data[keys[-1]] = to

    return change


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    "change",
    [
        _set("_type", to="https://in-toto.io/Statement/v2"),
        _set("subject", to=[]),
        _set("subject", 0, "digest"),
        _set("subject", 0, "digest", "sha256", to="a" * 63),
        _set("subject", 0, "digest", "sha256", to="g" * 64),
        _set("predicateType"),
        _set("predicate"),
        _set("predicate", to="x"),
    ],
)
def test_a_broken_statement_is_refused(
    name: str, change: Callable[[Any], None], judged: Callable[..., list[str]]
) -> None:
    data = json.loads(EVERY[name].payload)
    change(data)
    (found,) = judged(json.dumps(data).encode())
    assert found.startswith("refused: ")


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("provenance of a good rebuild", _set("predicate", "runDetails", "builder", "id", to="")),
        ("provenance of a good rebuild", _set("predicate", "buildDefinition", "buildType")),
        (
            "provenance of a good rebuild",
            _set("predicate", "buildDefinition", "externalParameters", to={}),
        ),
        (
            "provenance of a good rebuild",
            _set("predicate", "runDetails", "metadata", "finishedOn", to="yesterday"),
        ),
        ("bad vsa", _set("predicate", "timeVerified", to="yesterday")),
        ("bad vsa", _set("predicate", "verifiedLevels", to="FAILED")),
        ("bad svr", _set("predicate", "verifier", "policies")),
        ("bad svr", _set("predicate", "properties")),
        ("bad test-result", _set("predicate", "failedTests", to="bin/go")),
    ],
)
def test_a_broken_predicate_is_refused(
    name: str, change: Callable[[Any], None], judged: Callable[..., list[str]]
) -> None:
    data = json.loads(EVERY[name].payload)
    change(data)
    (found,) = judged(json.dumps(data).encode())
    assert found.startswith("refused: ")


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Path]]:
    """Results of real rebuilds of a toy release: one is as it was posted, one is not."""
    monkeypatch.setenv("GOPROXY", "off")
    monkeypatch.setenv("GOSUMDB", "off")
    with serve(GoDev()) as godev:
        world = World(tmp_path / "world", godev)
        world.post_what_is_built(LINUX, WINDOWS)
        found = {"good": tmp_path / "good.json", "bad": tmp_path / "bad.json"}
        found["good"].write_text(render_json(world.rebuild(targets=(LINUX, WINDOWS))), "utf-8")
        changed = toy_source_archive(tmp_path / "changed", NAME, code_go="package evil\n")
        world.post(changed.name, changed.read_bytes())
        shutil.rmtree(world.directory / "cache")
        other = world.rebuild(targets=(LINUX,), source=str(changed))
        found["bad"].write_text(render_json(other), "utf-8")
        yield found


def test_a_rebuild_is_signed_verified_and_valid(
    results: dict[str, Path],
    samego: Samego,
    judged: Callable[..., list[str]],
    tmp_path: Path,
) -> None:
    key = tmp_path / "key"
    assert samego("attest", "--new-key", key).status == 0
    for kind in ("provenance", "vsa", "svr"):
        for name, expected in (("good", 0), ("bad", 0 if kind == "provenance" else 1)):
            bundle = tmp_path / f"{name}-{kind}.intoto.jsonl"
            words = ("--predicate", kind, "--id", "https://a.example/x", "--key", key)
            signed = samego("attest", results[name], *words, "-o", bundle)
            assert signed.status == 0, signed.stderr
            lines = bundle.read_text("utf-8").splitlines()
            assert len(lines) == (2 if name == "good" else 1)
            verified = samego("attest", "--verify", bundle, "--key", f"{key}.pub")
            assert verified.status == expected, verified.stderr
            assert verified.stdout.startswith("line 1: ")
            assert str(tmp_path) not in "".join(map(_payload, lines))
            assert all(
                line.startswith("valid: ")
                for line in judged(*(_payload(line).encode() for line in lines))
            )


def _payload(line: str) -> str:
    return base64.b64decode(json.loads(line)["payload"]).decode()
