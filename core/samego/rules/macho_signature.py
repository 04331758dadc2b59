"""The rule ``macho_signature``: two macOS executables differ in their code signature alone.

Claim: once the signature is set aside, both files are the same bytes, so that they load and
run the same. Upstream's files carry its own signature; Go's linker signs arm64 executables
ad hoc and amd64 ones not at all. What is set aside, and nothing else:

* the data of LC_CODE_SIGNATURE, which must be a signature at the file's end that macOS takes
  for these very bytes (see code_signature.py): every page hash right, nothing unknown;
* the command itself, the last of them, and with it the header's count and size of commands;
* fewer than 16 zero bytes before it, to which codesign aligns it;
* ``filesize`` and ``vmsize`` of __LINKEDIT, the segment that ends with it, where they are
  exactly what the file's end and rounding up to a page make them.

What a program is allowed (its entitlements) must be the same on both sides.

Limits: the certificates of who signed are not judged: the system that runs the file does that,
and the proof names the team. A program that reads its own file can tell the two apart.
"""

from __future__ import annotations

import hashlib
import struct

from samego.formats.executable.code_signature import CodeSignature, SignatureError, read_signature
from samego.formats.executable.macho import (
    FILESIZE_OFFSET,
    SIGNATURE_COMMAND_SIZE,
    VMSIZE_OFFSET,
    Macho,
    MachoError,
    is_macho,
    parse,
    text_size,
)
from samego.model.causes.proofs import OtherSignature
from samego.model.inputs import Context
from samego.model.places.executables import Entitlements, UnreadableSignature
from samego.model.proof import Proof, Standing
from samego.rules.interface import Blob

NAME = "macho_signature"
_ALIGNMENT = 16
_PAGES = (1, 0x1000, 0x4000)


def without_signature(data: bytes) -> bytes:
    """An executable's bytes with its signature, if any, set aside.

    Raises MachoError for a file where that cannot be determined exactly.
    """
    macho = parse(data)
    padding = data[macho.tables_end : macho.signature_start]
    if len(padding) >= _ALIGNMENT or padding.strip(b"\0"):
        raise MachoError("bytes between the last table and the signature")
    _check_linkedit(macho)
    result = bytearray(data[: macho.tables_end])
    if macho.signature is not None:
        start = macho.signature.offset
        result[start : start + SIGNATURE_COMMAND_SIZE] = bytes(SIGNATURE_COMMAND_SIZE)
        count, size = struct.unpack_from("<2I", data, 16)
        struct.pack_into("<2I", result, 16, count - 1, size - SIGNATURE_COMMAND_SIZE)
    size = macho.tables_end - macho.linkedit_start
    struct.pack_into("<Q", result, macho.linkedit.offset + VMSIZE_OFFSET, size)
    struct.pack_into("<Q", result, macho.linkedit.offset + FILESIZE_OFFSET, size)
    return bytes(result)


def prove_unsigned(ours: bytes, upstream: bytes) -> Proof | None:
    """Prove that two executables are the same but for their signatures."""
    if not (is_macho(ours) and is_macho(upstream)):
        return None
    try:
        mine, theirs = without_signature(ours), without_signature(upstream)
        if mine != theirs:
            return None
        signed, posted = signature_of(ours), signature_of(upstream)
    except (MachoError, SignatureError):
        return None
    allowed = {each.entitlements for each in (signed, posted) if each is not None}
    if len(allowed) > 1:
        return None
    return Proof(
        rule=NAME,
        standing=Standing.EQUIVALENT,
        causes=(OtherSignature(),),
        digest=hashlib.sha256(mine).hexdigest(),
        details={
            "digest_of": "the file without its signature",
            "bytes": len(mine),
            "signature": str(signed) if signed else "none",
            "upstream_signature": str(posted) if posted else "none",
            "entitlements": "".join(allowed) or "none",
        },
    )


def signature_of(data: bytes) -> CodeSignature | None:
    """An executable's signature, found right for its bytes; None where it has none.

    Raises SignatureError, which says what is broken, and MachoError.
    """
    macho = parse(data)
    if macho.signature is None:
        return None
    return read_signature(data, macho.signature_start, text_size(macho))


def broken(data: bytes) -> str:
    """What is wrong with an executable's signature, as a phrase; empty for nothing. Total."""
    try:
        signature_of(data)
    except SignatureError as error:
        return str(error)
    except MachoError:
        return ""
    return ""


def where(ours: bytes, upstream: bytes) -> Entitlements | UnreadableSignature | None:
    """What the signatures have to do with a difference that is not proven; None for nothing."""
    try:
        signed = signature_of(ours)
        signature_of(upstream)
    except SignatureError as error:
        return UnreadableSignature(upstreams=not broken(ours), problem=str(error))
    except MachoError:
        return None
    entitlements = " ".join(signed.entitlements.split()) if signed else ""
    return Entitlements(entitlements) if entitlements else None


class MachoSignature:
    """The rule, for the files of two trees."""

    name = NAME

    def prove(self, distro: Blob, upstream: Blob, context: Context) -> Proof | None:  # noqa: ARG002 - the rules' common signature
        """Prove the difference between two files, or return None."""
        return prove_unsigned(distro.read(), upstream.read())


def _check_linkedit(macho: Macho) -> None:
    size = len(macho.data) - macho.linkedit_start
    if macho.vmsize not in {-(-size // page) * page for page in _PAGES}:
        raise MachoError("__LINKEDIT's size in memory does not fit its bytes")
