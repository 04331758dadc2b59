"""Quorums as JSON, schema ``samego.quorum/1`` (samego/report/quorum.schema.json)."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence

from samego.quorum.count import Counted, Quorum

SCHEMA = "samego.quorum/1"
_ANSWERS = {0: "agreed", 1: "contradicted", 2: "undecided"}


def to_object(quorums: Sequence[Quorum], threshold: int) -> dict[str, object]:
    """All answers, as JSON can say it."""
    return {
        "schema": SCHEMA,
        "answer": _ANSWERS[exit_status(quorums)],
        "threshold": threshold,
        "questions": [_question(quorum) for quorum in quorums],
        "samego": importlib.metadata.version("samego"),
    }


def exit_status(quorums: Sequence[Quorum]) -> int:
    """1 where anything is contradicted, 0 where enough agree on everything, else 2."""
    found = {quorum.exit_status for quorum in quorums}
    return 1 if 1 in found else max(found)


def _question(quorum: Quorum) -> dict[str, object]:
    question = quorum.question
    return {
        "title": question.title,
        "name": question.name,
        "version": question.version,
        "architecture": question.architecture,
        "distribution": question.distribution,
        "files": list(question.files),
        "sha256": question.sha256,
        "answer": _ANSWERS[quorum.exit_status],
        "contradicting": list(quorum.against),
        "agreeing": list(quorum.agreeing),
        "voices": [_voice(each) for each in quorum.voices],
    }


def _voice(each: Counted) -> dict[str, object]:
    voice = each.voice
    return {
        "rebuilder": voice.rebuilder.name,
        "operator": voice.rebuilder.operator,
        "kind": voice.rebuilder.kind.value,
        "outcome": each.heard.value,
        "said": voice.says.value,
        "counts": each.counts,
        "by_name": each.by_name,
        "shared": each.shared,
        "about": voice.about,
        "sha256": voice.sha256,
        "rebuilt": voice.rebuilt,
        "signed": voice.signed,
        "build": voice.build,
        "builder": voice.builder,
        "when": voice.when.strftime("%Y-%m-%dT%H:%M:%SZ") if voice.when is not None else None,
        "link": voice.link,
        "reason": voice.reason,
    }
