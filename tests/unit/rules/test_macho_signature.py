from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samego.formats.executable.code_signature import SignatureError
from samego.formats.executable.macho import MachoError, parse
from samego.model.places.executables import Entitlements, UnreadableSignature
from samego.model.proof import Standing
from samego.rules.interface import Blob
from samego.rules.macho_signature import (
    MachoSignature,
    broken,
    prove_unsigned,
    signature_of,
    where,
    without_signature,
)
from support.archives import memory_tree
from support.contexts import context
from support.macho_files import PAGE, command, executable, signature_blob, signed
from support.words import places_of

TEAM = "EQHXZ8M8AV"
UNSIGNED = executable(page=1)
AD_HOC = signed(page=1)
SIGNED = signed(team=TEAM, identifier="org.golang.go")


@pytest.mark.parametrize(
    ("ours", "upstream"),
    [(UNSIGNED, SIGNED), (AD_HOC, SIGNED), (SIGNED, AD_HOC), (UNSIGNED, AD_HOC)],
    ids=["unsigned-signed", "ad-hoc-signed", "signed-ad-hoc", "unsigned-ad-hoc"],
)
def test_executables_that_differ_in_their_signature_alone_are_equivalent(
    ours: bytes, upstream: bytes
) -> None:
    proof = prove_unsigned(ours, upstream)
    assert proof is not None
    assert (proof.rule, proof.standing) == ("macho_signature", Standing.EQUIVALENT)
    assert proof.details["bytes"] == len(UNSIGNED)


def test_an_unsigned_executable_is_its_own_remainder_but_for_the_memory_of_linkedit() -> None:
    rounded = executable(page=PAGE)
    assert without_signature(UNSIGNED) == UNSIGNED
    assert without_signature(rounded) == UNSIGNED
    assert without_signature(SIGNED) == UNSIGNED


@pytest.mark.parametrize("whole", [AD_HOC, SIGNED], ids=["ad hoc", "signed"])
def test_any_changed_byte_is_refused(whole: bytes) -> None:
    """Also of the signature: all of it is hashes, the hashed, or a form that is known.

    But for what the certificates' own message says beside the code directory's digest, and the
    names, which are told in the proof.
    """
    names = (b"0\x80 CMS ", b" and certificates", b"org.golang.go", b"a.out", TEAM.encode())
    told = {
        at + place for name in names if (at := whole.rfind(name)) > 0 for place in range(len(name))
    }
    taken = []
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        if prove_unsigned(UNSIGNED, bytes(changed)) is not None:
            taken.append(place)
    # A changed name in the code directory of a signed file is not what was signed.
    assert set(taken) <= told, [hex(place) for place in taken if place not in told]


def test_the_proof_says_who_signed_and_what_is_allowed() -> None:
    proof = prove_unsigned(AD_HOC, SIGNED)
    assert proof is not None
    assert proof.details["signature"] == "a.out, signed ad hoc, 2 page hashes right"
    assert proof.details["upstream_signature"] == (
        f"org.golang.go, signed by team {TEAM}, 2 page hashes right"
    )
    assert proof.details["entitlements"] == "none"
    assert signature_of(UNSIGNED) is None


def test_an_entitlement_that_upstream_does_not_give_is_refused_and_told() -> None:
    allowed = b"<key>com.apple.security.get-task-allow</key><true/>"
    ours = signed(team=TEAM, entitlements=allowed)
    assert prove_unsigned(ours, SIGNED) is None
    assert where(ours, SIGNED) == Entitlements(allowed.decode())
    both = prove_unsigned(ours, signed(team=TEAM, entitlements=allowed))
    assert both is not None
    assert both.details["entitlements"] == allowed.decode()


def test_an_older_signature_beside_a_changed_page_is_refused_and_told() -> None:
    for whole in (AD_HOC, SIGNED):
        changed = bytearray(whole)
        place = whole.index(b"_exit")
        changed[place] ^= 1
        assert prove_unsigned(bytes(changed), bytes(changed)) is None
        assert "the page at byte 4096 differs" in broken(bytes(changed))
        ours, theirs = where(bytes(changed), whole), where(whole, bytes(changed))
        assert isinstance(ours, UnreadableSignature)
        assert isinstance(theirs, UnreadableSignature)
        assert "macOS would kill" in places_of(ours)
        assert places_of(theirs).startswith("upstream's file: ")


DIRECTORY = parse(SIGNED).signature_start + 12 + 3 * 8


def patched(offset: int, form: str, value: int) -> bytes:
    """SIGNED with a field of its code directory set."""
    data = bytearray(SIGNED)
    struct.pack_into(form, data, DIRECTORY + offset, value)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (patched(8, ">I", 0x20001), "version 0x20001"),
        (patched(12, ">I", 0x4), "with flags 0x4"),
        (patched(12, ">I", 0x20002), "names a signer"),
        (patched(24, ">I", 3), "hold bytes|holds bytes"),
        (patched(28, ">I", 1), "does not cover"),
        (patched(32, ">I", 4096), "does not cover"),
        (patched(36, ">B", 20), "not SHA-256"),
        (patched(37, ">B", 1), "not SHA-256"),
        (patched(39, ">B", 14), "not SHA-256"),
        (patched(44, ">I", 8), "other segments"),
        (patched(72, ">Q", 1), "other segments"),
        (patched(80, ">Q", 0x11), "other segments"),
        (patched(88, ">I", 1), "no signature covers"),
        (SIGNED[:-1] + b"!", "bytes follow"),
        (SIGNED.replace(b"\x04\x20", b"\x04\x21"), "no signature covers"),
    ],
)
def test_a_broken_signature_says_what_is_wrong(data: bytes, why: str) -> None:
    with pytest.raises((SignatureError, MachoError), match=why):
        signature_of(data)
    assert prove_unsigned(data, SIGNED) is None


def test_an_unknown_blob_and_a_gap_between_blobs_are_refused() -> None:
    start = parse(SIGNED).signature_start
    for place, value in ((12, 1), (12 + 8, 0x1000), (12 + 12, 4)):
        data = bytearray(SIGNED)
        struct.pack_into(">I", data, start + place, value)
        with pytest.raises(SignatureError):
            signature_of(bytes(data))


@pytest.mark.parametrize(
    "hostile",
    [
        executable(signature=signature_blob(64), signatures=2),
        executable(signature=signature_blob(64), gap=b"\0" * 32),
        executable(signature=signature_blob(64), gap=b"\0hidden\0"),
        executable(signature=signature_blob(64)[:-1] + b"!"),
        executable(signature=b"not a signature at all, but of some length"),
        executable(more=(command(0x7F, bytes(8)),)),
        executable(more=(command(0x22, struct.pack("<10I", 8, 8, *([0] * 8))),)),
        executable(more=(command(0x26, struct.pack("<2I", 0x1000, 1 << 20)),)),
        SIGNED + b"appended",
        SIGNED[:-1],
        SIGNED[:40],
        b"\xcf\xfa\xed\xfe",
    ],
    ids=[
        "two signatures",
        "a wide gap",
        "a gap with bytes",
        "bytes behind the blob",
        "no blob",
        "unknown command",
        "a table outside linkedit",
        "a table beyond the file",
        "appended bytes",
        "cut",
        "cut commands",
        "magic alone",
    ],
)
def test_what_cannot_be_said_exactly_is_refused(hostile: bytes) -> None:
    with pytest.raises(MachoError):
        without_signature(hostile)
    assert prove_unsigned(UNSIGNED, hostile) is None
    assert prove_unsigned(hostile, hostile) is None


def test_a_signature_that_is_not_the_last_command_is_refused() -> None:
    data = bytearray(SIGNED)
    (count,) = struct.unpack_from("<I", data, 16)
    size = parse(SIGNED).commands_end - 32
    struct.pack_into("<2I", data, 16, count + 1, size + 24)
    uuid = command(0x1B, bytes(16))
    end = parse(SIGNED).commands_end
    data[end : end + len(uuid)] = uuid
    with pytest.raises(MachoError, match="not the last command"):
        parse(bytes(data))


@given(st.binary(max_size=200), st.integers(0, 2000))
def test_no_bytes_raise_anything_but_the_two_errors(junk: bytes, place: int) -> None:
    data = bytearray(SIGNED)
    data[place : place + len(junk)] = junk
    assert prove_unsigned(bytes(data), junk) is None
    where(bytes(data), SIGNED)
    try:
        without_signature(bytes(data))
    except MachoError:
        return
    assert len(without_signature(bytes(data))) <= len(data)


def test_the_rule_judges_the_files_of_two_trees() -> None:
    ours = Blob("bin/go", memory_tree({"bin/go": AD_HOC}))
    theirs = Blob("bin/go", memory_tree({"bin/go": SIGNED}))
    nothing = context({}, {})
    assert MachoSignature().prove(ours, theirs, nothing) is not None
    text = Blob("a", memory_tree({"a": b"text"}))
    assert MachoSignature().prove(text, theirs, nothing) is None
