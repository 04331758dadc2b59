from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner, SSlibKey

from samego.attest.bundle import added, is_bundle, judge
from samego.attest.envelope import seal_line
from samego.errors import InputError
from support.statements import every_statement

STATEMENTS = [each.payload for each in every_statement()]


@pytest.fixture
def signer() -> CryptoSigner:
    return CryptoSigner.generate_ed25519()


def written(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "x.intoto.jsonl"
    path.write_text("".join(lines), "utf-8")
    return path


def public(signer: CryptoSigner) -> SSlibKey:
    key: SSlibKey = signer.public_key
    return key


def test_each_line_is_judged(tmp_path: Path, signer: CryptoSigner) -> None:
    other = CryptoSigner.generate_ed25519()
    lines = [seal_line(payload, [signer]) for payload in STATEMENTS]
    path = written(tmp_path, *lines[:2], "\n", seal_line(STATEMENTS[0], [other]), "{}\n", "x\n")
    found = list(judge(path, [public(signer)]))
    assert [(line.number, line.stated is not None) for line in found] == [
        (1, True),
        (2, True),
        (4, False),
        (5, False),
        (6, False),
    ]
    assert [line.problem for line in found[2:]] == [
        "others have signed it",
        "line 5 is not a DSSE envelope (KeyError)",
        "line 6 is not a DSSE envelope (JSONDecodeError)",
    ]
    assert not any(line.ours for line in found)


def test_a_line_that_names_the_key_and_was_changed_is_told_apart(
    tmp_path: Path, signer: CryptoSigner
) -> None:
    data: dict[str, Any] = json.loads(seal_line(STATEMENTS[0], [signer]))
    data["payload"] = base64.b64encode(STATEMENTS[1]).decode()
    (line,) = judge(written(tmp_path, json.dumps(data)), [public(signer)])
    assert (line.stated, line.ours) == (None, True)
    assert line.problem == "it was changed, or too few of the keys signed it"


def test_a_signature_without_a_key_id_is_one(tmp_path: Path, signer: CryptoSigner) -> None:
    data: dict[str, Any] = json.loads(seal_line(STATEMENTS[0], [signer]))
    for keyid in ("", "SHA256:abc"):
        data["signatures"][0]["keyid"] = keyid
        (line,) = judge(written(tmp_path, json.dumps(data)), [public(signer)])
        assert line.stated is not None
    del data["signatures"][0]["keyid"]
    (line,) = judge(written(tmp_path, json.dumps(data)), [public(signer)])
    assert line.stated is not None


def test_a_threshold_is_of_different_keys(tmp_path: Path, signer: CryptoSigner) -> None:
    other = CryptoSigner.generate_ecdsa()
    both = written(tmp_path, seal_line(STATEMENTS[0], [signer, other]))
    (line,) = judge(both, [public(signer), public(other)], 2)
    assert line.stated is not None
    data: dict[str, Any] = json.loads(seal_line(STATEMENTS[0], [signer]))
    data["signatures"] *= 2
    (line,) = judge(written(tmp_path, json.dumps(data)), [public(signer), public(other)], 2)
    assert line.stated is None
    with pytest.raises(InputError, match="2 signatures are required"):
        list(judge(both, [public(signer)], 2))


def test_lines_are_added_and_none_twice(tmp_path: Path, signer: CryptoSigner) -> None:
    one, two = (seal_line(payload, [signer]) for payload in STATEMENTS[:2])
    path = tmp_path / "new.intoto.jsonl"
    assert added(path, [one]) == one
    path.write_text(one.rstrip("\n"), "utf-8")  # its last line has no end
    assert added(path, [two, one]) == one + two
    foreign = '{"somebody": "else\u2028s"}\n'
    path.write_text(foreign, "utf-8")
    assert added(path, [one]) == foreign + one


@pytest.mark.parametrize("data", [b"no bundle\n", b"\xff\n"])
def test_what_is_no_bundle_is_not_added_to(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.intoto.jsonl"
    path.write_bytes(data)
    with pytest.raises(InputError, match="is there, and is no bundle"):
        added(path, ["{}\n"])


def test_too_many_lines(tmp_path: Path, signer: CryptoSigner) -> None:
    with pytest.raises(InputError, match="too large"):
        list(judge(written(tmp_path, "{}\n" * 10_001), [public(signer)]))


def test_a_bundle_is_known_by_its_name() -> None:
    assert is_bundle(Path("go.tar.gz.intoto.jsonl"))
    assert not is_bundle(Path("go.intoto.json"))
