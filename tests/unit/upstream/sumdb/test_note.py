from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from samego.errors import ConfigError, VerificationError
from samego.upstream.sumdb.database import KNOWN_KEYS
from samego.upstream.sumdb.note import MAX_NOTE, Verifier, open_note
from support.sumdb_log import Key

KEY = Key()
OTHER = Key("other.example.test")
TEXT = "some text\nand more\n"
#: Some key's hash and signature.
SIGNATURE = base64.b64encode(bytes(68)).decode()
FIXTURES = Path(__file__).parents[4] / "fixtures/sumdb/sum.golang.org"


def verifier(key: Key = KEY) -> Verifier:
    return Verifier.parse(key.verifier)


def test_a_signed_note_opens() -> None:
    note = open_note(KEY.note(TEXT), [verifier()])
    assert note.text == TEXT
    assert note.signed_by == (verifier(),)


def test_a_real_note_of_the_known_key_opens() -> None:
    known = Verifier.parse(KNOWN_KEYS["sum.golang.org"])
    answer = (FIXTURES / "lookup/golang.org/toolchain@v0.0.1-go1.24.4.linux-amd64").read_bytes()
    note = open_note(answer[answer.index(b"go.sum database tree") :], [known])
    assert note.text.split("\n")[1] == "66385784"
    assert known.short == "sum.golang.org+033de0ae"
    assert str(known) == KNOWN_KEYS["sum.golang.org"]


def test_signatures_of_unknown_keys_are_passed_over() -> None:
    data = KEY.note(TEXT) + OTHER.line("another text").encode()
    assert open_note(data, [verifier()]).signed_by == (verifier(),)


def test_several_known_keys_must_all_hold() -> None:
    both = [verifier(), verifier(OTHER)]
    good = KEY.note(TEXT) + OTHER.line(TEXT).encode()
    assert open_note(good, both).signed_by == tuple(both)
    with pytest.raises(VerificationError, match="valid signature of other"):
        open_note(KEY.note(TEXT) + OTHER.line("another text").encode(), both)


def test_every_changed_byte_is_refused() -> None:
    data = KEY.note(TEXT)
    for place in range(len(data)):
        for change in (0x01, 0x20, 0x80):
            changed = data[:place] + bytes([data[place] ^ change]) + data[place + 1 :]
            with pytest.raises(VerificationError):
                open_note(changed, [verifier()])


def test_every_cut_is_refused() -> None:
    data = KEY.note(TEXT)
    for length in range(len(data)):
        with pytest.raises(VerificationError):
            open_note(data[:length], [verifier()])


def test_the_same_name_with_another_key_did_not_sign() -> None:
    with pytest.raises(VerificationError, match="no signature of"):
        open_note(Key(KEY.name).note(TEXT), [verifier()])


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"text\n\n", id="no signature"),
        pytest.param(KEY.note("a\ttab\n"), id="control character"),
        *(
            pytest.param(
                KEY.note(TEXT) + f"\N{EM DASH} a{sign}b {SIGNATURE}\n".encode(),
                id=f"{sign!a} in a name",
            )
            for sign in "\x7f\x9b\u202e\u2066\ufeff"
        ),
        pytest.param(b"\xff" + KEY.note(TEXT), id="not UTF-8"),
        pytest.param(KEY.note(TEXT) + b"\n", id="blank line at the end"),
        pytest.param(KEY.note(TEXT).replace("\N{EM DASH}".encode(), b"-"), id="hyphen"),
        pytest.param(KEY.note(TEXT)[:-2] + b"\n", id="no padding"),
        pytest.param(KEY.note(TEXT) + b"\xe2\x80\x94 name\n", id="signature without base64"),
        pytest.param(KEY.note(TEXT) + b"\xe2\x80\x94 name AAAA\n", id="signature without bytes"),
        pytest.param(KEY.note(TEXT) + b"\xe2\x80\x94 a+b AAAAAAA=\n", id="plus in the name"),
        pytest.param(KEY.note(TEXT) + KEY.line(TEXT).encode() * 100, id="101 signatures"),
        pytest.param(KEY.note("x" * MAX_NOTE + "\n"), id="too long"),
    ],
)
def test_malformed_notes_are_refused(data: bytes) -> None:
    with pytest.raises(VerificationError):
        open_note(data, [verifier()])


def encode(name: str, key: bytes) -> str:
    digest = hashlib.sha256(f"{name}\n".encode() + key).digest()[:4].hex()
    return f"{name}+{digest}+{base64.b64encode(key).decode()}"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "malformed", id="empty"),
        pytest.param("name", "malformed", id="name alone"),
        pytest.param("name+033de0ae", "malformed", id="no key"),
        pytest.param("name+33de0ae+AAAA", "malformed", id="short hash"),
        pytest.param(KEY.verifier[:-1], "malformed", id="no padding"),
        pytest.param(KEY.verifier.replace("sum", "s m"), "malformed", id="space in the name"),
        pytest.param(KEY.verifier.replace("sum.", "sun."), "hash that it states", id="name"),
        pytest.param(encode("name", b"\1" + bytes(31)), "Ed25519", id="short key"),
        pytest.param(encode("name", b"\2" + bytes(32)), "Ed25519", id="another algorithm"),
    ],
)
def test_malformed_verifier_keys_are_refused(text: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        Verifier.parse(text)


def test_a_changed_verifier_key_is_refused() -> None:
    name, digest, key = KEY.verifier.split("+", 2)
    raw = base64.b64decode(key)
    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(ConfigError):
            Verifier.parse(f"{name}+{digest}+{base64.b64encode(changed).decode()}")
