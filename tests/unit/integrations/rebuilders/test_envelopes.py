from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner

from samego.attest.envelope import seal
from samego.attest.statement import state
from samego.integrations.rebuilders import envelopes
from samego.integrations.rebuilders.fetching import NetworkUse, UnreadableError
from samego.model.report import Report
from samego.quorum.policy import Rebuilder, RebuilderKind
from samego.quorum.public_key import PublicKey
from samego.quorum.question import Question
from samego.quorum.voice import Heard, Voice
from samego.report import json as as_json
from samego.report.summary import Summary
from support.rebuilders import OTHER, one
from support.reports import sid, spotless

ED25519 = Ed25519PrivateKey.generate()
ECDSA = generate_private_key(SECP256R1())
ALICE = one("Alice", RebuilderKind.ENVELOPE, keys=(PublicKey.of(ED25519.public_key()),))
BOB = one("Bob", RebuilderKind.ENVELOPE, keys=(PublicKey.of(ECDSA.public_key()),))


def about(report: Report) -> Question:
    """The first package of a report."""
    package = report.subject.packages[0]
    title = f"{package.name} {package.version} {package.architecture}"
    words = (package.name, package.version, package.architecture)
    return Question(title, *words, sha256=package.sha256)


def envelope(report: Report, *signers: CryptoSigner) -> str:
    data = as_json.render(Summary(report)).encode()
    return seal(state(report, data), signers or (CryptoSigner(ED25519),))


def read(text: str, question: Question, who: Sequence[Rebuilder] = (ALICE, BOB)) -> list[Voice]:
    return list(envelopes.read_results(text.encode(), "result.json", who, question))


def provenance(sha256: str, name: str, finished: str = "2026-11-23T17:00:00Z") -> str:
    """Alice's provenance of a file."""
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": sha256}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "runDetails": {
                "builder": {"id": "https://alice.example"},
                "metadata": {"finishedOn": finished, "invocationId": "run 7"},
            }
        },
    }
    return seal(json.dumps(statement).encode(), [CryptoSigner(ED25519)])


def test_whose_result_it_is_says_the_key() -> None:
    good, bad = spotless(), sid()
    [voice] = read(envelope(good), about(good))
    assert (voice.rebuilder, voice.says, voice.signed) == (ALICE, Heard.AGREES, True)
    assert voice.sha256 == about(good).sha256
    [voice] = read(envelope(bad, CryptoSigner(ECDSA)), about(bad))
    assert (voice.rebuilder, voice.says) == (BOB, Heard.DIFFERS)


def test_a_yes_of_two_is_nobodys_build_and_a_no_of_two_is_the_no_of_each() -> None:
    both = (CryptoSigner(ED25519), CryptoSigner(ECDSA))
    [voice] = read(envelope(spotless(), *both), about(spotless()))
    assert (voice.rebuilder.operator, voice.says, voice.reason) == (
        "",
        Heard.UNREADABLE,
        "result.json: Alice and Bob have signed it, and whose build it is cannot be told",
    )
    voices = read(envelope(sid(), *both), about(sid()))
    assert [(each.rebuilder.operator, each.says) for each in voices] == [
        ("", Heard.UNREADABLE),
        ("Alice", Heard.DIFFERS),
        ("Bob", Heard.DIFFERS),
    ]
    carol = replace(BOB, name="second", operator="Alice")
    voices = read(envelope(spotless(), *both), about(spotless()), (ALICE, carol))
    assert {(each.rebuilder.operator, each.says) for each in voices} == {("Alice", Heard.AGREES)}


def test_ids_of_keys_are_hints() -> None:
    good = spotless()
    document = json.loads(envelope(good))
    document["signatures"][0]["keyid"] = ""
    [voice] = read(json.dumps(document), about(good))
    assert voice.says is Heard.AGREES


def test_a_changed_byte_makes_it_nobodys_word() -> None:
    good = spotless()
    document = json.loads(envelope(good))
    payload = bytearray(base64.b64decode(document["payload"]))
    for at in range(0, len(payload), 97):
        changed = payload.copy()
        changed[at] ^= 1
        document["payload"] = base64.b64encode(changed).decode()
        [voice] = read(json.dumps(document), about(good))
        assert (voice.rebuilder.operator, voice.says) == ("", Heard.UNREADABLE)
    [voice] = read(envelope(good, CryptoSigner(Ed25519PrivateKey.generate())), about(good))
    assert voice.reason == (
        "result.json is not signed by a key of the policy: it was changed, or is another's"
    )


def test_provenance_says_what_was_built() -> None:
    question = about(spotless())
    [voice] = read(provenance(question.sha256, "x.deb"), question)
    assert (voice.says, voice.sha256) == (Heard.AGREES, question.sha256)
    assert (voice.build, voice.builder) == ("run 7", "https://alice.example")
    assert voice.when is not None
    named = replace(question, files=("x.deb",))
    [voice] = read(provenance(OTHER, "pool/x.deb"), named)
    assert (voice.says, voice.sha256) == (Heard.AGREES, OTHER)
    [voice] = read(provenance(OTHER, "y.deb", "yesterday"), named)
    assert (voice.says, voice.reason) == (Heard.SILENT, "result.json is about other files (y.deb)")


def test_a_bundle_has_one_result_on_each_line() -> None:
    good = spotless()
    lines = [envelope(good), envelope(good, CryptoSigner(ECDSA)), provenance(OTHER, "y.deb")]
    bundle = "\n".join(json.dumps(json.loads(line)) for line in lines) + "\n"
    assert [each.says for each in read(bundle, about(good))] == [
        Heard.AGREES,
        Heard.AGREES,
        Heard.SILENT,
    ]


@pytest.mark.parametrize("text", ["", "<html>", "{}\n<html>\n", "{}\n" * 1001])
def test_what_is_no_file_of_results(text: str) -> None:
    with pytest.raises(UnreadableError, match=r"result\.json holds no signed results"):
        read(text, about(spotless()))


def statement(**more: Any) -> str:  # noqa: ANN401 - JSON
    return seal(json.dumps(more).encode(), [CryptoSigner(ED25519)])


@pytest.mark.parametrize(
    "text",
    [
        "7",
        "[]",
        "{}",
        '{"signed": {}, "signatures": []}',
        '{"payload": 7, "payloadType": 7, "signatures": [7]}',
        '{"payload": "", "payloadType": "text/plain", "signatures": []}',
        statement(),
        statement(_type="https://in-toto.io/Statement/v1", predicateType=["x"]),
        statement(_type="https://in-toto.io/Statement/v1", predicateType="https://x.example/y"),
        statement(
            _type="https://in-toto.io/Statement/v1",
            predicateType="https://in-toto.io/attestation/test-result/v0.1",
        ),
        statement(
            _type="https://in-toto.io/Statement/v1",
            predicateType="https://slsa.dev/provenance/v1",
            subject=[{"name": "x", "digest": {"sha256": "A"}}],
            predicate={"runDetails": {}},
        ),
    ],
)
def test_what_is_no_result(text: str) -> None:
    [voice] = read(text, about(spotless()))
    assert (voice.rebuilder.operator, voice.says) == ("", Heard.UNREADABLE)
    assert voice.reason.startswith("result.json")


def test_a_rebuilder_whose_results_lie_somewhere(tmp_path: Path) -> None:
    good = spotless()
    path = tmp_path / "alice.json"
    path.write_text(envelope(good), "utf-8")
    [voice] = envelopes.ask(replace(ALICE, file=path), about(good), NetworkUse())
    assert voice.says is Heard.AGREES
    # What somebody else has put there is not what this one says.
    path.write_text(envelope(good, CryptoSigner(ECDSA)), "utf-8")
    [voice] = envelopes.ask(replace(ALICE, file=path), about(good), NetworkUse())
    assert (voice.rebuilder.operator, voice.says) == ("Alice", Heard.UNREADABLE)
    assert list(envelopes.ask(ALICE, about(good), NetworkUse())) == []
