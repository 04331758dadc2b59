"""Signed results in the hands of somebody who has securesystemslib and no samego."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from samego.report import json as as_json
from samego.report.summary import Summary
from support import inputs_results, source_results
from support.cli import Result, Samego, the_error
from support.reports import clean

pytestmark = pytest.mark.network

#: Ten lines that anybody can write: they import no samego.
SCRIPT = """\
import hashlib, json, sys
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey
envelope = Envelope.from_dict(json.load(open(sys.argv[1])))
envelope.verify([SSlibKey.from_crypto(load_pem_public_key(open(sys.argv[2], "rb").read()))], 1)
statement = json.loads(envelope.payload)
subjects = [item["digest"]["sha256"] for item in statement["subject"]]
assert all(hashlib.sha256(open(f, "rb").read()).hexdigest() in subjects for f in sys.argv[3:])
print(statement["predicate"]["result"], *sorted({name.split(".")[0] for name in sys.modules}))
"""


@pytest.fixture(scope="module")
def work(samego: Samego, sid_report: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with keys, a real report that does not pass, and one that does; signed."""
    directory = tmp_path_factory.mktemp("attest")
    for name in ("key", "other"):
        assert samego("attest", "--new-key", directory / name).status == 0
    shutil.copyfile(sid_report, directory / "bad.json")
    good = replace(clean(), findings=())
    (directory / "good.json").write_text(as_json.render(Summary(good)), "utf-8")
    for name in ("good", "bad"):
        signed = samego(
            *("attest", directory / f"{name}.json", "--key", directory / "key"),
            *("-o", directory / f"{name}.intoto.json"),
        )
        assert signed.status == 0, signed.stderr
    return directory


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the ten lines."""
    file = tmp_path / "script.py"
    file.write_text(SCRIPT, "utf-8")
    assert len(SCRIPT.splitlines()) == 10

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", file, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run


def verify(samego: Samego, work: Path, name: str, *files: Path, key: str = "key.pub") -> Result:
    envelope = work / f"{name}.intoto.json"
    return samego("attest", "--verify", envelope, "--key", work / key, *files)


def test_good_and_bad_results_are_verified_without_samego(
    script: Callable[..., subprocess.CompletedProcess[str]],
    work: Path,
    sid_go127_debs: list[Path],
) -> None:
    bad = script(work / "bad.intoto.json", work / "key.pub", *sid_go127_debs)
    assert bad.returncode == 0, bad.stderr
    result, *modules = bad.stdout.split()
    assert result == "FAILED"
    assert "securesystemslib" in modules
    assert "samego" not in modules
    good = script(work / "good.intoto.json", work / "key.pub")
    assert good.stdout.startswith("PASSED ")


def test_samego_verifies_it_with_the_files_at_hand(
    samego: Samego, work: Path, sid_go127_debs: list[Path]
) -> None:
    done = verify(samego, work, "bad", *sid_go127_debs, work / "bad.json")
    assert done.status == 1  # signed, and it says that they do not pass
    assert done.stdout.startswith("FAILED: signed, and as samego states it\n")
    assert "golang-1.27-go 1.27.3-1 amd64, which it is about" in done.stdout
    assert "bad.json: is the report that it was made from" in done.stdout
    good = verify(samego, work, "good")
    assert (good.status, good.stdout.partition(":")[0]) == (0, "PASSED")


def test_a_changed_byte_of_the_subject_is_refused(
    samego: Samego,
    work: Path,
    script: Callable[..., subprocess.CompletedProcess[str]],
    sid_go127_debs: list[Path],
    tmp_path: Path,
) -> None:
    changed = tmp_path / sid_go127_debs[2].name
    shutil.copyfile(sid_go127_debs[2], changed)
    with changed.open("r+b") as file:
        file.seek(-1, 2)
        last = file.read(1)
        file.seek(-1, 2)
        file.write(bytes([last[0] ^ 1]))
    done = verify(samego, work, "bad", changed)
    assert done.status == 2
    assert "is not among the files of this result" in done.stderr
    assert script(work / "bad.intoto.json", work / "key.pub", changed).returncode != 0


def _in_payload(data: dict[str, Any]) -> None:
    payload = base64.b64decode(data["payload"])
    at = payload.index(b'"FAILED"')
    data["payload"] = base64.b64encode(
        payload[:at] + b'"PASSED"' + payload[at + len(b'"FAILED"') :]
    ).decode()


def _in_signature(data: dict[str, Any]) -> None:
    signature = bytearray(base64.b64decode(data["signatures"][0]["sig"]))
    signature[0] ^= 1
    data["signatures"][0]["sig"] = base64.b64encode(signature).decode()


@pytest.mark.parametrize(
    ("result", "status", "word"),
    [
        (inputs_results.good(), 0, "PASSED"),
        (inputs_results.leaking(), 1, "FAILED"),
        (source_results.good(), 0, "PASSED"),
        (source_results.changed(), 1, "FAILED"),
    ],
)
def test_what_samego_inputs_and_source_found_is_signed_and_verified(
    samego: Samego, work: Path, tmp_path: Path, result: dict[str, Any], status: int, word: str
) -> None:
    file, envelope = tmp_path / "inputs.json", tmp_path / "inputs.intoto.json"
    file.write_text(json.dumps(result), "utf-8")
    signed = samego("attest", file, "--key", work / "key", "-o", envelope)
    assert signed.status == 0, signed.stderr
    done = samego("attest", "--verify", envelope, "--key", work / "key.pub", file)
    assert done.status == status, done.stderr
    assert done.stdout.startswith(f"{word}: signed, and as samego states it\n")
    assert "inputs.json: is the report that it was made from" in done.stdout


@pytest.mark.parametrize("change", [_in_payload, _in_signature])
def test_a_changed_byte_of_payload_or_signature_is_refused(
    change: Callable[[dict[str, Any]], None],
    samego: Samego,
    work: Path,
    script: Callable[..., subprocess.CompletedProcess[str]],
    tmp_path: Path,
) -> None:
    data = json.loads((work / "bad.intoto.json").read_text("utf-8"))
    change(data)
    forged = tmp_path / "bad.intoto.json"
    forged.write_text(json.dumps(data), "utf-8")
    done = samego("attest", "--verify", forged, "--key", work / "key.pub")
    assert done.status == 2
    assert "is not signed by the key given" in done.stderr
    assert script(forged, work / "key.pub").returncode != 0


def test_another_key_is_refused(samego: Samego, work: Path) -> None:
    done = verify(samego, work, "bad", key="other.pub")
    assert done.status == 2
    assert "is not signed by the key given" in done.stderr


def test_rotation_the_old_and_the_new_key_sign_and_either_verifies(
    samego: Samego, work: Path, tmp_path: Path
) -> None:
    envelope = tmp_path / "both.json"
    signed = samego(
        *("attest", work / "bad.json", "--key", work / "key", "--key", work / "other"),
        *("-o", envelope),
    )
    assert signed.status == 0, signed.stderr
    for keys in (["key.pub"], ["other.pub"], ["key.pub", "other.pub", "--threshold"]):
        options: list[str | Path] = []
        for key in keys:
            options += ["--threshold", "2"] if key == "--threshold" else ["--key", work / key]
        assert samego("attest", "--verify", envelope, *options).status == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["bad.json"], "name a key with --key"),
        (["--key", "key"], "name one report"),
        (["--key", "key.pub", "bad.json"], "can be read by other users"),
        (["--new-key", "key"], "samego does not overwrite keys"),
        (["--new-key", "k", "--key", "key"], "--new-key takes no other arguments"),
        (["--verify", "bad.json", "--key", "key.pub"], "is not a DSSE envelope"),
        (["--verify", "nothing", "--key", "key.pub"], "cannot be read"),
        (["key", "--key", "key"], "is not JSON"),
    ],
)
def test_what_cannot_be_meant(arguments: list[str], told: str, samego: Samego, work: Path) -> None:
    words = [str(work / word) if (work / word).exists() else word for word in arguments]
    done = samego("attest", *words)
    assert done.status == 2
    assert told in the_error(done.stderr)
