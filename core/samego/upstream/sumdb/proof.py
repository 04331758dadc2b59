"""A log proof on its own: one record's inclusion in a signed tree, as a file that travels.

Source of the format: c2sp.org/tlog-proof, version 1. First the line ``c2sp.org/tlog-proof@v1``,
then possibly ``extra BASE64``, then ``index NUMBER`` and one hash a line in base64, from the
leaf's sibling upwards; an empty line; the log's signed note as the log wrote it. The record itself
is not in it: whoever verifies brings the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from samego.errors import VerificationError
from samego.upstream.sumdb.encoding import decode64, decode_number, encode64
from samego.upstream.sumdb.note import MAX_NOTE, Verifier, open_note
from samego.upstream.sumdb.tlog import HASH_SIZE, LogTree, check_inclusion, parse_tree, record_hash

FIRST_LINE = "c2sp.org/tlog-proof@v1"
#: What the name of a proof's file ends with.
SUFFIX = ".tlog-proof"
#: Bytes of a proof: a note, and before it as much again, which is plenty.
MAX_PROOF = 2 * MAX_NOTE
#: Hashes of a proof: a log's size is an int64.
MAX_HASHES = 63

_EXTRA = "extra "
_INDEX = "index "
_AGAIN = "get the proof again: 'samego upstream prove' writes one"


class LogProofError(VerificationError):
    """A log proof is malformed, is not signed by the log, or is about something else."""


@dataclass(frozen=True, slots=True)
class LogProof:
    """The proof that some record is number ``index`` (from 0) of the tree that ``note`` signs.

    ``hashes`` go from the leaf's sibling up to the root's child, 32 bytes each. ``note`` is the
    whole signed note, with every signature that the log or others put under it; nothing of it is
    verified yet. ``extra`` is vouched for by nobody, ever; None where the file has no such line.
    """

    index: int
    hashes: tuple[bytes, ...]
    note: bytes
    extra: bytes | None = None

    def encode(self) -> bytes:
        """The proof's file: the only one that :func:`parse_proof` reads as this value."""
        extra = [] if self.extra is None else [f"{_EXTRA}{encode64(self.extra)}"]
        lines = [FIRST_LINE, *extra, f"{_INDEX}{self.index}", *map(encode64, self.hashes)]
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.note

    def signed_tree(self, verifiers: Sequence[Verifier]) -> LogTree:
        """The tree that the note states, once one of the verifiers is found to have signed it.

        Raises LogProofError when none has, and for a signature of theirs that is invalid.
        """
        try:
            return parse_tree(open_note(self.note, verifiers).text)
        except VerificationError as error:
            keys = " or ".join(str(verifier) for verifier in verifiers)
            raise LogProofError(
                f"in the log proof, {error.cause}",
                hint=f"get the proof again, of a log that signs with {keys}",
            ) from error

    def check(self, record: bytes, verifier: Verifier) -> LogTree:
        """The signed tree, once ``record`` is shown to be its record number ``index``.

        ``record`` is the record's text with its last newline. Raises LogProofError when the
        note is not signed by the verifier, and when the hashes do not lead from the record to
        the signed tree.
        """
        tree = self.signed_tree([verifier])
        if not check_inclusion(self.hashes, self.index, record_hash(record), tree):
            name = record.decode("utf-8", "replace").partition("\n")[0]
            raise LogProofError(
                f"the log proof does not show that record {self.index} of {verifier.name} is"
                f" {name!r}",
                hint="the proof was changed or is about another file: get both again",
            )
        return tree


def parse_proof(data: bytes) -> LogProof:
    """Read a proof's file; only the one spelling that :meth:`LogProof.encode` gives is read.

    The note is taken as it comes: :meth:`LogProof.signed_tree` reads it. Raises LogProofError for
    anything else.
    """
    if len(data) > MAX_PROOF:
        raise _malformed("it is too long")
    head, _, note = data.partition(b"\n\n")
    if not note:
        raise _malformed("it has no empty line with a signed note below")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise _malformed("it is not ASCII above the signed note") from error
    if lines[0] != FIRST_LINE:
        raise _malformed(f"its first line is not {FIRST_LINE}")
    extra = _extra(lines[1]) if lines[1:] and lines[1].startswith(_EXTRA) else None
    after = 1 if extra is None else 2
    index = decode_number(lines[after].removeprefix(_INDEX)) if lines[after:] else None
    if index is None or not lines[after].startswith(_INDEX):
        raise _malformed(f"line {after + 1} does not state the record's index")
    hashes = lines[after + 1 :]
    if len(hashes) > MAX_HASHES:
        raise _malformed(f"it has more than {MAX_HASHES} hashes")
    decoded = [_hash(line, number) for number, line in enumerate(hashes, start=after + 2)]
    return LogProof(index, tuple(decoded), note, extra)


def _extra(line: str) -> bytes:
    extra = decode64(line.removeprefix(_EXTRA))
    if extra is None:
        raise _malformed("line 2 has extra data that is not base64")
    return extra


def _hash(line: str, number: int) -> bytes:
    raw = decode64(line)
    if raw is None or len(raw) != HASH_SIZE:
        raise _malformed(f"line {number} is not the base64 of a hash")
    return raw


def _malformed(why: str) -> LogProofError:
    return LogProofError(f"the log proof is malformed: {why}", hint=_AGAIN)
