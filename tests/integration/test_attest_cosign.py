"""Statements in the hands of a stranger who has cosign and a public key."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner

from samego.attest.envelope import seal, seal_sigstore
from samego.attest.keys import load_signer
from support.cli import Samego
from support.inputs import Inputs
from support.statements import every_statement

pytestmark = [pytest.mark.long, pytest.mark.network, pytest.mark.timeout(3 * 3600)]

DOCS = Path(__file__).parents[2] / "docs/attest.md"
EVERY = {each.name: each for each in every_statement()}
FILE = "go1.24.4.linux-amd64.tar.gz"


@dataclass
class Stranger:
    """A directory with keys and the file, and cosign without a network."""

    directory: Path
    cosign: Path

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the directory, as it is pasted."""
        home = self.directory / "home"
        home.mkdir(exist_ok=True)
        environment = {
            "PATH": f"{self.cosign.parent}:/usr/bin:/bin",
            "HOME": str(home),
            # Nothing answers there: what asks anybody fails.
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "HTTP_PROXY": "http://127.0.0.1:9",
        }
        return subprocess.run(
            ["bash", "-euc", command],
            cwd=self.directory,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def verify(self, envelope: Path, kind: str, *, key: str = "key.pub", file: str = FILE) -> bool:
        """Whether cosign accepts an envelope or Sigstore bundle."""
        form = "--bundle" if envelope.name.endswith(".sigstore.json") else "--signature"
        done = self.run(
            f"cosign verify-blob-attestation --key {key} --insecure-ignore-tlog"
            f" {form} {envelope.name} --type {kind} {file}"
        )
        assert ("Verified OK" in done.stderr) is (done.returncode == 0), done.stderr
        return done.returncode == 0

    def signer(self, key: str = "key") -> CryptoSigner:
        return load_signer(self.directory / key)


@pytest.fixture(scope="module")
def stranger(inputs: Inputs, samego: Samego, tmp_path_factory: pytest.TempPathFactory) -> Stranger:
    directory = tmp_path_factory.mktemp("cosign")
    (directory / FILE).write_bytes(b"the file")
    (directory / "other").write_bytes(b"another file")
    for name in ("key", "another"):
        assert samego("attest", "--new-key", directory / name).status == 0
    _openssl(directory, "p256", "EC", "ec_paramgen_curve:P-256")
    _openssl(directory, "p384", "EC", "ec_paramgen_curve:P-384")
    _openssl(directory, "rsa", "RSA", "rsa_keygen_bits:2048")
    return Stranger(directory, inputs.cosign())


def _openssl(directory: Path, name: str, kind: str, option: str) -> None:
    """A key as docs/attest.md has openssl make it."""
    words = ["openssl", "genpkey", "-algorithm", kind, "-pkeyopt", option, "-out", name]
    subprocess.run(words, check=True, cwd=directory, capture_output=True)
    (directory / name).chmod(0o600)
    words = ["openssl", "pkey", "-in", name, "-pubout", "-out", f"{name}.pub"]
    subprocess.run(words, check=True, cwd=directory, capture_output=True)


def about(payload: bytes, data: bytes) -> tuple[bytes, str]:
    """A statement about a file with these bytes in the place of its subject, and its type."""
    statement = json.loads(payload)
    digest = {"sha256": hashlib.sha256(data).hexdigest()}
    statement["subject"] = [{"name": FILE, "digest": digest}]
    return json.dumps(statement).encode(), statement["predicateType"]


@pytest.fixture(params=["vsa.json", "vsa.sigstore.json"])
def form(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def write(stranger: Stranger, payload: bytes, form: str, key: str = "key") -> Path:
    seals = seal_sigstore if form.endswith(".sigstore.json") else seal
    path = stranger.directory / form
    path.write_text(seals(payload, [stranger.signer(key)]), "utf-8")
    return path


@pytest.mark.parametrize("name", EVERY)
def test_good_and_bad_statements_are_accepted(stranger: Stranger, name: str, form: str) -> None:
    payload, kind = about(EVERY[name].payload, b"the file")
    path = write(stranger, payload, form)
    assert stranger.verify(path, kind)
    assert not stranger.verify(path, "https://another.example/v1")


def _payload(envelope: dict[str, Any]) -> None:
    payload = bytearray(base64.b64decode(envelope["payload"]))
    payload[-3] ^= 1
    envelope["payload"] = base64.b64encode(payload).decode()


def _subject(envelope: dict[str, Any]) -> None:
    statement = json.loads(base64.b64decode(envelope["payload"]))
    other = hashlib.sha256(b"another file").hexdigest()
    statement["subject"][0]["digest"]["sha256"] = other
    envelope["payload"] = base64.b64encode(json.dumps(statement).encode()).decode()


def _signature(envelope: dict[str, Any]) -> None:
    signature = bytearray(base64.b64decode(envelope["signatures"][0]["sig"]))
    signature[5] ^= 1
    envelope["signatures"][0]["sig"] = base64.b64encode(signature).decode()


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    ("change", "file"), [(_payload, FILE), (_signature, FILE), (_subject, "other")]
)
def test_a_changed_one_is_refused_by_cosign_and_by_samego(
    stranger: Stranger,
    samego: Samego,
    name: str,
    form: str,
    change: Callable[[dict[str, Any]], None],
    file: str,
) -> None:
    payload, kind = about(EVERY[name].payload, b"the file")
    path = write(stranger, payload, form)
    data = json.loads(path.read_text("utf-8"))
    change(data.get("dsseEnvelope", data))
    path.write_text(json.dumps(data), "utf-8")
    assert not stranger.verify(path, kind, file=file)
    done = samego("attest", "--verify", path, "--key", stranger.directory / "key.pub")
    assert done.status == 2
    assert "is not signed by the key given" in done.stderr


def test_another_key_and_another_file_are_refused(
    stranger: Stranger, samego: Samego, form: str
) -> None:
    payload, kind = about(EVERY["bad vsa"].payload, b"the file")
    path = write(stranger, payload, form)
    assert not stranger.verify(path, kind, key="another.pub")
    assert not stranger.verify(path, kind, file="other")
    verify = ("attest", "--verify", path, "--key")
    assert samego(*verify, stranger.directory / "another.pub").status == 2
    other = samego(*verify, stranger.directory / "key.pub", stranger.directory / "other")
    assert other.status == 2
    same = samego(*verify, stranger.directory / "key.pub", stranger.directory / FILE)
    assert (same.status, same.stdout.split(":")[0]) == (1, "FAILED")


@pytest.mark.parametrize(
    ("key", "taken"), [("key", "yes"), ("p256", "yes"), ("p384", "no"), ("rsa", "no")]
)
def test_which_keys_cosign_takes(stranger: Stranger, samego: Samego, key: str, taken: str) -> None:
    payload, kind = about(EVERY["good vsa"].payload, b"the file")
    path = write(stranger, payload, "vsa.json", key)
    assert stranger.verify(path, kind, key=f"{key}.pub") is (taken == "yes")
    public = stranger.directory / f"{key}.pub"
    assert samego("attest", "--verify", path, "--key", public).status == 0


def test_what_the_docs_say_is_pasted(stranger: Stranger) -> None:
    blocks = re.findall(r"```\n(cosign .*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    (block,) = blocks
    payload, _ = about(EVERY["good vsa"].payload, b"the file")
    for form in ("vsa.json", "vsa.sigstore.json"):
        write(stranger, payload, form)
    done = stranger.run(block)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Verified OK") == len(block.splitlines()) == 2
