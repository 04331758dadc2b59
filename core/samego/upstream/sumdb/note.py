"""Signed notes: a text, a blank line, and one signature a line.

Source of the format: golang.org/x/mod/sumdb/note. A signature line is an em dash, a space,
the key's name, a space, and base64 of the key's hash (4 bytes, big-endian) and the
signature. A verifier key is ``NAME+HASH+KEY``, HASH in hex and KEY in base64: one byte for
the algorithm (1 is Ed25519) and the public key.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from samego.errors import ConfigError, VerificationError
from samego.upstream.sumdb.encoding import decode64, encode64
from samego.upstream.transport.urls import clean_sentence

#: Bytes of a note; the go command refuses longer tree notes (golang.org/x/mod/sumdb/tlog).
MAX_NOTE = 1_000_000
MAX_SIGNATURES = 100

_ALGORITHM_ED25519 = 1
_PUBLIC_KEY_SIZE = 32
_KEY_HASH_SIZE = 4
_SIGNATURE_PREFIX = "\N{EM DASH} "
_VERIFIER = re.compile(r"(?P<name>[^+]+)\+(?P<hash>[0-9A-Fa-f]{8})\+(?P<key>[A-Za-z0-9+/=]+)")
#: What the go command refuses, and what a terminal would act on or hide as well: notes are shown
#: and passed on as they are, and who serves one can add signatures under any name.
_CONTROL = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key under a name; ``key_hash`` ties the two together."""

    name: str
    key_hash: int
    public_key: bytes

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """Read a verifier key.

        Raises ConfigError when it is malformed, of another algorithm than Ed25519, or
        when its hash is not that of its name and key.
        """
        name, key_hash, encoded = parse_key(text)
        if encoded[0] != _ALGORITHM_ED25519 or len(encoded) != 1 + _PUBLIC_KEY_SIZE:
            raise _bad_key(text, "is not an Ed25519 key")
        return cls(name, key_hash, encoded[1:])

    def accepts(self, text: bytes, signature: bytes) -> bool:
        """Whether this key made the signature of exactly this text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True

    @property
    def short(self) -> str:
        """The name and hash, which is how signatures refer to the key."""
        return f"{self.name}+{self.key_hash:08x}"

    def __str__(self) -> str:
        encoded = encode64(bytes([_ALGORITHM_ED25519]) + self.public_key)
        return f"{self.short}+{encoded}"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A note's text (it ends in a newline) and the keys whose signatures were verified."""

    text: str
    signed_by: tuple[Verifier, ...]


def open_note(data: bytes, verifiers: Sequence[Verifier]) -> SignedNote:
    """Read a note and check every signature that claims to be of one of the verifiers.

    Signatures of unknown keys are passed over. Raises VerificationError for a malformed
    note, for a signature that a verifier does not accept, and when none of them signed.
    """
    text, signatures = note_parts(data)
    known = {(verifier.name, verifier.key_hash): verifier for verifier in verifiers}
    signed_by: dict[Verifier, None] = {}
    for name, key_hash, signature in signatures:
        verifier = known.get((name, key_hash))
        # Of several signatures of one key the first counts, as in the go command.
        if verifier is None or verifier in signed_by:
            continue
        if not verifier.accepts(text.encode(), signature):
            raise VerificationError(
                f"the signed note does not carry a valid signature of {verifier.short}",
                hint="try again through another module proxy, and report the one that gave it",
            )
        signed_by[verifier] = None
    if not signed_by:
        wanted = ", ".join(verifier.short for verifier in verifiers)
        raise VerificationError(
            f"the signed note carries no signature of {wanted}",
            hint="check GOSUMDB, and the module proxy that gave the note",
        )
    return SignedNote(text, tuple(signed_by))


def parse_key(text: str) -> tuple[str, int, bytes]:
    """The name, the hash and the bytes of a verifier key of any algorithm.

    The first byte is the algorithm's. Raises ConfigError when the key is malformed, or when its
    hash is not that of its name and bytes.
    """
    match = _VERIFIER.fullmatch(text)
    encoded = decode64(match["key"]) if match else None
    if match is None or not encoded or not _is_name(match["name"]):
        raise _bad_key(text, "is malformed")
    key_hash = int(match["hash"], 16)
    if key_hash != _key_hash(match["name"], encoded):
        raise _bad_key(text, "does not have the hash that it states")
    return match["name"], key_hash, encoded


def note_text(data: bytes) -> str:
    """The text of a note whose signatures nobody has checked; raises VerificationError."""
    return _split(data)[0]


def note_parts(data: bytes) -> tuple[str, list[tuple[str, int, bytes]]]:
    """The text of a note and its signatures, which nobody has checked.

    Each is the name and hash of a key and what it is said to have signed with. Raises
    VerificationError for a malformed note.
    """
    text, lines = _split(data)
    return text, [*_signatures(lines)]


def _split(data: bytes) -> tuple[str, list[str]]:
    """The text and the signature lines."""
    if len(data) > MAX_NOTE:
        raise _malformed("is too long")
    try:
        decoded = data.decode()
    except UnicodeDecodeError as error:
        raise _malformed("is not UTF-8") from error
    if _CONTROL.search(decoded):
        raise _malformed("holds control characters")
    text, blank, signatures = decoded.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise _malformed("has no block of signatures")
    lines = signatures[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise _malformed("has too many signatures")
    return f"{text}\n", lines


def _signatures(lines: Sequence[str]) -> Iterator[tuple[str, int, bytes]]:
    for line in lines:
        name, _, encoded = line.removeprefix(_SIGNATURE_PREFIX).partition(" ")
        signature = decode64(encoded)
        if not (
            line.startswith(_SIGNATURE_PREFIX)
            and _is_name(name)
            and signature
            and len(signature) > _KEY_HASH_SIZE
        ):
            raise _malformed("has a malformed signature line")
        yield (
            name,
            int.from_bytes(signature[:_KEY_HASH_SIZE], "big"),
            signature[_KEY_HASH_SIZE:],
        )


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(char.isspace() for char in name)


def _key_hash(name: str, encoded: bytes) -> int:
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape") + b"\n" + encoded).digest()
    return int.from_bytes(digest[:_KEY_HASH_SIZE], "big")


def _bad_key(text: str, what: str) -> ConfigError:
    return ConfigError(
        f"the verifier key {clean_sentence(text)!r} {what}",
        hint="write it as NAME+HASH+KEY, as GOSUMDB does",
    )


def _malformed(what: str) -> VerificationError:
    return VerificationError(
        f"the signed note {what}", hint="try again through another module proxy"
    )
