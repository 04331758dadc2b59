"""What signed results say: DSSE envelopes, bundles of them, and rebuilderd's attestations.

A file holds one of them as JSON, or one on each line (``.intoto.jsonl``). Who says it is known by
the key that has signed it, and by nothing that stands inside; what no key of the policy has signed
is nobody's word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.serialization import load_der_public_key
from securesystemslib.signer import SSlibKey

from samego.attest import envelope
from samego.errors import VerificationError
from samego.integrations.rebuilderd.link import read_link
from samego.integrations.rebuilders.claims import Claim, read_claims
from samego.integrations.rebuilders.fetching import NetworkUse, UnreadableError, fetch, place_of
from samego.quorum.policy import Rebuilder, RebuilderKind
from samego.quorum.public_key import PublicKey
from samego.quorum.question import Question
from samego.quorum.voice import Heard, Voice
from samego.report import strict_json
from samego.system.terminal import visible

#: So many signed results are read of one file.
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Signed:
    """A result, what it claims, and which keys have signed it."""

    claims: tuple[Claim, ...]
    signed_by: tuple[PublicKey, ...]


def ask(rebuilder: Rebuilder, question: Question, network: NetworkUse) -> Iterator[Voice]:
    """What the results of a rebuilder of the policy say; nothing where none is named.

    Raises NetworkError, NotPostedError, InputError and UnreadableError.
    """
    if not rebuilder.url and rebuilder.file is None:
        return
    data = fetch(rebuilder, rebuilder.url, network, limit=envelope.LIMIT)
    place = place_of(rebuilder, rebuilder.url)
    for voice in read_results(data, place, (rebuilder,), question):
        yield voice if voice.rebuilder is rebuilder else _of(rebuilder, voice)


def read_results(
    data: bytes, name: str, rebuilders: Sequence[Rebuilder], question: Question
) -> Iterator[Voice]:
    """What the results in a file say, each by whoever has signed it.

    What no key of ``rebuilders`` has signed is the voice of a rebuilder without an operator, and
    unreadable. Raises UnreadableError for what is no file of signed results.
    """
    keys = tuple(key for each in rebuilders for key in each.keys)
    nobody = Rebuilder(name, "", RebuilderKind.ENVELOPE)
    for document in _documents(data, name):
        try:
            signed = read_signed(document, keys)
        except ValueError as error:
            yield Voice(nobody, Heard.UNREADABLE, reason=f"{name}: {visible(str(error))}")
            continue
        signers = [each for each in rebuilders if set(each.keys) & set(signed.signed_by)]
        if not signers:
            reason = f"{name} is not signed by a key of the policy: it was changed, or is another's"
            yield Voice(nobody, Heard.UNREADABLE, reason=reason)
        claims = signed.claims
        if len({each.operator for each in signers}) > 1:
            both = " and ".join(visible(each.operator) for each in signers)
            reason = f"{name}: {both} have signed it, and whose build it is cannot be told"
            yield Voice(nobody, Heard.UNREADABLE, reason=reason)
            # A "no" that several have signed is a "no" of each.
            claims = tuple(claim for claim in claims if claim.heard is Heard.DIFFERS)
        for signer in signers if claims else ():
            yield from _voices(signer, claims, name, question)


def read_signed(data: bytes, keys: Sequence[PublicKey]) -> Signed:
    """An envelope or link, whoever has signed it. Raises ValueError, with a phrase, for neither."""
    document = strict_json.parse(data)
    if isinstance(document, dict) and "signed" in document:
        link = read_link(document, keys)
        claims = (Claim(path, sha256, Heard.AGREES) for path, sha256 in link.products.items())
        return Signed(tuple(claims), link.signed_by)
    try:
        sealed = envelope.parse(data, name="it")
    except VerificationError as error:
        raise ValueError(error.message) from error
    known = {key: SSlibKey.from_crypto(load_der_public_key(key.der)) for key in keys}
    signers = envelope.signed_by(sealed, tuple(known.values()))
    signed_by = tuple(key for key, each in known.items() if each in signers)
    # What nobody known has signed is not read any further.
    return Signed(read_claims(sealed.payload) if signed_by else (), signed_by)


def _documents(data: bytes, name: str) -> list[bytes]:
    """The results of a file, each as JSON: it is one, or has one on each line."""
    if _is_json(data):
        return [data]
    lines = [line for line in data.split(b"\n") if line.strip()]
    if not 1 < len(lines) <= _MOST or not all(map(_is_json, lines)):
        raise UnreadableError(
            f"{name} holds no signed results", hint="name an envelope or a bundle of them"
        )
    return lines


def _is_json(data: bytes) -> bool:
    try:
        strict_json.parse(data)
    except ValueError:
        return False
    return True


def _voices(
    signer: Rebuilder, claims: Sequence[Claim], name: str, question: Question
) -> Iterator[Voice]:
    mine = [claim for claim in claims if _is_about(question, claim)]
    if not mine:
        about = visible(", ".join(claim.name for claim in claims[:3]))
        yield Voice(signer, Heard.SILENT, reason=f"{name} is about other files ({about})")
    for claim in mine:
        yield Voice(
            signer,
            claim.heard,
            about=claim.name,
            sha256=claim.sha256,
            when=claim.when,
            signed=True,
            build=claim.build,
            builder=claim.builder,
            reason=claim.reason,
        )


def _is_about(question: Question, claim: Claim) -> bool:
    """Whether a claim is about what was asked: about these bytes, or about a file of that name."""
    if question.sha256 and claim.sha256 == question.sha256:
        return True
    package = f"{question.name} {question.version} {question.architecture}"
    return claim.name == package or claim.name.rpartition("/")[2] in question.files


def _of(rebuilder: Rebuilder, voice: Voice) -> Voice:
    return Voice(rebuilder, voice.says, reason=voice.reason)
