from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samego.binary.macho import MachoError, parse
from samego.rules.base import Blob, Standing
from samego.rules.macho_signature import MachoSignature, prove_unsigned, without_signature
from support.archives import memory_tree
from support.contexts import context
from support.macho_files import PAGE, command, executable, signature_blob

UNSIGNED = executable(page=1)
AD_HOC = executable(signature=signature_blob(64, padding=0), page=1)
SIGNED = executable(signature=signature_blob(400, fill=b"G"))


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


def signature_fields(data: bytes) -> set[int]:
    """The bytes that may differ, found from the layout of the made file."""
    start = struct.unpack_from("<Q", data, 32 + 72 + 40)[0]
    size = struct.unpack_from("<Q", data, 32 + 72 + 48)[0]
    signature = data.index(struct.pack("<I", 0xFADE0CC0)[::-1], start)
    # From the blob's own length on: all of it is the signature's.
    return set(range(signature + 4, start + size - 24))


def test_any_changed_byte_outside_the_signature_is_refused() -> None:
    free = signature_fields(SIGNED)
    refused = 0
    for place in range(len(SIGNED)):
        changed = bytearray(SIGNED)
        changed[place] ^= 1
        if place in free:
            continue
        assert prove_unsigned(UNSIGNED, bytes(changed)) is None, place
        refused += 1
    assert refused == len(SIGNED) - len(free)


def test_the_signature_itself_may_be_any() -> None:
    other = executable(signature=signature_blob(400, fill=b"?"))
    assert prove_unsigned(SIGNED, other) is not None


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
def test_no_bytes_raise_anything_but_macho_error(junk: bytes, place: int) -> None:
    data = bytearray(SIGNED)
    data[place : place + len(junk)] = junk
    assert prove_unsigned(bytes(data), junk) is None
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
