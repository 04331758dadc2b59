from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest

from samego.errors import ConfigError, InputError, VerificationError
from samego.upstream.sumdb.cosignature import Unchecked
from samego.upstream.sumdb.note import Verifier
from samego.upstream.sumdb.witness_policy import CLOCK_SKEW, MAX_POLICY, WitnessPolicy
from support.sumdb_log import Key, Log
from support.witness_key import TIME, WitnessKey

LOG_KEY = Key()
HEAD = Log(40, LOG_KEY).head()
X = [WitnessKey.ed25519(f"witness.example/x{number}") for number in (1, 2, 3)]
Y = [WitnessKey.ml_dsa(f"witness.example/y{number}") for number in (1, 2)]
#: The example of the specification, with fewer witnesses of the second kind.
TEXT = "\n".join(
    [
        "# who must have seen it",
        f"log {LOG_KEY.verifier} https://log.example/",
        *(f"witness X{number}\t{key.vkey}" for number, key in enumerate(X, 1)),
        "  group X-witnesses 2 X1 X2 X3",
        "",
        *(f"witness Y{number} {key.vkey} https://y.example/" for number, key in enumerate(Y, 1)),
        "group Y-witnesses any Y1 Y2",
        "group X-and-Y all X-witnesses Y-witnesses ",
        "quorum X-and-Y",
        "",
    ]
)


def policy(text: str = TEXT) -> WitnessPolicy:
    return WitnessPolicy.parse(text.encode("utf-8", "surrogateescape"), "policy.txt")


def signed(*keys: WitnessKey, time: int = TIME) -> bytes:
    note = HEAD
    for key in keys:
        note = key.cosign(note, time)
    return note


@pytest.mark.parametrize(
    ("keys", "met"),
    [
        pytest.param((X[0], X[1], Y[0]), True, id="just enough"),
        pytest.param((*X, *Y), True, id="all"),
        pytest.param((X[2], Y[1], X[0]), True, id="others, in another order"),
        pytest.param((X[0], Y[0], Y[1]), False, id="too few of the first group"),
        pytest.param(X, False, id="none of the second group"),
        pytest.param((), False, id="none at all"),
        pytest.param(
            (X[0], Y[0], WitnessKey.ed25519("other.example")), False, id="an unknown witness"
        ),
        pytest.param((X[0], X[0], Y[0]), False, id="one of them twice"),
    ],
)
def test_the_quorum_decides(keys: tuple[WitnessKey, ...], *, met: bool) -> None:
    judged = policy().judge(signed(*keys), TIME)
    assert judged.met is met
    assert judged.could_be_met is met


def test_no_quorum_needs_no_witness() -> None:
    assert policy("quorum none\n").judge(HEAD, TIME).met


def test_a_cosignature_that_a_witness_did_not_make_refuses_the_checkpoint() -> None:
    note = signed(X[0], X[1], Y[0])
    forged = note.replace(b"\n40\n", b"\n41\n")
    with pytest.raises(VerificationError, match="valid cosignature of"):
        policy().judge(forged, TIME)


def test_the_clocks_may_differ_by_an_hour() -> None:
    note = signed(X[0], X[1], Y[0], time=TIME + CLOCK_SKEW)
    assert policy().judge(note, TIME).met
    judged = policy().judge(note, TIME - 1)
    assert not judged.met
    assert not judged.could_be_met
    assert {each.unchecked for each in judged.cosigned.values()} == {Unchecked.FUTURE}


def test_what_cannot_be_checked_leaves_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    module = "cryptography.hazmat.primitives.asymmetric.mldsa"
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delattr("cryptography.hazmat.primitives.asymmetric.mldsa")
    judged = policy().judge(signed(X[0], X[1], Y[0]), TIME)
    assert (judged.met, judged.could_be_met) == (False, True)
    judged = policy().judge(signed(X[0], Y[0]), TIME)
    assert (judged.met, judged.could_be_met) == (False, False)


def test_the_log_is_known_by_its_key() -> None:
    verifier = Verifier.parse(LOG_KEY.verifier)
    other = Verifier.parse(Key().verifier)
    assert policy().accepts_log(verifier)
    assert not policy().accepts_log(other)
    assert policy("quorum none").accepts_log(other)


def test_names_are_bytes() -> None:
    text = f"witness caf\udcff {X[0].vkey}\nquorum caf\udcff\n"
    assert policy(text).judge(signed(X[0]), TIME).met


ONE = f"witness X {X[0].vkey}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no quorum line"),
        (ONE, "has no quorum line"),
        ("quorum none\nquorum none\n", "line 2: there is a second quorum line"),
        ("quorum X\n", "line 1: 'X' is no witness or group of a line before it"),
        (f"quorum X\n{ONE}", "line 1: 'X' is no witness"),
        (f"{ONE}{ONE}quorum X\n", "line 2: the name 'X' is taken"),
        (f"{ONE}witness Y {X[0].vkey}\nquorum X\n", "line 2: the key of .* is named twice"),
        (f"witness none {X[0].vkey}\nquorum none\n", "the name 'none' is taken"),
        (f"{ONE}group X any X\nquorum X\n", "the name 'X' is taken"),
        (f"{ONE}group G any X X\nquorum G\n", "'X' is a member twice"),
        (f"{ONE}group G any X\ngroup H any X\nquorum G\n", "'X' is a member twice"),
        (f"{ONE}group G any G\nquorum G\n", "'G' is no witness or group of a line before it"),
        (f"{ONE}group G any none\nquorum G\n", "'none' is no witness or group"),
        (f"{ONE}group G 2 X\nquorum G\n", "threshold '2' is not all, any or a number up to 1"),
        (f"{ONE}group G 0 X\nquorum G\n", "threshold '0' is not"),
        (f"{ONE}group G 01 X\nquorum G\n", "threshold '01' is not"),
        (f"{ONE}group G some X\nquorum G\n", "threshold 'some' is not"),
        (f"{ONE}group G any\nquorum G\n", "line 2: a group line has"),
        ("quorum\n", "a quorum line has"),
        ("quorum none now\n", "a quorum line has"),
        (f"witness X {LOG_KEY.verifier}\nquorum X\n", "line 1: the key of .* not that of a wit"),
        ("witness X key\nquorum X\n", "line 1: the verifier key 'key' is malformed"),
        (f"log {X[0].vkey}\nquorum none\n", "line 1: .* is not an Ed25519 key"),
        (f"log {LOG_KEY.verifier}\nlog {LOG_KEY.verifier}\nquorum none\n", "line 2: .* twice"),
        ("logs x\nquorum none\n", "line 1: 'logs' begins no line of a policy"),
        ("quorum none\r\n", "control characters"),
        ("quorum\x00none\n", "control characters"),
    ],
    ids=map(str, itertools.count()),  # the keys are new in each process
)
def test_what_a_policy_must_not_say(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        policy(text)
    assert caught.value.message.startswith("policy.txt")


def test_a_policy_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "policy.txt"
    path.write_text(TEXT)
    assert WitnessPolicy.read(path).witnesses.keys() == {"X1", "X2", "X3", "Y1", "Y2"}
    with pytest.raises(InputError, match="cannot be read"):
        WitnessPolicy.read(tmp_path)
    path.write_bytes(b"#" * (MAX_POLICY + 1))
    with pytest.raises(InputError, match="too long"):
        WitnessPolicy.read(path)
