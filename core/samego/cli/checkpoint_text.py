"""How ``samego upstream checkpoint`` writes its results: for a person, and as JSON."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeAlias

from samego.system.terminal import visible
from samego.upstream.sumdb.elsewhere import Consistent, Relation, SeenElsewhere
from samego.upstream.sumdb.encoding import encode64
from samego.upstream.sumdb.fork import SplitViewError
from samego.upstream.sumdb.note import Verifier
from samego.upstream.sumdb.signed_head import SignedHead
from samego.upstream.sumdb.witness_policy import PolicyAnswer, WitnessPolicy

#: A policy and what it says of a checkpoint.
Asked: TypeAlias = tuple[WitnessPolicy, PolicyAnswer]

SCHEMA = "samego.upstream-checkpoint/1"

_RELATIONS = {
    Relation.SAME: "is the newest checkpoint of the log that is served here",
    Relation.BEGINNING: "is of the same history as the log that is served here",
    Relation.CONTINUATION: "continues the log that was served here",
}


def told(seen: SeenElsewhere, found: Consistent) -> str:
    """One line about a checkpoint that was proven to be of one history with the log here."""
    return f"{seen.name}, a checkpoint of {found.given.tree.size} records, {_where(found)}"


def consistent_text(
    seen: SeenElsewhere, found: Consistent, verifier: Verifier, asked: Asked | None
) -> str:
    """What was proven of a checkpoint, what signs it, and what a policy says of it."""
    return (
        f"consistent: {seen.name} {_where(found)}\n"
        f"  seen elsewhere: {found.given.tree}\n"
        f"  known here:     {found.own.tree}\n"
        f"  both signed by {visible(verifier.short)}\n{policy_text(asked)}"
    )


def policy_text(asked: Asked | None) -> str:
    """Whether a policy's quorum is there, and what each of its witnesses said."""
    if asked is None:
        return ""
    policy, judged = asked
    lines = [f"policy {policy.name}: {_answer(judged)}"]
    for name, cosigner in policy.witnesses.items():
        who = f"{visible(name)} ({visible(cosigner.short)})"
        signed = judged.cosigned.get(name)
        if signed is None:
            lines.append(f"  not cosigned by {who}")
        else:
            but = f", not counted: {signed.unchecked.value}" if signed.unchecked else ""
            lines.append(f"  cosigned by {who} at {_when(signed.time)}{but}")
    return "\n".join(lines) + "\n"


def _answer(judged: PolicyAnswer) -> str:
    if judged.met:
        return "met"
    if judged.could_be_met:
        return (
            "could not decide: cosignatures that it needs cannot be checked here"
            " (a Python with cryptography 48 or later can)"
        )
    return "NOT met: too few of its witnesses cosigned the checkpoint"


def _when(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return f"{seconds} seconds after 1970"


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


def own_json(head: SignedHead, verifier: Verifier, asked: Asked | None) -> str:
    """The newest checkpoint that was verified here."""
    return _json(verifier, "verified", own=_head(head), **_policy(asked))


def consistent_json(
    seen: SeenElsewhere, found: Consistent, verifier: Verifier, asked: Asked | None
) -> str:
    """What :func:`consistent_text` says."""
    return _json(
        verifier,
        "consistent",
        own=_head(found.own),
        seen={"name": seen.name, **_head(found.given)},
        relation=found.relation.value,
        **_policy(asked),
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


def _policy(asked: Asked | None) -> dict[str, object]:
    if asked is None:
        return {}
    policy, judged = asked
    witnesses = [
        {
            "name": visible(name),
            "key": cosigner.short,
            "time": signed.time if (signed := judged.cosigned.get(name)) else None,
            "counts": signed is not None and signed.counts,
            "why_not": signed.unchecked.value if signed and signed.unchecked else None,
        }
        for name, cosigner in policy.witnesses.items()
    ]
    return {
        "policy": {
            "name": policy.name,
            "met": judged.met,
            "decided": judged.met or not judged.could_be_met,
            "witnesses": witnesses,
        }
    }


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
