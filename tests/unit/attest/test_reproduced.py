"""Who earns SLSA_BUILD_REPRODUCED, and who does not."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_ecdsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner

from samego.attest.envelope import seal_line
from samego.attest.in_toto import StatedFile
from samego.attest.judgement import Judgement
from samego.attest.provenance import state_provenance
from samego.attest.reproduced import LEVEL, gather, judge
from samego.attest.summaries import state_svr, state_vsa
from samego.errors import VerificationError
from samego.quorum.policy import QuorumPolicy, Rebuilder, RebuilderKind
from samego.quorum.public_key import PublicKey
from support.statements import ARCHIVE, SIGNING, every_statement, rebuilt

EVERY = {each.name: each.payload for each in every_statement()}
FILE = StatedFile(ARCHIVE, {"sha256": "a" * 64})


@dataclass
class World:
    """Operators with their keys, and what they signed."""

    directory: Path
    keys: dict[str, list[CryptoSigner]] = field(default_factory=dict)
    signed: list[Path] = field(default_factory=list)
    threshold: int = 2

    def operator(self, name: str, keys: int = 1) -> None:
        """An operator, who has keys."""
        for _ in range(keys):
            self.keys.setdefault(name, []).append(CryptoSigner(Ed25519PrivateKey.generate()))

    def policy(self) -> QuorumPolicy:
        """The policy that names all operators."""
        rebuilders = tuple(
            Rebuilder(
                f"{name}'s",
                name,
                RebuilderKind.ENVELOPE,
                keys=tuple(PublicKey.of(_public(key)) for key in keys),
            )
            for name, keys in self.keys.items()
        )
        return QuorumPolicy(rebuilders, self.threshold)

    def sign(self, *signers: CryptoSigner, builder: str = "", **build: Any) -> None:  # noqa: ANN401 - JSON
        """Sign the provenance of one build; each build takes other times."""
        sha256, name = build.pop("sha256", "a" * 64), build.pop("name", ARCHIVE)
        result = rebuilt(**{"cpu": 100.5 + len(self.signed), **build})
        result["bootstraps"][0]["targets"][0]["files"][0].update(sha256=sha256, name=name)
        signing = replace(SIGNING, identity=builder or f"https://b{len(self.signed)}.example/")
        (payload,) = state_provenance(result, json.dumps(result).encode(), signing)
        self.add(seal_line(payload, signers))

    def add(self, line: str) -> None:
        """Add an envelope."""
        path = self.directory / f"{len(self.signed)}.intoto.jsonl"
        path.write_text(line, "utf-8")
        self.signed.append(path)

    def judge(self, file: StatedFile = FILE) -> Judgement:
        """What the policy makes of it."""
        policy = self.policy()
        return judge(file, gather(self.signed, policy), policy, b"policy", "0.1.0")


def _public(signer: CryptoSigner) -> Any:  # noqa: ANN401 - one of the library's many
    return signer._private_key.public_key()


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.operator("A", keys=2)
    made.operator("B")
    return made


def test_two_operators_who_built_the_same_earn_it(world: World) -> None:
    world.sign(world.keys["A"][0])
    world.sign(world.keys["B"][0])
    found = world.judge()
    assert LEVEL in found.properties
    assert found.policy["annotations"] == {"operators": ["A", "B"]}
    predicate = json.loads(state_vsa(found, SIGNING))["predicate"]
    assert predicate["verifiedLevels"] == [
        "SLSA_BUILD_LEVEL_UNEVALUATED",
        "SAMEGO_PASSED",
        "SLSA_BUILD_REPRODUCED",
    ]
    assert len(predicate["inputAttestations"]) == 2
    assert predicate["resourceUri"] == f"https://go.dev/dl/{ARCHIVE}"
    assert LEVEL in json.loads(state_svr(found, SIGNING))["predicate"]["properties"]


def refused(world: World, *why: str) -> None:
    with pytest.raises(VerificationError) as caught:
        world.judge()
    for each in why:
        assert each in caught.value.message


def test_one_operator_with_two_keys_does_not(world: World) -> None:
    world.sign(world.keys["A"][0])
    world.sign(world.keys["A"][1])
    refused(world, f"does not earn {LEVEL}", "it was A", "A counts once, however many keys sign")


def test_two_envelopes_of_one_key_do_not(world: World) -> None:
    world.sign(world.keys["A"][0])
    world.sign(world.keys["A"][0])
    refused(world, "A counts once")


def test_a_key_that_nobody_knows_does_not(world: World) -> None:
    world.sign(world.keys["A"][0])
    world.sign(CryptoSigner(Ed25519PrivateKey.generate()))
    refused(world, "it was A", "none of the policy's keys has signed it")


def test_one_build_that_two_sign_is_one(world: World) -> None:
    world.sign(world.keys["A"][0], cpu=7.5)
    world.sign(world.keys["B"][0], cpu=7.5)
    refused(world, "A and B state the same build")


def test_one_platform_that_two_speak_for_is_one(world: World) -> None:
    world.sign(world.keys["A"][0], builder="https://one.example/")
    world.sign(world.keys["B"][0], builder="https://one.example/")
    refused(world, "name the same builder, https://one.example/")


def test_an_envelope_that_two_have_signed_is_nobodys(world: World) -> None:
    world.sign(world.keys["A"][0], world.keys["B"][0])
    refused(world, "it was nobody", "A and B have signed it: whose build it is cannot be told")


def test_one_operator_does_not_choose_what_the_file_is_called(world: World) -> None:
    world.sign(world.keys["A"][0])
    world.sign(world.keys["B"][0], name="go1.20.linux-amd64.tar.gz")
    refused(world, f"A and B give it two names, {ARCHIVE} and go1.20.linux-amd64.tar.gz")
    world.operator("C")
    world.sign(world.keys["C"][0])
    found = world.judge()
    assert found.policy["annotations"] == {"operators": ["A", "C"]}
    assert (found.files[0].name, len(found.evidence)) == (ARCHIVE, 2)
    assert found.resource == f"https://go.dev/dl/{ARCHIVE}"


def test_different_digests_are_a_contradiction_and_both_are_named(world: World) -> None:
    world.sign(world.keys["A"][0])
    world.sign(world.keys["B"][0], sha256="d" * 64)
    refused(
        world,
        f"contradict each other on {ARCHIVE}",
        f"B built it with sha256 {'d' * 64}",
        f"A built it with sha256 {'a' * 64}",
    )


def test_a_contradiction_counts_though_enough_agree(world: World) -> None:
    world.operator("C")
    for name in ("A", "B"):
        world.sign(world.keys[name][0])
    world.sign(world.keys["C"][0], sha256="d" * 64)
    refused(world, "contradict each other", "C built it")


def test_a_file_that_nobody_built_so_is_contradicted(world: World) -> None:
    world.sign(world.keys["A"][0])
    with pytest.raises(VerificationError, match=f"the file at hand has sha256 {'e' * 64}"):
        world.judge(StatedFile(ARCHIVE, {"sha256": "e" * 64}))
    with pytest.raises(VerificationError, match="it was nobody"):
        world.judge(StatedFile("other", {"sha256": "e" * 64}))


@pytest.mark.parametrize("metadata", [None, [], "x", {"invocationId": []}])
def test_a_build_without_a_name_of_its_own_is_one_build(world: World, metadata: object) -> None:
    statement = json.loads(EVERY["provenance of a good rebuild"])
    statement["predicate"]["runDetails"]["metadata"] = metadata
    for name in "AB":
        world.add(seal_line(json.dumps(statement).encode(), [world.keys[name][0]]))
    with pytest.raises(VerificationError, match="A and B state the same build"):
        world.judge(StatedFile(ARCHIVE, {"sha256": statement["subject"][0]["digest"]["sha256"]}))


def test_a_signed_no_about_these_bytes_is_not_passed_over(world: World) -> None:
    bad = EVERY["bad vsa of a rebuild"]
    (subject,) = json.loads(bad)["subject"]
    world.operator("C")
    for name in "AB":
        world.sign(world.keys[name][0])
    world.add(seal_line(bad, [CryptoSigner(Ed25519PrivateKey.generate())]))
    world.add(seal_line(EVERY["good vsa of a rebuild"], [world.keys["C"][0]]))
    assert LEVEL in world.judge().properties
    world.add(
        seal_line(
            bad.replace(subject["digest"]["sha256"].encode(), b"a" * 64), [world.keys["C"][0]]
        )
    )
    refused(world, f"C has signed that {ARCHIVE} does not pass")


def test_a_verdict_is_no_build(world: World) -> None:
    world.sign(world.keys["A"][0])
    for made in every_statement():
        if "provenance" not in made.name:
            world.add(seal_line(made.payload, [world.keys["B"][0]]))
    refused(world, "it was A", "it is no provenance of a build")


def test_a_provenance_of_another_form_does_not(world: World) -> None:
    world.sign(world.keys["A"][0])
    data = json.loads(EVERY["provenance of a good rebuild"])
    data["predicate"]["buildDefinition"]["buildType"] = "https://ci.example.org/build@v1"
    world.add(seal_line(json.dumps(data).encode(), [world.keys["B"][0]]))
    refused(world, "it was A", "1.intoto.jsonl does not count: ", "its build type is none of")


def test_a_changed_envelope_does_not(world: World) -> None:
    world.sign(world.keys["A"][0])
    world.sign(world.keys["B"][0])
    data = json.loads(world.signed[1].read_text("utf-8"))
    data["signatures"][0]["sig"] = json.loads(world.signed[0].read_text("utf-8"))["signatures"][0][
        "sig"
    ]
    world.signed[1].write_text(json.dumps(data), "utf-8")
    refused(world, "it was A", "or it was changed")


def test_a_policy_that_is_content_with_one_is_not_enough(world: World) -> None:
    world.threshold = 1
    world.sign(world.keys["A"][0])
    refused(world, "2 independent operators")


def test_a_policy_that_wants_three_gets_three(world: World) -> None:
    world.threshold = 3
    world.keys["C"] = [CryptoSigner(new_ecdsa(SECP256R1()))]
    world.sign(world.keys["A"][0])
    world.sign(world.keys["B"][0])
    refused(world, "3 independent operators", "it was A, B")
    world.sign(world.keys["C"][0])
    assert LEVEL in world.judge().properties


def test_a_copied_build_takes_nothing_from_those_who_built_themselves(world: World) -> None:
    # B signs A's build, and one of its own.
    world.sign(world.keys["A"][0], cpu=7.5)
    world.sign(world.keys["B"][0], cpu=7.5)
    world.sign(world.keys["B"][0])
    assert LEVEL in world.judge().properties
