"""How ``samego upstream`` writes its results: for a person, and as JSON."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from samego.model.verification import Verification
from samego.system.terminal import visible
from samego.upstream.channels.interface import Listing, Posted
from samego.upstream.checksums.verify_file import Decision, FileAnswer
from samego.upstream.log_proofs import Proven

LIST_SCHEMA = "samego.upstream-list/1"
VERIFY_SCHEMA = "samego.upstream-verify/1"


def listing_text(rows: Iterable[tuple[str, Listing]]) -> str:
    """One line a file: release, target, channel, name."""
    return "".join(
        f"{row.release!s:<12} {row.target or 'source'!s:<18} {channel:<10} {visible(row.name)}\n"
        for channel, row in rows
    )


def listing_json(rows: Iterable[tuple[str, Listing]]) -> str:
    """The same as JSON; ``target`` is null for a source archive, ``sha256`` may be empty."""
    files = [
        {
            "release": str(row.release),
            "target": str(row.target) if row.target else None,
            "channel": channel,
            "name": row.name,
            "sha256": row.sha256,
        }
        for channel, row in rows
    ]
    return json.dumps({"schema": LIST_SCHEMA, "files": files}, indent=1) + "\n"


def fetched(posted: Posted, path: Path) -> str:
    """Where the file is now, its digest, and how it was verified."""
    lines = [visible(str(path)), f"  sha256 {posted.sha256}", f"  from {visible(posted.url)}"]
    lines += [f"  {line}" for line in _ways(posted.verified)] or ["  NOT VERIFIED"]
    return "\n".join(lines) + "\n"


def proven(proof: Proven, file: Path, path: Path) -> str:
    """Where the proof of ``file`` is now, what it covers, and how others verify by it."""
    lines = [visible(str(path)), f"  proves {proof.module}"]
    if proof.form is not None:
        lines.append(f"  covers {proof.form.whole}")
    lines += [f"  {line}" for line in _ways(proof.verified)]
    words = shlex.join(["samego", "upstream", "verify", str(file), "--proof", str(path)])
    return "\n".join([*lines, visible(f"  offline: {words}")]) + "\n"


def answers_text(answers: Sequence[FileAnswer]) -> str:
    """One line a file with the answer, and below it who says so or why not."""
    lines: list[str] = []
    for answer in answers:
        name = visible(str(answer.path))
        if answer.decision is Decision.POSTED:
            lines.append(f"{name}: is {visible(answer.name) or 'signed by upstream'}")
        elif answer.decision is Decision.CONTRADICTED:
            lines.append(f"{name}: is NOT what was posted")
        else:
            lines.append(f"{name}: cannot be decided")
        lines.append(f"  sha256 {answer.sha256}")
        lines += [f"  {line}" for line in _ways(answer.verified)]
        lines += [f"  {visible(reason)}" for reason in answer.reasons]
    return "\n".join(lines) + "\n"


def answers_json(answers: Sequence[FileAnswer]) -> str:
    """The answers as JSON."""
    files = [
        {
            "path": str(answer.path),
            "sha256": answer.sha256,
            "decision": answer.decision.value,
            "name": answer.name,
            "verified": [{"how": item.how, "rests_on": item.rests_on} for item in answer.verified],
            "reasons": list(answer.reasons),
        }
        for answer in answers
    ]
    return json.dumps({"schema": VERIFY_SCHEMA, "files": files}, indent=1) + "\n"


def _ways(verified: Iterable[Verification]) -> list[str]:
    return [visible(f"{item.how}: {item.rests_on}") for item in verified]
