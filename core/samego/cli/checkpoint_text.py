"""How ``samego upstream checkpoint`` writes its results: for a person, and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from samego.system.terminal import visible
from samego.upstream.sumdb.elsewhere import Consistent, Relation, Seen
from samego.upstream.sumdb.encoding import encode64
from samego.upstream.sumdb.fork import SplitViewError
from samego.upstream.sumdb.note import Verifier
from samego.upstream.sumdb.signed_head import SignedHead

SCHEMA = "samego.upstream-checkpoint/1"

_RELATIONS = {
    Relation.SAME: "is the newest checkpoint of the log that is served here",
    Relation.BEGINNING: "is of the same history as the log that is served here",
    Relation.CONTINUATION: "continues the log that was served here",
}


def told(seen: Seen, found: Consistent) -> str:
    """One line about a checkpoint that was proven to be of one history with the log here."""
    return f"{seen.name}, a checkpoint of {found.given.tree.size} records, {_where(found)}"


def consistent_text(seen: Seen, found: Consistent, verifier: Verifier) -> str:
    """What was proven of a checkpoint, and what signs it."""
    return (
        f"consistent: {seen.name} {_where(found)}\n"
        f"  seen elsewhere: {found.given.tree}\n"
        f"  known here:     {found.own.tree}\n"
        f"  both signed by {visible(verifier.short)}\n"
    )


def fork_text(error: SplitViewError, evidence: Path, verifier: Verifier) -> str:
    """Both signed checkpoints, where they part, and the file that others can check."""
    fork = error.fork
    lines = [
        f"FORK: {visible(verifier.short)} signed two checkpoints that contradict each other",
        f"older checkpoint: {fork.older.tree}",
        *_quoted(fork.older),
        f"newer checkpoint: {fork.newer.tree}",
        *_quoted(fork.newer),
        f"the newer one's first {fork.older.tree.size} records have hash {encode64(fork.prefix)}",
        f"proof with both signed notes: {visible(str(evidence))}",
        f"hint: {error.hint}",
    ]
    return "\n".join(lines) + "\n"


def own_json(head: SignedHead, verifier: Verifier) -> str:
    """The newest checkpoint that was verified here."""
    return _json(verifier, "verified", own=_head(head))


def consistent_json(seen: Seen, found: Consistent, verifier: Verifier) -> str:
    """What :func:`consistent_text` says."""
    return _json(
        verifier,
        "consistent",
        own=_head(found.own),
        seen={"name": seen.name, **_head(found.given)},
        relation=found.relation.value,
    )


def fork_json(error: SplitViewError, evidence: Path, verifier: Verifier) -> str:
    """What :func:`fork_text` says."""
    fork = error.fork
    return _json(
        verifier,
        "fork",
        older=_head(fork.older),
        newer=_head(fork.newer),
        newer_prefix=encode64(fork.prefix),
        proof=str(evidence),
    )


def _where(found: Consistent) -> str:
    return _RELATIONS[found.relation]


def _quoted(head: SignedHead) -> list[str]:
    return [f"  {visible(line)}".rstrip() for line in head.note.decode().splitlines()]


def _head(head: SignedHead) -> dict[str, object]:
    return {
        "size": head.tree.size,
        "hash": encode64(head.tree.root),
        "note": head.note.decode(),
    }


def _json(verifier: Verifier, decision: str, **more: object) -> str:
    data = {"schema": SCHEMA, "log": verifier.short, "decision": decision, **more}
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
